// SQLite files for the tests of the dialect: a temporary folder per test, a copy of a table in a few lines.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Database from 'better-sqlite3';
import type { Chunk } from '../../../../src/batch/chunk.ts';
import type {
  LedgerEntry,
  ReadRequest,
  RunRecord,
  SourceEngine,
  TableLoad,
  TargetEngine,
} from '../../../../src/dialect/dialect.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
import type { TableSchema } from '../../../../src/types/schema.ts';

export function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ferrow-sqlite-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Makes a database file by SQL and gives its path. */
export function database(context: TestContext, sql: string, fill?: (db: Database.Database) => void): string {
  const path = join(folder(context), 'source.db');
  const db = new Database(path);
  db.pragma('foreign_keys = OFF');
  db.exec(sql);
  fill?.(db);
  db.close();
  return path;
}

/** By SQLite itself, whose columns a target takes as they come; pages.test.ts compares the file's own pages with it. */
export async function source(context: TestContext, path: string): Promise<SourceEngine> {
  const engine = await sqlite.openSource(sqlite.locate(path, {}), { connections: 1, plainIo: true });
  context.after(() => engine.close());
  return engine;
}

export async function target(context: TestContext, path: string): Promise<TargetEngine> {
  const engine = await sqlite.openTarget(sqlite.locate(path, {}), { connections: 1, readOnly: false });
  context.after(() => engine.close());
  return engine;
}

export async function tableOf(engine: SourceEngine | TargetEngine, name: string): Promise<TableSchema> {
  const table = (await engine.catalog([])).tables.find((each) => each.name === name);
  if (!table) throw new Error(`no table ${name}`);
  return table;
}

export const RUN: RunRecord = {
  runId: 'run',
  epoch: 1,
  state: 'copying',
  planHash: 'hash',
  source: 'sqlite:a.db',
  target: 'sqlite:b.db',
  snapshotId: null,
  startedAt: '2024-01-01T00:00:00Z',
  version: '0',
};

/** Wires of a copy to SQLite, by the prescan. */
export async function requestFor(engine: SourceEngine, table: TableSchema): Promise<ReadRequest> {
  const probed = table.columns
    .filter(({ generated }) => !generated)
    .map((column) => ({ column, name: column.name, probes: sqlite.types.probes(column, {}) }));
  const asked = probed.filter(({ probes }) => probes.length > 0);
  const found = await engine.prescan({ table, where: null, columns: asked });
  const columns = probed.map((each) => {
    const evidence = asked.includes(each) ? found[asked.indexOf(each)] : null;
    const read = sqlite.types.read(each.column, evidence, { sameEngine: true, policies: {} });
    if (isRefusal(read)) throw new Error(read.reason);
    return { name: each.name, wire: read.wire, select: 'native' as const };
  });
  return { table, columns, where: null, batchRows: 1000, batchBytes: 1 << 20 };
}

/** Reads columns in given wires. */
export function requestOf(table: TableSchema, wires: Record<string, LogicalType>): ReadRequest {
  const columns = Object.entries(wires).map(([name, wire]) => ({ name, wire, select: 'native' as const }));
  return { table, columns, where: null, batchRows: 1000, batchBytes: 1 << 20 };
}

export async function readAll(engine: SourceEngine, request: ReadRequest, most = 1): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (const partition of await engine.partitions(request, most)) {
    const cursor = await engine.openCursor(request, partition);
    for (let chunk = await engine.next(cursor); chunk; chunk = await engine.next(cursor)) chunks.push(chunk);
    await engine.closeCursor(cursor);
  }
  return chunks;
}

export function loadFor(request: ReadRequest, facts: Partial<TableLoad> = {}): TableLoad {
  return {
    runId: 'run',
    id: request.table.name,
    table: sqlite.ddl.adopt(request.table, 'sqlite').table,
    staging: { schema: null, name: `_ferrow_s_${request.table.name.length}` },
    mode: 'create',
    columns: request.columns.map(({ name, wire }) => ({ name, wire })),
    parts: { indexes: true, foreignKeys: true },
    ...facts,
  };
}

let partitions = 0;

export async function writeAll(
  engine: TargetEngine,
  load: TableLoad,
  chunks: readonly Chunk[],
): Promise<void> {
  const writer = await engine.openWriter(load);
  const partitionId = `p${partitions++}`;
  for (const [seq, chunk] of chunks.entries()) {
    const { runId } = RUN;
    const { rowCount: rows, byteLength: bytes } = chunk;
    const entry: LedgerEntry = {
      runId,
      tableId: load.id,
      partitionId,
      seq,
      epoch: 1,
      attempt: 1,
      rows,
      bytes,
    };
    if (await engine.write(writer, chunk, entry)) await engine.commit(writer);
  }
  await engine.commit(writer);
  await engine.closeWriter(writer);
}

/** Copies every table of a file into another and gives the other's path. */
export async function copy(context: TestContext, from: string, to?: string): Promise<string> {
  const path = to ?? join(folder(context), 'copy.db');
  const input = await source(context, from);
  const output = await target(context, path);
  await output.beginRun(RUN);
  const loads: TableLoad[] = [];
  for (const table of (await input.catalog([])).tables) {
    const request = await requestFor(input, table);
    const load = loadFor(request, { staging: { schema: null, name: `_ferrow_s_${loads.length}` } });
    loads.push(load);
    await output.prepare([load]);
    await writeAll(output, load, await readAll(input, request));
    await output.finishTable(load);
  }
  await output.finishRun(loads);
  await output.endRun('run', 'done');
  await output.close();
  await input.close();
  return path;
}

/** Rows by SQL, with exact integers; blobs as hex so that they compare. */
export function query(path: string, sql: string): unknown[][] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], unknown[]>(sql).raw().safeIntegers().all();
  } finally {
    db.close();
  }
}
