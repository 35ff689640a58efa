// FROM: which columns a query sees, under which names, with * and USING spelt out. Pure.
import type { Expression, FromItem, QueryColumn } from '../types/expression.ts';
import type { TableName } from '../types/schema.ts';
import { callOf } from './functions.ts';
import { contentOf, type Node, namesOf, type SelectStmt } from './grammar.ts';
import { sameName } from './names.ts';
import { notKnown } from './not-known.ts';
import { unify } from './operands.ts';
import type { Content } from './understand.ts';
import type { QueryReader } from './understand-query.ts';
import type { SqlWords } from './words.ts';

export interface Relation {
  readonly alias: string;
  readonly columns: readonly QueryColumn[];
}

/** A column as * and a bare name see it. */
export interface Visible {
  readonly name: string;
  readonly expression: Expression;
}

/** What FROM, or a part of it, brings. */
export interface From {
  readonly item: FromItem;
  readonly relations: readonly Relation[];
  readonly visible: readonly Visible[];
}

export interface KnownRelation {
  /** Null for a query of WITH. */
  readonly table: TableName | null;
  readonly columns: readonly QueryColumn[];
}

export function columnOf({ alias }: Relation, { name, type }: QueryColumn): Expression {
  return { node: 'column', relation: alias, name, type };
}

/** All items of FROM: a comma is a CROSS JOIN. */
export function understandFrom(nodes: readonly Node[] | undefined, reader: QueryReader): From | null {
  const items = (nodes ?? []).map((node) => understandItem(node, reader));
  if (items.length === 0) return null;
  return items.reduce((left, right) =>
    joined('cross', left, right, null, [...left.visible, ...right.visible]),
  );
}

function understandItem(node: Node, reader: QueryReader): From {
  const [kind, content] = contentOf(node);
  switch (kind) {
    case 'RangeVar':
      return table(content, reader);
    case 'RangeSubselect': {
      if (content['lateral'] === true) return notKnown('LATERAL');
      const select = contentOf(content['subquery'] as Node)[1] as SelectStmt;
      const query = reader.nested().query(select, aliasColumns(content));
      const alias = aliasOf(content) ?? reader.freeAlias();
      return single({ node: 'derived', query, alias }, { alias, columns: query.columns });
    }
    case 'JoinExpr':
      return join(content, reader);
    default:
      return notKnown('a table function');
  }
}

function aliasOf(content: Content): string | null {
  return (content['alias'] as { aliasname?: string } | undefined)?.aliasname ?? null;
}

function aliasColumns(content: Content): string[] | null {
  const nodes = (content['alias'] as { colnames?: Node[] } | undefined)?.colnames;
  return nodes ? namesOf(nodes) : null;
}

function single(item: FromItem, relation: Relation): From {
  const visible = relation.columns.map((column) => ({
    name: column.name,
    expression: columnOf(relation, column),
  }));
  return { item, relations: [relation], visible };
}

function table(content: Content, reader: QueryReader): From {
  const name = String(content['relname']);
  const schema = (content['schemaname'] as string | undefined) ?? null;
  if (content['catalogname'] !== undefined || aliasColumns(content)) {
    return notKnown('a table of another database, or with other column names');
  }
  // ONLY leaves out tables that inherit.
  if (content['inh'] !== true) return notKnown('ONLY');
  const known = reader.relation(schema, name) ?? notKnown(`the table ${name}`);
  const alias = aliasOf(content) ?? name;
  const relation = { alias, columns: known.columns };
  if (known.table === null) return single({ node: 'named', name, alias }, relation);
  return single({ node: 'table', table: known.table, alias }, relation);
}

type JoinKind = Extract<FromItem, { node: 'join' }>['kind'];

function joined(
  kind: JoinKind,
  left: From,
  right: From,
  on: Expression | null,
  visible: readonly Visible[],
): From {
  const item: FromItem = { node: 'join', kind, left: left.item, right: right.item, on };
  return { item, relations: [...left.relations, ...right.relations], visible };
}

const KINDS: Readonly<Record<string, JoinKind>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

function join(content: Content, reader: QueryReader): From {
  if (content['isNatural'] === true) return notKnown('NATURAL JOIN');
  if (content['alias'] !== undefined || content['join_using_alias'] !== undefined) {
    return notKnown('a join with a name of its own');
  }
  const left = understandItem(content['larg'] as Node, reader);
  const right = understandItem(content['rarg'] as Node, reader);
  const kind = KINDS[String(content['jointype'])] ?? notKnown('this kind of join');
  const visible = [...left.visible, ...right.visible];
  if (content['usingClause']) {
    return using(kind, left, right, namesOf(content['usingClause'] as Node[]), reader.words);
  }
  const quals = content['quals'] as Node | undefined;
  if (!quals) return joined('cross', left, right, null, visible);
  const both = joined(kind, left, right, null, visible);
  return joined(kind, left, right, reader.inScope(both).condition(quals), visible);
}

/** USING (a): both sides' a are equal, and there is one a in what is seen. */
function using(kind: JoinKind, left: From, right: From, names: readonly string[], words: SqlWords): From {
  const merged: Visible[] = [];
  const parts = names.map((name): Expression => {
    const [a, b] = [find(left.visible, name, words), find(right.visible, name, words)];
    const { parts: sides, type } = unify([a.expression, b.expression], words, 'equal');
    if (type.collation === 'nocase') notKnown('USING by a collation');
    const sides2 = { left: sides[0], right: sides[1], full: null, inner: sides[0], cross: sides[0] };
    merged.push({ name: a.name, expression: sides2[kind] ?? callOf('coalesce', sides, words) });
    return { node: 'compare', operator: '=', left: sides[0], right: sides[1] };
  });
  const rest = (from: From) =>
    from.visible.filter(({ name }) => !names.some((one) => sameName(one, name, words)));
  const on: Expression = parts.length === 1 ? parts[0] : { node: 'and', parts };
  return joined(kind, left, right, on, [...merged, ...rest(left), ...rest(right)]);
}

export function find(visible: readonly Visible[], name: string, words: SqlWords): Visible {
  const found = visible.filter((one) => sameName(one.name, name, words));
  if (found.length === 1) return found[0];
  return notKnown(found.length === 0 ? `the name ${name}` : `the name ${name}, which is two columns`);
}
