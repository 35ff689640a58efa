// DuckDB files for the tests of the dialect: made and judged by the driver alone, copied by the dialect alone.
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { TableLoad, TargetEngine } from '../../../../src/dialect/dialect.ts';
import { duckdbCodec } from '../../../../src/dialect/duckdb/codec/index.ts';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
import type { NotCarried, TableSchema } from '../../../../src/types/schema.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

interface Ends {
  after(run: () => void | Promise<void>): void;
}

/** A path in a folder of the test's own. */
export function newPath(ends: Ends, name = 'test.duckdb'): string {
  return join(temporaryFolder(ends), name);
}

/** Runs statements with the driver. */
export async function makeFile(path: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows as arrays of text or null. */
export async function ask(path: string, sql: string, attach?: string): Promise<(string | null)[][]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    if (attach !== undefined) await connection.run(`ATTACH '${attach}' AS other (READ_ONLY)`);
    const reader = await connection.runAndReadAll(sql);
    return reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export interface CopyOptions {
  readonly batchRows?: number;
  readonly batchBytes?: number;
  readonly mode?: TableLoad['mode'];
  /** Changes a table before it is made. */
  readonly change?: (table: TableSchema) => TableSchema;
  readonly foreignKeys?: boolean;
  /** Chunks go from source to target as they are, without the codec. */
  readonly untouched?: boolean;
  readonly plainIo?: boolean;
  /** Chunks may be references; each that is one is counted here. */
  readonly references?: { count: number };
}

export const RUN = {
  runId: 'run-1',
  epoch: 1,
  state: 'copying',
  planHash: 'hash',
  source: 'duckdb:a',
  target: 'duckdb:b',
  snapshotId: null,
  startedAt: '2024-01-01T00:00:00Z',
  version: '0.0.0',
} as const;

let copies = 0;

/** Loads for tables as they are, all columns that carry values. */
export function loadsFor(tables: readonly TableSchema[], options: CopyOptions = {}): TableLoad[] {
  const run = ++copies;
  return tables.map((table, at) => ({
    runId: `run-${run}`,
    id: table.name,
    table: options.change ? options.change(table) : table,
    staging: { schema: table.schema, name: `_ferrow_${run}_${at}` },
    mode: options.mode ?? 'create',
    columns: table.columns
      .filter((column) => !column.generated)
      .map((column) => {
        const read = duckdb.types.read(column, null, { sameEngine: true, policies: {} });
        if (isRefusal(read)) throw new Error(read.reason);
        return { name: column.name, wire: read.wire };
      }),
    parts: { indexes: true, foreignKeys: options.foreignKeys ?? true },
  }));
}

/** Copies all tables of `from` into `to` through source, codec and target. */
export async function copyFile(from: string, to: string, options: CopyOptions = {}): Promise<NotCarried[]> {
  const source = await duckdb.openSource(duckdb.locate(from, {}), { connections: 1 });
  try {
    const target = await duckdb.openTarget(duckdb.locate(to, {}), {
      connections: 1,
      readOnly: false,
      plainIo: options.plainIo,
      ...(options.references && { rowsFrom: duckdb.locate(from, {}) }),
    });
    try {
      const { tables } = await source.catalog(['*']);
      const loads = loadsFor(tables, options);
      await target.beginRun({ ...RUN, runId: `run-${copies}` });
      await target.prepare(loads);
      const lost: NotCarried[] = [];
      for (const [at, load] of loads.entries()) {
        const columns = load.columns.map((column) => {
          const schema = tables[at].columns.find((one) => one.name === column.name)!;
          const read = duckdb.types.read(schema, null, { sameEngine: true, policies: {} });
          if (isRefusal(read)) throw new Error(read.reason);
          return { ...column, select: read.select };
        });
        const request = {
          table: tables[at],
          columns,
          where: null,
          batchRows: options.batchRows ?? 10_000,
          batchBytes: options.batchBytes ?? 1 << 20,
          ...(options.references && { references: true as const }),
        };
        const fields = load.columns.map((column) => ({ name: column.name, type: column.wire }));
        const writer = await target.openWriter(load);
        for (const partition of await source.partitions(request, 2)) {
          const cursor = await source.openCursor(request, partition);
          for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
            const entry = entryFor(load, chunk.seq, chunk.rowCount, partition.id);
            const crossed = () =>
              duckdbCodec.encode(duckdbCodec.decode(chunk.payload, chunk.rowCount, fields));
            const isReference = chunk.payload.form === 'reference';
            if (isReference && options.references) options.references.count++;
            const payload = options.untouched || isReference ? chunk.payload : crossed();
            await target.write(writer, { ...chunk, payload }, entry);
          }
          await source.closeCursor(cursor);
        }
        await target.commit(writer);
        await target.closeWriter(writer);
        lost.push(...(await target.finishTable(load)));
      }
      lost.push(...(await target.finishRun(loads)));
      await target.endRun(`run-${copies}`, 'done');
      return lost;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

export function entryFor(load: TableLoad, seq: number, rows: number, partitionId = 'all') {
  return {
    runId: `run-${copies}`,
    tableId: load.id,
    partitionId,
    seq,
    epoch: 1,
    attempt: 1,
    rows,
    bytes: 0,
  };
}

export async function openTarget(path: string): Promise<TargetEngine> {
  return duckdb.openTarget(duckdb.locate(path, {}), { connections: 1, readOnly: false });
}

/** True if table `name` holds the same rows, in whatever order, in both files. */
export async function sameRows(a: string, b: string, name: string): Promise<boolean> {
  const t = `"${name.replaceAll('"', '""')}"`;
  const rows = await ask(
    a,
    `SELECT count(*) FROM ((FROM main.${t} EXCEPT ALL FROM other.main.${t}) UNION ALL (FROM other.main.${t} EXCEPT ALL FROM main.${t}))`,
    b,
  );
  return rows[0][0] === '0';
}
