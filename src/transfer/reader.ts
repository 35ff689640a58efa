// Tables as Arrow: a stream of record batches from any source, through the same reader and crossing that a transfer
// uses, with nothing to encode.
import { Readable } from 'node:stream';
import type { RecordBatch } from 'apache-arrow';
import { toRecordBatch } from '../batch/arrow.ts';
import type { Batch } from '../batch/batch.ts';
import type { ReadColumn, SourceEngine } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { ByteGate, GateAccount } from '../stream/byte-gate.ts';
import { type CrossedChunk, crossingStage } from '../stream/crossing-stage.ts';
import { readerStream } from '../stream/reader-stream.ts';
import { CrossingPool } from '../threads/crossing-pool.ts';
import { openSource } from '../threads/engine-host.ts';
import type { CrossingSpec } from '../threads/messages.ts';
import { isRefusal } from '../types/mapping.ts';
import type { ColumnSchema, TableSchema } from '../types/schema.ts';
import { type Database, DatabaseFactory, type DatabaseLike } from './database-factory.ts';
import { flightBytes } from './limits.ts';
import { noSuchTable, selectTables } from './select.ts';

export interface ReaderOptions {
  /** Rows in a batch at most; 65,536 unless said. Batches end at 2 MiB too. */
  readonly batchSize?: number;
  /** SQL condition in the source's dialect. */
  readonly where?: string;
  readonly columns?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * A backpressured stream of apache-arrow record batches of one table, in canonical types and one snapshot.
 *
 * ```ts
 * for await (const batch of await openReader('app.db', 'Album')) console.log(batch.numRows);
 * ```
 * @throws FerrowError for a table or type that can't be read; the stream is destroyed with one when reading fails
 */
export async function openReader(
  source: DatabaseLike,
  tableName: string,
  options: ReaderOptions = {},
): Promise<Readable & AsyncIterable<RecordBatch>> {
  const database = DatabaseFactory.create(source);
  const location = await database.locate();
  const engine = await openSource(location, { connections: 1 });
  try {
    const catalog = await engine.catalog(['*']);
    const [entry] = selectTables(catalog, [tableName], []);
    if (!entry) throw noSuchTable(tableName, catalog);
    const { table } = entry;
    const columns = chooseColumns(table, options.columns);
    const spec = await readingSpec(engine, database, table, columns, options.where ?? null);
    return streamBatches(engine, table, spec, options);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

interface ReadingSpec {
  readonly crossing: CrossingSpec;
  readonly read: readonly ReadColumn[];
}

function chooseColumns(table: TableSchema, names: readonly string[] | undefined): readonly ColumnSchema[] {
  if (!names) return table.columns;
  return names.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    if (column) return column;
    throw new FerrowError('E_NO_SUCH_COLUMN', `table "${table.name}" has no column "${name}"`, {
      table: table.name,
    });
  });
}

/** A batch ends at so many bytes. Measured: twice as many are no faster and hold more. */
const BATCH_BYTES = 2 * 1024 * 1024;

let readers = 0;

async function readingSpec(
  engine: SourceEngine,
  database: Database,
  table: TableSchema,
  columns: readonly ColumnSchema[],
  where: string | null,
): Promise<ReadingSpec> {
  const dialect = await loadDialect(database.engine);
  const probed = columns
    .map((column) => ({ name: column.name, probes: dialect.types.probes(column, {}) }))
    .filter((column) => column.probes.length > 0);
  const evidence = probed.length > 0 ? await engine.prescan({ table, where, columns: probed }) : [];
  const byName = new Map(probed.map((column, at) => [column.name, evidence[at]]));
  const context = { sameEngine: false, policies: {} };
  const reads = columns.map((column) => {
    const read = dialect.types.read(column, byName.get(column.name) ?? null, context);
    if (!isRefusal(read)) return { name: column.name, ...read };
    throw new FerrowError(read.refused, `table "${table.name}", column "${column.name}": ${read.reason}`, {
      table: table.name,
      column: column.name,
      hint: read.hint,
    });
  });
  const crossing: CrossingSpec = {
    id: `reader-${++readers}`,
    source: database.engine,
    target: null,
    form: 'columns',
    keyColumns: [],
    columns: reads.map(({ name, wire, logical, checks }) => ({
      name,
      read: wire,
      readChecks: checks,
      logical,
      write: logical,
      writeChecks: [],
      policies: {},
    })),
  };
  return { crossing, read: reads.map(({ name, wire, select }) => ({ name, wire, select })) };
}

function streamBatches(
  engine: SourceEngine,
  table: TableSchema,
  { crossing, read }: ReadingSpec,
  options: ReaderOptions,
): Readable {
  const signal = options.signal ?? new AbortController().signal;
  const pool = new CrossingPool(1);
  const gate = new GateAccount(new ByteGate(flightBytes(1)));
  const request = {
    table,
    columns: read,
    where: options.where ?? null,
    batchRows: options.batchSize ?? 65_536,
    batchBytes: BATCH_BYTES,
  };
  const fields = crossing.columns.map((column) => ({ name: column.name, type: column.logical }));
  async function* batches(): AsyncGenerator<RecordBatch> {
    try {
      for (const partition of await engine.partitions(request, 1)) {
        const chunks = readerStream(engine, request, partition, { gate, signal });
        for await (const crossed of crossingStage({
          pool,
          spec: crossing,
          untouched: false,
          table: table.name,
          signal,
        })(chunks)) {
          yield toRecordBatch(asBatch(crossed, fields));
          gate.give(crossed.gateBytes);
        }
      }
    } finally {
      await pool.close();
      await engine.close();
    }
  }
  return Readable.from(batches(), { objectMode: true, highWaterMark: 1 });
}

function asBatch({ chunk }: CrossedChunk, fields: Batch['fields']): Batch {
  if (chunk.payload.form !== 'columns') throw new FerrowError('E_INTERNAL', 'the crossing gave no columns');
  return { fields, columns: chunk.payload.columns, rowCount: chunk.rowCount };
}
