// Staged rows that their table refuses: by casts that would change them, by inserting them in ever smaller parts, which is all
// taken back, and those that share a key with another where only one can be meant. Main thread.
import type pg from 'pg';
import { failpoint } from '../../errors/failpoint.ts';
import type { FerrowError } from '../../errors/ferrow-error.ts';
import type { Reject } from '../../types/reject.ts';
import type { TableName } from '../../types/schema.ts';
import { doubledKey } from '../conflicts.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { type RefusedRow, STAGED_VALUE_CHARS_MAX, stagedRejects } from '../stored-rejects.ts';
import { insertStaged, keysInRun } from './append.ts';
import { fromPostgres } from './errors.ts';
import { makeJudge } from './judge.ts';
import { literal, quote, quoteTable } from './names.ts';
import { insertRejects } from './rejects.ts';
import { inTransaction } from './session.ts';
import { castRefusals, stagedValue } from './staging-casts.ts';
import { onConflict } from './upsert.ts';

/** Rows that are described by one query. */
const DESCRIBED_MAX = 2000;

/** Where so few are left they are tried one by one: halves would fail again and again. */
const HALVED_ROWS_MIN = 16;

interface Found {
  readonly ctid: string;
  readonly column: string | null;
  readonly error: Pick<FerrowError, 'code' | 'message'>;
}

export async function rejectStaged(
  client: pg.Client,
  load: TableLoad,
  rejecting: StagedRejecting,
  run: readonly TableName[],
): Promise<Reject[]> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    quoteTable(load.staging),
  ]);
  if (!rows[0].there) return [];
  return inTransaction(client, async () => {
    const refused: RefusedRow[] = [];
    const takeOut = async (found: readonly Found[]) => {
      for (let at = 0; at < found.length; at += DESCRIBED_MAX)
        refused.push(...(await describe(client, load, rejecting, found.slice(at, at + DESCRIBED_MAX))));
      await client.query(`DELETE FROM ${quoteTable(load.staging)} WHERE ctid = ANY ($1::tid[])`, [
        found.map(({ ctid }) => ctid),
      ]);
    };
    // Those of one column before the next: a row is refused once.
    for await (const found of castRefusals(client, load)) await takeOut(found);
    // The rows of a partitioned table have been in its partitions from the beginning.
    if (load.mode === 'append' || !load.table.partitioning) {
      const order = await putInOrder(client, load, rejecting);
      await takeOut(await refusedByTable(client, load, order, run));
      if (load.onConflict) await takeOut(await doubled(client, load, load.onConflict.key, order));
      await client.query(`DROP TABLE ${quoteTable(order)}`);
    }
    const rejects = stagedRejects(load, rejecting, refused);
    await insertRejects(client, '_ferrow', rejects);
    failpoint('rejects.written');
    return rejects;
  });
}

/** Kinds whose types have an order in every server. */
const ORDERED = new Set([
  'int',
  'decimal',
  'numeric',
  'float',
  'bool',
  'date',
  'timestamp',
  'uuid',
  'binary',
]);

/**
 * The order in which rows go in, of which the first of one key stays: by the source's key, then by all they hold. Where
 * they stand is chance, since several writers put them there.
 */
async function putInOrder(
  client: pg.Client,
  { staging, columns }: TableLoad,
  { key }: StagedRejecting,
): Promise<TableName> {
  const order = { schema: staging.schema, name: `${staging.name}_order` };
  const byKey = key.map((name) => {
    const wire = columns.find((column) => column.name === name)?.wire.kind ?? '';
    return ORDERED.has(wire) ? `s.${quote(name)}` : `s.${quote(name)}::text COLLATE "C"`;
  });
  const by = [...byKey, '(s.*)::text COLLATE "C"', 's.ctid'].join(', ');
  await client.query(
    `CREATE UNLOGGED TABLE ${quoteTable(order)} AS
    SELECT row_number() OVER (ORDER BY ${by}) AS number, s.ctid AS place FROM ${quoteTable(staging)} s`,
  );
  await client.query(
    `ALTER TABLE ${quoteTable(order)} ADD PRIMARY KEY (number); ANALYZE ${quoteTable(order)}`,
  );
  return order;
}

async function refusedByTable(
  client: pg.Client,
  load: TableLoad,
  order: TableName,
  run: readonly TableName[],
): Promise<Found[]> {
  await client.query('SAVEPOINT ferrow_rejects');
  let judge = load;
  if (load.mode === 'append') {
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    // Their parents may still come.
    for (const { table, name } of await keysInRun(client, load, run))
      await client.query(`ALTER TABLE ${quoteTable(table)} DROP CONSTRAINT ${quote(name)}`);
  } else judge = await makeJudge(client, load);
  const search = await makeSearch(client, judge, order);
  // One plan for any two numbers, and one that suits few rows: planning takes longer than inserting them.
  await client.query(
    'SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off',
  );
  const { rows } = await client.query<Fault & { ctid: string }>(
    `SELECT place::text AS ctid, code, message, detail, "column" FROM ${search}
    ((SELECT count(*) FROM ${quoteTable(order)})) AS refused JOIN ${quoteTable(order)} AS placed USING (number)
    ORDER BY number`,
  );
  await client.query('ROLLBACK TO SAVEPOINT ferrow_rejects');
  // The server names the table that judged.
  const named = (text: string) => text.replaceAll(judge.table.name, load.table.name);
  return rows.map(({ ctid, column, message, ...fault }) => {
    const error = Object.assign(new Error(named(message)), fault);
    // What of it is kept: there may be very many.
    const { code, message: reason } = fromPostgres(error, 'write', { table: load.table.name });
    const brought = column !== null && isBrought(load, column) ? column : null;
    return { ctid, column: brought, error: { code, message: reason } };
  });
}

