// An independent judge: asks a database through its engine's own driver, never through Ferrow, and gives rows
// as text. A SQLite or DuckDB file must not be open elsewhere in this process while it is asked: a second
// handle on a DuckDB file loses rows, and closing one drops the other's locks.
import { DuckDBInstance } from '@duckdb/node-api';
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';

export type EngineName = 'sqlite' | 'duckdb' | 'postgres';

/** How NULL is written in rows of text; no fixture holds it as a value. */
export const NULL_TEXT = '\\N';

export function engineOfUrl(url: string): EngineName {
  if (/^postgres(ql)?:/.test(url)) return 'postgres';
  if (/^duckdb:|\.(duckdb|ddb)$/.test(url)) return 'duckdb';
  return 'sqlite';
}

/** The path of a file URL as Ferrow takes it: `sqlite:a.db`, `duckdb:///a.duckdb` or bare. */
export function pathOfUrl(url: string): string {
  return url.replace(/^(sqlite|duckdb):/, '').replace(/^\/\/\//, '/');
}

/** Answers one query with its rows as text. */
export type Ask = (sql: string) => Promise<string[][]>;

/**
 * Runs one query and gives its rows as text, in the engine's own spelling: SQLite reals keep a `.0`, blobs come
 * as upper-case hex, PostgreSQL booleans as `t`. Use `contentOf` for text that compares across engines.
 */
export async function queryText(url: string, sql: string): Promise<string[][]> {
  return asking(url, (ask) => ask(sql));
}

/** The same for many queries over one connection: opening DuckDB costs more than most of them. */
export async function asking<T>(url: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  switch (engineOfUrl(url)) {
    case 'postgres':
      return askingPostgres(url, use);
    case 'duckdb':
      return withDuckdb(pathOfUrl(url), true, (connection) => use((sql) => queryDuckdb(connection, sql)));
    case 'sqlite':
      return askingSqlite(pathOfUrl(url), use);
  }
}

/** Runs statements through the engine's own driver, making the file if need be. */
export async function runStatements(url: string, statements: readonly string[]): Promise<void> {
  switch (engineOfUrl(url)) {
    case 'postgres': {
      const client = await connect(url);
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
      return;
    }
    case 'duckdb':
      return withDuckdb(pathOfUrl(url), false, async (connection) => {
        for (const statement of statements) await connection.run(statement);
      });
    case 'sqlite': {
      const database = new SqliteDatabase(pathOfUrl(url));
      try {
        database.exec(`PRAGMA foreign_keys = OFF; BEGIN;\n${statements.join(';\n')};\nCOMMIT`);
      } finally {
        database.close();
      }
      return;
    }
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url.replace(/\?.*/, ''),
    types: { getTypeParser: () => (text: string | Buffer) => String(text) },
  });
  await client.connect();
  await client.query(`SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'iso_8601'`);
  return client;
}

async function askingPostgres<T>(url: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await use(async (sql) => {
      const result = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
      return result.rows.map((row) => row.map((value) => value ?? NULL_TEXT));
    });
  } finally {
    await client.end();
  }
}

async function askingSqlite<T>(path: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  const database = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
  try {
    return await use(async (sql) => {
      const statement = database.prepare(sql).raw(true).safeIntegers(true);
      return (statement.all() as unknown[][]).map((row) => row.map(sqliteText));
    });
  } finally {
    database.close();
  }
}

function sqliteText(value: unknown): string {
  if (value === null) return NULL_TEXT;
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase();
  return String(value);
}

type DuckdbConnection = Awaited<ReturnType<DuckDBInstance['connect']>>;

async function withDuckdb<T>(
  path: string,
  readOnly: boolean,
  use: (connection: DuckdbConnection) => Promise<T>,
): Promise<T> {
  // The newest types (VARIANT, GEOMETRY) stand only in files of the newest layout.
  const settings: Record<string, string> = readOnly
    ? { access_mode: 'READ_ONLY' }
    : { storage_compatibility_version: 'latest' };
  const instance = await DuckDBInstance.create(path, settings);
  try {
    const connection = await instance.connect();
    try {
      await connection.run(`SET TimeZone = 'UTC'`);
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function queryDuckdb(connection: DuckdbConnection, sql: string): Promise<string[][]> {
  // DuckDB itself writes the text: the driver's own rendering misspells infinities and early years.
  const reader = await connection.runAndReadAll(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql})`);
  return reader.getRows().map((row) => row.map((value) => (value === null ? NULL_TEXT : String(value))));
}
