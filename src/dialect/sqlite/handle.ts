// What a SQLite source and a SQLite target both can do: describe, catalog, count, sample. Engine thread.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Batch } from '../../batch/batch.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type { ServerInfo } from '../dialect.ts';
import { readCatalog } from './catalog.ts';
import { BadCell } from './cells.ts';
import type { Cell, Page } from './codec/cell.ts';
import type { Connection } from './connect.ts';
import { ANY, BINARY, FLOAT64, INT64, TEXT } from './declared-names.ts';
import { sqliteError } from './errors.ts';
import { openPages, PAGE_BYTES_MAX, WHOLE, widestRowBytes } from './row-pages.ts';
import { quote } from './sql-names.ts';
import { builderFor } from './text-cells.ts';

/** Versions, settings and free disk. */
export async function describe(connection: Connection, writable: boolean): Promise<ServerInfo> {
  const { db, location } = connection;
  const value = (sql: string) => String(db.prepare<[], unknown>(sql).pluck().get() ?? '');
  const journal = value('PRAGMA journal_mode');
  const problems: string[] = [];
  // A target that is not there yet is stood in for by memory; its file will have a journal.
  if (!db.memory && (journal === 'memory' || journal === 'off'))
    problems.push(`journal_mode is ${journal}: a crash damages the file`);
  return {
    engine: 'sqlite',
    version: value('SELECT sqlite_version()'),
    place: location.path,
    facts: {
      'can write': writable ? 'yes' : 'not asked for',
      'journal mode': db.memory ? 'the file is not there yet' : journal,
      encoding: value('PRAGMA encoding'),
      'page size': value('PRAGMA page_size'),
      bytes: value('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size'),
    },
    freeBytes: await freeBytes(dirname(location.path)),
    problems,
  };
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

export function catalogOf(connection: Connection): DatabaseSchema {
  try {
    return readCatalog(connection.db);
  } catch (error) {
    throw sqliteError(error, 'read');
  }
}

/**
 * Has SQLite prepare a user's condition, which runs nothing and takes one statement and no more. Both bare and in
 * brackets: what closes our bracket and opens another (`a) OR (b`) would slip out from under the conditions beside it.
 * @throws FerrowError E_USAGE
 */
export function checkWhere({ db }: Connection, table: TableName, where: string | null): void {
  if (where === null) return;
  try {
    for (const condition of [`${where}\n`, `(${where}\n)`])
      db.prepare(`SELECT 1 FROM ${quote(table.name)} WHERE ${condition} LIMIT 0`);
  } catch (cause) {
    // Anything but SQL that doesn't parse is no fault of the condition.
    if (cause instanceof Database.SqliteError && cause.code !== 'SQLITE_ERROR')
      throw sqliteError(cause, 'read', { table: table.name });
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new FerrowError(
      'E_USAGE',
      `the condition on "${table.name}" is not SQL that SQLite takes: ${said}`,
      {
        dialect: 'sqlite',
        table: table.name,
        hint: 'give --where a condition as it would stand behind WHERE',
        cause,
      },
    );
  }
}

export function countRows(connection: Connection, table: TableName, where: string | null): number {
  checkWhere(connection, table, where);
  const condition = where === null ? '' : ` WHERE (${where}\n)`;
  try {
    const sql = `SELECT count(*) FROM ${quote(table.name)}${condition}`;
    return connection.db.prepare<[], number>(sql).pluck().get() ?? 0;
  } catch (error) {
    throw sqliteError(error, 'read', { table: table.name });
  }
}

/** The first rows, each column in the type of the values there; `any` where they are of several classes. */
export function sample(connection: Connection, table: TableSchema, limit: number): Batch {
  const expressions = table.columns.map(({ name }) => quote(name));
  const names = table.columns.map(({ name }) => name);
  try {
    const widest = widestRowBytes(connection.db, table.name);
    const request = { table, expressions, columns: names, where: null, range: WHOLE };
    const pages = openPages(connection, request, widest);
    try {
      const taken: Page[] = [];
      let rowCount = 0;
      while (rowCount < limit) {
        const page = pages.next(limit - rowCount, PAGE_BYTES_MAX);
        if (page === null) break;
        taken.push(page);
        rowCount += page.rows.length;
      }
      const fields = table.columns.map((column, at) => ({
        name: column.name,
        type: typeOfCells(taken.flatMap(({ rows }) => rows.map((row) => row[at]))),
      }));
      const columns = fields.map(({ type }, at) => {
        const builder = builderFor(type);
        for (const page of taken) builder.append(page, at);
        return builder.finish();
      });
      return { fields, columns, rowCount };
    } finally {
      pages.close();
    }
  } catch (error) {
    throw sqliteError(error instanceof BadCell ? new Error(error.message) : error, 'read', {
      table: table.name,
    });
  }
}

const CLASS_TYPES: Readonly<Record<string, LogicalType>> = {
  bigint: INT64,
  number: FLOAT64,
  string: TEXT,
  object: BINARY,
};

function typeOfCells(cells: readonly Cell[]): LogicalType {
  const classes = new Set(cells.filter((cell) => cell !== null).map((cell) => typeof cell));
  if (classes.size === 0) return TEXT;
  return classes.size === 1 ? CLASS_TYPES[[...classes][0]] : ANY;
}
