// Staged rows that may meet rows of the live table: SQLite's own upsert. Part of the transaction that moves them, and nobody
// else writes meanwhile. Engine thread.
import type { Database } from 'better-sqlite3';
import { appendCounts, doubledKey, nullInKey } from '../conflicts.ts';
import type { AppendCounts, OnConflict, TableLoad } from '../dialect.ts';
import { quote, quoteList } from './sql-names.ts';

/** `insert` is `INSERT INTO table (…) SELECT … FROM staging`. @throws FerrowError E_CONSTRAINT, E_NULL_IN_PRIMARY_KEY */
export function upsert(db: Database, load: TableLoad, conflict: OnConflict, insert: string): AppendCounts {
  refuseUnclear(db, load, conflict);
  const staging = quote(load.staging.name);
  const total = countOf(db, `SELECT count(*) FROM ${staging}`);
  const met = countOf(
    db,
    `SELECT count(*) FROM ${staging} AS staged WHERE EXISTS (SELECT 1 FROM ${quote(load.table.name)} AS live WHERE ${sameKey(conflict.key)})`,
  );
  const { changes } = db.prepare(`${insert} ${onConflict(load, conflict)}`).run();
  return appendCounts(conflict, total, met, changes - (total - met));
}

/** The live column stands on the left: its collation and affinity decide. */
export function sameKey(key: readonly string[]): string {
  return key.map((name) => `live.${quote(name)} = staged.${quote(name)}`).join(' AND ');
}

/** Neither a collation that ignores case nor 1 = 1.0 may hide that a value changed. */
export function onConflict({ table, columns }: TableLoad, { action, key }: OnConflict): string {
  const others = columns.map(({ name }) => name).filter((name) => !key.includes(name));
  if (action === 'skip' || others.length === 0) return `ON CONFLICT (${quoteList(key)}) DO NOTHING`;
  const differs = others.map((column) => {
    const [live, coming] = [`${quote(table.name)}.${quote(column)}`, `excluded.${quote(column)}`];
    return `${live} COLLATE BINARY IS NOT ${coming} OR typeof(${live}) <> typeof(${coming})`;
  });
  const sets = others.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ');
  return `ON CONFLICT (${quoteList(key)}) DO UPDATE SET ${sets} WHERE ${differs.join(' OR ')}`;
}

function refuseUnclear(db: Database, load: TableLoad, conflict: OnConflict): void {
  const staging = quote(load.staging.name);
  const nulls = conflict.key.map((name) => `${quote(name)} IS NULL`).join(' OR ');
  if (db.prepare(`SELECT 1 FROM ${staging} WHERE ${nulls} LIMIT 1`).get()) throw nullInKey(load, conflict);
  const texts = conflict.key.map((name, at) => `CAST(${quote(name)} AS TEXT) AS k${at}`).join(', ');
  const found = db
    .prepare<[], Record<string, string>>(
      `SELECT ${texts} FROM ${staging} GROUP BY ${comparedKey(load, conflict)} HAVING count(*) > 1 LIMIT 1`,
    )
    .get();
  if (found) throw doubledKey(load, conflict, Object.values(found));
}

/** The key's columns as the live table compares them. */
export function comparedKey({ table }: TableLoad, { key }: OnConflict): string {
  const parts = key.map((name) => {
    const collation = table.columns.find((column) => column.name === name)?.collation;
    return collation ? `${quote(name)} COLLATE ${quote(collation)}` : quote(name);
  });
  return parts.join(', ');
}

function countOf(db: Database, sql: string): number {
  return db.prepare<[], number>(sql).pluck().get() ?? 0;
}
