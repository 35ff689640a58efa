// From staging tables to tables under their own names, with keys, indexes and foreign keys: one transaction, so
// that a failure leaves the target as it was. What can't be declared is given up, listed, and tried again.
// Engine thread.
//
// A table that needs no more than a primary key is renamed. All other constraints must stand in CREATE TABLE,
// so such a table is made anew and its rows are moved by INSERT … SELECT inside DuckDB.
import { failpoint } from '../../errors/failpoint.ts';
import type { NotCarried, TableName } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { commentSql, createIndexSql, createTableSql, indexCommentSql } from './ddl.ts';
import { causeOf, errorClass, fromDuckdb, plainMessage } from './errors.ts';
import { type Kept, keepReplaced, writeSwaps } from './keep-replaced.ts';
import { recordFinished } from './ledger.ts';
import { parentKeyOf, parentsFirst, tableKey } from './order.ts';
import { writeOrigins } from './origins.ts';
import { rows, run, text } from './query.ts';
import { refusesStaged } from './reject-staged.ts';
import { fillByLevels } from './self-reference.ts';
import { makeSequences, TakenNames } from './sequences.ts';
import { columnList, quote, quoteTable } from './sql-text.ts';
import { arrivedColumns } from './staged-columns.ts';
import { dropImpossible, isSelfReference, TableSpec } from './table-spec.ts';
import { dropViolated, orphanCount } from './violations.ts';
import { writeWatermark } from './watermarks.ts';
import { giveUpWrong } from './wrong-parts.ts';

/** Gives something up for a reason; the failed transaction has ended by then. */
type GiveUp = (reason: string) => void | Promise<void>;

/** What finishing works with; all of it the target's. */
export interface Finishing {
  readonly link: Link;
  readonly path: string;
  /** Where sequences went that tables of the run made, which others may share; new ones are added. */
  readonly sequences: Map<string, TableName>;
}

/** Of tables that are swapped: what they replace is kept. */
export interface SwapOf {
  readonly runId: string;
  /** What became of the names, in the last attempt. */
  kept: readonly Kept[];
}

/** A step that failed, and what can be given up to get past it. */
class StepFailure {
  readonly error: unknown;
  readonly giveUp: GiveUp | null;

  constructor(error: unknown, giveUp: GiveUp | null) {
    this.error = error;
    this.giveUp = giveUp;
  }
}

/**
 * Finishes tables together: drops those they replace, or keeps them, then makes all of them, parents first.
 * @throws FerrowError E_DDL, E_MEMORY, E_DISK_FULL; the target is then as it was
 */
export async function finishTables(
  { link, path, sequences }: Finishing,
  loads: readonly TableLoad[],
  swap?: SwapOf,
): Promise<NotCarried[]> {
  const specs = loads.map((load) => new TableSpec(load));
  const { memory } = link;
  const memoryBefore = memory.bytes;
  try {
    await memory.makeRoomForKeys(link, await indexEntries(link, specs));
    for (;;) {
      const failure = await attempt(link, specs, sequences, swap);
      if (failure === null) return specs.flatMap((spec) => [...spec.lost, ...spec.renamed]);
      const kind = errorClass(causeOf(failure.error));
      // A commit that finds no memory is of DuckDB's class for all failed commits.
      const isMemory = kind === 'Out of Memory' || kind === 'TransactionContext';
      if (isMemory && (await memory.raiseForKeys(link))) continue;
      if (!(await giveUpSomething(link, specs, failure, kind))) {
        throw fromDuckdb(causeOf(failure.error), 'ddl', {}, path);
      }
    }
  } finally {
    if (memory.bytes > memoryBefore) {
      // What was built is held until a checkpoint; while other tables are written none may be possible.
      await run(link, 'CHECKPOINT')
        .then(() => memory.lower(link, memoryBefore))
        .catch(() => {});
    }
  }
}

