// The end of an append: staged rows go into live tables, all or none, and sequences step behind them. Engine
// thread.
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { NotCarried, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { sequencesOf } from './ddl.ts';
import { causeOf, fromDuckdb } from './errors.ts';
import { recordFinished } from './ledger.ts';
import { parentsFirst, tableKey } from './order.ts';
import { count, rows, run, text } from './query.ts';
import { fillByLevels } from './self-reference.ts';
import { columnList, literal, quote, quoteTable } from './sql-text.ts';
import { arrivedColumns } from './staged-columns.ts';
import { isSelfReference, TableSpec } from './table-spec.ts';

/** Numbers that a sequence is moved on by; DuckDB gives away fifty million a second. */
const STEPS_MAX = 1_000_000_000n;

/** A load in mode append, with the table that takes its rows as it stands in the target. */
export interface Append {
  readonly load: TableLoad;
  readonly live: TableSchema;
}

/**
 * Staged rows go into their tables, parents first, in one transaction: all or none.
 * @throws FerrowError E_CONSTRAINT, E_WRITE, E_DISK_FULL, with the table that refused
 */
export async function appendStaged(link: Link, appends: readonly Append[]): Promise<NotCarried[]> {
  const byKey = new Map(appends.map((append) => [tableKey(append.live), append]));
  let at = appends[0]?.load;
  await run(link, 'BEGIN');
  try {
    for (const live of parentsFirst(appends.map((append) => append.live))) {
      const { load } = byKey.get(tableKey(live))!;
      at = load;
      await moveRows(link, load, live);
    }
    await run(link, 'COMMIT');
  } catch (error) {
    await run(link, 'ROLLBACK').catch(() => {});
    const table = at?.table.name;
    const names = appends.map(({ load }) => `"${load.table.name}"`).join(', ');
    const { code, message, cause } = fromDuckdb(causeOf(error), 'write');
    throw new FerrowError(code, `rows can't be appended to "${table}": ${message}`, {
      dialect: 'duckdb',
      table,
      cause,
      hint: `mend the rows, or use --if-exists replace; nothing was appended to ${names}`,
    });
  }
  const behind: NotCarried[] = [];
  for (const { load, live } of appends) behind.push(...(await moveSequences(link, load, live)));
  return behind;
}

async function moveRows(link: Link, load: TableLoad, live: TableSchema): Promise<void> {
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
  await run(link, `DROP TABLE ${quoteTable(load.staging)}`);
  await recordFinished(link, load);
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
