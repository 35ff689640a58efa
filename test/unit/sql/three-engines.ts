// The same tables in all three engines, with values at the edges, and what a SELECT gives in each, as text that compares.
// The engines are the judges of src/sql: what it carries must give the same there.
import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import pg from 'pg';
import { duckdbWords } from '../../../src/dialect/duckdb/sql-words.ts';
import { postgresWordsByBytes } from '../../../src/dialect/postgres/sql-words.ts';
import { sqliteWords } from '../../../src/dialect/sqlite/sql-words.ts';
import type { SqlWords } from '../../../src/sql/sql.ts';
import type { Engine } from '../../../src/types/logical-type.ts';
import type { ColumnSchema } from '../../../src/types/schema.ts';
import { startPostgres } from '../../support/postgres.ts';

export const WORDS: Readonly<Record<Engine, SqlWords>> = {
  postgres: postgresWordsByBytes,
  duckdb: duckdbWords,
  sqlite: sqliteWords,
};
export const ENGINES: readonly Engine[] = ['postgres', 'duckdb', 'sqlite'];

type Row = readonly (string | null)[];

/** One column of the tables below: its type in each engine. */
const COLUMNS: readonly (readonly [name: string, postgres: string, duckdb: string, sqlite: string])[] = [
  ['id', 'integer', 'INTEGER', 'INTEGER'],
  ['a', 'integer', 'INTEGER', 'INTEGER'],
  ['b', 'bigint', 'BIGINT', 'BIGINT'],
  ['n', 'numeric(10,2)', 'DECIMAL(10,2)', 'DECIMAL(10,2)'],
  ['f', 'double precision', 'DOUBLE', 'DOUBLE'],
  ['r', 'real', 'FLOAT', 'REAL4'],
  ['s', 'text', 'VARCHAR', 'TEXT'],
  ['v', 'character varying(20)', 'VARCHAR', 'VARCHAR(20)'],
  ['flag', 'boolean', 'BOOLEAN', 'BOOLEAN'],
  ['d', 'date', 'DATE', 'DATE'],
  ['ts', 'timestamp without time zone', 'TIMESTAMP', 'TIMESTAMP'],
  ['tz', 'timestamp with time zone', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ'],
  ['u', 'uuid', 'UUID', 'UUID'],
  ['x', 'bytea', 'BLOB', 'BLOB'],
  ['Odd "name"', 'integer', 'INTEGER', 'INTEGER'],
];

const U = '0123abcd-0000-4000-8000-00000000000';

/** Values as literals that all engines read; bytes as hex. */
const ROWS: readonly Row[] = [
  [
    '1',
    '1',
    '1',
    '1.50',
    '0.5',
    '1.5',
    'abc',
    'abc',
    '1',
    '2020-01-01',
    '2020-01-01 00:00:00',
    '2020-01-01 00:00:00+00:00',
    `${U}1`,
    '00',
    '1',
  ],
  [
    '2',
    '-7',
    '-3000000000',
    '-0.01',
    '-1.25',
    '-1.5',
    '',
    ' ',
    '0',
    '1969-12-31',
    '2020-01-01 12:00:00.5',
    '2020-01-01 12:00:00.5+00:00',
    `${U}2`,
    '',
    '2',
  ],
  [
    '3',
    '0',
    '0',
    '0.00',
    '0',
    '0',
    'ABC',
    'a%c',
    '1',
    '2024-02-29',
    '1999-12-31 23:59:59.999999',
    '1999-12-31 23:59:59.999999+00:00',
    `${U}1`,
    'ff',
    '3',
  ],
  ['4', null, null, null, null, null, null, null, null, null, null, null, null, null, null],
  [
    '5',
    '1000000000',
    '9007199254740993',
    '99999999.99',
    '1e300',
    '16777216',
    'héllo 👍',
    'a_c',
    '0',
    '9999-12-31',
    '9999-12-31 23:59:59',
    '0001-01-01 00:00:00+00:00',
    `${U}3`,
    '00ff',
    '4',
  ],
  [
    '6',
    '10',
    '10',
    '10.00',
    '10',
    '10',
    '  pad  ',
    "it's",
    '1',
    '0001-01-01',
    '0001-01-01 00:00:00',
    '2020-06-01 00:00:00+00:00',
    `${U}2`,
    '41',
    '5',
  ],
  [
    '7',
    '-1',
    '-1',
    '-1.00',
    '0.1',
    '0.25',
    'a\\b[*]?',
    '10',
    null,
    '2020-01-02',
    null,
    '2020-01-01 00:00:01+00:00',
    null,
    '4142',
    null,
  ],
  [
    '8',
    '7',
    '7',
    '2.50',
    '2.5',
    '2.5',
    'É',
    'ab',
    '0',
    null,
    '2020-01-01 00:00:01',
    null,
    `${U}9`,
    null,
    '1',
  ],
];

const column = (name: string, nativeType: string): ColumnSchema => ({
  name,
  nativeType,
  nullable: true,
  default: null,
  identity: null,
  generated: null,
  collation: null,
  comment: null,
});

/** The columns as each engine's catalog has them; SQLite's times as Ferrow writes them. */
export const CATALOG: Readonly<Record<Engine, readonly ColumnSchema[]>> = {
  postgres: COLUMNS.map(([name, type]) => column(name, type)),
  duckdb: COLUMNS.map(([name, , type]) => column(name, type)),
  sqlite: COLUMNS.map(([name, , , type]) => ({
    ...column(name, type),
    origin: { engine: 'postgres', nativeType: type },
  })),
};

export interface ThreeEngines {
  /** Rows as text: numbers in JavaScript's form, true and false as 1 and 0, NULL null. */
  rows(engine: Engine, sql: string): Promise<Row[]>;
  run(engine: Engine, sql: string): Promise<void>;
  close(): Promise<void>;
}

const named = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function createTable(engine: Engine, name: string): string {
  const at = { postgres: 1, duckdb: 2, sqlite: 3 }[engine];
  return `CREATE TABLE ${name} (${COLUMNS.map((one) => `${named(one[0])} ${one[at]}`).join(', ')})`;
}

function literal(engine: Engine, name: string, value: string | null): string {
  if (value === null) return 'NULL';
  if (name === 'x') {
    if (engine === 'sqlite') return `x'${value}'`;
    return engine === 'postgres' ? `'\\x${value}'` : `'${value.replace(/../g, '\\x$&')}'::BLOB`;
  }
  if (name === 'flag' && engine !== 'sqlite') return value === '1' ? 'true' : 'false';
  if (['id', 'a', 'b', 'n', 'f', 'r', 'flag', 'Odd "name"'].includes(name)) return value;
  return `'${value.replaceAll("'", "''")}'`;
}

function insertRows(engine: Engine, name: string): string {
  const tuples = ROWS.map(
    (row) => `(${row.map((value, at) => literal(engine, COLUMNS[at][0], value)).join(', ')})`,
  );
  return `INSERT INTO ${name} VALUES ${tuples.join(', ')}`;
}

/** Starts all three, with the tables `t` and `other` in each. */
export async function threeEngines(): Promise<ThreeEngines> {
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url.replace(/\?.*/, '') });
  await client.connect();
  await client.query("SET timezone = 'UTC'");
  const sqlite = new Database(':memory:');
  sqlite.defaultSafeIntegers(true);
  const instance = await DuckDBInstance.create(':memory:');
  const duckdb = await instance.connect();
  await duckdb.run("SET TimeZone = 'UTC'");
  const run = async (engine: Engine, sql: string): Promise<void> => {
    if (engine === 'postgres') await client.query(sql);
    else if (engine === 'duckdb') await duckdb.run(sql);
    else sqlite.exec(sql);
  };
  for (const engine of ENGINES) {
    for (const name of ['t', 'other']) {
      await run(engine, createTable(engine, name));
      await run(engine, insertRows(engine, name));
    }
    await run(engine, 'DELETE FROM other WHERE id IN (1, 5)');
  }
  return {
    run,
    async rows(engine, sql) {
      if (engine === 'postgres') {
        const types = { getTypeParser: () => (value: string) => value };
        const result = await client.query<string[]>({ text: sql, rowMode: 'array', types: types as never });
        return result.rows.map((row) => row.map((value, at) => shown(value, result.fields[at].dataTypeID)));
      }
      if (engine === 'sqlite')
        return sqlite
          .prepare(sql)
          .raw()
          .all()
          .map((row) => (row as unknown[]).map((v) => shown(v, 0)));
      const result = await duckdb.runAndReadAll(sql);
      const types = result.columnTypes().map(String);
      return result
        .getRowsJson()
        .map((row) =>
          row.map((value, at) =>
            shown(value, NUMERIC.test(types[at]) ? 1700 : types[at] === 'BLOB' ? BYTES : 0),
          ),
        );
    },
    async close() {
      await client.end();
      await server.stop();
      sqlite.close();
      duckdb.closeSync();
      instance.closeSync();
    },
  };
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE)$/;
/** bool, int2, int4, int8, float4, float8, numeric. */
const NUMBERS = new Set([20, 21, 23, 700, 701, 1700]);

function shown(value: unknown, type: number): string | null {
  if (value === null || value === undefined) return null;
  if (type === 16) return value === 't' ? '1' : '0';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return plain(String(value));
  if (Buffer.isBuffer(value)) return value.toString('hex');
  const text = String(value);
  if (type === BYTES) return bytes(text);
  if (NUMBERS.has(type)) return plain(text);
  return text.replace(/(\d\d:\d\d:\d\d(?:\.\d+)?)\+00(:00)?$/, '$1');
}

const BYTES = 17;

/** Hex, or DuckDB's characters and escapes. */
function bytes(text: string): string {
  const hex = /^\\x([0-9a-f]*)$/.exec(text);
  if (hex) return hex[1];
  return text.replace(/\\x([0-9A-F]{2})|(.)/g, (_, pair: string | undefined, one: string) =>
    pair ? pair.toLowerCase() : one.charCodeAt(0).toString(16).padStart(2, '0'),
  );
}

function plain(number: string): string {
  if (/^-?\d+$/.test(number) && number !== '-0') return number;
  // -0 equals 0, and what prints it differs.
  return String(Number(number) + 0);
}