/** Rows times indexes, as far as the catalog knows the rows. */
async function indexEntries(link: Link, specs: readonly TableSpec[]): Promise<number> {
  const sizes = await rows(
    link,
    'SELECT schema_name AS s, table_name AS n, estimated_size AS size FROM duckdb_tables() WHERE database_name = current_database()',
  );
  const byName = new Map(
    sizes.map((row) => [tableKey({ schema: text(row.s), name: text(row.n) }), Number(row.size)]),
  );
  return specs.reduce((sum, { table, load }) => {
    const indexes =
      (table.primaryKey ? 1 : 0) + table.uniques.length + table.indexes.length + table.foreignKeys.length;
    return sum + (byName.get(tableKey(load.staging)) ?? 0) * indexes;
  }, 0);
}

async function giveUpSomething(
  link: Link,
  specs: readonly TableSpec[],
  failure: StepFailure,
  kind: string,
): Promise<boolean> {
  if (kind === 'Constraint') {
    // Where rows can be left out, nothing is given up for them.
    for (const { load } of specs) if (load.leavesOut && (await refusesStaged(link, load))) return false;
    let found = false;
    for (const spec of specs) {
      found =
        (await dropViolated(link, spec, (key) => {
          const parent = specs.find((one) => tableKey(one.table) === parentKeyOf(spec.table, key));
          return parent
            ? parent.load.staging
            : { schema: key.references.schema ?? spec.table.schema, name: key.references.name };
        })) || found;
    }
    if (found) return true;
  }
  if (!failure.giveUp || kind === 'INTERRUPT') return false;
  await failure.giveUp(`DuckDB: ${plainMessage(causeOf(failure.error))}`);
  return true;
}

async function attempt(
  link: Link,
  specs: readonly TableSpec[],
  sequences: Map<string, TableName>,
  swap: SwapOf | undefined,
): Promise<StepFailure | null> {
  try {
    await run(link, 'BEGIN');
    if (swap)
      swap.kept = await keepReplaced(
        link,
        specs.map((spec) => spec.table),
      );
    else await dropReplaced(link, specs);
    // A new table without foreign keys has to do with no other: the catalog is not read again for each of many.
    const alone = specs.every(({ load, table }) => load.mode === 'create' && table.foreignKeys.length === 0);
    const live = alone ? [] : await readTables(link, ['*']);
    const standing = new Map(live.map((table) => [tableKey(table), table]));
    const names = await TakenNames.read(link, live, sequences);
    const coming = new Set(specs.map((spec) => tableKey(spec.table)));
    for (const table of parentsFirst(specs.map((spec) => spec.table))) {
      const spec = specs.find((one) => tableKey(one.table) === tableKey(table))!;
      dropImpossible(spec, (key) => {
        if (isSelfReference(spec.table, key)) return spec;
        const parentKey = parentKeyOf(spec.table, key);
        const parent = standing.get(parentKey);
        return parent ? { table: parent } : coming.has(parentKey) ? 'later' : null;
      });
      await build(link, spec, names);
      standing.set(tableKey(spec.table), spec.table);
    }
    for (const { load } of specs) {
      await writeOrigins(link, load);
      await recordFinished(link, load);
      await writeWatermark(link, load);
    }
    if (swap) await writeSwaps(link, swap.kept, swap.runId, null);
    failpoint('table.named');
    await run(link, 'COMMIT');
    names.keep(sequences);
    return null;
  } catch (error) {
    await run(link, 'ROLLBACK').catch(() => {});
    return error instanceof StepFailure ? error : new StepFailure(error, null);
  }
}

/** Drops the live tables of the same names, children first. */
async function dropReplaced(link: Link, specs: readonly TableSpec[]): Promise<void> {
  const replaced = new Set(
    specs.filter((spec) => spec.load.mode === 'replace').map((spec) => tableKey(spec.table)),
  );
  if (replaced.size === 0) return;
  const live = (await readTables(link, ['*'])).filter((table) => replaced.has(tableKey(table)));
  for (const table of parentsFirst(live).reverse()) await run(link, `DROP TABLE ${quoteTable(table)}`);
}

