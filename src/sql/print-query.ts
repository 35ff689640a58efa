// A query in an engine's own words. Pure: needs no grammar. Every output is named, and where NULLs sort is said.
import {
  type Expression,
  type FrameBound,
  type FromItem,
  type Query,
  type QueryBody,
  type SortKey,
  typeOf,
  type ValueType,
  type Window,
} from '../types/expression.ts';
import type { ColumnSchema, TableName } from '../types/schema.ts';
import { notKnown } from './not-known.ts';
import { Printer, type PrintScope } from './print-expression.ts';
import type { SqlWords } from './words.ts';

export interface QueryTarget {
  /** Where a table of the source stands, under which name; null if it is not there. */
  resolve(table: TableName): TableName | null;
  /** Its columns there, in the target's types, if known: then their types need not be presumed. */
  columns?(table: TableName): readonly ColumnSchema[] | undefined;
}

/** Prints a query and those within it. */
export class QueryPrinter {
  readonly #words: SqlWords;
  readonly #target: QueryTarget;

  constructor(words: SqlWords, target: QueryTarget) {
    this.#words = words;
    this.#target = target;
  }

  /** @throws NotKnown */
  query(query: Query, outer: PrintScope | null = null): string {
    const { quote } = this.#words;
    const parts: string[] = [];
    if (query.with.length > 0) {
      const list = query.with.map(
        ({ name, columns, query: named }) =>
          `${quote(name)} (${columns.map(quote).join(', ')}) AS (${this.query(named)})`,
      );
      parts.push(`WITH ${query.recursive ? 'RECURSIVE ' : ''}${list.join(', ')}`);
    }
    const body = this.#body(query.body, outer);
    const order = this.#order(query, body.scope);
    // Some engines sort a set or distinct rows by nothing but its columns as they are.
    parts.push(order.around ? `SELECT * FROM (${body.sql}) AS ${quote('sorted')}` : body.sql);
    if (order.sql !== '') parts.push(`ORDER BY ${order.sql}`);
    if (query.limit !== null) parts.push(`LIMIT ${query.limit}`);
    else if (query.offset !== null && this.#words.engine === 'sqlite') parts.push('LIMIT -1');
    if (query.offset !== null) parts.push(`OFFSET ${query.offset}`);
    return parts.join(' ');
  }

  #body(body: QueryBody, outer: PrintScope | null): { sql: string; scope: PrintScope } {
    if (body.node === 'set') {
      const scope = this.#scope(null, outer);
      const { operator, all } = body;
      if (all && operator !== 'union' && this.#words.engine === 'sqlite') notKnown(`${operator} ALL`);
      const left = this.#operand(body.left, outer, body);
      const right = this.#operand(body.right, outer, null);
      return { sql: `${left} ${operator.toUpperCase()}${all ? ' ALL' : ''} ${right}`, scope };
    }
    const scope = this.#scope(body.from, outer);
    const printer = new Printer(this.#words, scope);
    const { quote } = this.#words;
    const outputs = body.outputs.map(({ name, expression }) => {
      // A column that is only passed on may hold anything.
      const sql = printer.outer(expression, expression.node === 'column' ? 'null' : 'value');
      return `${sql} AS ${quote(name)}`;
    });
    const parts = [`SELECT ${body.distinct ? 'DISTINCT ' : ''}${outputs.join(', ')}`];
    if (body.from) parts.push(`FROM ${this.#from(body.from, scope, printer)}`);
    if (body.where) parts.push(`WHERE ${printer.outer(body.where)}`);
    if (body.groupBy.length > 0) {
      parts.push(`GROUP BY ${body.groupBy.map((key) => printer.inner(key)).join(', ')}`);
    }
    if (body.having) parts.push(`HAVING ${printer.outer(body.having)}`);
    return { sql: parts.join(' '), scope };
  }

  /** One side of a set operation: bare if nothing can be misread. */
  #operand(query: Query, outer: PrintScope | null, parent: QueryBody | null): string {
    const { body } = query;
    const isBare = query.with.length === 0 && query.order.length === 0;
    const chains =
      parent?.node === 'set' &&
      body.node === 'set' &&
      body.operator === parent.operator &&
      body.all === parent.all;
    if (isBare && (body.node === 'select' || chains)) return this.query(query, outer);
    return `SELECT * FROM (${this.query(query, outer)}) AS ${this.#words.quote('part')}`;
  }

  #from(item: FromItem, scope: PrintScope, printer: Printer): string {
    const { quote } = this.#words;
    switch (item.node) {
      case 'table': {
        const there = this.#target.resolve(item.table);
        if (!there) return notKnown(`the table ${item.table.name}, which is not in the target`);
        const place = there.schema === null ? '' : `${quote(there.schema)}.`;
        return `${place}${quote(there.name)} AS ${quote(item.alias)}`;
      }
      case 'named':
        return `${quote(item.name)} AS ${quote(item.alias)}`;
      case 'derived':
        return `(${this.query(item.query)}) AS ${quote(item.alias)}`;
      case 'join': {
        const left = this.#from(item.left, scope, printer);
        const right = this.#from(item.right, scope, printer);
        const bracketed = item.right.node === 'join' ? `(${right})` : right;
        if (item.kind === 'cross' || !item.on) return `${left} CROSS JOIN ${bracketed}`;
        return `${left} ${item.kind.toUpperCase()} JOIN ${bracketed} ON ${printer.outer(item.on)}`;
      }
    }
  }

