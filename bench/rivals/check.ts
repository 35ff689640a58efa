// What stands in a target, asked by the target's own SQL: rows, values, sums and types of every column; and what of
// it is not as in the source. A fast wrong answer is wrong.
import { type EngineName, engineOfUrl, NULL_TEXT, queryText } from '../../test/support/judge.ts';
import type { Shape, ShapeColumn } from '../tables/shapes.ts';

export interface ColumnState {
  /** The engine's name for the declared type, in lower case; of SQLite, how the values are stored. */
  readonly type: string;
  /** Values that are not NULL. */
  readonly count: string;
  /** Of whole numbers; cents; days since 1970; bytes of text. Null where the values can't even be read as such. */
  readonly sum: string | null;
}

export interface TableState {
  readonly rows: string;
  readonly columns: Readonly<Record<string, ColumnState>>;
}

/** One thing that isn't as it should be. `wrong`: values are lost or changed, or no longer what they were. */
export interface Finding {
  readonly kind: 'wrong' | 'type';
  readonly text: string;
}

/** @throws Error of the engine where the table isn't there */
export async function stateOf(url: string, shape: Shape): Promise<TableState> {
  const engine = engineOfUrl(url);
  const types = await typesOf(engine, url, shape);
  const present = shape.columns.filter(({ name }) => types.has(name));
  const columns: Record<string, ColumnState> = {};
  let rows = '';
  // All columns in one scan; one by one only where some column's values can't be read.
  const asked = await ask(url, shape.name, engine, types, present).catch(() => null);
  if (asked) return { rows: asked.rows, columns: asked.columns };
  for (const column of present) {
    const one = await ask(url, shape.name, engine, types, [column]).catch(() => null);
    rows = one?.rows ?? rows;
    const unread = { type: types.get(column.name) ?? '', count: '', sum: null };
    columns[column.name] = one?.columns[column.name] ?? unread;
  }
  return { rows: rows || (await queryText(url, `SELECT count(*) FROM ${shape.name}`))[0][0], columns };
}

async function ask(
  url: string,
  table: string,
  engine: EngineName,
  types: ReadonlyMap<string, string>,
  columns: readonly ShapeColumn[],
): Promise<TableState> {
  const parts = columns.flatMap((column) => {
    const sum = sumOf(engine, column, types.get(column.name) ?? '');
    return [`count(${column.name})`, `coalesce(sum(${sum}), 0)`];
  });
  const [row] = await queryText(url, `SELECT ${['count(*)', ...parts].join(', ')} FROM ${table}`);
  const states = columns.map((column, at): [string, ColumnState] => [
    column.name,
    { type: types.get(column.name) ?? '', count: row[1 + 2 * at], sum: wholeNumber(row[2 + 2 * at]) },
  ]);
  return { rows: row[0], columns: Object.fromEntries(states) };
}

/** `123`, from `123`, `123.00` or `123.0`. */
function wholeNumber(text: string): string {
  return text.replace(/\.0+$/, '');
}

/** SQL for what is summed, over a column of the type that the target happens to have. */
function sumOf(engine: EngineName, { name, kind }: ShapeColumn, type: string): string {
  switch (engine) {
    case 'postgres':
      if (kind === 'text') return `octet_length(${name}::text)`;
      if (kind === 'days') return `${name}::date - DATE '1970-01-01'`;
      // Through text, as a float's own cast to numeric rounds it.
      if (kind === 'cents') return type === 'numeric' ? `${name} * 100` : `${name}::text::numeric * 100`;
      return type === 'integer' || type === 'bigint' ? name : `${name}::text::numeric`;
    case 'duckdb':
      if (kind === 'text') return `strlen(CAST(${name} AS VARCHAR))`;
      if (kind === 'days') return `date_diff('day', DATE '1970-01-01', CAST(${name} AS DATE))`;
      if (kind === 'cents') return `CAST(${name} AS DECIMAL(18,2)) * 100`;
      return `CAST(${name} AS HUGEINT)`;
    case 'sqlite':
      if (kind === 'text') return `octet_length(${name})`;
      if (kind === 'days') return `CAST(julianday(${name}) - 2440587.5 AS INTEGER)`;
      if (kind === 'cents') return `CAST(round(${name} * 100) AS INTEGER)`;
      return `CAST(${name} AS INTEGER)`;
  }
}

async function typesOf(engine: EngineName, url: string, shape: Shape): Promise<Map<string, string>> {
  if (engine === 'sqlite') {
    const declared = await queryText(url, `SELECT name FROM pragma_table_info('${shape.name}')`);
    const names = new Set(declared.map(([name]) => name));
    const there = shape.columns.filter(({ name }) => names.has(name));
    if (there.length === 0) throw new Error(`no table ${shape.name} with these columns`);
    const [row] = await queryText(url, `SELECT ${there.map(storedAs).join(', ')} FROM ${shape.name}`);
    return new Map(there.map(({ name }, at) => [name, row[at] === NULL_TEXT ? '' : row[at]]));
  }
  const schema = engine === 'postgres' ? 'public' : 'main';
  const rows = await queryText(
    url,
    `SELECT column_name, lower(data_type) FROM information_schema.columns
      WHERE table_schema = '${schema}' AND table_name = '${shape.name}'`,
  );
  if (rows.length === 0) throw new Error(`no table ${shape.name}`);
  return new Map(rows.map(([name, type]) => [name, type]));
}

