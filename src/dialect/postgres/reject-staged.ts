// Staged rows that their table refuses: by casts that would change them, by inserting them in ever smaller parts, which is all
// taken back, and those that share a key with another where only one can be meant. Main thread.
import type pg from 'pg';
import { failpoint } from '../../errors/failpoint.ts';
import { REJECT_COLUMN_LIST, type RejectedRows, SHOWN_REJECTS_MAX } from '../../types/reject.ts';
import type { TableName } from '../../types/schema.ts';
import { doubledKey } from '../conflicts.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { stagedPlace, stagedReject } from '../stored-rejects.ts';
import { insertStaged, keysInRun } from './append.ts';
import { codeSql } from './errors.ts';
import { makeJudge } from './judge.ts';
import { literal, quote, quoteTable } from './names.ts';
import { readRejects } from './rejects.ts';
import { inTransaction } from './session.ts';
import { type CastRefusal, castRefusals, stagedValue } from './staging-casts.ts';
import { onConflict } from './upsert.ts';

/** Where so few are left they are tried one by one: halves would fail again and again. */
const HALVED_ROWS_MIN = 16;

/** What the search raises in the end, so that nothing of it stays; none of the server's own. */
const TAKEN_BACK = 'FE001';

/** A query for refused rows: `number` (from 1), `place`, and what is wrong with them: `blamed`, `code`, `reason`. */
interface Refused {
  readonly found: string;
  /** Columns that may be `blamed`. */
  readonly columns: readonly string[];
}

export async function rejectStaged(
  client: pg.Client,
  load: TableLoad,
  rejecting: StagedRejecting,
  run: readonly TableName[],
): Promise<RejectedRows> {
  const {
    rows: [staging],
  } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    quoteTable(load.staging),
  ]);
  if (!staging.there) return { rows: 0, first: [] };
  const { runId, before } = rejecting;
  return inTransaction(client, async () => {
    let rows = 0;
    const takeOut = async (refused: Refused) => {
      rows += await moveRefused(client, load, { ...rejecting, before: before + rows }, refused);
    };
    // Those of one column before the next: a row is refused once.
    for (const refusal of castRefusals(load)) await takeOut(refusedByCast(load, refusal));
    // The rows of a partitioned table have been in its partitions from the beginning.
    if (load.mode === 'append' || !load.table.partitioning) {
      const order = await putInOrder(client, load, rejecting);
      const search = await makeSearch(client, load, order, run);
      await takeOut(refusedByTable(load, order, search));
      if (load.onConflict) await takeOut(doubled(load, load.onConflict.key, order));
      await client.query(`DROP FUNCTION ${search.name}; DROP TABLE ${quoteTable(order)}`);
      if (search.judge.table !== load.table)
        await client.query(`DROP TABLE ${quoteTable(search.judge.table)}`);
    }
    failpoint('rejects.written');
    const shown = Math.min(rows, SHOWN_REJECTS_MAX);
    return { rows, first: await readRejects(client, runId, stagedPlace(load, before), shown) };
  });
}

/** From the staging table to the rejects, inside the server. @returns how many */
async function moveRefused(
  client: pg.Client,
  load: TableLoad,
  rejecting: StagedRejecting,
  { found, columns }: Refused,
): Promise<number> {
  const staged = (name: string) => `staged.${quote(name)}`;
  const reject = stagedReject(
    load,
    rejecting,
    {
      number: `${rejecting.before} + found.number`,
      blamed: 'found.blamed',
      columns,
      code: 'found.code',
      reason: 'found.reason',
    },
    {
      literal,
      text: (name) => `${staged(name)}::text`,
      bytes: (name) => `octet_length(${staged(name)}::text)`,
      cut: (text, characters) => `left(${text}, ${characters})`,
      object: (pairs) => `json_build_object(${pairs.flat().join(', ')})::text`,
    },
  );
  const { rowCount } = await client.query(
    `WITH found AS MATERIALIZED (${found}), gone (${REJECT_COLUMN_LIST}) AS (
      DELETE FROM ${quoteTable(load.staging)} AS staged USING found WHERE staged.ctid = found.place RETURNING ${reject}
    )
    INSERT INTO _ferrow.rejects (${REJECT_COLUMN_LIST}) SELECT * FROM gone`,
  );
  return rowCount ?? 0;
}