async function build(link: Link, spec: TableSpec, names: TakenNames): Promise<void> {
  await makeSequences(link, spec, names);
  if (spec.needsRebuild) await rebuild(link, spec);
  else await rename(link, spec);
  const renamed: { index: string; name: string }[] = [];
  for (const index of spec.table.indexes) {
    const name = names.freeIndex(spec.table, index.name);
    await step(run(link, createIndexSql(spec.table, index, name)), (reason) => spec.dropIndex(index, reason));
    for (const comment of indexCommentSql(spec.table, index, name)) await run(link, comment);
    if (name !== index.name) renamed.push({ index: index.name, name });
  }
  for (const comment of commentSql(spec.table)) await run(link, comment);
  // Last: what fails before is tried again, and would be said twice.
  spec.renamed = renamed.map(({ index, name }) => ({
    table: spec.load.table.name,
    object: 'index',
    name: index,
    reason: 'its name is taken in the target',
    instead: `as ${name}`,
  }));
}

async function step(work: Promise<unknown>, giveUp: GiveUp): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new StepFailure(error, giveUp);
  }
}

async function rename(link: Link, spec: TableSpec): Promise<void> {
  const { table, load } = spec;
  const staging = quoteTable(load.staging);
  for (const column of table.columns) {
    // It was left out, so that the end of the load could judge the rows.
    if (load.leavesOut && !column.nullable)
      await run(link, `ALTER TABLE ${staging} ALTER COLUMN ${quote(column.name)} SET NOT NULL`);
  }
  for (const column of table.columns) {
    if (!column.default) continue;
    await step(
      run(
        link,
        `ALTER TABLE ${staging} ALTER COLUMN ${quote(column.name)} SET DEFAULT ${column.default.sql}`,
      ),
      (reason) => giveUpWrong(link, spec, reason),
    );
  }
  if (table.primaryKey) {
    await step(
      run(link, `ALTER TABLE ${staging} ADD PRIMARY KEY (${columnList(table.primaryKey.columns)})`),
      (reason) => spec.dropPrimaryKey(reason),
    );
  }
  await run(link, `ALTER TABLE ${staging} RENAME TO ${quote(table.name)}`);
}

async function rebuild(link: Link, spec: TableSpec): Promise<void> {
  const { table, load } = spec;
  await step(run(link, createTableSql(table, table.foreignKeys)), (reason) =>
    giveUpWrong(link, spec, reason),
  );
  const columns = columnList(load.columns.map((column) => column.name));
  const insert = `INSERT INTO ${quoteTable(table)} (${columns}) SELECT ${arrivedColumns(load)} FROM ${quoteTable(load.staging)}`;
  const selfKeys = table.foreignKeys.filter((key) => isSelfReference(table, key));
  if (selfKeys.length === 0) {
    await step(run(link, insert), (reason) => {
      // Keys that don't fit into memory: without them the rows move in a stream.
      if (table.uniques.length > 0) for (const key of table.uniques) spec.dropUnique(key, reason);
      else spec.dropPrimaryKey(reason);
      for (const key of table.foreignKeys) spec.dropForeignKey(key, reason);
    });
  } else {
    const obstacle = await fillByLevels(link, spec, insert);
    if (obstacle !== null) {
      for (const key of selfKeys) {
        // Orphans keep a row from its level, too; they are the better reason.
        if (await orphanCount(link, spec, key, load.staging)) throw new StepFailure(constraintError(), null);
      }
      throw new StepFailure(new Error(obstacle), () => {
        for (const key of selfKeys) spec.dropForeignKey(key, obstacle);
      });
    }
  }
  await run(link, `DROP TABLE ${quoteTable(load.staging)}`);
}

/** As DuckDB would say it, so that the rows are looked at. */
const constraintError = (): Error => new Error('Constraint Error: rows refer to rows that are not there');
