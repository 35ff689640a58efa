// Staged rows that their table refuses: asked for by its constraints, since DuckDB ends a transaction with the first of them.
// Engine thread.
import { failpoint } from '../../errors/failpoint.ts';
import type { Reject } from '../../types/reject.ts';
import type { TableName } from '../../types/schema.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { type RefusedRow, STAGED_VALUE_CHARS_MAX, stagedRejects } from '../stored-rejects.ts';
import { hasRowid } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { type Demand, demandsOf, isThere } from './demands.ts';
import { causeOf, errorClass } from './errors.ts';
import { count, type Row, rows, run, textOrNull } from './query.ts';
import { insertRejects } from './rejects.ts';
import { quote, quoteTable } from './sql-text.ts';
import { stagingSql } from './staging.ts';

/** `stagings`: where rows wait that go into other tables of the run. */
export async function rejectStaged(
  link: Link,
  load: TableLoad,
  rejecting: StagedRejecting,
  stagings: ReadonlyMap<string, TableName>,
): Promise<Reject[]> {
  if (!(await canBeJudged(link, load))) return [];
  const refused: RefusedRow[] = [];
  await run(link, 'BEGIN');
  try {
    for (const demand of await demandsOf(link, load, rejecting.key, stagings))
      while ((await takeOut(link, load, rejecting, demand, refused)) && demand.again);
    if (refused.length > 0 && load.mode !== 'append') await rewrite(link, load);
    const rejects = stagedRejects(load, rejecting, refused);
    await insertRejects(link, rejects);
    failpoint('rejects.written');
    await run(link, 'COMMIT');
    return rejects;
  } catch (error) {
    await run(link, 'ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Whether `rejectStaged` would take rows out of a table that is made. */
export async function refusesStaged(link: Link, load: TableLoad): Promise<boolean> {
  if (!(await canBeJudged(link, load))) return false;
  for (const { broken } of await demandsOf(link, load, [], new Map())) {
    const found = await unlessUnknown(
      count(
        link,
        `SELECT count(*) FROM (SELECT 1 FROM ${quoteTable(load.staging)} s WHERE ${broken} LIMIT 1)`,
      ),
    );
    if (found) return true;
  }
  return false;
}

/** Rows are told apart by rowid. */
async function canBeJudged(link: Link, { staging, table }: TableLoad): Promise<boolean> {
  return hasRowid(table) && (await isThere(link, staging));
}

/** Null for a check of columns that rows don't bring: DuckDB alone can tell. */
async function unlessUnknown<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (errorClass(causeOf(error)) !== 'Binder') throw error;
    return null;
  }
}

/** Without the rows that are gone: DuckDB looks at them in ALTER TABLE while an older transaction is open. */
async function rewrite(link: Link, load: TableLoad): Promise<void> {
  const { staging } = load;
  const kept = { ...staging, name: `${staging.name}_kept` };
  await run(link, stagingSql({ ...load, staging: kept }));
  await run(link, `INSERT INTO ${quoteTable(kept)} FROM ${quoteTable(staging)}`);
  await run(link, `DROP TABLE ${quoteTable(staging)}`);
  await run(link, `ALTER TABLE ${quoteTable(kept)} RENAME TO ${quote(staging.name)}`);
}

/** @returns whether there were any */
async function takeOut(
  link: Link,
  load: TableLoad,
  { key }: StagedRejecting,
  { column, reason, broken }: Demand,
  refused: RefusedRow[],
): Promise<boolean> {
  const text = (name: string) => `left(CAST(s.${quote(name)} AS VARCHAR), ${STAGED_VALUE_CHARS_MAX})`;
  const keys = key.map((name, at) => `${text(name)} AS k${at}`);
  const value = column === null ? 'NULL' : text(column);
  const staging = quoteTable(load.staging);
  const select = ['s.rowid AS r', `${value} AS v`, ...keys].join(', ');
  const found: Row[] | null = await unlessUnknown(
    rows(link, `SELECT ${select} FROM ${quoteTable(load.staging)} s WHERE ${broken}`),
  );
  if (found === null) return false;
  for (const row of found)
    refused.push({
      column,
      reason,
      code: 'E_CONSTRAINT',
      key: key.map((_, at) => textOrNull(row[`k${at}`])),
      value: textOrNull(row['v']),
    });
  const gone = found.map((row) => String(row['r']));
  const ids = JSON.stringify(gone);
  if (gone.length > 0)
    await run(
      link,
      `DELETE FROM ${staging} WHERE rowid IN (SELECT unnest(from_json($1::JSON, '["BIGINT"]')))`,
      [ids],
    );
  return gone.length > 0;
}
