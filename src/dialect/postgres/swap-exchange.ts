// Tables change places under their names, and all that hangs on them goes along. Inside a transaction that is the caller's;
// see swap.ts. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { NotCarried, TableName } from '../../types/schema.ts';
import type { SwappedTable } from '../dialect.ts';
import { oldNameTaken } from '../swap.ts';
import { attempt } from './attempt.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { quote, quoteTable } from './names.ts';
import {
  addKey,
  boundFunctions,
  type DependentView,
  type KeptKey,
  keysOf,
  refuseFamilies,
  refuseOthers,
  remakingStatements,
  viewsOver,
} from './swap-dependents.ts';
import { isKept, tableOid } from './swap-ledger.ts';
import { lockAll } from './swap-locks.ts';
import { keptName, passSequences, type Renamed, renameAway } from './swap-names.ts';
import { type Belongings, belongings } from './swap-rights.ts';

export interface Place extends TableName {
  readonly schema: string;
}

/** One name, and what takes it. */
export interface Exchange {
  readonly table: Place;
  /** Where the table stands that takes the name, called as it will be; null: the name falls free. */
  readonly built: Place | null;
  /** Brings it there, when the locks are taken. */
  prepare?(): Promise<void>;
  /** It gets owner, rights, triggers, policies and comments of the one it replaces; a table that comes back has its own. */
  readonly takesOver: boolean;
  /** Foreign keys that it had. */
  readonly keys: readonly KeptKey[];
}

/** What is needed to put a replaced table back. */
export interface Note {
  readonly renamed: readonly Renamed[];
  /** Its foreign keys to other tables: without them it stands in nobody's way. */
  readonly keys: readonly KeptKey[];
}

export interface Exchanged {
  readonly tables: readonly (SwappedTable & { readonly note: Note })[];
  readonly notCarried: readonly NotCarried[];
  /** Foreign keys that were added for new rows only. */
  readonly added: readonly KeptKey[];
}

interface Live extends Exchange {
  readonly oid: string;
}

/** `parking` is a name for a schema that may be made for the time. */
export async function exchangeAll(
  client: pg.Client,
  exchanges: readonly Exchange[],
  parking: string,
): Promise<Exchanged> {
  // Definitions are printed with full names, and mean what they say.
  await client.query(`SET LOCAL search_path = ''`);
  const before = await liveTables(client, exchanges);
  await lockAll(client, await lockables(client, exchanges, before));
  // Once more: what was made or dropped meanwhile.
  const lives = await liveTables(client, exchanges);
  await refuse(client, lives);
  const replaced = lives.filter((each) => each.built !== null);
  const oids = lives.map((each) => each.oid);
  const views = await viewsOver(
    client,
    replaced.map((each) => each.oid),
  );
  const keys = await keysOf(client, oids);
  const isLive = (place: TableName) => lives.some(({ table }) => same(table, place));
  const incoming = keys.filter((key) => !isLive(key));
  refuseLostParents(incoming, exchanges);
  const remaking = await remade(client, views);
  const functions = await boundFunctions(client, [
    ...replaced.map((each) => each.oid),
    ...views.filter((view) => view.kind === 'm').map((view) => view.oid),
  ]);
  for (const key of keys)
    await client.query(`ALTER TABLE ${quoteTable(key)} DROP CONSTRAINT ${quote(key.constraint)}`);
  for (const each of exchanges) await each.prepare?.();
  const dropped = await dropOlder(client, exchanges);
  const taken = new Map<Exchange, Belongings>();
  for (const each of replaced)
    if (each.takesOver)
      taken.set(each, await belongings(client, each.table, each.oid, await builtOid(client, each)));
  await park(client, views, parking);
  const tables: Exchanged['tables'][number][] = [];
  for (const each of exchanges) {
    const live = lives.find(({ table }) => table === each.table);
    const built = each.built && (await builtOid(client, each));
    const note = live ? await moveAway(client, live, built, keys) : { renamed: [], keys: [] };
    if (each.built)
      await client.query(`ALTER TABLE ${quoteTable(each.built)} SET SCHEMA ${quote(each.table.schema)}`);
    const old = live ? { schema: each.table.schema, name: keptName(each.table.name) } : null;
    tables.push({
      table: each.table,
      stands: each.built !== null,
      old,
      droppedOlder: dropped.has(each),
      note,
    });
  }
  for (const { view, statements } of remaking)
    for (const sql of statements) await insist(client, sql, `the view "${view.name}"`, views);
  for (const sql of functions) await insist(client, sql, 'a function that reads it', []);
  const added = [...incoming, ...exchanges.flatMap((each) => each.keys)];
  for (const key of added) {
    await insist(client, addKey(key), `the foreign key "${key.constraint}" of table "${key.name}"`, []);
    if (key.comment !== null) await client.query(commentOn(key));
  }
  const notCarried: NotCarried[] = [];
  for (const [each, own] of taken) notCarried.push(...(await takeOver(client, each, own)));
  for (const live of replaced)
    await passSequences(client, live.oid, await oidOf(client, live.table), quoteTable(live.table));
  await clearParking(client, views, parking);
  return { tables, notCarried, added };
}

