// From the grammar's tree of a SELECT to a query that means the same to every engine. Pure.
import {
  type Expression,
  type Query,
  type QueryBody,
  type QueryColumn,
  type SortKey,
  typeOf,
} from '../types/expression.ts';
import { Aggregates } from './aggregates.ts';
import { castTo } from './casts.ts';
import { type From, type KnownRelation, understandFrom } from './from-clause.ts';
import { contentOf, type Node, namesOf, type SelectStmt } from './grammar.ts';
import { checkGrouped, hasAggregate } from './grouping.ts';
import { sameName } from './names.ts';
import { notKnown } from './not-known.ts';
import { checkComparable } from './operands.ts';
import {
  bareName,
  checkAliases,
  commonColumn,
  limits,
  mentions,
  type Output,
  outputNumber,
  outputType,
  star,
} from './select-parts.ts';
import { understandSort } from './sort-keys.ts';
import { Reader, type Scope } from './understand.ts';
import type { SqlWords } from './words.ts';

/** Finds a table, a view or a query of WITH. */
export type FindRelation = (schema: string | null, name: string) => KnownRelation | null;

/** Reads one SELECT; queries within it are read by readers of their own, which see its columns. */
export class QueryReader {
  readonly words: SqlWords;
  readonly #find: FindRelation;
  readonly #outer: Scope | null;
  readonly #named: Map<string, readonly QueryColumn[]>;
  #aliases = 0;

  constructor(
    words: SqlWords,
    findRelation: FindRelation,
    outer: Scope | null = null,
    named: ReadonlyMap<string, readonly QueryColumn[]> = new Map(),
  ) {
    this.words = words;
    this.#find = findRelation;
    this.#outer = outer;
    this.#named = new Map(named);
  }

  /** For a query that sees nothing of this one but its WITH. */
  nested(): QueryReader {
    return new QueryReader(this.words, this.#find, null, this.#named);
  }

  freeAlias(): string {
    this.#aliases++;
    return `query_${this.#aliases}`;
  }

  relation(schema: string | null, name: string): KnownRelation | null {
    if (schema === null) {
      for (const [known, columns] of this.#named) {
        if (sameName(known, name, this.words)) return { table: null, columns };
      }
    }
    return this.#find(schema, name);
  }

  /** Reads expressions that see these relations, and through them the query around. */
  inScope(from: From | null, aggregates: Aggregates | null = null): Reader {
    const scope: Scope = {
      column: (names) => this.#column(names, from),
      query: (select) => new QueryReader(this.words, this.#find, scope, this.#named).query(select, null),
    };
    if (aggregates) scope.aggregate = (call, reader) => aggregates.understand(call, reader);
    return new Reader(this.words, scope);
  }

  #column(names: readonly string[], from: From | null): Expression {
    const name = names[names.length - 1];
    if (names.length === 1) {
      const here = (from?.visible ?? []).filter((one) => sameName(one.name, name, this.words));
      if (here.length > 1) return notKnown(`the name ${name}, which is two columns`);
      if (here.length === 1) return here[0].expression;
    } else {
      const alias = names[names.length - 2];
      const relation = from?.relations.find((one) => sameName(one.alias, alias, this.words));
      const column = relation?.columns.find((one) => sameName(one.name, name, this.words));
      if (relation && !column) return notKnown(`the name ${names.join('.')}`);
      if (relation && column) {
        return { node: 'column', relation: relation.alias, name: column.name, type: column.type };
      }
    }
    const around = this.#outer?.column(names) ?? notKnown(`the name ${names.join('.')}`);
    // Elsewhere a name that differs only in case would hide it.
    const alias = around.node === 'column' ? around.relation?.toLowerCase() : undefined;
    if (from?.relations.some((one) => one.alias.toLowerCase() === alias)) notKnown('two tables of one name');
    return around;
  }

  /** `names`: what the columns are called, where the query itself does not say. */
  query(select: SelectStmt, names: readonly string[] | null): Query {
    const clause = select.withClause;
    const withQueries: { name: string; columns: string[]; query: Query }[] = [];
    let recursive = false;
    for (const node of clause?.ctes ?? []) {
      const content = contentOf(node)[1];
      const { name, columns, query, isRecursive } = this.#withQuery(content, clause?.recursive === true);
      recursive ||= isRecursive;
      this.#named.set(name, query.columns);
      withQueries.push({ name, columns, query });
    }
    const { body, columns, order } =
      select.op === undefined || select.op === 'SETOP_NONE'
        ? this.#select(select, names)
        : this.#set(select, names);
    const { limit, offset } = limits(select);
    if ((limit !== null || offset !== null) && order.length === 0) notKnown('LIMIT without ORDER BY');
    return { node: 'query', recursive, with: withQueries, body, order, limit, offset, columns };
  }

  #withQuery(content: Record<string, unknown>, mayRecurse: boolean) {
    const name = String(content['ctename']);
    const select = contentOf(content['ctequery'] as Node)[1] as SelectStmt;
    const given = content['aliascolnames'] ? namesOf(content['aliascolnames'] as Node[]) : null;
    if (content['search_clause'] || content['cycle_clause']) notKnown('SEARCH or CYCLE');
    const isRecursive = mayRecurse && select.op === 'SETOP_UNION' && mentions(select.rarg, name, this.words);
    if (isRecursive && select.larg) {
      if (select.sortClause || select.limitCount || select.limitOffset) {
        notKnown('ORDER BY or LIMIT in a recursive query');
      }
      // The first part says what the columns are.
      this.#named.set(name, this.nested().query(select.larg, given).columns);
    }
    const query = this.nested().query(select, given);
    return { name, columns: query.columns.map((column) => column.name), query, isRecursive };
  }

