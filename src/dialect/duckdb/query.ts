// Small queries: rows as plain objects, errors as FerrowErrors. Not for table data. Engine thread.
import type { DuckDBValue } from '@duckdb/node-api';
import type { TableName } from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { causeOf, type Doing, errorClass, fromDuckdb } from './errors.ts';
import { quoteTable } from './sql-text.ts';

export type Row = Record<string, DuckDBValue>;

/** Connections with an open transaction: there a statement can't be run once more, only all of them. */
const openTransactions = new WeakSet<Link>();

/** Runs one statement and gives its rows; 64-bit integers come as BigInt. */
export async function rows(
  link: Link,
  sql: string,
  values: readonly DuckDBValue[] = [],
  doing: Doing = 'read',
): Promise<Row[]> {
  return withRoom(link, async () => {
    try {
      const reader = await link.api.runAndReadAll(sql, values.length > 0 ? [...values] : undefined);
      return reader.getRowObjects();
    } catch (error) {
      throw fromDuckdb(error, doing);
    }
  });
}

/** Statements after which DuckDB may work its log into the file. */
const MAY_CHECKPOINT = new Set(['COMMIT', 'CHECKPOINT']);

/** Runs one statement for its effect. */
export async function run(
  link: Link,
  sql: string,
  values: readonly DuckDBValue[] = [],
  doing: Doing = 'write',
): Promise<void> {
  if (sql === 'BEGIN') openTransactions.add(link);
  try {
    await withRoom(link, async () => {
      try {
        if (MAY_CHECKPOINT.has(sql)) await link.guard?.save();
        await link.api.run(sql, values.length > 0 ? [...values] : undefined);
      } catch (error) {
        throw fromDuckdb(error, doing);
      }
    });
  } finally {
    if (sql === 'COMMIT' || sql === 'ROLLBACK') openTransactions.delete(link);
  }
}

/** All of it, or nothing. The work may be done more than once; what it did before is then undone. */
export async function inTransaction<T>(link: Link, work: () => Promise<T>): Promise<T> {
  const result = await withRoom(link, async () => {
    await run(link, 'BEGIN');
    try {
      return await work();
    } catch (error) {
      await run(link, 'ROLLBACK').catch(() => {});
      throw error;
    }
  });
  try {
    // Once: a commit that fails may have been done all the same.
    await run(link, 'COMMIT');
    return result;
  } catch (error) {
    await run(link, 'ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Once more with twice the memory, and again, as long as DuckDB finds too little and there is more to be had. */
async function withRoom<T>(link: Link, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (openTransactions.has(link) || errorClass(causeOf(error)) !== 'Out of Memory') throw error;
      if (!(await link.memory.double(link))) throw error;
    }
  }
}

export async function count(
  link: Link,
  sql: string,
  values: readonly DuckDBValue[] = [],
  doing: Doing = 'read',
): Promise<number> {
  const [row] = await rows(link, sql, values, doing);
  return Number(Object.values(row)[0]);
}

/** A statement alone is a transaction. */
export function deleteRows(link: Link, table: TableName, condition: string): Promise<number> {
  return count(link, `DELETE FROM ${quoteTable(table)} WHERE (\n${condition}\n)`, [], 'write');
}

export const text = (value: DuckDBValue): string => String(value);

export const textOrNull = (value: DuckDBValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

/** A value of `to_json(list)` as an array of strings. */
export function textList(value: DuckDBValue): string[] {
  return value === null ? [] : (JSON.parse(String(value)) as (string | null)[]).map((item) => item ?? '');
}