/** @throws FerrowError E_TABLE_IN_USE for what can't be swapped, E_TABLE_EXISTS where the old one's name is the user's */
export async function refuse(
  client: pg.Client,
  lives: readonly { readonly table: Place; readonly oid: string }[],
): Promise<void> {
  const tables = new Map(lives.map(({ oid, table }) => [oid, table]));
  await refuseFamilies(client, tables);
  await refuseOthers(client, tables, await viewsOver(client, [...tables.keys()]));
  for (const { table } of lives) {
    const old = keptName(table.name);
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2) AS taken`,
      [table.schema, old],
    );
    if (rows[0].taken && !(await isKept(client, table.schema, old))) throw oldNameTaken(table.name, old);
  }
}

async function liveTables(client: pg.Client, exchanges: readonly Exchange[]): Promise<Live[]> {
  const lives: Live[] = [];
  for (const each of exchanges) {
    const oid = await tableOid(client, each.table);
    if (oid !== null) lives.push({ ...each, oid });
  }
  return lives;
}

/** As readers come: views before what they read, the last made first. */
async function lockables(client: pg.Client, exchanges: readonly Exchange[], lives: readonly Live[]) {
  const oids = lives.map((each) => each.oid);
  const views = await viewsOver(client, oids);
  const kept: TableName[] = [];
  for (const { table } of exchanges) {
    const old = { schema: table.schema, name: keptName(table.name) };
    if ((await tableOid(client, old)) !== null) kept.push(old);
  }
  const tied = (await keysOf(client, oids)).flatMap((key): TableName[] => [key, key.parent]);
  const all = [...views.reverse(), ...lives.map((each) => each.table), ...tied, ...kept];
  return [...new Map(all.map((each) => [quoteTable(each), each])).values()];
}

function refuseLostParents(incoming: readonly KeptKey[], exchanges: readonly Exchange[]): void {
  const key = incoming.find(({ parent }) =>
    exchanges.some(({ table, built }) => built === null && same(table, parent)),
  );
  if (!key) return;
  throw new FerrowError(
    'E_TABLE_IN_USE',
    `"${key.parent.name}" can't be taken away: the foreign key "${key.constraint}" of table "${key.name}" points at it`,
    {
      dialect: 'postgres',
      table: key.parent.name,
      hint: `ALTER TABLE ${quoteTable(key)} DROP CONSTRAINT ${quote(key.constraint)}`,
    },
  );
}

async function remade(client: pg.Client, views: readonly DependentView[]) {
  const remaking: { view: DependentView; statements: string[] }[] = [];
  for (const view of views) remaking.push({ view, statements: await remakingStatements(client, view) });
  return remaking;
}

