// After a table's last chunk: its keys, its indexes, its name, in one transaction. Each constraint stands in a
// savepoint, so that one the rows violate is left out and listed while the data arrives. Main thread.
import type pg from 'pg';
import { failpoint } from '../../errors/failpoint.ts';
import type { IndexSchema, NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { attempt } from './attempt.ts';
import { raiseBuildMemory } from './build-settings.ts';
import { afterSwap, asBuilt, builtSchema } from './built-place.ts';
import {
  commentStatements,
  commentText,
  constraintClauses,
  constraintComment,
  indexComment,
  indexStatement,
} from './ddl.ts';
import { dropView, incomingKeys, releaseHeirs } from './dependents.ts';
import { refuseForRows } from './finish-error.ts';
import { recordFinished } from './ledger.ts';
import { lockLive } from './live-lock.ts';
import { fittingName, hashedName, quote, quoteTable } from './names.ts';
import { writeOrigins } from './origins.ts';
import {
  ownConstraintStatement,
  type Partition,
  placedPartitions,
  stagedPartitions,
} from './partition-ddl.ts';
import { nameSequences } from './sequences.ts';
import { inTransaction } from './session.ts';
import { castStagedColumns } from './staging-casts.ts';
import { tableFacts } from './table-facts.ts';
import { writeWatermark } from './watermarks.ts';

/** A relation or a constraint of that name is there already. */
const NAME_TAKEN = new Set(['42P07', '42710']);

/** For tables that are made or replaced; see append.ts for the others. A table that is to be swapped is built beside. */
export async function finishTable(client: pg.Client, load: TableLoad): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  const swapped = load.mode === 'swap';
  await inTransaction(client, async () => {
    if (swapped) await moveAside(client, load);
    await build(client, swapped ? asBuilt(load) : load, notCarried);
    if (!swapped) await writeOrigins(client, load);
    await recordFinished(client, load);
    await writeWatermark(client, load);
    failpoint('table.named');
  });
  return afterSwap(notCarried, swapped ? [load] : []);
}

/** To where it waits for the swap. */
async function moveAside(client: pg.Client, load: TableLoad): Promise<void> {
  await client.query(`CREATE SCHEMA ${quote(builtSchema(load))}`);
  await client.query(`ALTER TABLE ${quoteTable(load.staging)} SET SCHEMA ${quote(builtSchema(load))}`);
}

/** The staging table under its name, with all of its keys and indexes. */
async function build(client: pg.Client, load: TableLoad, notCarried: NotCarried[]): Promise<void> {
  const { table, staging } = load;
  const partitions = placedPartitions(table, table, (each) => each);
  await raiseBuildMemory(client);
  await castStagedColumns(client, load);
  if (load.mode === 'replace') {
    await lockLive(client, load.table, 'ACCESS EXCLUSIVE');
    await dropLive(client, load);
  }
  await client.query(`ALTER TABLE ${quoteTable(staging)} RENAME TO ${quote(table.name)}`);
  // Under its own name, after which the server names what it makes.
  await completeColumns(client, load, notCarried);
  const staged = stagedPartitions(table, staging);
  for (const [at, { name }] of partitions.entries())
    await client.query(`ALTER TABLE ${quoteTable(staged[at].name)} RENAME TO ${quote(name.name)}`);
  await addConstraints(client, load, notCarried);
  if (load.parts.indexes) await addIndexes(client, load, table, table.indexes, notCarried);
  for (const { partition, name } of partitions) {
    await addOwnConstraints(client, load, name, partition, notCarried);
    if (load.parts.indexes) await addIndexes(client, load, name, partition.indexes ?? [], notCarried);
    await alter(client, table, name, partition.alter ?? [], notCarried);
    if (partition.comment)
      await client.query(`COMMENT ON TABLE ${quoteTable(name)} IS ${commentText(partition.comment)}`);
  }
  await nameSequences(client, table);
  await nameNotNulls(client, table);
  await alter(client, table, table, tableFacts(table).alter, notCarried);
  for (const statement of commentStatements(table, table)) await client.query(statement);
}

/** What the staging table left for later: defaults that may not be there in the target, NOT NULL. */
async function completeColumns(client: pg.Client, load: TableLoad, notCarried: NotCarried[]): Promise<void> {
  const { table } = load;
  const alter = `ALTER TABLE ${quoteTable(table)}`;
  const key = new Set(table.primaryKey?.columns);
  const notNull: string[] = [];
  for (const column of table.columns) {
    const name = quote(column.name);
    if (column.default?.kind === 'expression') {
      const sql = `ALTER ${name} SET DEFAULT ${column.default.sql}`;
      await attempt(client, `${alter} ${sql}`, (reason) => {
        const hint = `ALTER TABLE ${quoteTable(table)} ${sql}`;
        notCarried.push({
          table: table.name,
          object: 'default',
          name: column.name,
          column: column.name,
          reason,
          hint,
        });
      });
    }
    if (isLateNotNull(column) && !key.has(column.name)) notNull.push(column.name);
  }
  if (notNull.length === 0) return;
  const set = (names: readonly string[]) =>
    `${alter} ${names.map((name) => `ALTER ${quote(name)} SET NOT NULL`).join(', ')}`;
  // Together they cost one scan; one by one only where a row holds a NULL.
  let together = true;
  await attempt(client, set(notNull), () => {
    together = false;
  });
  for (const name of together ? [] : notNull) {
    await attempt(client, set([name]), (reason, state) => {
      refuseForRows(load, reason, state);
      const hint = `ALTER TABLE ${quoteTable(table)} ALTER ${quote(name)} SET NOT NULL`;
      notCarried.push({ table: table.name, object: 'check', name: 'NOT NULL', column: name, reason, hint });
    });
  }
}

