// The end of a blue-green run, and the way back: tables that are whole change places with those that have their names, in
// one transaction. Main thread.
import type pg from 'pg';
import type { NotCarried } from '../../types/schema.ts';
import type { Rollback, Swap, SwappedTable, SwapRow, TableLoad } from '../dialect.ts';
import { missingOld, rowsToUndo, swapOf } from '../swap.ts';
import { attempt } from './attempt.ts';
import { afterSwap, asBuilt, builtSchema } from './built-place.ts';
import { finishRun } from './finish-run.ts';
import { refuseTakenOver } from './ledger.ts';
import { quote, quoteTable } from './names.ts';
import { writeOrigins } from './origins.ts';
import { inTransaction } from './session.ts';
import { analyse } from './statistics.ts';
import { familyError, isToValidate, type KeptKey } from './swap-dependents.ts';
import {
  type Exchange,
  type Exchanged,
  exchangeAll,
  type Note,
  type Place,
  refuse,
} from './swap-exchange.ts';
import { moveOrigins, oneAtATime, readSwaps, tableOid, writeSwaps } from './swap-ledger.ts';
import { untilLocked } from './swap-locks.ts';
import { renameBack } from './swap-names.ts';

/** What would stop the swap in the end, before a row moves. @throws FerrowError E_TABLE_IN_USE, E_TABLE_EXISTS */
export async function checkSwaps(client: pg.Client, loads: readonly TableLoad[]): Promise<void> {
  const lives: { table: Place; oid: string }[] = [];
  for (const { table, mode } of loads) {
    if (mode !== 'swap') continue;
    if (table.partitioning || (table.inherits ?? []).length > 0) throw familyError(table.name);
    const oid = await tableOid(client, table);
    if (oid !== null) lives.push({ table: placeOf(table), oid });
  }
  await refuse(client, lives);
}

/** The tables of 'swap' loads, built by finishTable. */
export async function swapTables(
  client: pg.Client,
  loads: readonly TableLoad[],
  runId: string,
): Promise<Swap> {
  await refuseTakenOver(client, loads[0]);
  const swapped = swapOf(await readSwaps(client), runId);
  if (swapped) return swapped;
  // Foreign keys among the new tables and the numbers they go on with, while nobody sees them yet.
  const built = loads.map((load) => asBuilt(load, loads));
  const before = await finishRun(client, built);
  const exchanges = loads.map(
    (load): Exchange => ({
      table: placeOf(load.table),
      built: { schema: builtSchema(load), name: load.table.name },
      takesOver: true,
      keys: [],
    }),
  );
  const done = await untilLocked(client, async () => {
    await refuseTakenOver(client, loads[0]);
    const exchanged = await exchangeAll(client, exchanges, `${builtSchema(loads[0])}_parked`);
    await remember(client, exchanged, runId, null);
    for (const load of loads) {
      await writeOrigins(client, load);
      await client.query(`DROP SCHEMA ${quote(builtSchema(load))}`);
    }
    return exchanged;
  });
  return {
    tables: done.tables.map(withoutNote),
    notCarried: [...afterSwap(before, loads), ...done.notCarried, ...(await validate(client, done.added))],
  };
}

/** @throws FerrowError E_NOTHING_TO_ROLL_BACK */
export async function rollbackTables(client: pg.Client, run: string | null, id: string): Promise<Rollback> {
  const { done, undone } = await untilLocked(client, async () => {
    await oneAtATime(client);
    const rows = rowsToUndo(await readSwaps(client), run);
    const waiting = rows.map((_, at) => `_ferrow_${id.replaceAll('-', '').slice(0, 8)}_${at}`);
    const exchanges: Exchange[] = [];
    for (const [at, row] of rows.entries()) exchanges.push(await exchangeBack(client, row, waiting[at]));
    const exchanged = await exchangeAll(client, exchanges, `${waiting[0]}_parked`);
    await remember(client, exchanged, id, rows[0].runId);
    for (const [at, row] of rows.entries())
      if (row.oldName !== null) await client.query(`DROP SCHEMA ${quote(waiting[at])}`);
    return { done: exchanged, undone: rows[0].runId };
  });
  for (const { table } of done.tables) await analyse(client, table);
  const notCarried = [...done.notCarried, ...(await validate(client, done.added))];
  return { undone, tables: done.tables.map(withoutNote), notCarried };
}

