// Staged rows that may meet rows of the live table: by ON CONFLICT, so that writers beside the run can't come in between.
// Part of the transaction that moves them. Main thread.
import type pg from 'pg';
import { appendCounts, doubledKey } from '../conflicts.ts';
import type { AppendCounts, OnConflict, TableLoad } from '../dialect.ts';
import { sqlState } from './errors.ts';
import { quote, quoteList, quoteTable } from './names.ts';
import { stagedValue } from './staging-casts.ts';

/** `insert` is `INSERT INTO table AS live (…) SELECT … FROM staging`. @throws FerrowError E_CONSTRAINT */
export async function upsert(
  client: pg.Client,
  load: TableLoad,
  conflict: OnConflict,
  insert: string,
): Promise<AppendCounts> {
  await refuseDoubled(client, load, conflict);
  const staging = quoteTable(load.staging);
  const total = await countOf(client, `SELECT count(*) FROM ${staging}`);
  const keys = conflict.key.map((name) => `${stagedValue(load, name)} AS ${quote(name)}`).join(', ');
  const same = conflict.key.map((name) => `live.${quote(name)} = staged.${quote(name)}`).join(' AND ');
  const met = await countOf(
    client,
    `SELECT count(*) FROM (SELECT ${keys} FROM ${staging}) AS staged
    WHERE EXISTS (SELECT FROM ${quoteTable(load.table)} AS live WHERE ${same})`,
  );
  try {
    const { rowCount } = await client.query(`${insert} ${onConflict(load, conflict)}`);
    // What others write in this moment can blur which rows were new, and no more.
    const updated = Math.max(0, Math.min(met, (rowCount ?? 0) - (total - met)));
    return appendCounts(conflict, total, met, updated);
  } catch (error) {
    // Keys that are one by the table's collation alone.
    if (sqlState(error) === '21000') throw doubledKey(load, conflict, null);
    throw error;
  }
}

/** Records compare byte by byte: to `=` citext is one in any case, and json has no `=`. */
export function onConflict(load: TableLoad, { action, key }: OnConflict): string {
  const others = load.columns.map(({ name }) => name).filter((name) => !key.includes(name));
  if (action === 'skip' || others.length === 0) return `ON CONFLICT (${quoteList(key)}) DO NOTHING`;
  const record = (from: string) =>
    `ROW(${others.map((name) => `${from}.${quote(name)}`).join(', ')})::record`;
  const sets = others.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ');
  return `ON CONFLICT (${quoteList(key)}) DO UPDATE SET ${sets} WHERE ${record('live')} *<> ${record('excluded')}`;
}

async function refuseDoubled(client: pg.Client, load: TableLoad, conflict: OnConflict): Promise<void> {
  const values = conflict.key.map((name) => stagedValue(load, name));
  const texts = values.map((value) => `(${value})::text`).join(', ');
  const { rows } = await client.query<{ key: string[] }>(
    `SELECT ARRAY[${texts}] AS key FROM ${quoteTable(load.staging)}
    GROUP BY ${values.join(', ')} HAVING count(*) > 1 LIMIT 1`,
  );
  if (rows.length > 0) throw doubledKey(load, conflict, rows[0].key);
}

async function countOf(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(sql);
  return Number(rows[0].count);
}