/** Those that an earlier swap kept, together: they may refer to each other. */
async function dropOlder(client: pg.Client, exchanges: readonly Exchange[]): Promise<Set<Exchange>> {
  const dropped = new Set<Exchange>();
  const places: string[] = [];
  for (const each of exchanges) {
    const older = { schema: each.table.schema, name: keptName(each.table.name) };
    if ((await tableOid(client, older)) === null) continue;
    if (!(await isKept(client, older.schema, older.name))) throw oldNameTaken(each.table.name, older.name);
    dropped.add(each);
    places.push(quoteTable(older));
  }
  if (places.length > 0)
    await insist(client, `DROP TABLE ${places.join(', ')}`, 'a table that an earlier run replaced', []);
  return dropped;
}

async function moveAway(
  client: pg.Client,
  { table, oid }: Live,
  built: string | null,
  keys: readonly KeptKey[],
): Promise<Note> {
  const renamed = await renameAway(client, table.schema, oid, built);
  await client.query(`ALTER TABLE ${quoteTable(table)} RENAME TO ${quote(keptName(table.name))}`);
  return { renamed, keys: keys.filter((key) => same(key, table)) };
}

/** What reads a materialised view is turned to the new one before the old one is dropped. */
async function park(client: pg.Client, views: readonly DependentView[], parking: string): Promise<void> {
  const made = views.filter((view) => view.kind === 'm');
  if (made.length === 0) return;
  await client.query(`CREATE SCHEMA ${quote(parking)}`);
  for (const view of made)
    await client.query(`ALTER MATERIALIZED VIEW ${quoteTable(view)} SET SCHEMA ${quote(parking)}`);
}

async function clearParking(
  client: pg.Client,
  views: readonly DependentView[],
  parking: string,
): Promise<void> {
  const made = views.filter((view) => view.kind === 'm').reverse();
  if (made.length === 0) return;
  for (const { name } of made)
    await client.query(`DROP MATERIALIZED VIEW ${quoteTable({ schema: parking, name })}`);
  await client.query(`DROP SCHEMA ${quote(parking)}`);
}

async function takeOver(client: pg.Client, { table }: Exchange, own: Belongings): Promise<NotCarried[]> {
  const notCarried = [...own.notCarried];
  for (const sql of own.must) await insist(client, sql, 'a policy', []);
  for (const { sql, object, name } of own.may) {
    await attempt(client, sql, (reason) => {
      notCarried.push({ table: table.name, object, name, reason, hint: sql });
    });
  }
  return notCarried;
}

/** @throws FerrowError E_TABLE_IN_USE that says what can't go with the new tables, and why */
async function insist(
  client: pg.Client,
  sql: string,
  what: string,
  views: readonly DependentView[],
): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    const state = sqlState(error);
    if (state === null || !/^(42|23|22|2B|0A)/.test(state)) throw error;
    const { message } = fromPostgres(error, 'ddl');
    const { detail } = error as { detail?: unknown };
    const more = typeof detail === 'string' && state === '2BP01' ? ` (${detail})` : '';
    throw new FerrowError(
      'E_TABLE_IN_USE',
      `the tables can't be swapped: ${what} can't be kept right with the new ones: ${message}${more}`,
      {
        dialect: 'postgres',
        cause: error,
        hint: `drop ${views.length > 0 ? 'the view' : 'it'} first and make it again after the run; nothing was changed`,
      },
    );
  }
}

async function builtOid(client: pg.Client, { built, table }: Exchange): Promise<string> {
  return oidOf(client, built ?? table);
}

async function oidOf(client: pg.Client, place: TableName): Promise<string> {
  const oid = await tableOid(client, place);
  if (oid === null)
    throw new FerrowError('E_INTERNAL', `there is no table ${quoteTable(place)}`, { dialect: 'postgres' });
  return oid;
}

function commentOn({ schema, name, constraint, comment }: KeptKey): string {
  const text = (comment ?? '').replaceAll("'", "''").replaceAll('\\', '\\\\');
  return `COMMENT ON CONSTRAINT ${quote(constraint)} ON ${quoteTable({ schema, name })} IS E'${text}'`;
}

const same = (a: TableName, b: TableName): boolean => a.schema === b.schema && a.name === b.name;
