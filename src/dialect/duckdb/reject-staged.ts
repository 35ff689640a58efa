// Staged rows that their table refuses: asked for by its constraints, since DuckDB ends a transaction with the first of them.
// Engine thread.
import { failpoint } from '../../errors/failpoint.ts';
import { REJECT_COLUMN_LIST, type RejectedRows, SHOWN_REJECTS_MAX } from '../../types/reject.ts';
import type { TableName } from '../../types/schema.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { stagedPlace, stagedReject } from '../stored-rejects.ts';
import { hasRowid } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { type Demand, demandsOf, isThere } from './demands.ts';
import { causeOf, errorClass } from './errors.ts';
import { count, inTransaction, run } from './query.ts';
import { REJECTS, readRejects } from './rejects.ts';
import { literal, quote, quoteTable } from './sql-text.ts';
import { stagingSql } from './staging.ts';

/** Numbers of refused rows, while they are moved. */
const REFUSED = 'temp.main._ferrow_refused';

/** `stagings`: where rows wait that go into other tables of the run. */
export async function rejectStaged(
  link: Link,
  load: TableLoad,
  rejecting: StagedRejecting,
  stagings: ReadonlyMap<string, TableName>,
): Promise<RejectedRows> {
  if (!(await canBeJudged(link, load))) return { rows: 0, first: [] };
  const { runId, before } = rejecting;
  return inTransaction(link, async () => {
    let rows = 0;
    for (const demand of await demandsOf(link, load, rejecting.key, stagings)) {
      let taken: number;
      do {
        taken = await moveRefused(link, load, { ...rejecting, before: before + rows }, demand);
        rows += taken;
      } while (taken > 0 && demand.again);
    }
    if (rows > 0 && load.mode !== 'append') await rewrite(link, load);
    failpoint('rejects.written');
    const shown = Math.min(rows, SHOWN_REJECTS_MAX);
    return { rows, first: await readRejects(link, runId, stagedPlace(load, before), shown) };
  });
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

/** From the staging table to the rejects, inside DuckDB. @returns how many */
async function moveRefused(
  link: Link,
  load: TableLoad,
  rejecting: StagedRejecting,
  { column, reason, broken }: Demand,
): Promise<number> {
  const staging = quoteTable(load.staging);
  const found = run(
    link,
    `CREATE OR REPLACE TEMP TABLE _ferrow_refused AS SELECT s.rowid AS place FROM ${staging} s WHERE ${broken}`,
  ).then(() => count(link, `SELECT count(*) FROM ${REFUSED}`));
  const rows = (await unlessUnknown(found)) ?? 0;
  if (rows === 0) return 0;
  const text = (name: string) => `CAST(s.${quote(name)} AS VARCHAR)`;
  const reject = stagedReject(
    load,
    rejecting,
    {
      number: `${rejecting.before} + row_number() OVER (ORDER BY place)`,
      blamed: column === null ? 'NULL' : literal(column),
      columns: column === null ? [] : [column],
      code: literal('E_CONSTRAINT'),
      reason: literal(reason),
    },
    {
      literal,
      text,
      bytes: (name) => `strlen(${text(name)})`,
      cut: (whole, characters) => `left(${whole}, ${characters})`,
      object: (pairs) => `CAST(json_object(${pairs.flat().join(', ')}) AS VARCHAR)`,
    },
  );
  await run(
    link,
    `INSERT INTO ${REJECTS} (${REJECT_COLUMN_LIST})
     SELECT ${reject} FROM ${REFUSED} JOIN ${staging} s ON s.rowid = place ORDER BY place`,
  );
  await run(link, `DELETE FROM ${staging} WHERE rowid IN (SELECT place FROM ${REFUSED})`);
  return rows;
}