  #scope(from: FromItem | null, outer: PrintScope | null): PrintScope {
    const types = new Map<string, readonly ColumnSchema[] | null>();
    const collect = (item: FromItem): void => {
      if (item.node === 'join') for (const side of [item.left, item.right]) collect(side);
      else types.set(item.alias, item.node === 'table' ? (this.#target.columns?.(item.table) ?? null) : null);
    };
    if (from) collect(from);
    const { quote, columnType } = this.#words;
    const scope: PrintScope = {
      column: (relation, name) => {
        if (relation === null) return { sql: quote(name), type: null };
        const columns = types.get(relation);
        if (columns === undefined) return outer?.column(relation, name) ?? notKnown(`the name ${relation}`);
        const column = columns?.find((one) => one.name === name);
        if (columns && !column) return notKnown(`the column ${name}, which is not carried`);
        return { sql: `${quote(relation)}.${quote(name)}`, type: column ? columnType(column) : null };
      },
      query: (expression, printer) => this.#within(expression, printer, scope),
    };
    return scope;
  }

  #within(expression: Expression, printer: Printer, scope: PrintScope): string {
    switch (expression.node) {
      case 'scalar query':
        return `(${this.query(expression.query, scope)})`;
      case 'exists':
        return `EXISTS (${this.query(expression.query, scope)})`;
      case 'in query': {
        const not = expression.negated ? 'NOT ' : '';
        return `${printer.inner(expression.of, 'compare')} ${not}IN (${this.query(expression.query, scope)})`;
      }
      case 'aggregate':
        return this.#aggregate(expression, printer);
      default:
        return notKnown(`what is called ${expression.node}`);
    }
  }

  #aggregate(call: Extract<Expression, { node: 'aggregate' }>, printer: Printer): string {
    const words = this.#words;
    const name = words.aggregates[call.function]?.[0];
    if (name === undefined) return notKnown(`${call.function}, which ${words.title} has not`);
    const isText = call.arguments.length > 0 && typeOf(call.arguments[0]).family === 'text';
    const sorts = call.function === 'min' || call.function === 'max';
    const collate = isText && sorts ? words.byBytes : '';
    const use = call.function === 'count' && !call.distinct ? 'null' : 'value';
    const list = call.arguments.map((part) => printer.inner(part, use)).join(', ');
    const distinct = call.distinct ? 'DISTINCT ' : '';
    let sql = `${name}(${list === '' && call.function === 'count' ? '*' : `${distinct}${list}${collate}`})`;
    if (call.filter) sql += ` FILTER (WHERE ${printer.outer(call.filter)})`;
    if (call.over) sql += ` OVER (${this.#window(call.over, printer)})`;
    return call.function === 'sum' ? this.#sum(sql, call.type, typeOf(call.arguments[0])) : sql;
  }

  /** Engines make sums wider, each in its own way. */
  #sum(sql: string, source: ValueType, argument: ValueType): string {
    const words = this.#words;
    const here = words.sumType(argument);
    if (!here) return notKnown(`sum of ${argument.family}`);
    const narrow: ValueType = { family: 'integer', bits: 64 };
    if (words.engine === 'sqlite') return sql;
    if (source.family === 'integer' && (here.family !== 'integer' || here.bits !== 64)) {
      return `CAST(${sql} AS ${words.castName(narrow)})`;
    }
    if (source.family === 'decimal' && here.family === 'integer') {
      return `CAST(${sql} AS ${words.castName({ family: 'decimal', precision: 38, scale: 0 })})`;
    }
    return sql;
  }

  #window({ partition, order, rows }: Window, printer: Printer): string {
    const parts: string[] = [];
    if (partition.length > 0) {
      parts.push(`PARTITION BY ${partition.map((key) => printer.inner(key)).join(', ')}`);
    }
    if (order.length > 0) {
      parts.push(`ORDER BY ${order.map((key) => this.#key(key, printer.inner(key.expression))).join(', ')}`);
    }
    if (rows) parts.push(`ROWS BETWEEN ${bound(rows.from, 'PRECEDING')} AND ${bound(rows.to, 'FOLLOWING')}`);
    return parts.join(' ');
  }

  #key({ expression, descending, nulls }: SortKey, sql: string): string {
    const collate = typeOf(expression).family === 'text' ? this.#words.byBytes : '';
    return `${sql}${collate}${descending ? ' DESC' : ''} NULLS ${nulls.toUpperCase()}`;
  }

  #order(query: Query, scope: PrintScope): { sql: string; around: boolean } {
    const { body } = query;
    const printer = new Printer(this.#words, scope);
    const byName = body.node === 'set' || body.distinct;
    const collates = query.order.some(({ expression }) => typeOf(expression).family === 'text');
    const around = byName && collates && this.#words.byBytes !== '';
    const keys = query.order.map((key) => {
      const { expression } = key;
      if (!byName || body.node === 'set') {
        const isLiteral = expression.node === 'literal';
        return isLiteral ? notKnown('ORDER BY a literal') : this.#key(key, printer.inner(expression));
      }
      const wanted = JSON.stringify(expression);
      const output = body.outputs.find((one) => JSON.stringify(one.expression) === wanted);
      if (!output) return notKnown('DISTINCT sorted by what is no column of it');
      return this.#key(key, this.#words.quote(output.name));
    });
    return { sql: keys.join(', '), around };
  }
}

function bound(rows: FrameBound, unbounded: 'PRECEDING' | 'FOLLOWING'): string {
  if (rows === 'unbounded') return `UNBOUNDED ${unbounded}`;
  if (rows === 0) return 'CURRENT ROW';
  return rows < 0 ? `${-rows} PRECEDING` : `${rows} FOLLOWING`;
}
