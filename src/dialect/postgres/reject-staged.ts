// Staged rows that their table refuses: by casts that would change them, and, of a live table, by inserting them in ever smaller
// parts, which is all taken back. Main thread.
import type pg from 'pg';
import type { FerrowError } from '../../errors/ferrow-error.ts';
import type { Reject } from '../../types/reject.ts';
import type { TableName } from '../../types/schema.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { type RefusedRow, STAGED_VALUE_CHARS_MAX, stagedRejects } from '../stored-rejects.ts';
import { insertStaged, keysInRun } from './append.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { quote, quoteTable } from './names.ts';
import { insertRejects } from './rejects.ts';
import { insideSavepoint, inTransaction } from './session.ts';
import { castRefusals } from './staging-casts.ts';
import { onConflict } from './upsert.ts';

/** Constraints of all kinds, values that a type or a domain refuses. */
const ROW_STATES = /^(23|22)/;

interface Found {
  readonly ctid: string;
  readonly column: string | null;
  readonly error: Pick<FerrowError, 'code' | 'message'>;
}

export async function rejectStaged(
  client: pg.Client,
  load: TableLoad,
  rejecting: StagedRejecting,
  run: readonly TableName[],
): Promise<Reject[]> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    quoteTable(load.staging),
  ]);
  if (!rows[0].there) return [];
  return inTransaction(client, async () => {
    const refused: RefusedRow[] = [];
    const takeOut = async (found: readonly Found[]) => {
      for (const each of found) refused.push(await describe(client, load, rejecting, each));
      await client.query(`DELETE FROM ${quoteTable(load.staging)} WHERE ctid = ANY ($1::tid[])`, [
        found.map(({ ctid }) => ctid),
      ]);
    };
    // Those of one column before the next: a row is refused once.
    for await (const found of castRefusals(client, load)) await takeOut(found);
    if (load.mode === 'append') await takeOut(await refusedByTable(client, load, run));
    const rejects = stagedRejects(load, rejecting, refused);
    await insertRejects(client, '_ferrow', rejects);
    return rejects;
  });
}

async function refusedByTable(
  client: pg.Client,
  load: TableLoad,
  run: readonly TableName[],
): Promise<Found[]> {
  const found: Found[] = [];
  await client.query('SAVEPOINT ferrow_rejects');
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  // Their parents may still come.
  for (const { table, name } of await keysInRun(client, load, run))
    await client.query(`ALTER TABLE ${quoteTable(table)} DROP CONSTRAINT ${quote(name)}`);
  const conflict = load.onConflict ? onConflict(load, load.onConflict) : '';
  const tryRows = async (from: Place, to: Place): Promise<void> => {
    try {
      const where = `ctid >= '${tid(from)}'::tid AND ctid < '${tid(to)}'::tid`;
      await insideSavepoint(client, () => client.query(`${insertStaged(load, where)} ${conflict}`));
    } catch (error) {
      if (!ROW_STATES.test(sqlState(error) ?? '')) throw error;
      const middle = between(from, to);
      if (middle === null) {
        const failure = fromPostgres(error, 'write', { table: load.table.name });
        const { column } = error as { column?: unknown };
        found.push({
          ctid: tid(from),
          column: typeof column === 'string' && isBrought(load, column) ? column : null,
          error: failure,
        });
      } else {
        await tryRows(from, middle);
        await tryRows(middle, to);
      }
    }
  };
  const pages = await client.query<{ pages: string }>(
    `SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint AS pages`,
    [quoteTable(load.staging)],
  );
  await tryRows({ page: 0, item: 0 }, { page: Number(pages.rows[0].pages), item: 0 });
  await client.query('ROLLBACK TO SAVEPOINT ferrow_rejects');
  return found;
}

/** Where a row stands: pages from 0, their items from 1. */
interface Place {
  readonly page: number;
  readonly item: number;
}

/** A page of 32 KiB has no more. */
const ITEMS_MAX = 2048;

const tid = ({ page, item }: Place): string => `(${page},${item})`;

/** A place between two; null where they have one row between them at most. */
function between(from: Place, to: Place): Place | null {
  if (to.page > from.page + 1) return { page: (from.page + to.page) >> 1, item: 0 };
  const end = to.page > from.page ? ITEMS_MAX : to.item;
  if (end <= from.item + 1) return null;
  return { page: from.page, item: (from.item + end) >> 1 };
}

const isBrought = (load: TableLoad, name: string): boolean => load.columns.some((each) => each.name === name);

async function describe(
  client: pg.Client,
  { staging }: TableLoad,
  { key }: StagedRejecting,
  { ctid, column, error }: Found,
): Promise<RefusedRow> {
  const text = (name: string | null) =>
    name === null ? 'NULL::text' : `left(${quote(name)}::text, ${STAGED_VALUE_CHARS_MAX})`;
  const { rows } = await client.query<{ key: (string | null)[]; value: string | null }>(
    `SELECT ARRAY[${key.map(text).join(', ')}]::text[] AS key, ${text(column)} AS value
    FROM ${quoteTable(staging)} WHERE ctid = $1::tid`,
    [ctid],
  );
  const [row = { key: [], value: null }] = rows;
  return { column, code: error.code, reason: error.message, key: row.key, value: row.value };
}