/**
 * How a SQLite column's values are stored: `integer`, or the first and the last by name, `integer,real`. What is allowed
 * for a column stands together in that order, so what isn't is one of the two. A date is a `text of 10`.
 */
function storedAs({ name, kind }: ShapeColumn): string {
  const tail = kind === 'days' ? ` || CASE length(${name}) WHEN 10 THEN ' of 10' ELSE '' END` : '';
  const stored = `CASE WHEN ${name} IS NOT NULL THEN typeof(${name})${tail} END`;
  return `CASE WHEN min(${stored}) = max(${stored}) THEN min(${stored}) ELSE min(${stored}) || ',' || max(${stored}) END`;
}

/** What of the target is not as in the source. */
export function findingsOf(
  shape: Shape,
  engine: EngineName,
  source: TableState,
  target: TableState,
): Finding[] {
  const findings = new Map<string, { kind: Finding['kind']; columns: string[] }>();
  const note = (kind: Finding['kind'], text: string, column: string) => {
    const known = findings.get(text) ?? { kind, columns: [] };
    known.columns.push(column);
    findings.set(text, known);
  };
  for (const { name, kind } of shape.columns) {
    const wanted = source.columns[name];
    const got = target.columns[name];
    if (!got) {
      note('wrong', 'column is missing', name);
      continue;
    }
    const type = typeFinding(engine, kind, got.type);
    if (type) note(type.kind, type.text, name);
    if (type?.kind === 'wrong') continue;
    if (got.sum === null) note('wrong', `values can't be read as ${WORD[kind]}`, name);
    else if (got.count !== wanted.count) note('wrong', `${got.count} values, not ${wanted.count}`, name);
    else if (got.sum !== wanted.sum) note('wrong', `sum is ${got.sum}, not ${wanted.sum}`, name);
  }
  const rows: Finding[] =
    source.rows === target.rows ? [] : [{ kind: 'wrong', text: `${target.rows} rows, not ${source.rows}` }];
  const columns = [...findings].map(
    ([text, { kind, columns: names }]): Finding => ({ kind, text: `${listed(names)}: ${text}` }),
  );
  return [...rows, ...columns];
}

const WORD = {
  int32: 'whole numbers',
  int64: 'whole numbers',
  cents: 'decimals',
  days: 'dates',
  text: 'text',
};

function typeFinding(engine: EngineName, kind: ShapeColumn['kind'], type: string): Finding | null {
  if (type === '') return null;
  if (engine === 'sqlite') return storedFinding(kind, type);
  const wrong = (text: string): Finding => ({ kind: 'wrong', text });
  const loose = (text: string): Finding => ({ kind: 'type', text });
  const isText = /^(text|varchar|character varying|character|json)/.test(type);
  switch (kind) {
    case 'text':
      return isText ? null : wrong(`${type} in place of text`);
    case 'days':
      if (type === 'date') return null;
      return /^timestamp/.test(type)
        ? loose(`${type} in place of a date`)
        : wrong(`${type} in place of a date`);
    case 'cents':
      if (/^(numeric|decimal)/.test(type)) return null;
      if (/^double/.test(type)) return loose('double in place of a decimal');
      if (/^(real|float)/.test(type)) return wrong('single precision in place of a decimal');
      return wrong(`${type} in place of a decimal`);
    default:
      if (/^(smallint|integer|bigint|numeric|decimal|hugeint)/.test(type)) return null;
      return wrong(`${type} in place of an integer`);
  }
}

/** SQLite has no dates and no decimals: a date is a text of ten letters, a decimal any number. */
function storedFinding(kind: ShapeColumn['kind'], stored: string): Finding | null {
  const kinds = stored.split(',');
  const allowed = {
    text: ['text'],
    days: ['text of 10'],
    cents: ['real', 'integer'],
    int32: ['integer'],
    int64: ['integer'],
  }[kind];
  const other = [...new Set(kinds)].filter((one) => !allowed.includes(one));
  if (other.length === 0) return null;
  if (kind === 'days' && other.every((one) => one === 'text'))
    return { kind: 'type', text: 'dates with a time of day' };
  if (kind === 'cents' && other.every((one) => one === 'text'))
    return { kind: 'type', text: 'decimals stored as text' };
  return { kind: 'wrong', text: `stored as ${other.join(' and ')}, not as ${WORD[kind]}` };
}

function listed(names: readonly string[]): string {
  if (names.length <= 4) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
