// Are two pieces of SQL the same, though two engines or two catalogs wrote them down? Pure.
import type { Query } from '../types/expression.ts';
import type { DefaultValue, Meaning } from '../types/schema.ts';

interface Said extends Meaning {
  /** The engine's own text. */
  readonly sql: string;
}

/** The same text, or the same meaning where both are understood. */
export function sameSaid(a: Said, b: Said): boolean {
  if (a.sql === b.sql) return true;
  return a.meaning !== undefined && b.meaning !== undefined && sameTree(a.meaning, b.meaning);
}

/** Two understood trees that say the same, whatever their engines' types are called. */
export function sameTree(a: unknown, b: unknown): boolean {
  return JSON.stringify(bare(a)) === JSON.stringify(bare(b));
}

type Bare = string | number | boolean | null | Bare[] | { [key: string]: Bare };

/**
 * A tree without what engines add on their own: types, casts that keep the value, the schema of a table. Numbers
 * are written in one way.
 */
function bare(tree: unknown): Bare {
  if (Array.isArray(tree)) return tree.map(bare);
  if (typeof tree !== 'object' || tree === null) return tree as Bare;
  const plain = isQuery(tree) ? withoutFrame(tree) : tree;
  const { node, of, table, type, value, parts, ...rest } = plain as Record<string, unknown>;
  if (node === 'cast') return bare(of);
  if (node === 'literal') return { node, value: typeof value === 'string' ? literal(value, type) : null };
  const kept: { [key: string]: Bare } = typeof node === 'string' ? { node } : {};
  if (of !== undefined) kept['of'] = bare(of);
  if (Array.isArray(parts)) kept['parts'] = flattened(parts, node).map(bare);
  if (typeof table === 'object' && table !== null && 'name' in table) kept['table'] = folded(table.name);
  for (const key of Object.keys(rest).sort()) {
    kept[key] = ['name', 'alias', 'relation'].includes(key) ? folded(rest[key]) : bare(rest[key]);
  }
  return kept;
}

const isQuery = (tree: object): tree is Query => 'node' in tree && tree.node === 'query' && 'body' in tree;

/** `SELECT a, b FROM (…) x ORDER BY x.a` is `… ORDER BY a`: some engines sort a UNION only so. */
function withoutFrame(query: Query): Query {
  const { body } = query;
  if (body.node !== 'select' || body.from?.node !== 'derived' || query.with.length > 0) return query;
  const { query: inner, alias } = body.from;
  const more = body.distinct || body.where || body.having || body.groupBy.length > 0;
  const same =
    body.outputs.length === inner.columns.length &&
    body.outputs.every(
      ({ name, expression }, at) =>
        expression.node === 'column' &&
        folded(expression.name) === folded(name) &&
        folded(inner.columns[at].name) === folded(name),
    );
  if (more || !same || inner.with.length > 0 || inner.order.length > 0 || inner.limit || inner.offset)
    return query;
  const order = query.order.map((key) =>
    key.expression.node === 'column' && key.expression.relation === alias
      ? { ...key, expression: { ...key.expression, relation: null } }
      : key,
  );
  return { ...query, body: inner.body, order };
}

/** `a AND (b AND c)` is `a AND b AND c`. */
function flattened(parts: readonly unknown[], node: unknown): unknown[] {
  if (node !== 'and' && node !== 'or') return [...parts];
  return parts.flatMap((part) => {
    const inner = part as { readonly node?: unknown; readonly parts?: readonly unknown[] };
    return inner.node === node && inner.parts ? flattened(inner.parts, node) : [part];
  });
}

const folded = (name: unknown): Bare => (typeof name === 'string' ? name.toLowerCase() : bare(name));

function literal(value: string, type: unknown): Bare {
  const family = typeof type === 'object' && type !== null && 'family' in type ? type.family : null;
  if (family === 'bool') return value === 'true' || value === '1' ? '1' : '0';
  return family === 'integer' || family === 'decimal' || family === 'float' ? plainNumber(value) : value;
}

/** Numbering columns aside, do two defaults give the same? */
export function sameDefault(a: DefaultValue | null, b: DefaultValue | null): boolean {
  if (a?.kind === 'expression' && b?.kind === 'expression') return sameSaid(a, b);
  return defaultText(a) === defaultText(b);
}

/** A default by its meaning where it is understood, else by its text; null for none. */
export function defaultText(value: DefaultValue | null): string | null {
  if (!value || value.kind === 'null' || value.kind === 'sequence') return null;
  // Engines without a boolean write 1 and 0, and not all write 1e300 as 1e300.
  if (value.kind === 'bool') return value.value ? '1' : '0';
  if (value.kind === 'number') return plainNumber(value.value);
  if (value.kind === 'text') return value.value;
  if (value.kind === 'blob') return value.hex;
  if (value.kind === 'now') return `current ${value.what}`;
  return value.kind === 'uuid' ? 'a random UUID' : value.sql;
}

/** One spelling for numbers that a double holds exactly enough; others as they are written. */
function plainNumber(text: string): string {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length <= 15 && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}
