// Databases described once and made in any of the three engines, and the content of a table as text that
// compares across engines. Used by tests and by nothing in src/.
import assert from 'node:assert/strict';
import { type EngineName, engineOfUrl, NULL_TEXT, queryText, runStatements } from './judge.ts';

/** What a column holds, with the canonical text of its values. */
export type Kind =
  | 'int16' // decimal
  | 'int32'
  | 'int64'
  | 'float64' // as JavaScript writes the number
  | 'decimal' // exactly `scale` digits behind the point
  | 'bool' // true, false
  | 'text'
  | 'json' // kept verbatim
  | 'blob' // upper-case hex
  | 'date' // YYYY-MM-DD
  | 'time' // HH:MM:SS with as few fraction digits as the value needs
  | 'timestamp' // YYYY-MM-DD HH:MM:SS likewise
  | 'timestamptz' // likewise in UTC, without an offset
  | 'uuid'; // lower case

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly precision?: number;
  readonly scale?: number;
  readonly notNull?: boolean;
  /** SQL literal that all three engines read alike. */
  readonly default?: string;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
  /** Left out in DuckDB, which knows no actions. */
  readonly onDelete?: 'CASCADE' | 'SET NULL';
  /** Part of a cycle of tables, which DuckDB can't declare: one of its keys must stay out there. */
  readonly inCycle?: boolean;
  /** The key of the cycle that the fixture itself leaves out in DuckDB. */
  readonly closesCycle?: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly uniques?: readonly (readonly string[])[];
  readonly foreignKeys?: readonly ForeignKey[];
  readonly indexes?: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Canonical text, null for NULL; parents before children within the table. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(', ');
}

const TYPE_NAMES: Readonly<Record<EngineName, Readonly<Record<Exclude<Kind, 'decimal'>, string>>>> = {
  sqlite: {
    int16: 'SMALLINT',
    int32: 'INTEGER',
    int64: 'BIGINT',
    float64: 'DOUBLE',
    bool: 'BOOLEAN',
    text: 'TEXT',
    json: 'JSON_TEXT',
    blob: 'BLOB',
    date: 'DATE',
    time: 'TIME',
    timestamp: 'TIMESTAMP',
    timestamptz: 'TIMESTAMPTZ',
    uuid: 'UUID',
  },
  duckdb: {
    int16: 'SMALLINT',
    int32: 'INTEGER',
    int64: 'BIGINT',
    float64: 'DOUBLE',
    bool: 'BOOLEAN',
    text: 'VARCHAR',
    json: 'JSON',
    blob: 'BLOB',
    date: 'DATE',
    time: 'TIME',
    timestamp: 'TIMESTAMP',
    timestamptz: 'TIMESTAMPTZ',
    uuid: 'UUID',
  },
  postgres: {
    int16: 'smallint',
    int32: 'integer',
    int64: 'bigint',
    float64: 'double precision',
    bool: 'boolean',
    text: 'text',
    json: 'json',
    blob: 'bytea',
    date: 'date',
    time: 'time',
    timestamp: 'timestamp',
    timestamptz: 'timestamptz',
    uuid: 'uuid',
  },
};

/** SQLite keeps 15 decimal digits in a number; longer decimals are text there. */
const SQLITE_NUMBER_DIGITS = 15;

function typeName(engine: EngineName, column: Column): string {
  if (column.kind !== 'decimal') return TYPE_NAMES[engine][column.kind];
  const { precision = 18, scale = 3 } = column;
  const long = engine === 'sqlite' && precision > SQLITE_NUMBER_DIGITS;
  return `${long ? 'DECIMAL_TEXT' : 'DECIMAL'}(${precision},${scale})`;
}

function literal(engine: EngineName, column: Column, value: string | null): string {
  if (value === null) return 'NULL';
  const text = `'${value.replaceAll("'", "''")}'`;
  switch (column.kind) {
    case 'int16':
    case 'int32':
    case 'int64':
      return value;
    case 'float64':
      return engine === 'sqlite' ? value : `CAST(${text} AS DOUBLE PRECISION)`;
    case 'decimal':
      return engine === 'sqlite' && (column.precision ?? 18) > SQLITE_NUMBER_DIGITS ? text : value;
    case 'bool':
      return engine === 'sqlite' ? String(Number(value === 'true')) : value;
    case 'blob':
      if (engine === 'sqlite') return `X'${value}'`;
      return engine === 'postgres' ? `'\\x${value}'::bytea` : `from_hex('${value}')`;
    case 'timestamptz':
      return `'${value}+00:00'`;
    default:
      return text;
  }
}

