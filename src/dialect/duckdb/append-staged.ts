// The end of an append: staged rows go into live tables, all or none, and sequences step behind them. Engine
// thread.
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { NotCarried, TableSchema } from '../../types/schema.ts';
import type { AppendCounts, TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { sequencesOf } from './ddl.ts';
import { causeOf, fromDuckdb, plainMessage } from './errors.ts';
import { recordFinished } from './ledger.ts';
import { parentsFirst, tableKey } from './order.ts';
import { count, deleteRows, inTransaction, rows, run, text } from './query.ts';
import { fillByLevels } from './self-reference.ts';
import { columnList, literal, quote, quoteTable } from './sql-text.ts';
import { arrivedColumns } from './staged-columns.ts';
import { isSelfReference, TableSpec } from './table-spec.ts';
import { setAside } from './upsert.ts';
import { deleteGone, writeWatermark } from './watermarks.ts';

/** Numbers that a sequence is moved on by; DuckDB gives away fifty million a second. */
const STEPS_MAX = 1_000_000_000n;

/** A load in mode append, with the table that takes its rows as it stands in the target. */
export interface Append {
  readonly load: TableLoad;
  readonly live: TableSchema;
}

/**
 * Staged rows go into their tables, parents first, in one transaction: all or none. What became of rows that could meet
 * others goes into `counted`, by load. Rows that a load names are deleted in it; those that the source of a sync no longer has
 * too, but not where tables refer to each other: DuckDB lets go of a parent only when its child's end is committed.
 * @throws FerrowError E_CONSTRAINT, E_WRITE, E_DISK_FULL, with the table that refused
 */
export async function appendStaged(
  link: Link,
  appends: readonly Append[],
  counted: Map<string, AppendCounts>,
): Promise<NotCarried[]> {
  const byKey = new Map(appends.map((append) => [tableKey(append.live), append]));
  const ordered = parentsFirst(appends.map((append) => append.live)).map(
    (live) => byKey.get(tableKey(live)) as Append,
  );
  const related = appends.length > 1 || appends.some(({ live }) => live.foreignKeys.length > 0);
  let at = appends[0]?.load;
  const names = appends.map(({ load }) => `"${load.table.name}"`).join(', ');
  try {
    await inTransaction(link, async () => {
      for (const { load, live } of ordered) {
        at = load;
        // Before the insert: a row that goes may hold a unique value that another brings.
        const named = load.deletes === undefined ? 0 : await deleteRows(link, live, load.deletes);
        const deleted = named + (related ? 0 : await deleteGone(link, load));
        const counts = await moveRows(link, load, live);
        if (counts) counted.set(load.id, { ...counts, deleted });
        await writeWatermark(link, load);
        failpoint('table.named');
      }
    });
  } catch (error) {
    throw appendError(error, at, `nothing was appended to ${names}`);
  }
  for (const { load } of related ? ordered.reverse() : []) {
    if (!load.sync?.keys) continue;
    try {
      const deleted = await inTransaction(link, () => deleteGone(link, load));
      const counts = counted.get(load.id);
      if (counts) counted.set(load.id, { ...counts, deleted });
    } catch (error) {
      throw appendError(
        error,
        load,
        'all new and changed rows are in the target; those to delete are not gone yet',
      );
    }
  }
  const behind: NotCarried[] = [];
  for (const { load, live } of appends) behind.push(...(await moveSequences(link, load, live)));
  return behind;
}

function appendError(error: unknown, load: TableLoad, done: string): FerrowError {
  // Ferrow's own words need no others around them.
  if (error instanceof FerrowError && error.cause === undefined) return error;
  const referred = plainMessage(causeOf(error)).includes('is still referenced by a foreign key')
    ? 'DuckDB deletes and inserts a row to change a column with an index, which it does not do while others refer to the row: '
    : '';
  const { code, message, cause } = fromDuckdb(causeOf(error), 'write');
  return new FerrowError(code, `rows can't be appended to "${load.table.name}": ${message}`, {
    dialect: 'duckdb',
    table: load.table.name,
    cause,
    hint: `${referred}mend the rows, or use --if-exists replace; ${done}`,
  });
}

/** @returns what became of rows that could meet others, or are part of a sync */
async function moveRows(link: Link, load: TableLoad, live: TableSchema): Promise<AppendCounts | null> {
  const met = load.onConflict ? await setAside(link, load, live, load.onConflict) : null;
  await met?.update();
  const inserted = await count(link, `SELECT count(*) FROM ${quoteTable(load.staging)}`);
  const columns = columnList(load.columns.map((column) => column.name));
  const insert = `INSERT INTO ${quoteTable(live)} (${columns}) SELECT ${arrivedColumns(load)} FROM ${quoteTable(load.staging)}`;
  if (live.foreignKeys.some((key) => isSelfReference(live, key))) {
    const spec = new TableSpec(load);
    spec.table = live;
    const obstacle = await fillByLevels(link, spec, insert);
    if (obstacle !== null) throw new Error(`Constraint Error: ${obstacle}`);
  } else {
    await run(link, insert);
  }
  await met?.updateReferences();
  await run(link, `DROP TABLE ${quoteTable(load.staging)}`);
  await recordFinished(link, load);
  if (met) return met.counts;
  return load.sync ? { inserted, updated: 0, skipped: 0, unchanged: 0, deleted: 0 } : null;
}

/** No sequence can be set in DuckDB, but numbers can be taken from it until it stands behind the rows. */
async function moveSequences(link: Link, load: TableLoad, live: TableSchema): Promise<NotCarried[]> {
  const behind: NotCarried[] = [];
  for (const { column, place, next } of sequencesOf(live)) {
    if (next === null || !load.columns.some((one) => one.name === column)) continue;
    const [row] = await rows(link, `SELECT max(${quote(column)}) AS top FROM ${quoteTable(live)}`);
    const steps = row.top === null ? 0n : BigInt(text(row.top)) - BigInt(next) + 1n;
    if (steps <= 0n) continue;
    const [sequence] = await rows(
      link,
      'SELECT increment_by AS step FROM duckdb_sequences() WHERE database_name = current_database() AND schema_name = $1 AND sequence_name = $2',
      [place.schema ?? 'main', place.name],
    );
    if (sequence && text(sequence.step) === '1' && steps <= STEPS_MAX) {
      await count(link, `SELECT count(nextval(${literal(quoteTable(place))})) FROM range(${steps})`);
      continue;
    }
    behind.push({
      table: load.table.name,
      object: 'identity',
      name: place.name,
      column,
      reason: `the sequence goes on at ${next}, which is not behind the appended rows, and DuckDB can not set it`,
      hint: `give ${column} a default from a new sequence`,
    });
  }
  return behind;
}
