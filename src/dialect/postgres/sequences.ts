// Sequences of the target: their names, how they count, and that the next insert gets a number that is free. Main
// thread.
import type pg from 'pg';
import type { NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { attempt } from './attempt.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { fittingName, literal, quote, quoteTable } from './names.ts';
import {
  createSequence,
  type FreeSequence,
  freeSequences,
  optionsClause,
  ownSequence,
} from './sequence-ddl.ts';
import { inTransaction } from './session.ts';

/** Sequences of identity and serial columns were made under the staging table's name, and count 1, 2, 3 … */
export async function nameSequences(client: pg.Client, table: TableSchema): Promise<void> {
  for (const column of table.columns.filter((each) => each.identity)) {
    const { rows } = await client.query<TableName & { schema: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_get_serial_sequence($1, $2)::regclass`,
      [quoteTable(table), column.name],
    );
    const [sequence] = rows;
    if (!sequence) continue;
    const { kind, options } = column.identity ?? {};
    // Those of identities were made so.
    const counting = kind === 'serial' ? optionsClause(options) : '';
    if (counting !== '') await client.query(`ALTER SEQUENCE ${quoteTable(sequence)}${counting}`);
    if (!sequence.name.startsWith('_ferrow_')) continue;
    const name = options?.name?.name ?? fittingName(`${table.name}_${column.name}_seq`);
    // A taken name only means that the sequence keeps its own.
    await attempt(client, `ALTER SEQUENCE ${quoteTable(sequence)} RENAME TO ${quote(name)}`, () => {});
  }
}

/** After all tables: numbers go on behind those that are there, and not below what the source would give. */
export async function finishSequences(client: pg.Client, loads: readonly TableLoad[]): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  for (const { table, mode } of loads) {
    for (const { name: column, identity } of table.columns) {
      if (!identity) continue;
      const { rows } = await client.query<{ name: string | null }>(
        'SELECT pg_get_serial_sequence($1, $2) AS name',
        [quoteTable(table), column],
      );
      const sequence = rows[0]?.name;
      if (!sequence) continue;
      const next = { fresh: mode !== 'append', wanted: identity.next };
      await advance(client, table, column, sequence, next, notCarried);
    }
  }
  const made = new Set<string>();
  for (const load of loads)
    for (const sequence of freeSequences(load.table))
      await pointAtSequence(client, load, sequence, made, notCarried);
  return notCarried;
}

/** Sequences that a swapped table shall own, and that nobody owns yet. */
export async function ownSequences(client: pg.Client, { table }: TableLoad): Promise<void> {
  for (const { column, name, options } of freeSequences(table)) {
    if (!options?.owned || name.schema !== table.schema) continue;
    const { rows } = await client.query(
      `SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = to_regclass($1)
        AND deptype = 'a'`,
      [quoteTable(name)],
    );
    // Numbers go on without it.
    if (rows.length === 0)
      await inTransaction(client, () => attempt(client, ownSequence(table, column, name), () => {}));
  }
}

/** A sequence that stands alone may serve several columns, or belong to a column of another table of the run. */
async function pointAtSequence(
  client: pg.Client,
  { table, mode }: TableLoad,
  { column, name, options, next }: FreeSequence,
  made: Set<string>,
  notCarried: NotCarried[],
): Promise<void> {
  const sequence = quoteTable(name);
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    sequence,
  ]);
  if (!rows[0].there) made.add(sequence);
  const set = `ALTER TABLE ${quoteTable(table)} ALTER ${quote(column)} SET DEFAULT nextval(${literal(sequence)}::regclass)`;
  const create = createSequence(name, options);
  let failed = false;
  await inTransaction(client, async () => {
    if (name.schema !== null && !rows[0].there)
      await attempt(client, `CREATE SCHEMA IF NOT EXISTS ${quote(name.schema)}`, () => {});
    // Only a table beside it can own it: one that waits for its swap does so afterwards.
    const mayOwn = options?.owned && !rows[0].there && table.schema === name.schema;
    const owned = mayOwn ? [ownSequence(table, column, name)] : [];
    const statements = [...(rows[0].there ? [] : [create]), set, ...owned];
    for (const statement of mode === 'append' ? [] : statements) {
      if (failed) return;
      await attempt(client, statement, (reason) => {
        failed = true;
        notCarried.push({ table: table.name, object: 'default', name: column, column, reason, hint: set });
      });
    }
  });
  if (!failed)
    await advance(client, table, column, sequence, { fresh: made.has(sequence), wanted: next }, notCarried);
}

/** `sequence` is quoted. */
async function advance(
  client: pg.Client,
  table: TableName,
  column: string,
  sequence: string,
  next: { readonly fresh: boolean; readonly wanted: string | undefined },
  notCarried: NotCarried[],
): Promise<void> {
  const wanted = next.wanted !== undefined && /^-?\d{1,20}$/.test(next.wanted) ? next.wanted : null;
  const value = `${quote(column)}::numeric`;
  const sql = `WITH s AS (SELECT seqincrement > 0 AS up, seqmin::numeric AS lowest, seqmax::numeric AS highest, seqcycle AS cycles
      FROM pg_catalog.pg_sequence WHERE seqrelid = $1::regclass),
    now AS (SELECT CASE WHEN $3::boolean THEN NULL ELSE last_value::numeric
        + CASE WHEN NOT is_called THEN 0 WHEN s.up THEN 1 ELSE -1 END END AS value FROM ${sequence}, s),
    seen AS (SELECT max(${value}) FILTER (WHERE ${value} <= s.highest) + 1 AS above,
        min(${value}) FILTER (WHERE ${value} >= s.lowest) - 1 AS below FROM ${quoteTable(table)}, s),
    n AS (SELECT CASE WHEN s.cycles AND $2::numeric IS NOT NULL THEN $2::numeric
        WHEN s.up THEN greatest(seen.above, $2::numeric, now.value)
        ELSE least(seen.below, $2::numeric, now.value) END AS value FROM s, seen, now)
    SELECT CASE WHEN n.value > s.highest THEN setval($1::regclass, s.highest::bigint, true)
      WHEN n.value < s.lowest AND NOT s.up THEN setval($1::regclass, s.lowest::bigint, true)
      ELSE setval($1::regclass, greatest(n.value, s.lowest)::bigint, false) END
    FROM n, s WHERE n.value IS NOT NULL`;
  try {
    await client.query(sql, [sequence, wanted, next.fresh]);
  } catch (error) {
    if (sqlState(error) === null) throw error;
    const { message } = fromPostgres(error, 'ddl');
    notCarried.push({
      table: table.name,
      object: 'identity',
      name: column,
      column,
      reason: `its next number could not be set: ${message}`,
      hint: `SELECT setval(${literal(sequence)}, …) for "${column}"`,
    });
  }
}
