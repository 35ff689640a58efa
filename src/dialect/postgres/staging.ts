// What a load needs before its rows come: schemas and staging tables. Main thread, in one transaction: all or none.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ColumnSchema, TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { createTable } from './ddl.ts';
import { refuseIfInUse, refuseTakenPartitions } from './dependents.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { isLateDefault, isLateNotNull } from './finish-table.ts';
import { quote, quoteTable } from './names.ts';
import { partitionStatement, placedPartitions, stagedPartitions } from './partition-ddl.ts';
import { stagingVia } from './staging-casts.ts';
import { checkSwaps } from './swap.ts';
import { baseNode, typeNode } from './type-tree.ts';
import { makeUserTypes, neededTypes } from './user-types.ts';

/**
 * @throws FerrowError E_TABLE_IN_USE, E_PRIVILEGE (with the GRANT that is needed), E_DDL
 */
export async function prepareLoads(
  client: pg.Client,
  loads: readonly TableLoad[],
  role: string,
  database: string,
): Promise<void> {
  const run = {
    tables: loads.map((load) => load.table),
    replaced: loads.filter((load) => load.mode === 'replace').map((load) => load.table),
  };
  for (const load of loads) {
    const { table, mode, remade } = load;
    if (mode === 'append') continue;
    if (mode === 'replace') await refuseIfInUse(client, table, run, remade ?? []);
    await refuseTakenPartitions(client, table, partitionNames(table));
  }
  await checkSwaps(client, loads);
  const types = neededTypes(loads);
  await makeSchemas(client, schemasOf(loads, types), role, database);
  await makeUserTypes(client, types, role);
  for (const load of loads) if (!load.transactional) await makeStaging(client, load, role);
}

function partitionNames(table: TableSchema): TableName[] {
  return placedPartitions(table, table, (partition) => partition).map((placed) => placed.name);
}

function schemasOf(loads: readonly TableLoad[], types: readonly TableName[]): string[] {
  const partitions = loads.flatMap(({ table, mode }) => (mode === 'append' ? [] : partitionNames(table)));
  const all = [...loads.map((load) => load.staging), ...partitions, ...types];
  return [...new Set(all.map((each) => each.schema))].filter((schema) => schema !== null);
}

async function makeSchemas(
  client: pg.Client,
  names: readonly string[],
  role: string,
  database: string,
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::text[])',
    [names],
  );
  const there = new Set(rows.map((row) => row.name));
  for (const name of names) {
    if (there.has(name)) continue;
    try {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quote(name)}`);
    } catch (error) {
      throw privilegeError(error, `GRANT CREATE ON DATABASE ${quote(database)} TO ${quote(role)}`, null);
    }
  }
}

export async function makeStaging(client: pg.Client, load: TableLoad, role: string): Promise<void> {
  const { table, staging } = load;
  try {
    await client.query(`DROP TABLE IF EXISTS ${quoteTable(staging)}`);
    await client.query(load.mode === 'append' ? appendStaging(load) : newStaging(table, load));
    if (load.mode !== 'append')
      for (const placed of stagedPartitions(table, staging)) await client.query(partitionStatement(placed));
    await checkMoney(client, load);
  } catch (error) {
    const schema = quote(staging.schema ?? 'public');
    throw privilegeError(error, `GRANT CREATE ON SCHEMA ${schema} TO ${quote(role)}`, table);
  }
}

/** The table itself, still without keys, late defaults, late NOT NULL. It is renamed in the end. */
function newStaging(table: TableSchema, load: TableLoad): string {
  const columns = table.columns.map((column) =>
    isLateNotNull(column) ? { ...column, nullable: true } : column,
  );
  return createTable({ ...table, columns }, load.staging, {
    constraints: false,
    typeOf: (column) => stagingVia(load, column) ?? column.nativeType,
    withDefault: (column) => !isLateDefault(column.default) && stagingVia(load, column) === null,
  });
}

/** Only the columns that rows bring, in the live table's types; gone after the move, so it needs no log. */
function appendStaging(load: TableLoad): string {
  const { table, staging, columns } = load;
  const lines = columns.map(({ name }) => {
    const column = table.columns.find((each) => each.name === name);
    if (!column)
      throw new FerrowError('E_COLUMN_MISSING', `"${table.name}" has no column "${name}"`, {
        table: table.name,
      });
    return `${quote(name)} ${stagingVia(load, column) ?? ownType(load, column)}`;
  });
  return `CREATE UNLOGGED TABLE ${quoteTable(staging)} (${lines.join(', ')})`;
}

/** A domain that refuses a row would end a whole chunk: where rows can be left out, the end of the load asks it. */
function ownType({ leavesOut }: TableLoad, column: ColumnSchema): string {
  if (!leavesOut || column.typeFacts === undefined) return column.nativeType;
  const node = typeNode(column);
  return node.kind === 'domain' ? baseNode(node).native : column.nativeType;
}

/** The bytes of money mean another amount where lc_monetary has other decimals. */
async function checkMoney(client: pg.Client, load: TableLoad): Promise<void> {
  for (const { name, wire } of load.columns) {
    const decimals = wire.kind === 'opaque' ? / of (\d+) decimals$/.exec(wire.nativeType)?.[1] : undefined;
    if (decimals === undefined) continue;
    const { rows } = await client.query<{ scale: number }>('SELECT scale(1::money::numeric) AS scale');
    if (rows[0].scale === Number(decimals)) continue;
    throw new FerrowError(
      'E_TYPE_MISMATCH',
      `"${load.table.name}"."${name}": money has ${decimals} decimals in the source and ${rows[0].scale} in the target`,
      { table: load.table.name, column: name, hint: 'give both servers the same lc_monetary' },
    );
  }
}

function privilegeError(error: unknown, hint: string, table: TableSchema | null): FerrowError {
  const place = table === null ? {} : { table: table.name };
  const known = fromPostgres(error, 'ddl', place);
  if (sqlState(error) !== '42501') return known;
  return new FerrowError('E_PRIVILEGE', known.message, { ...place, dialect: 'postgres', hint, cause: known });
}