/** Of an error, as the server has it. */
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly detail: string;
  readonly column: string | null;
}

/**
 * A function that inserts so many rows and gives those that are refused, by halves: constraints of all kinds, values
 * that a type or a domain refuses, two rows of one statement that meet the same live one. In the server, since many rows may be bad.
 */
async function makeSearch(client: pg.Client, load: TableLoad, order: TableName): Promise<string> {
  const { staging } = load;
  const search = quoteTable({ schema: staging.schema, name: `${staging.name}_search` });
  const insert = (first: string, last: string) => {
    const rows = `(SELECT staged.* FROM ${quoteTable(order)} AS placed JOIN ${quoteTable(staging)} AS staged
      ON staged.ctid = placed.place WHERE placed.number BETWEEN ${first} AND ${last} ORDER BY placed.number) AS staged`;
    return `${insertStaged(load, rows)} ${load.onConflict ? onConflict(load, load.onConflict) : ''}`;
  };
  const refused = 'integrity_constraint_violation OR data_exception OR cardinality_violation';
  // The statements stand in the body, and in no EXECUTE, so that each is planned once; a table may have columns called as the
  // variables are. `ends` has the ends of the parts that are still to be tried, the next one last: a function that calls itself
  // would copy the names of all its callers with each error.
  const body = `
    #variable_conflict use_column
    <<search>>
    DECLARE
      at bigint := 1;
      till bigint;
      ends bigint[] := ARRAY[$1];
      depth integer := 1;
    BEGIN
      WHILE depth > 0 LOOP
        till := ends[depth];
        BEGIN
          ${insert('search.at', 'search.till')};
          at := till + 1;
          depth := depth - 1;
          CONTINUE;
        EXCEPTION WHEN ${refused} THEN NULL;
        END;
        IF till - at >= ${HALVED_ROWS_MIN} THEN
          depth := depth + 1;
          ends[depth] := (at + till) / 2;
          CONTINUE;
        END IF;
        <<single>>
        FOR place IN at..till LOOP
          BEGIN
            ${insert('single.place', 'single.place')};
          EXCEPTION WHEN ${refused} THEN
            GET STACKED DIAGNOSTICS code := RETURNED_SQLSTATE, message := MESSAGE_TEXT, detail := PG_EXCEPTION_DETAIL,
              "column" := COLUMN_NAME;
            number := place;
            "column" := nullif("column", '');
            RETURN NEXT;
          END;
        END LOOP;
        at := till + 1;
        depth := depth - 1;
      END LOOP;
    END`;
  await client.query(
    `CREATE FUNCTION ${search} (bigint)
    RETURNS TABLE (number bigint, code text, message text, detail text, "column" text) LANGUAGE plpgsql AS ${literal(body)}`,
  );
  return search;
}

/** Of rows with one key all but the first. */
async function doubled(
  client: pg.Client,
  load: TableLoad,
  key: readonly string[],
  order: TableName,
): Promise<Found[]> {
  const values = key.map((name) => stagedValue(load, name)).join(', ');
  const { rows } = await client.query<{ ctid: string }>(
    `SELECT place::text AS ctid FROM (
      SELECT placed.number, placed.place, row_number() OVER (PARTITION BY ${values} ORDER BY placed.number) AS turn
      FROM ${quoteTable(order)} AS placed JOIN ${quoteTable(load.staging)} AS staged ON staged.ctid = placed.place
    ) AS turns WHERE turn > 1 ORDER BY number`,
  );
  const error = doubledKey(load, { action: 'skip', key }, null);
  return rows.map(({ ctid }) => ({ ctid, column: key.length === 1 ? key[0] : null, error }));
}

const isBrought = (load: TableLoad, name: string): boolean => load.columns.some((each) => each.name === name);

async function describe(
  client: pg.Client,
  { staging }: TableLoad,
  { key }: StagedRejecting,
  found: readonly Found[],
): Promise<RefusedRow[]> {
  const text = (name: string) => `left(${quote(name)}::text, ${STAGED_VALUE_CHARS_MAX})`;
  const blamed = [...new Set(found.flatMap(({ column }) => column ?? []))];
  const values = blamed.map((name) => `WHEN ${literal(name)} THEN ${text(name)}`);
  const value = values.length === 0 ? 'NULL::text' : `CASE blamed ${values.join(' ')} END`;
  const { rows } = await client.query<{ key: (string | null)[]; value: string | null }>(
    `SELECT ARRAY[${key.map(text).join(', ')}]::text[] AS key, ${value} AS value
    FROM unnest($1::tid[], $2::text[]) WITH ORDINALITY AS found (place, blamed, at)
      JOIN ${quoteTable(staging)} AS staged ON staged.ctid = found.place ORDER BY at`,
    [found.map(({ ctid }) => ctid), found.map(({ column }) => column)],
  );
  return rows.map((row, at) => {
    const { column, error } = found[at];
    return { column, code: error.code, reason: error.message, key: row.key, value: row.value };
  });
}
