// Small reads that both ends do: counts, samples, orphans, what `doctor` asks. Main thread.
import type pg from 'pg';
import type { Batch } from '../../batch/batch.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { isNested } from '../../types/logical-type.ts';
import { isRefusal } from '../../types/mapping.ts';
import type { TableName, TableSchema } from '../../types/schema.ts';
import type { ReadColumn, ServerInfo } from '../dialect.ts';
import { decodeCopy } from './codec/copy-decode.ts';
import type { Connector } from './connect.ts';
import { CopyReader } from './copy-source.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { quote, quoteTable } from './names.ts';
import { read } from './read-types.ts';
import { fromTable, selectSql, whereClause } from './select-sql.ts';

/** FROM what: an inherited table's own rows alone. */
export async function ownRows(client: pg.Client, table: TableName): Promise<string> {
  const { rows } = await client.query<{ only: boolean }>(
    `SELECT relkind = 'r' AND relhassubclass AS only FROM pg_catalog.pg_class WHERE oid = $1::regclass`,
    [quoteTable(table)],
  );
  return `${rows[0]?.only ? 'ONLY ' : ''}${quoteTable(table)}`;
}

/** `where` has been checked. */
export async function countRows(client: pg.Client, table: TableName, where: string | null): Promise<number> {
  const from = await ownRows(client, table);
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${from}${whereClause(where)}`);
  return Number(rows[0].count);
}

/**
 * Has the server parse a condition by the extended protocol, which takes one statement and no more: what would end
 * the bracket and begin another statement is refused here, and what would close it and open another.
 * @throws FerrowError E_USAGE
 */
export async function checkWhere(client: pg.Client, table: TableName, where: string): Promise<void> {
  // Bare as well as in brackets: `a) OR (b` would slip out from under the conditions beside it.
  const conditions = [whereClause(where), ` WHERE ${where}\n`];
  try {
    for (const condition of conditions) {
      const text = `SELECT 1 FROM ${quoteTable(table)}${condition} LIMIT 0`;
      // `queryMode` is missing in the types of `pg`.
      await client.query({ text, queryMode: 'extended' } as pg.QueryConfig);
    }
  } catch (error) {
    // 42: syntax and names; 22: a constant that is no value of the column's type; 0A: SQL that can't stand here.
    if (!/^(42|22|0A)/.test(sqlState(error) ?? '')) throw error;
    const { message } = fromPostgres(error, 'read');
    throw new FerrowError(
      'E_USAGE',
      `the condition on "${table.name}" is not SQL that the source takes: ${message}`,
      {
        table: table.name,
        hint: 'give --where a condition as it would stand behind WHERE',
        cause: error,
      },
    );
  }
}

/** Values for which the usual canonical type of their column has no room, which only a look at all rows would tell. */
const UNFIT = new Set<ErrorCode>(['E_NUMERIC_SPECIAL', 'E_ARRAY_SHAPE', 'E_TIMESTAMP_RANGE']);

/** The first `limit` rows in canonical types; columns that have none come as text. */
export async function sample(client: pg.Client, table: TableSchema, limit: number): Promise<Batch> {
  try {
    return await sampleAs(client, table, limit, false);
  } catch (error) {
    if (!(error instanceof FerrowError) || !UNFIT.has(error.code)) throw error;
    return sampleAs(client, table, limit, true);
  }
}

/** `careful`: what may hold a value that does not fit comes as text. */
async function sampleAs(
  client: pg.Client,
  table: TableSchema,
  limit: number,
  careful: boolean,
): Promise<Batch> {
  const policies = careful ? ({ nan: 'text' } as const) : {};
  const columns = table.columns.map((column): ReadColumn => {
    const type = read(column, null, { sameEngine: false, policies });
    if (isRefusal(type) || (careful && (isNested(type.wire) || type.wire.kind === 'timestamp')))
      return { name: column.name, wire: { kind: 'text' }, select: 'text' };
    return { name: column.name, wire: type.wire, select: type.select };
  });
  const select = `${selectSql(table, columns, null, null)} LIMIT ${Math.max(0, Math.trunc(limit))}`;
  const reader = new CopyReader(client, select, columns.length, {
    batchRows: limit + 1,
    batchBytes: 2 ** 30,
  });
  const chunk = await reader.next();
  if (chunk !== null) await reader.next();
  const fields = columns.map(({ name, wire }) => ({ name, type: wire }));
  const bytes = chunk?.payload.form === 'copy' ? chunk.payload.bytes : new Uint8Array(0);
  return decodeCopy(bytes, chunk?.rowCount ?? 0, fields);
}

/** Rows whose foreign key finds no parent, as the text of the key's columns. */
export async function orphans(
  client: pg.Client,
  table: TableSchema,
  foreignKey: number,
  limit: number,
): Promise<Record<string, string>[]> {
  const key = table.foreignKeys[foreignKey];
  if (!key || key.columns.length === 0) return [];
  const child = key.columns.map((column) => `c.${quote(column)}`);
  const parent = key.referencedColumns.map((column) => `p.${quote(column)}`);
  const { rows } = await client.query<{ row: Record<string, string> }>(
    `SELECT json_object(ARRAY[${key.columns.map((_, at) => `$${at + 1}`).join(', ')}]::text[],
      ARRAY[${child.map((column) => `${column}::text`).join(', ')}]) AS row
    FROM ${fromTable(table)} c WHERE ${child.map((column) => `${column} IS NOT NULL`).join(' AND ')}
      AND NOT EXISTS (SELECT FROM ${quoteTable(key.references)} p
        WHERE ${child.map((column, at) => `${parent[at]} = ${column}`).join(' AND ')})
    LIMIT ${Math.max(0, Math.trunc(limit))}`,
    [...key.columns],
  );
  return rows.map((each) => each.row);
}

/** Version, rights, settings. */
export async function describeServer(
  client: pg.Client,
  connector: Connector,
  end: 'source' | 'target',
  more: Readonly<Record<string, string>> = {},
): Promise<ServerInfo> {
  const { rows } = await client.query<{
    version: string;
    can_create: boolean;
    can_create_public: boolean | null;
    superuser: boolean;
    encoding: string;
    standby: boolean;
    read_only: boolean;
    connections: string;
    bytes: string | null;
  }>(`SELECT current_setting('server_version') AS version,
    has_database_privilege(current_database(), 'CREATE') AS can_create,
    (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = 'public') AS can_create_public,
    (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS superuser,
    (SELECT pg_encoding_to_char(encoding) FROM pg_catalog.pg_database WHERE datname = current_database()) AS encoding,
    pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') = 'on' AS read_only,
    current_setting('max_connections') AS connections,
    CASE WHEN has_database_privilege(current_database(), 'CONNECT') THEN pg_database_size(current_database())::text END AS bytes`);
  const [facts] = rows;
  const yes = (value: boolean | null) => (value ? 'yes' : 'no');
  const { user, database, sslMode } = connector.location;
  const problems: string[] = [];
  if (facts.encoding !== 'UTF8') problems.push(`the database is encoded in ${facts.encoding}, not UTF8`);
  if (end === 'target') {
    if (facts.standby || facts.read_only) problems.push('the server takes no writes');
    if (!facts.can_create)
      problems.push(
        `the role may not create schemas: GRANT CREATE ON DATABASE ${quote(database)} TO ${quote(user)}`,
      );
    if (facts.can_create_public === false)
      problems.push(`the role may not create tables: GRANT CREATE ON SCHEMA public TO ${quote(user)}`);
  }
  return {
    engine: 'postgres',
    version: facts.version,
    place: connector.place,
    facts: {
      sslmode: `${sslMode}${connector.encrypted ? '' : ' (not encrypted)'}`,
      'can create schemas': yes(facts.can_create),
      'can create tables in public': yes(facts.can_create_public),
      superuser: yes(facts.superuser),
      encoding: facts.encoding,
      'connections allowed': facts.connections,
      'database size in bytes': facts.bytes ?? 'unknown',
      ...more,
    },
    freeBytes: null,
    problems,
  };
}
