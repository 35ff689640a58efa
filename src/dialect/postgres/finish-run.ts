// After all tables: inheritance, foreign keys, the numbers that columns go on with. Main thread.
import type pg from 'pg';
import { failpoint } from '../../errors/failpoint.ts';
import type { NotCarried, TableName } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { attempt } from './attempt.ts';
import { raiseBuildMemory } from './build-settings.ts';
import { constraintComment, foreignKeyStatement } from './ddl.ts';
import { quoteTable } from './names.ts';
import { ownConstraintStatement, placedPartitions } from './partition-ddl.ts';
import { finishSequences, ownSequences } from './sequences.ts';
import { inTransaction } from './session.ts';
import { analyse } from './statistics.ts';
import { tableFacts } from './table-facts.ts';

export async function finishRun(client: pg.Client, loads: readonly TableLoad[]): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  // Tables that were swapped had all of it before.
  const fresh = loads.filter(({ mode }) => mode !== 'swap');
  for (const load of fresh) await inherit(client, load, notCarried);
  for (const load of loads) await addForeignKeys(client, load, notCarried);
  failpoint('run.finishing');
  notCarried.push(...(await finishSequences(client, fresh)));
  for (const load of loads) if (load.mode === 'swap') await ownSequences(client, load);
  // What their heirs hold counts for them too.
  const parents = new Map(
    loads.flatMap(({ table }) => (table.inherits ?? []).map((each) => [quoteTable(each), each])),
  );
  for (const parent of parents.values()) await analyse(client, parent);
  return notCarried;
}

/** Tables that inherit arrived alone, each with its own rows. */
async function inherit(
  client: pg.Client,
  { table, mode }: TableLoad,
  notCarried: NotCarried[],
): Promise<void> {
  for (const parent of mode === 'append' ? [] : (table.inherits ?? [])) {
    const statement = `ALTER TABLE ${quoteTable(table)} INHERIT ${quoteTable(parent)}`;
    if (await isHeir(client, table, parent)) continue;
    await inTransaction(client, () =>
      attempt(client, statement, (reason) => {
        const name = `inheritance from ${parent.name}`;
        notCarried.push({ table: table.name, object: 'table option', name, reason, hint: statement });
      }),
    );
  }
}

/** A run that is carried on may have come this far before. */
async function isHeir(client: pg.Client, table: TableName, parent: TableName): Promise<boolean> {
  const { rows } = await client.query(
    'SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = to_regclass($1) AND inhparent = to_regclass($2)',
    [quoteTable(table), quoteTable(parent)],
  );
  return rows.length > 0;
}

interface WaitingForeignKey {
  readonly name: string | null;
  readonly shown: string;
  /** What it ties, for one without a name. */
  readonly ties: string | null;
  readonly statement: string;
  /** For after the rows that find no parent are mended. */
  readonly later: string;
  readonly comment: string | null;
}

/**
 * For append only those that the replacing of another table took away: they are the live table's own. After a swap those
 * whose definition is PostgreSQL's own text, in which tables have the names they have now.
 */
async function addForeignKeys(client: pg.Client, load: TableLoad, notCarried: NotCarried[]): Promise<void> {
  const { table } = load;
  if (!load.parts.foreignKeys) return;
  await addTo(client, table, table.name, tableKeys(load), notCarried);
  if (load.mode === 'append') return;
  for (const { partition, name } of placedPartitions(table, table, (each) => each)) {
    const own = (partition.constraints ?? []).filter((each) => each.definition.startsWith('FOREIGN KEY'));
    await addTo(
      client,
      name,
      table.name,
      own.map((each) => ownKey(name, each)),
      notCarried,
    );
  }
}

function tableKeys({ table, mode }: TableLoad): WaitingForeignKey[] {
  const facts = tableFacts(table);
  const keys = table.foreignKeys.map((key) => ({
    name: key.name,
    shown: key.name ?? `(${key.columns.join(', ')})`,
    ties: JSON.stringify([key.columns, key.references.name]),
    statement: foreignKeyStatement(key, table, key.name !== null && facts.notValid.includes(key.name)),
    later: foreignKeyStatement(key, table, true),
    comment: key.comment ?? null,
  }));
  if (mode === 'append') return keys;
  const own = facts.constraints.filter((each) => each.object === 'foreign key');
  const texts = own.map((each) => ownKey(table, each));
  return mode === 'swap' ? texts : [...keys, ...texts];
}

function ownKey(
  table: TableName,
  own: { readonly name: string; readonly definition: string },
): WaitingForeignKey {
  const statement = ownConstraintStatement(table, own);
  return { name: own.name, shown: own.name, ties: null, statement, later: statement, comment: null };
}

async function addTo(
  client: pg.Client,
  place: TableName,
  table: string,
  keys: readonly WaitingForeignKey[],
  notCarried: NotCarried[],
): Promise<void> {
  if (keys.length === 0) return;
  const { rows } = await client.query<{ name: string; columns: string[]; parent: string }>(
    `SELECT k.conname AS name, p.relname AS parent,
      (SELECT json_agg(a.attname ORDER BY n.at) FROM unnest(k.conkey) WITH ORDINALITY AS n (number, at)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.number) AS columns
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
    WHERE k.contype = 'f' AND k.conrelid = $1::regclass`,
    [quoteTable(place)],
  );
  const there = new Set(rows.map((row) => row.name));
  // Those that this run has made before it was killed: they got a name of the server's.
  const tied = new Set(rows.map((row) => JSON.stringify([row.columns, row.parent])));
  for (const { name, shown, ties, statement, later, comment } of keys) {
    if (name !== null ? there.has(name) : ties !== null && tied.has(ties)) continue;
    await inTransaction(client, async () => {
      await raiseBuildMemory(client);
      let made = true;
      await attempt(client, statement, (reason, state) => {
        made = false;
        const orphans = state === '23503';
        const why = orphans ? `rows of the source find no parent: ${reason}` : reason;
        const hint = orphans ? later : statement;
        notCarried.push({ table, object: 'foreign key', name: shown, reason: why, hint });
      });
      if (made && name !== null && comment) await client.query(constraintComment(place, name, comment));
    });
  }
}
