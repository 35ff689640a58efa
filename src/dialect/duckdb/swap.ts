// The end of a blue-green run in DuckDB, and the way back. Engine thread.
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type { Rollback, Swap, SwappedTable, SwapRow, TableLoad } from '../dialect.ts';
import { missingOld, rowsToUndo, swapOf } from '../swap.ts';
import { readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { commentSql, createIndexSql, createTableSql, indexCommentSql } from './ddl.ts';
import { causeOf, errorClass, fromDuckdb } from './errors.ts';
import { type Finishing, finishTables, type SwapOf } from './finish.ts';
import { finishUnlogged } from './finish-unlogged.ts';
import { type Kept, keepReplaced, moveOrigins, moveRows, readSwaps, writeSwaps } from './keep-replaced.ts';
import { parentsFirst, tableKey } from './order.ts';
import { run } from './query.ts';
import { fillByLevels } from './self-reference.ts';
import { columnList, quote, quoteTable } from './sql-text.ts';
import { isSelfReference, TableSpec } from './table-spec.ts';

/**
 * The tables of 'swap' loads take their names. All of their making is here, in one transaction: DuckDB declares a foreign key
 * only in CREATE TABLE and to a table that has its name, and nobody else can read the file while a run has it.
 */
export async function swapTables(
  finishing: Finishing,
  loads: readonly TableLoad[],
  runId: string,
): Promise<Swap> {
  const swapped = swapOf(await readSwaps(finishing.link), runId);
  if (swapped) return swapped;
  const swap: SwapOf = { runId, kept: [] };
  let notCarried: NotCarried[] = [];
  await finishUnlogged(finishing.link, async () => {
    notCarried = await finishTables(finishing, loads, swap);
  });
  return { tables: swap.kept.map(withoutTable), notCarried };
}

/** @throws FerrowError E_NOTHING_TO_ROLL_BACK */
export async function rollbackTables(
  { link, path }: Finishing,
  undo: { readonly run: string | null; readonly id: string },
): Promise<Rollback> {
  const all = rowsToUndo(await readSwaps(link), undo.run);
  let kept: Kept[] = [];
  await finishUnlogged(link, async () => {
    for (;;) {
      try {
        kept = await exchange(link, all, undo.id);
        return;
      } catch (error) {
        await run(link, 'ROLLBACK').catch(() => {});
        const kind = errorClass(causeOf(error));
        const isMemory = kind === 'Out of Memory' || kind === 'TransactionContext';
        if (isMemory && (await link.memory.raiseForKeys(link))) continue;
        if (error instanceof FerrowError && error.code === 'E_NOTHING_TO_ROLL_BACK') throw error;
        throw fromDuckdb(causeOf(error), 'ddl', {}, path);
      }
    }
  });
  return { undone: all[0].runId, tables: kept.map(withoutTable), notCarried: [] };
}

async function exchange(link: Link, undone: readonly SwapRow[], id: string): Promise<Kept[]> {
  await run(link, 'BEGIN');
  const standing = new Set((await readTables(link, ['*'])).map(tableKey));
  const coming: { was: TableSchema; waiting: TableName }[] = [];
  for (const [at, row] of undone.entries()) {
    const { schema } = row;
    const there = { schema, name: row.oldName ?? row.name };
    if (!standing.has(tableKey(there))) throw missingOld(row, there.name);
    if (row.oldName === null) continue;
    const waiting = { schema, name: `_ferrow_${id.replaceAll('-', '').slice(0, 8)}_${at}` };
    await run(link, `ALTER TABLE ${quoteTable(there)} RENAME TO ${quote(waiting.name)}`);
    await moveOrigins(link, there, waiting.name);
    coming.push({ was: JSON.parse(row.note) as TableSchema, waiting });
  }
  const kept = await keepReplaced(
    link,
    undone.map(({ schema, name }) => ({ schema, name })),
  );
  for (const was of parentsFirst(coming.map((each) => each.was))) {
    const { waiting } = coming.find((each) => each.was === was)!;
    await putBack(link, was, waiting);
    await moveOrigins(link, waiting, was.name);
  }
  await writeSwaps(link, kept, id, undone[0].runId);
  await run(link, 'COMMIT');
  return kept.map((each, at) => ({ ...each, stands: undone[at].oldName !== null }));
}

/** A table that had foreign keys is made anew: they can't be declared later. */
async function putBack(link: Link, was: TableSchema, waiting: TableName): Promise<void> {
  if (was.foreignKeys.length === 0)
    await run(link, `ALTER TABLE ${quoteTable(waiting)} RENAME TO ${quote(was.name)}`);
  else {
    await run(link, createTableSql(was, was.foreignKeys));
    await fill(link, was, waiting);
    await run(link, `DROP TABLE ${quoteTable(waiting)}`);
    for (const comment of commentSql(was)) await run(link, comment);
  }
  for (const index of was.indexes) {
    await run(link, createIndexSql(was, index));
    for (const comment of indexCommentSql(was, index, index.name)) await run(link, comment);
  }
}

async function fill(link: Link, was: TableSchema, waiting: TableName): Promise<void> {
  if (!was.foreignKeys.some((key) => isSelfReference(was, key))) return moveRows(link, was, waiting, was);
  const columns = was.columns.filter((column) => !column.generated).map((column) => column.name);
  const list = columnList(columns);
  const load = { table: was, staging: waiting, parts: { indexes: true, foreignKeys: true } } as TableLoad;
  const insert = `INSERT INTO ${quoteTable(was)} (${list}) SELECT ${list} FROM ${quoteTable(waiting)}`;
  const obstacle = await fillByLevels(link, new TableSpec(load), insert);
  if (obstacle === null) return;
  throw new FerrowError('E_DDL', `"${was.name}" can't be put back: ${obstacle}`, { dialect: 'duckdb' });
}

function withoutTable({ was: _, ...kept }: Kept): SwappedTable {
  const { schema, name } = kept.table;
  return { ...kept, table: { schema, name } };
}