/** A row of the ledger as an exchange: what was replaced takes the name again. */
async function exchangeBack(client: pg.Client, row: SwapRow, waiting: string): Promise<Exchange> {
  const table = { schema: row.schema ?? 'public', name: row.name };
  const { oldName, note } = row;
  if (oldName === null) {
    if ((await tableOid(client, table)) === null) throw missingOld(row, row.name);
    return { table, built: null, takesOver: false, keys: [] };
  }
  const old = { schema: table.schema, name: oldName };
  if ((await tableOid(client, old)) === null) throw missingOld(row, oldName);
  const { renamed, keys } = JSON.parse(note) as Note;
  return {
    table,
    built: { schema: waiting, name: row.name },
    takesOver: false,
    keys,
    prepare: async () => {
      await client.query(`CREATE SCHEMA ${quote(waiting)}`);
      await client.query(`ALTER TABLE ${quoteTable(old)} SET SCHEMA ${quote(waiting)}`);
      const moved = quoteTable({ schema: waiting, name: oldName });
      await client.query(`ALTER TABLE ${moved} RENAME TO ${quote(row.name)}`);
      await renameBack(client, waiting, renamed);
      // Its columns' origins come along, under the name that the one in its place gives up.
      await moveOrigins(client, table.schema, oldName, `${waiting}.${row.name}`);
    },
  };
}

/** In the transaction of the swap. */
async function remember(
  client: pg.Client,
  { tables }: Exchanged,
  runId: string,
  undoes: string | null,
): Promise<void> {
  for (const { table, old } of tables) {
    const schema = table.schema ?? 'public';
    if (old) await moveOrigins(client, schema, table.name, old.name);
  }
  await returnOrigins(client, undoes === null ? null : runId, tables);
  await writeSwaps(
    client,
    tables.map(({ table, old, note }) => ({
      runId,
      undoes,
      undoneBy: null,
      schema: table.schema,
      name: table.name,
      oldName: old?.name ?? null,
      note: JSON.stringify(note),
    })),
  );
}

/** Of tables that come back: from where `exchangeBack` put them. */
async function returnOrigins(
  client: pg.Client,
  id: string | null,
  tables: Exchanged['tables'],
): Promise<void> {
  if (id === null) return;
  for (const [at, { table }] of tables.entries()) {
    const waiting = `_ferrow_${id.replaceAll('-', '').slice(0, 8)}_${at}`;
    await moveOrigins(client, table.schema ?? 'public', `${waiting}.${table.name}`, table.name);
  }
}

/** Foreign keys that hold for new rows since the swap are made to hold for all. */
async function validate(client: pg.Client, keys: readonly KeptKey[]): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  for (const key of keys.filter(isToValidate)) {
    const sql = `ALTER TABLE ${quoteTable(key)} VALIDATE CONSTRAINT ${quote(key.constraint)}`;
    await inTransaction(client, () =>
      attempt(client, sql, (said) => {
        const reason = `it now holds for new rows only, since rows find no parent in the table that was swapped in: ${said}`;
        const { name: table, constraint: name } = key;
        notCarried.push({ table, object: 'foreign key', name, reason, instead: 'NOT VALID', hint: sql });
      }),
    );
  }
  return notCarried;
}

const placeOf = ({ schema, name }: TableLoad['table']): Place => ({ schema: schema ?? 'public', name });

function withoutNote({ note: _, ...table }: Exchanged['tables'][number]): SwappedTable {
  return table;
}