function refusedByCast({ staging }: TableLoad, { column, condition, reason }: CastRefusal): Refused {
  return {
    found: `SELECT row_number() OVER () AS number, ctid AS place, ${literal(column)} AS blamed,
      'E_INVALID_VALUE' AS code, ${literal(reason)} AS reason FROM ${quoteTable(staging)} WHERE ${condition}`,
    columns: [column],
  };
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

function refusedByTable(load: TableLoad, order: TableName, { name, judge }: Search): Refused {
  const columns = load.columns.map((column) => column.name);
  // The server names the table that judged.
  const message = `replace(message, ${literal(judge.table.name)}, ${literal(load.table.name)})`;
  return {
    found: `SELECT row_number() OVER (ORDER BY number) AS number, place, "column" AS blamed,
      ${codeSql('code')} AS code, 'PostgreSQL: ' || ${message} AS reason
      FROM ${name} ((SELECT count(*) FROM ${quoteTable(order)})) AS refused
        JOIN ${quoteTable(order)} AS placed USING (number)`,
    columns,
  };
}

/** A function that tries staged rows on a table. */
interface Search {
  /** Quoted. */
  readonly name: string;
  /** The load with that table in place of its own. */
  readonly judge: TableLoad;
}

/**
 * A function that inserts so many rows, gives those that are refused, by halves, and takes all back: constraints of all kinds, values
 * that a type or a domain refuses, two rows of one statement that meet the same live one. In the server, since many rows may be bad.
 */
async function makeSearch(
  client: pg.Client,
  own: TableLoad,
  order: TableName,
  run: readonly TableName[],
): Promise<Search> {
  const load = own.mode === 'append' ? own : await makeJudge(client, own);
  // Of rows that are appended: their parents may still come.
  const waiting = own.mode === 'append' ? await keysInRun(client, own, run) : [];
  const without = waiting.map(
    ({ table, name }) => `ALTER TABLE ${quoteTable(table)} DROP CONSTRAINT ${quote(name)};`,
  );
  const { staging } = load;
  const search = quoteTable({ schema: staging.schema, name: `${staging.name}_search` });
  const insert = (first: string, last: string) => {
    const rows = `(SELECT staged.* FROM ${quoteTable(order)} AS placed JOIN ${quoteTable(staging)} AS staged
      ON staged.ctid = placed.place WHERE placed.number BETWEEN ${first} AND ${last} ORDER BY placed.number) AS staged`;
    return `${insertStaged(load, rows)} ${load.onConflict ? onConflict(load, load.onConflict) : ''}`;
  };
  // A plan that suits few rows and any two numbers: planning takes longer than inserting them.
  const settings = [
    'plan_cache_mode = force_generic_plan',
    'enable_hashjoin = off',
    'enable_mergejoin = off',
    'jit = off',
  ];
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
      SET CONSTRAINTS ALL IMMEDIATE;
      ${without.join('\n')}
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
            GET STACKED DIAGNOSTICS code := RETURNED_SQLSTATE, message := MESSAGE_TEXT, "column" := COLUMN_NAME;
            number := place;
            RETURN NEXT;
          END;
        END LOOP;
        at := till + 1;
        depth := depth - 1;
      END LOOP;
      RAISE SQLSTATE '${TAKEN_BACK}';
    EXCEPTION WHEN SQLSTATE '${TAKEN_BACK}' THEN NULL;
    END`;
  await client.query(
    `CREATE FUNCTION ${search} (bigint) RETURNS TABLE (number bigint, code text, message text, "column" text)
    LANGUAGE plpgsql ${settings.map((setting) => `SET ${setting}`).join(' ')} AS ${literal(body)}`,
  );
  return { name: search, judge: load };
}

/** Of rows with one key all but the first. */
function doubled(load: TableLoad, key: readonly string[], order: TableName): Refused {
  const values = key.map((name) => stagedValue(load, name)).join(', ');
  const { code, message } = doubledKey(load, { action: 'skip', key }, null);
  const columns = key.length === 1 ? key : [];
  return {
    found: `SELECT row_number() OVER (ORDER BY number) AS number, place, ${columns.map(literal)[0] ?? 'NULL'} AS blamed,
      ${literal(code)} AS code, ${literal(message)} AS reason
      FROM (
        SELECT placed.number, placed.place, row_number() OVER (PARTITION BY ${values} ORDER BY placed.number) AS turn
        FROM ${quoteTable(order)} AS placed JOIN ${quoteTable(load.staging)} AS staged ON staged.ctid = placed.place
      ) AS turns WHERE turn > 1`,
    columns,
  };
}