/** The statements that make the tables with their rows in one engine. */
export function statementsFor(engine: EngineName, tables: readonly Table[]): string[] {
  const statements: string[] = [];
  const late: string[] = [];
  for (const table of tables) {
    const keys = (table.foreignKeys ?? []).filter((key) => engine !== 'duckdb' || !key.closesCycle);
    const clauses = keys.map((key) => {
      const action = key.onDelete && engine !== 'duckdb' ? ` ON DELETE ${key.onDelete}` : '';
      return `FOREIGN KEY (${list(key.columns)}) REFERENCES ${quoted(key.table)} (${list(key.references)})${action}`;
    });
    if (engine === 'postgres') {
      late.push(...clauses.map((clause) => `ALTER TABLE ${quoted(table.name)} ADD ${clause}`));
    }
    const columns = table.columns.map((column) => {
      const rest = `${column.notNull ? ' NOT NULL' : ''}${column.default ? ` DEFAULT ${column.default}` : ''}`;
      return `${quoted(column.name)} ${typeName(engine, column)}${rest}`;
    });
    const constraints = [
      ...(table.primaryKey.length > 0 ? [`PRIMARY KEY (${list(table.primaryKey)})`] : []),
      ...(table.uniques ?? []).map((unique) => `UNIQUE (${list(unique)})`),
      ...(engine === 'postgres' ? [] : clauses),
    ];
    statements.push(`CREATE TABLE ${quoted(table.name)} (${[...columns, ...constraints].join(', ')})`);
    // Row by row in DuckDB, so that a row may refer to one before it in the same table.
    const rowsAtOnce = engine === 'duckdb' && keys.some((key) => key.table === table.name) ? 1 : 500;
    for (let at = 0; at < table.rows.length; at += rowsAtOnce) {
      const values = table.rows
        .slice(at, at + rowsAtOnce)
        .map((row) => `(${row.map((value, i) => literal(engine, table.columns[i], value)).join(', ')})`);
      statements.push(`INSERT INTO ${quoted(table.name)} VALUES ${values.join(', ')}`);
    }
    for (const index of table.indexes ?? []) {
      statements.push(`CREATE INDEX ${quoted(index.name)} ON ${quoted(table.name)} (${list(index.columns)})`);
    }
  }
  return [...statements, ...late];
}

/** Makes the tables with their rows in the database at `url`, by its engine's own driver. */
export async function makeTables(url: string, tables: readonly Table[]): Promise<void> {
  await runStatements(url, statementsFor(engineOfUrl(url), tables));
}

/** The rows that a table should hold, as `contentOf` gives them. */
export function expectedContent(table: Table): string[][] {
  return sorted(table.rows.map((row) => row.map((value) => value ?? NULL_TEXT)));
}

/**
 * All rows of a table in canonical text, sorted, asked by the engine's own SQL. Columns are those of the
 * description, in its order, whatever the order in the database.
 */
export async function contentOf(url: string, table: Table, schema?: string): Promise<string[][]> {
  const engine = engineOfUrl(url);
  const columns = table.columns.map((column) =>
    column.kind === 'blob' ? hexOf(engine, quoted(column.name)) : quoted(column.name),
  );
  const place = schema === undefined ? quoted(table.name) : `${quoted(schema)}.${quoted(table.name)}`;
  // Numbered aliases, since names that differ in case alone collide in a subquery of DuckDB.
  const items = columns.map((column, i) => `${column} AS c${i}`).join(', ');
  const rows = await queryText(url, `SELECT ${items} FROM ${place}`);
  return sorted(rows.map((row) => row.map((value, i) => canonicalText(table.columns[i], value))));
}

function hexOf(engine: EngineName, column: string): string {
  if (engine === 'postgres') return `upper(encode(${column}, 'hex'))`;
  // The judge itself writes SQLite's blobs as hex; hex(NULL) would be an empty text there.
  return engine === 'duckdb' ? `hex(${column})` : column;
}

/** What an engine printed, in the canonical text of the column's kind. */
export function canonicalText(column: Column, text: string): string {
  if (text === NULL_TEXT) return text;
  switch (column.kind) {
    case 'bool':
      return text === 't' || text === 'true' || text === '1' ? 'true' : 'false';
    case 'float64':
      return String(Number(text));
    case 'decimal':
      return (column.precision ?? 18) <= SQLITE_NUMBER_DIGITS
        ? Number(text).toFixed(column.scale ?? 3)
        : text;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return text
        .replace('T', ' ')
        .replace(/(Z|[+-]00(:?00)?)$/, '')
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
    default:
      return text;
  }
}

/**
 * Fails with the first row that differs, cut to a readable length.
 * @throws AssertionError
 */
export function assertSameRows(actual: string[][], expected: string[][], what: string): void {
  const shorten = (row: string[] | undefined) =>
    row?.map((value) => (value.length > 60 ? `${value.slice(0, 60)}… (${value.length})` : value));
  assert.equal(actual.length, expected.length, `${what}: number of rows`);
  const at = expected.findIndex((row, i) => JSON.stringify(row) !== JSON.stringify(actual[i]));
  if (at >= 0) {
    const difference = { actual: shorten(actual[at]), expected: shorten(expected[at]) };
    assert.fail(`${what}: row ${at} differs: ${JSON.stringify(difference, null, 1)}`);
  }
}

function sorted(rows: string[][]): string[][] {
  return rows
    .map((row) => [JSON.stringify(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}
