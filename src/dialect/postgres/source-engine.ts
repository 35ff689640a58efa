// A PostgreSQL source: one snapshot, a cursor per connection. Main thread.
import type pg from 'pg';
import type { Batch } from '../../batch/batch.ts';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { PostgresLocation } from '../../types/location.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  Partition,
  ProbeRequest,
  ReadRequest,
  ServerInfo,
  SourceActivity,
  SourceEngine,
  SourceOptions,
  WatermarkReading,
  WatermarkRequest,
} from '../dialect.ts';
import { watched } from './activity.ts';
import { cutTable } from './block-ranges.ts';
import { readCatalog } from './catalog.ts';
import { Connector } from './connect.ts';
import { type ChunkReader, CopyReader } from './copy-source.ts';
import { packedSelect, QueryReader } from './cursor-source.ts';
import { withDomainChecks } from './domain-checks.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { measure } from './measures.ts';
import { quote, quoteTable } from './names.ts';
import { prescan } from './prescan.ts';
import { selectedColumn, selectSql } from './select-sql.ts';
import { Snapshot } from './snapshot.ts';
import { isUnchanged, markTables } from './source-marks.ts';
import { checkWhere, countRows, describeServer, orphans, sample } from './table-reads.ts';
import { timeQuery } from './time-query.ts';
import { readWatermark } from './watermark.ts';

/** A server or pooler that knows no COPY: feature not supported, syntax error, protocol violation. */
const NO_COPY = new Set(['0A000', '42601', '08P01']);

interface Cursor {
  readonly request: ReadRequest;
  readonly partition: Partition;
  client: pg.Client;
  reader: ChunkReader;
  chunks: number;
}

export async function openSource(location: PostgresLocation, options: SourceOptions): Promise<SourceEngine> {
  const connector = new Connector(location, options.silenceSeconds);
  const take = () => Snapshot.take(connector, options.connections);
  if (!options.watch) return new PostgresSource(connector, await take());
  const { taken, activity } = await watched(connector, take, (snapshot) => snapshot.exporter.client);
  return new PostgresSource(connector, taken, activity);
}

class PostgresSource implements SourceEngine {
  readonly #connector: Connector;
  readonly #snapshot: Snapshot;
  readonly #cursors = new Map<number, Cursor>();
  readonly #activity: SourceActivity | null;
  readonly #checked = new Set<string>();
  #lastCursor = 0;
  #byQuery = false;

  constructor(connector: Connector, snapshot: Snapshot, activity: SourceActivity | null = null) {
    this.#connector = connector;
    this.#activity = activity;
    this.#snapshot = snapshot;
  }

  describe(): Promise<ServerInfo> {
    const locked = this.#snapshot.locked ? 'yes' : 'no';
    return this.#read((client) =>
      describeServer(client, this.#connector, 'source', { 'tables locked against rewriting': locked }),
    );
  }

  catalog(schemas: readonly string[]): Promise<DatabaseSchema> {
    return this.#read(async (client) => withDomainChecks(await readCatalog(client, schemas)));
  }

  async countRows(table: TableName, where: string | null): Promise<number> {
    await this.#check(table, where);
    return this.#readTable(table, (client) => countRows(client, table, where));
  }

