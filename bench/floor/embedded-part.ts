// Child process: an embedded engine's part of the floor, timed within, without the start of the process.
//   node embedded-part.ts sqlite|duckdb export FILE TABLE LAST_COLUMN
//   node embedded-part.ts sqlite|duckdb import PREPARED TABLE NEW_FILE CREATE_TABLE
//   node embedded-part.ts duckdb prepare FILE TABLE PARQUET
// Prints a FloorPart as JSON.
import { DuckDBInstance } from '@duckdb/node-api';
import SqliteDatabase from 'better-sqlite3';
import type { FloorPart } from './floor.ts';

/**
 * To reach the last column SQLite reads every page and walks the whole header of every record. Taking each column's
 * value (count() of each) costs four times as much, 0.64 s against 0.16 s for 2 M rows of lineitem; the cheaper scan
 * is the stricter floor.
 */
function exportSqlite(file: string, table: string, lastColumn: string): void {
  const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true });
  database.prepare(`SELECT count(${lastColumn}) FROM ${table}`).get();
  database.close();
}

/** The same table in both files, so SQLite moves records without taking them apart; nothing is journalled. */
function importSqlite(prepared: string, table: string, file: string, createTable: string): void {
  const database = new SqliteDatabase(file);
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  database.exec(`ATTACH '${prepared}' AS prepared; ${createTable}`);
  database.exec(`INSERT INTO main.${table} SELECT * FROM prepared.${table}`);
  database.close();
}

/**
 * Every value is handed out, in the engine's own vectors, and dropped. An aggregate over each column is ten times
 * cheaper (0.06 CPU s against 0.5 for 2 M rows of lineitem) but gives no value out: compressed text is counted by
 * its dictionary.
 */
async function exportDuckdb(file: string, table: string): Promise<void> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const result = await connection.stream(`SELECT * FROM ${table}`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
  }
  connection.closeSync();
  instance.closeSync();
}

async function importDuckdb(
  prepared: string,
  table: string,
  file: string,
  createTable: string,
): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(createTable);
  await connection.run(`INSERT INTO ${table} SELECT * FROM read_parquet('${prepared}')`);
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
}

async function prepareDuckdb(file: string, table: string, parquet: string): Promise<void> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  await connection.run(`COPY ${table} TO '${parquet}' (FORMAT parquet, COMPRESSION uncompressed)`);
  connection.closeSync();
  instance.closeSync();
}

const PARTS: Readonly<Record<string, (...args: string[]) => void | Promise<void>>> = {
  'sqlite export': exportSqlite,
  'sqlite import': importSqlite,
  'duckdb export': exportDuckdb,
  'duckdb import': importDuckdb,
  'duckdb prepare': prepareDuckdb,
};

const [engine, what, ...args] = process.argv.slice(2);
const part = PARTS[`${engine} ${what}`];
const cpuBefore = process.cpuUsage();
const started = performance.now();
await part(...args);
const wallSeconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const measured: FloorPart = { wallSeconds, cpuSeconds: (user + system) / 1e6 };
process.stdout.write(JSON.stringify(measured));
