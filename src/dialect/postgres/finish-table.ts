// After a table's last chunk: its keys, its indexes, its name, in one transaction. Each constraint stands in a
// savepoint, so that one the rows violate is left out and listed while the data arrives. Main thread.
import type pg from 'pg';
import type { NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { commentStatements, constraintClauses, indexStatement } from './ddl.ts';
import { incomingKeys } from './dependents.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { fittingName, hashedName, quote, quoteTable } from './names.ts';
import { insideSavepoint, inTransaction } from './session.ts';

/** A relation or a constraint of that name is there already. */
const NAME_TAKEN = new Set(['42P07', '42710']);

/** For tables that are made or replaced; see append.ts for the others. */
export async function finishTable(client: pg.Client, load: TableLoad): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  await inTransaction(client, async () => {
    const { table, staging } = load;
    await completeColumns(client, load, notCarried);
    if (load.mode === 'replace') await dropLive(client, table);
    await client.query(`ALTER TABLE ${quoteTable(staging)} RENAME TO ${quote(table.name)}`);
    await addConstraints(client, table, notCarried);
    if (load.parts.indexes) await addIndexes(client, table, notCarried);
    await nameSequences(client, table);
    for (const statement of commentStatements(table, table)) await client.query(statement);
  });
  return notCarried;
}

/** What the staging table left for later: xml, defaults that may not be there in the target, NOT NULL. */
async function completeColumns(client: pg.Client, load: TableLoad, notCarried: NotCarried[]): Promise<void> {
  const { table, staging } = load;
  const alter = `ALTER TABLE ${quoteTable(staging)}`;
  const key = new Set(table.primaryKey?.columns);
  const notNull: string[] = [];
  for (const column of table.columns) {
    const name = quote(column.name);
    if (column.nativeType === 'xml') await client.query(`${alter} ALTER ${name} TYPE xml USING ${name}::xml`);
    if (isLateDefault(column.default)) {
      const sql = `ALTER ${name} SET DEFAULT ${column.default?.sql}`;
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
    await attempt(client, set([name]), (reason) => {
      const hint = `ALTER TABLE ${quoteTable(table)} ALTER ${quote(name)} SET NOT NULL`;
      notCarried.push({ table: table.name, object: 'check', name: 'NOT NULL', column: name, reason, hint });
    });
  }
}

/** Defaults that call something: a function may be missing in the target, which must not stop the rows. */
export function isLateDefault(value: TableSchema['columns'][number]['default']): boolean {
  return value?.kind === 'expression';
}

/** In a copy from PostgreSQL (which knows type facts) NOT NULL is sure to hold, and stands from the beginning. */
export function isLateNotNull(column: TableSchema['columns'][number]): boolean {
  return !column.nullable && !column.identity && column.typeFacts === undefined;
}

/** Foreign keys of the run's other tables go with it, and come back in finishRun. */
async function dropLive(client: pg.Client, table: TableName): Promise<void> {
  for (const key of await incomingKeys(client, table))
    await client.query(
      `ALTER TABLE IF EXISTS ${quoteTable(key)} DROP CONSTRAINT IF EXISTS ${quote(key.constraint)}`,
    );
  await client.query(`DROP TABLE IF EXISTS ${quoteTable(table)}`);
}

async function addConstraints(
  client: pg.Client,
  table: TableSchema,
  notCarried: NotCarried[],
): Promise<void> {
  for (const { object, name, columns, clause } of constraintClauses(table)) {
    const statement = (as: string | null) =>
      `ALTER TABLE ${quoteTable(table)} ADD ${as === null ? '' : `CONSTRAINT ${quote(as)} `}${clause}`;
    const shown = name ?? (columns.length > 0 ? `(${columns.join(', ')})` : clause);
    await addNamed(client, table, object, name, shown, statement, notCarried);
  }
}

async function addIndexes(client: pg.Client, table: TableSchema, notCarried: NotCarried[]): Promise<void> {
  for (const index of table.indexes) {
    const statement = (as: string | null) => indexStatement(index, table, as ?? index.name);
    await addNamed(client, table, 'index', index.name, index.name, statement, notCarried);
  }
}

/** Makes it, under another name if its own is taken; what can't be made is listed. */
async function addNamed(
  client: pg.Client,
  table: TableSchema,
  object: NotCarried['object'],
  name: string | null,
  shown: string,
  statement: (name: string | null) => string,
  notCarried: NotCarried[],
): Promise<void> {
  const list = (reason: string) =>
    notCarried.push({ table: table.name, object, name: shown, reason, hint: statement(name) });
  let taken = false;
  await attempt(client, statement(name), (reason, state) => {
    taken = name !== null && NAME_TAKEN.has(state);
    if (!taken) list(reason);
  });
  if (!taken || name === null) return;
  const other = hashedName(name, `${table.schema}.${table.name}.${name}`);
  await attempt(client, statement(other), list, () => {
    const reason = 'its name is taken in the target';
    notCarried.push({ table: table.name, object, name: shown, reason, instead: `as ${other}` });
  });
}

/** Runs a statement in a savepoint. Errors of the server go to `failed`; a lost connection is thrown. */
export async function attempt(
  client: pg.Client,
  sql: string,
  failed: (reason: string, state: string) => void,
  done?: () => void,
): Promise<void> {
  try {
    await insideSavepoint(client, () => client.query(sql));
    done?.();
  } catch (error) {
    const state = sqlState(error);
    if (state === null || !/^(23|42|22|0A|2B|54)/.test(state)) throw error;
    const { message, value } = fromPostgres(error, 'ddl');
    failed(value === undefined ? message : `${message}: ${value}`, state);
  }
}

/** Sequences of identity columns were made under the staging table's name. */
async function nameSequences(client: pg.Client, table: TableSchema): Promise<void> {
  for (const column of table.columns.filter((each) => each.identity)) {
    const { rows } = await client.query<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_get_serial_sequence($1, $2)::regclass`,
      [quoteTable(table), column.name],
    );
    const [sequence] = rows;
    if (!sequence?.name.startsWith('_ferrow_')) continue;
    const name = fittingName(`${table.name}_${column.name}_seq`);
    // A taken name only means that the sequence keeps its own.
    await attempt(client, `ALTER SEQUENCE ${quoteTable(sequence)} RENAME TO ${quote(name)}`, () => {});
  }
}