  async measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    await this.#check(table, where);
    return this.#readTable(table, (client) => measure(client, table, columns, where));
  }

  timeQuery(sql: string): Promise<{ rows: number; seconds: number }> {
    return this.#read((client) => timeQuery(client, sql));
  }

  sample(table: TableSchema, limit: number): Promise<Batch> {
    return this.#readTable(table, (client) => sample(client, table, limit));
  }

  async prescan(request: ProbeRequest): Promise<ColumnEvidence[]> {
    await this.#check(request.table, request.where);
    return this.#readTable(request.table, (client) => prescan(client, request));
  }

  marks(tables: readonly TableSchema[]): Promise<(string | null)[]> {
    return this.#read((client) => markTables(client, tables));
  }

  async isUnchanged(
    table: TableSchema,
    where: string | null,
    mark: string,
    rowsThen: number | null,
  ): Promise<boolean> {
    if (rowsThen === null) return false;
    await this.#check(table, where);
    return this.#readTable(table, (client) => isUnchanged(client, table, where, mark, rowsThen));
  }

  async watermark(request: WatermarkRequest): Promise<WatermarkReading> {
    await this.#check(request.table, request.where);
    const activity = this.#activity;
    if (!activity) throw new FerrowError('E_INTERNAL', 'a source that was not watched is to be synced');
    return this.#readTable(request.table, (client) => readWatermark(client, request, activity));
  }

  /** There is one way to read. */
  async disagreements(): Promise<readonly []> {
    return [];
  }

  orphans(table: TableSchema, foreignKey: number, limit: number): Promise<Record<string, string>[]> {
    return this.#read((client) => orphans(client, table, foreignKey, limit));
  }

  async partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    await this.#check(request.table, request.where);
    return this.#read((client) => cutTable(client, request.table, most));
  }

  async openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    await this.#check(request.table, request.where);
    const client = await this.#snapshot.acquire();
    const reader = this.#reader(client, request, partition);
    const number = ++this.#lastCursor;
    this.#cursors.set(number, { request, partition, client, reader, chunks: 0 });
    return number;
  }

  async next(number: number): Promise<Chunk | null> {
    const cursor = this.#cursors.get(number);
    if (!cursor) throw new FerrowError('E_INTERNAL', `no open cursor ${number}`, { dialect: 'postgres' });
    try {
      const chunk = await cursor.reader.next();
      if (chunk) cursor.chunks++;
      return chunk;
    } catch (error) {
      const state = sqlState(error);
      if (cursor.chunks === 0 && !this.#byQuery && state !== null && NO_COPY.has(state)) {
        await this.#goByQuery(cursor);
        return this.next(number);
      }
      throw this.#readError(error, cursor.request.table);
    }
  }

  async closeCursor(number: number): Promise<void> {
    const cursor = this.#cursors.get(number);
    this.#cursors.delete(number);
    if (cursor) this.#snapshot.release(cursor.client, cursor.reader.sound);
  }

  interrupt(): Promise<void> {
    return this.#connector.cancel(this.#snapshot.busy);
  }

  async close(): Promise<void> {
    this.#cursors.clear();
    await this.#snapshot.close();
  }

  #read<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#snapshot.exporter.runInside('read', work);
  }

  async #readTable<T>(table: TableName, work: (client: pg.Client) => Promise<T>): Promise<T> {
    try {
      return await this.#read(work);
    } catch (error) {
      throw this.#readError(error, table);
    }
  }

  #readError(error: unknown, table: TableName): FerrowError {
    const known = fromPostgres(error, 'read', { table: table.name });
    if (known.code !== 'E_PRIVILEGE') return known;
    const { user } = this.#connector.location;
    return new FerrowError('E_PRIVILEGE', `the role "${user}" may not read the table "${table.name}"`, {
      ...known.place,
      hint: `GRANT SELECT ON TABLE ${quoteTable(table)} TO ${quote(user)}, or leave it out with --exclude`,
      cause: known.cause,
    });
  }

  /** COPY was refused: from now on rows come by queries, this cursor's over a new connection. */
  async #goByQuery(cursor: Cursor): Promise<void> {
    this.#byQuery = true;
    this.#snapshot.release(cursor.client, false);
    cursor.client = await this.#snapshot.acquire();
    cursor.reader = this.#reader(cursor.client, cursor.request, cursor.partition);
  }

  #reader(client: pg.Client, request: ReadRequest, partition: Partition): ChunkReader {
    const { table, columns, where } = request;
    const select = selectSql(table, columns, where, partition);
    if (!this.#byQuery) return new CopyReader(client, select, columns.length, request);
    const from = select.slice(`SELECT ${columns.map(selectedColumn).join(', ')} `.length);
    return new QueryReader(client, packedSelect(columns.map(selectedColumn), from), columns.length, request);
  }

  async #check(table: TableName, where: string | null): Promise<void> {
    if (where === null) return;
    const key = `${quoteTable(table)} ${where}`;
    if (this.#checked.has(key)) return;
    await this.#readTable(table, (client) => checkWhere(client, table, where));
    this.#checked.add(key);
  }
}