  #set(select: SelectStmt, names: readonly string[] | null) {
    const { larg, rarg } = select;
    if (!larg || !rarg) return notKnown('half a set operation');
    if (this.words.binding !== null && rarg.op !== undefined && rarg.op !== 'SETOP_NONE') {
      return notKnown('INTERSECT among others, which SQLite takes in its own order');
    }
    const outer = new QueryReader(this.words, this.#find, this.#outer, this.#named);
    const left = outer.query(larg, names);
    const right = new QueryReader(this.words, this.#find, this.#outer, this.#named).query(
      rarg,
      left.columns.map(({ name }) => name),
    );
    if (left.columns.length !== right.columns.length) return notKnown('sets of different widths');
    const all = select.all === true;
    const columns = left.columns.map(({ name, type }, at): QueryColumn => {
      const common = commonColumn(type, right.columns[at].type);
      if (!all) checkComparable(common, 'equal');
      return { name, type: common };
    });
    const operator =
      select.op === 'SETOP_UNION' ? 'union' : select.op === 'SETOP_INTERSECT' ? 'intersect' : 'except';
    const body: QueryBody = { node: 'set', operator, all, left, right };
    const outputs = columns.map(
      ({ name, type }): Output => ({ name, expression: { node: 'column', relation: null, name, type } }),
    );
    const order = (select.sortClause ?? []).map((node) => this.#sortKey(node, outputs, null));
    return { body, columns, order };
  }

  #select(select: SelectStmt, names: readonly string[] | null) {
    if (select.valuesLists) return notKnown('VALUES');
    if (select.intoClause || select.lockingClause) return notKnown('a SELECT that does more than read');
    const from = understandFrom(select.fromClause, this);
    checkAliases(from);
    const aggregates = new Aggregates(select.windowClause);
    const reader = this.inScope(from, aggregates);
    const distinct = select.distinctClause !== undefined;
    if (distinct && select.distinctClause?.some((node) => Object.keys(node).length > 0)) {
      return notKnown('DISTINCT ON');
    }
    const outputs = this.#outputs(select.targetList ?? [], from, reader, names);
    const where = select.whereClause ? this.inScope(from).condition(select.whereClause) : null;
    if (select.groupDistinct) notKnown('GROUP BY DISTINCT');
    const groupBy = (select.groupClause ?? []).map((node) => this.#groupKey(node, outputs, from));
    for (const key of groupBy) checkComparable(typeOf(key), 'equal');
    const having = select.havingClause ? reader.condition(select.havingClause) : null;
    const order = (select.sortClause ?? []).map((node) => this.#sortKey(node, outputs, reader));
    if (distinct) {
      for (const { expression } of outputs) checkComparable(typeOf(expression), 'equal');
    }
    const seen = [...outputs.map(({ expression }) => expression), ...order.map((key) => key.expression)];
    const all = having ? [...seen, having] : seen;
    if (groupBy.length > 0 || having || all.some(hasAggregate)) checkGrouped(all, groupBy, from);
    const columns = outputs.map(({ name, expression }) => ({
      name,
      type: outputType(expression, this.words),
    }));
    const item = from?.item ?? null;
    const body: QueryBody = { node: 'select', distinct, outputs, from: item, where, groupBy, having };
    return { body, columns, order };
  }

  #outputs(
    nodes: readonly Node[],
    from: From | null,
    reader: Reader,
    names: readonly string[] | null,
  ): Output[] {
    const outputs = nodes.flatMap((node): { name: string | null; expression: Expression }[] => {
      const { val, name } = contentOf(node)[1] as { val: Node; name?: string };
      const fields = 'ColumnRef' in val ? (val.ColumnRef.fields ?? []) : [];
      const last = fields.at(-1);
      if (last && 'A_Star' in last) return star(fields.slice(0, -1), from, this.words);
      const value = reader.value(val);
      // To SQLite a condition is the number 0 or 1.
      const isNumber = this.words.boolIsInteger && typeOf(value).family === 'bool' && value.node !== 'column';
      const expression = isNumber ? castTo(value, { family: 'integer', bits: 32 }) : value;
      return [{ name: name ?? (value.node === 'column' ? value.name : null), expression }];
    });
    if (names && names.length !== outputs.length) notKnown('a list of column names that does not fit');
    return outputs.map(({ name, expression }, at) => ({
      name: names?.[at] ?? name ?? `column${at + 1}`,
      expression,
    }));
  }

  /** A column, the name of an output, or its number. Where a name is both, engines differ. */
  #groupKey(node: Node, outputs: readonly Output[], from: From | null): Expression {
    const byNumber = outputNumber(node, outputs);
    if (byNumber) return byNumber;
    const name = bareName(node);
    const output = name === null ? undefined : outputs.find((one) => sameName(one.name, name, this.words));
    const isColumn = from?.visible.some((one) => name !== null && sameName(one.name, name, this.words));
    if (output && !isColumn) return output.expression;
    const key = this.inScope(from).value(node);
    if (output && JSON.stringify(output.expression) !== JSON.stringify(key)) {
      return notKnown(`GROUP BY ${name}, which is a column and an output`);
    }
    return key;
  }

  #sortKey(node: Node, outputs: readonly Output[], reader: Reader | null): SortKey {
    return understandSort(node, this.words, (key) => {
      const byNumber = outputNumber(key, outputs);
      if (byNumber) return { expression: byNumber };
      const name = bareName(key);
      const named = name === null ? [] : outputs.filter((one) => sameName(one.name, name, this.words));
      if (named.length === 1) return { expression: named[0].expression };
      if (!reader) return notKnown('a set operation sorted by what is no column of it');
      const expression = reader.operand(key);
      return { expression, collation: reader.collated.get(expression) };
    });
  }
}
