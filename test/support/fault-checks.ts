// What must hold of a target at any moment: looked at from outside, by the engine's own SQL, sharing nothing with what wrote it.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { restoreMetadata } from '../../src/dialect/duckdb/metadata-guard.ts';
import { type Ask, asking, engineOfUrl, pathOfUrl, queryText, runStatements } from './judge.ts';

const STAGING = /^_ferrow_[0-9a-f]{8}_\d+/;

/** A row of the ledger, as it was written. */
export interface ChunkRow {
  readonly run: string;
  readonly table: string;
  readonly partition: string;
  readonly seq: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly rows: number;
  readonly isEnd: boolean;
}

export interface LedgerState {
  /** State of each run, by id. */
  readonly runs: Readonly<Record<string, string>>;
  /** Tables of all runs. */
  readonly tables: readonly { run: string; id: string; name: string; staging: string; state: string }[];
  readonly chunks: readonly ChunkRow[];
}

/** A killed SQLite leaves a journal that the next connection that may write rolls back; DuckDB a log that it replays. */
export async function settle(url: string): Promise<void> {
  if (engineOfUrl(url) === 'postgres') await untilGone(url);
  if (engineOfUrl(url) !== 'postgres' && existsSync(pathOfUrl(url))) await runStatements(url, ['SELECT 1']);
}

/** Names of all tables, Ferrow's own too; none where there is no file. */
export async function tablesOf(url: string): Promise<string[]> {
  return isThere(url) ? asking(url, (ask) => tableNames(url, ask)) : [];
}

const isThere = (url: string) => engineOfUrl(url) === 'postgres' || existsSync(pathOfUrl(url));