/**
 * Defaults that call something: a function may be missing in the target, which must not stop the rows. Sequences that
 * stand alone come when all tables are there.
 */
export function isLateDefault(value: TableSchema['columns'][number]['default']): boolean {
  return value?.kind === 'expression' || value?.kind === 'sequence';
}

/** In a copy from PostgreSQL (which knows type facts) NOT NULL is sure to hold, and stands from the beginning. */
export function isLateNotNull(column: TableSchema['columns'][number]): boolean {
  return !column.nullable && !column.identity && column.typeFacts === undefined;
}

/** Foreign keys of the run's other tables go with it, and come back in finishRun; so do tables that inherit, and views. */
async function dropLive(client: pg.Client, { table, remade }: TableLoad): Promise<void> {
  for (const view of remade ?? []) await dropView(client, view);
  for (const key of await incomingKeys(client, table))
    await client.query(
      `ALTER TABLE IF EXISTS ${quoteTable(key)} DROP CONSTRAINT IF EXISTS ${quote(key.constraint)}`,
    );
  await releaseHeirs(client, table);
  await client.query(`DROP TABLE IF EXISTS ${quoteTable(table)}`);
}

async function addConstraints(client: pg.Client, load: TableLoad, notCarried: NotCarried[]): Promise<void> {
  const { table } = load;
  for (const { object, name, columns, clause, comment } of constraintClauses(table)) {
    const statement = (as: string | null) =>
      `ALTER TABLE ${quoteTable(table)} ADD ${as === null ? '' : `CONSTRAINT ${quote(as)} `}${clause}`;
    const shown = name ?? (columns.length > 0 ? `(${columns.join(', ')})` : clause);
    const made = await addNamed(client, load, object, name, shown, statement, notCarried);
    if (made !== null && comment) await client.query(constraintComment(table, made, comment));
  }
}

/** Of a partition alone. Foreign keys wait for the tables they point at. */
async function addOwnConstraints(
  client: pg.Client,
  load: TableLoad,
  place: TableName,
  { constraints }: Partition,
  notCarried: NotCarried[],
): Promise<void> {
  for (const own of constraints ?? []) {
    if (own.definition.startsWith('FOREIGN KEY')) continue;
    const statement = (as: string | null) => ownConstraintStatement(place, { ...own, name: as ?? own.name });
    await addNamed(client, load, 'check', own.name, own.name, statement, notCarried);
  }
}

/** On the table, or on a partition of it. */
async function addIndexes(
  client: pg.Client,
  load: TableLoad,
  place: TableName,
  indexes: readonly IndexSchema[],
  notCarried: NotCarried[],
): Promise<void> {
  for (const index of indexes) {
    const statement = (as: string | null) => indexStatement(index, place, as ?? index.name);
    const made = await addNamed(client, load, 'index', index.name, index.name, statement, notCarried);
    if (made !== null && index.comment) await client.query(indexComment(place, made, index.comment));
  }
}

/** Storage, options, identity for replication. */
async function alter(
  client: pg.Client,
  table: TableSchema,
  place: TableName,
  actions: readonly string[],
  notCarried: NotCarried[],
): Promise<void> {
  for (const action of actions) {
    const statement = `ALTER TABLE ${quoteTable(place)} ${action}`;
    await attempt(client, statement, (reason) => {
      notCarried.push({ table: table.name, object: 'table option', name: action, reason, hint: statement });
    });
  }
}

/** Makes it, under another name if its own is taken; what can't be made is listed. @returns its name */
async function addNamed(
  client: pg.Client,
  load: TableLoad,
  object: NotCarried['object'],
  name: string | null,
  shown: string,
  statement: (name: string | null) => string,
  notCarried: NotCarried[],
): Promise<string | null> {
  const { table } = load;
  const list = (reason: string, state: string) => {
    if (object !== 'index' || statement(name).startsWith('CREATE UNIQUE')) refuseForRows(load, reason, state);
    made = null;
    notCarried.push({ table: table.name, object, name: shown, reason, hint: statement(name) });
  };
  let made = name;
  let taken = false;
  await attempt(client, statement(name), (reason, state) => {
    taken = name !== null && NAME_TAKEN.has(state);
    if (!taken) list(reason, state);
  });
  if (!taken || name === null) return made;
  const other = hashedName(name, `${table.schema}.${table.name}.${name}`);
  await attempt(client, statement(other), list, () => {
    const reason = 'its name is taken in the target';
    made = other;
    notCarried.push({ table: table.name, object, name: shown, reason, instead: `as ${other}` });
  });
  return made;
}

/** NOT NULL that PostgreSQL 18 named after the staging table all the same, as that of identities. */
async function nameNotNulls(client: pg.Client, table: TableSchema): Promise<void> {
  const { rows } = await client.query<{ name: string; column: string }>(
    `SELECT k.conname AS name, a.attname AS column FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.conrelid = $1::regclass AND k.contype = 'n' AND k.conname ~ '^_ferrow_' ORDER BY a.attnum`,
    [quoteTable(table)],
  );
  const { notNull } = tableFacts(table);
  const renames = rows.map(({ name, column }) => {
    const own = notNull.get(column) ?? fittingName(`${table.name}_${column}_not_null`);
    return `ALTER TABLE ${quoteTable(table)} RENAME CONSTRAINT ${quote(name)} TO ${quote(own)}`;
  });
  // A taken name only means that they keep theirs.
  if (renames.length > 0) await attempt(client, renames.join('; '), () => {});
}