async function tableNames(url: string, ask: Ask): Promise<string[]> {
  const sql = {
    sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table'",
    duckdb: 'SELECT table_name FROM duckdb_tables()',
    postgres: "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  }[engineOfUrl(url)];
  return (await ask(sql)).flat();
}

export async function stagingTablesOf(url: string): Promise<string[]> {
  return (await tablesOf(url)).filter((name) => STAGING.test(name));
}

/** Null where there is no ledger. */
export async function ledgerOf(url: string): Promise<LedgerState | null> {
  return isThere(url) ? asking(url, async (ask) => readLedger(url, ask, await tableNames(url, ask))) : null;
}

async function readLedger(url: string, ask: Ask, tables: readonly string[]): Promise<LedgerState | null> {
  const isSqlite = engineOfUrl(url) === 'sqlite';
  if (!tables.includes(isSqlite ? '_ferrow_tables' : 'tables')) return null;
  const place = (name: string) => (isSqlite ? `_ferrow_${name}` : `_ferrow.${name}`);
  const runs = await ask(`SELECT run_id, state FROM ${place('runs')}`);
  const loads = await ask(`SELECT run_id, table_id, table_name, staging_name, state FROM ${place('tables')}`);
  const chunks = await ask(
    `SELECT run_id, table_id, partition_id, seq, epoch, attempt, "rows", is_end FROM ${place('chunks')}
     ORDER BY 1, 2, 3, 4`,
  );
  return {
    runs: Object.fromEntries(runs.map(([id, state]) => [id, state])),
    tables: loads.map(([run, id, name, staging, state]) => ({ run, id, name, staging, state })),
    chunks: chunks.map(([run, table, partition, seq, epoch, attempt, rows, isEnd]) => ({
      run,
      table,
      partition,
      seq: Number(seq),
      epoch: Number(epoch),
      attempt: Number(attempt),
      rows: Number(rows),
      isEnd: ['t', 'true', '1'].includes(isEnd),
    })),
  };
}

/** The ledger says exactly what is staged: no row without its entry, no entry without its rows, no gap, nothing twice. */
export async function assertLedgerAgrees(url: string, what: string): Promise<LedgerState | null> {
  if (!isThere(url)) return null;
  if (engineOfUrl(url) === 'postgres') {
    await untilGone(url);
    return asking(url, (ask) => ledgerThatAgrees(url, ask, what));
  }
  // What a killed process has left is whoever carries on's to roll back or to replay: a copy is looked at.
  const folder = mkdtempSync(join(tmpdir(), 'ferrow-judged-'));
  try {
    const [path, copy] = [pathOfUrl(url), join(folder, 'copy')];
    for (const suffix of ['', '-journal', '-wal', '.wal', '.ferrow-metadata'])
      if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    const copied = `${engineOfUrl(url)}:${copy}`;
    await settle(copied).catch((error) => {
      // A block of DuckDB's own was written by half: the one thing that whoever opens the file next must mend first.
      if (!String(error).includes('Corrupt database file') || !restoreMetadata(copy)) throw error;
      return settle(copied);
    });
    return await asking(copied, (ask) => ledgerThatAgrees(url, ask, what));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ledgerThatAgrees(url: string, ask: Ask, what: string): Promise<LedgerState | null> {
  const all = await tableNames(url, ask);
  const ledger = await readLedger(url, ask, all);
  const staged = all.filter((name) => STAGING.test(name));
  if (ledger === null) {
    assert.deepEqual(staged, [], `${what}: staging tables without a ledger`);
    return null;
  }
  for (const { run, id, name, staging, state } of ledger.tables) {
    const own: ChunkRow[] = ledger.chunks.filter((chunk) => chunk.run === run && chunk.table === id);
    assertWholePrefixes(own, `${what}: ${name}`);
    const sum = own.reduce((total, { rows }) => total + rows, 0);
    assert.equal(
      staged.includes(staging),
      state === 'loading',
      `${what}: ${name} is ${state}, staged: ${staged}`,
    );
    if (state === 'dropped') assert.equal(own.length, 0, `${what}: entries of ${name}, which was dropped`);
    if (state === 'loading') {
      const [[count]] = await ask(`SELECT count(*) FROM "${staging}"`);
      assert.equal(Number(count), sum, `${what}: rows of ${staging} and those of its entries`);
    }
    if (state === 'finished') assert.ok(all.includes(name), `${what}: ${name} is finished and not there`);
  }
  const known = ledger.tables.map(({ staging }) => staging);
  assert.deepEqual(
    staged.filter((name) => !known.includes(name)),
    [],
    `${what}: staging tables that the ledger does not know`,
  );
  return ledger;
}

function assertWholePrefixes(chunks: readonly ChunkRow[], what: string): void {
  const byPartition = Map.groupBy(chunks, ({ partition }) => partition);
  for (const [partition, own] of byPartition) {
    const seqs = own.map(({ seq }) => seq);
    assert.deepEqual(seqs, [...seqs.keys()], `${what}, partition ${partition}: numbers of its chunks`);
    const end = own.findIndex(({ isEnd }) => isEnd);
    assert.ok(end === -1 || end === own.length - 1, `${what}, partition ${partition}: chunks behind its end`);
  }
}

/** What was committed of these tables is still what it was: not written again. */
export function assertKept(before: LedgerState, after: LedgerState, what: string): void {
  const keyOf = ({ run, table, partition, seq }: ChunkRow) => [run, table, partition, seq].join('|');
  const now = new Map(after.chunks.map((chunk) => [keyOf(chunk), chunk]));
  for (const chunk of before.chunks)
    assert.deepEqual(now.get(keyOf(chunk)), chunk, `${what}: a committed chunk was written again`);
}

/** After the end of a run nothing of it is left but the ledger. */
export async function assertNothingLeft(url: string, what: string): Promise<void> {
  assert.deepEqual(await stagingTablesOf(url), [], `${what}: staging tables`);
  if (engineOfUrl(url) === 'postgres') {
    const own = "datname = current_database() AND application_name = 'ferrow'";
    await nothingFound(
      url,
      `SELECT pid, state, query FROM pg_stat_activity WHERE ${own}`,
      `${what}: open connections`,
    );
    // The server's own vacuuming takes locks too.
    const locks = `SELECT locktype, mode FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE a.backend_type = 'client backend' AND pid <> pg_backend_pid() AND (locktype = 'advisory' OR relation IN
      (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace))
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await nothingFound(url, locks, `${what}: locks`);
    return;
  }
  // Each target has a folder of its own.
  const path = pathOfUrl(url);
  assert.deepEqual(readdirSync(dirname(path)), [basename(path)], `${what}: files beside the database`);
}

/** A server goes on for a moment with what a killed process has told it. */
async function untilGone(url: string): Promise<void> {
  const own = "datname = current_database() AND application_name = 'ferrow'";
  for (let attempt = 0; attempt < 100; attempt++) {
    const [[count]] = await queryText(url, `SELECT count(*) FROM pg_stat_activity WHERE ${own}`);
    if (count === '0') return;
    await setTimeout(20);
  }
  assert.fail('connections of a killed process stay');
}

/** A server needs a moment to end what a process that is gone has left. */
async function nothingFound(url: string, sql: string, what: string): Promise<void> {
  const until = performance.now() + 5000;
  let found = await queryText(url, sql);
  while (found.length > 0 && performance.now() < until) {
    await setTimeout(100);
    found = await queryText(url, sql);
  }
  assert.deepEqual(found, [], what);
}
