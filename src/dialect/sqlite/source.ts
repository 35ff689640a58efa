// A SQLite database as a source: one read-only connection, one read transaction for the whole run, any number of
// cursors on it that take turns. Engine thread.
import type { Batch } from '../../batch/batch.ts';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { addMeanings } from '../../sql/meanings.ts';
import type { ChunkFindings, ColumnEvidence } from '../../types/evidence.ts';
import type { FileLocation } from '../../types/location.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  Partition,
  ProbeRequest,
  ReadRequest,
  ServerInfo,
  SourceEngine,
  SourceOptions,
  WatermarkReading,
  WatermarkRequest,
} from '../dialect.ts';
import { fileMark } from '../file-mark.ts';
import { type Connection, openReading } from './connect.ts';
import { sqliteError } from './errors.ts';
import { catalogOf, checkWhere, countRows, describe, sample } from './handle.ts';
import { measure } from './measures.ts';
import { PageProbe, prescanPages } from './page-prescan.ts';
import { type Disagreement, PageWay } from './page-way.ts';
import { prescanTable } from './prescan.ts';
import { type RowRange, rowidName, rowidSpan, WHOLE, widestRowBytes } from './row-pages.ts';
import { TableCursor } from './row-source.ts';
import { quote } from './sql-names.ts';
import { sqliteWords } from './sql-words.ts';
import { timeQuery } from './time-query.ts';
import { readWatermark } from './watermark.ts';

/** Smaller tables are not worth cutting. */
const PARTITION_ROWS_MIN = 50_000n;

/** Opens the file read-only and begins the snapshot. @throws FerrowError of kind connect */
export async function openSource(location: FileLocation, options: SourceOptions): Promise<SourceEngine> {
  const mark = fileMark(location.path, `${location.path}-wal`);
  return new SqliteSource(openReading(location, true), options.plainIo ?? false, mark);
}

/** The same by a connection that is open already, and stays so: reads what that connection alone may see. */
export function sourceOver(connection: Connection): SourceEngine {
  return new SqliteSource(
    { ...connection, close: () => {} },
    true,
    fileMark(connection.location.path, `${connection.location.path}-wal`),
  );
}

class SqliteSource implements SourceEngine {
  readonly #connection: Connection;
  readonly #mark: string;
  /** Null where SQLite itself is to read everything. */
  readonly #pages: PageWay | null;
  readonly #cursors = new Map<number, { next(): Chunk | null; close(): void }>();
  readonly #probes = new Map<number, PageProbe>();
  readonly #widest = new Map<string, number>();
  #lastCursor = 0;
  #interrupts = 0;
  #closed = false;

  constructor(connection: Connection, plainIo: boolean, mark: string) {
    this.#connection = connection;
    this.#mark = mark;
    this.#pages = plainIo ? null : new PageWay(connection);
  }

  async describe(): Promise<ServerInfo> {
    return describe(this.#connection, false);
  }

  async catalog(): Promise<DatabaseSchema> {
    return addMeanings(catalogOf(this.#connection), sqliteWords);
  }

  async countRows(table: TableName, where: string | null): Promise<number> {
    return countRows(this.#connection, table, where);
  }

  async measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return measure(this.#connection, table, columns, where, this.#stopper());
  }

  async timeQuery(sql: string): Promise<{ rows: number; seconds: number }> {
    return timeQuery(this.#connection, sql);
  }

  async sample(table: TableSchema, limit: number): Promise<Batch> {
    return sample(this.#connection, table, limit);
  }

  async watermark(request: WatermarkRequest): Promise<WatermarkReading> {
    return readWatermark(this.#connection, request);
  }

  async prescan(request: ProbeRequest): Promise<ColumnEvidence[]> {
    if (request.columns.length === 0) return [];
    checkWhere(this.#connection, request.table, request.where);
    const stop = this.#stopper();
    const found = this.#pages && (await prescanPages(this.#pages, request, stop));
    return found ?? prescanTable(this.#connection, request, this.#widestRow(request.table), stop);
  }

  async openProbe(request: ProbeRequest): Promise<number | null> {
    if (request.columns.length === 0) return null;
    checkWhere(this.#connection, request.table, request.where);
    const probe = this.#pages && PageProbe.open(this.#pages, request);
    if (probe === null) return null;
    this.#probes.set(++this.#lastCursor, probe);
    this.#cursors.set(this.#lastCursor, probe);
    return this.#lastCursor;
  }

  async look(cursor: number): Promise<boolean> {
    return this.#probeOf(cursor).look();
  }

  async finishProbe(cursor: number, found: readonly ChunkFindings[]): Promise<ColumnEvidence[] | null> {
    return this.#probeOf(cursor).finish(found);
  }

  /** Throws once the engine has been interrupted. */
  #stopper(): () => void {
    const before = this.#interrupts;
    return () => {
      if (this.#interrupts !== before) throw new FerrowError('E_CANCELLED', 'interrupted');
    };
  }

  #probeOf(cursor: number): PageProbe {
    const probe = this.#probes.get(cursor);
    if (!probe) throw new FerrowError('E_INTERNAL', `SQLite probe ${cursor} is not open`);
    return probe;
  }

  async marks(tables: readonly TableSchema[]): Promise<(string | null)[]> {
    return tables.map(() => this.#mark);
  }

  async isUnchanged(_table: TableSchema, _where: string | null, mark: string): Promise<boolean> {
    return mark === this.#mark;
  }

  async partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    const { table } = request;
    checkWhere(this.#connection, table, request.where);
    if (rowidName(table) === null) {
      return [{ id: 'all', bounds: { from: null, to: null }, estimatedRows: table.estimatedRows }];
    }
    const span = rowidSpan(this.#connection, table);
    if (span === null) return [];
    const width = span.to - span.from + 1n;
    const affordable = width / PARTITION_ROWS_MIN + 1n;
    const count = affordable < BigInt(most) ? affordable : BigInt(Math.max(1, most));
    return Array.from({ length: Number(count) }, (_, at) => ({
      id: `rowid-${at}`,
      bounds: {
        from: (span.from + (width * BigInt(at)) / count).toString(),
        to: (span.from + (width * BigInt(at + 1)) / count - 1n).toString(),
      },
      estimatedRows: table.estimatedRows === null ? null : Math.ceil(table.estimatedRows / Number(count)),
    }));
  }

  async openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    const range = rangeOf(partition);
    const cursor =
      this.#pages?.open(request, range) ??
      new TableCursor(this.#connection, request, range, this.#widestRow(request.table));
    this.#cursors.set(++this.#lastCursor, cursor);
    return this.#lastCursor;
  }

  async next(cursor: number): Promise<Chunk | null> {
    const open = this.#cursors.get(cursor);
    if (!open) throw new FerrowError('E_INTERNAL', `SQLite cursor ${cursor} is not open`);
    return open.next();
  }

  async closeCursor(cursor: number): Promise<void> {
    this.#cursors.get(cursor)?.close();
    this.#cursors.delete(cursor);
    this.#probes.delete(cursor);
  }

  async disagreements(): Promise<readonly Disagreement[]> {
    return this.#pages?.disagreements ?? [];
  }

  async orphans(table: TableSchema, foreignKey: number, limit: number): Promise<Record<string, string>[]> {
    const key = table.foreignKeys[foreignKey];
    if (!key) return [];
    // The parent's column stands left, so that its affinity and collation decide, as they do in SQLite's own check.
    const match = key.columns.map(
      (column, at) => `p.${quote(key.referencedColumns[at])} = c.${quote(column)}`,
    );
    const present = key.columns.map((column) => `c.${quote(column)} IS NOT NULL`).join(' AND ');
    const keys = [...new Set([...(table.primaryKey?.columns ?? []), ...key.columns])];
    const cells = keys.map((column) => `CAST(c.${quote(column)} AS TEXT) AS ${quote(column)}`).join(', ');
    const parentExists = this.#connection.db
      .prepare('SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE')
      .get(key.references.name);
    const found = parentExists
      ? ` AND NOT EXISTS (SELECT 1 FROM ${quote(key.references.name)} p WHERE ${match.join(' AND ')})`
      : '';
    try {
      return this.#connection.db
        .prepare<[number], Record<string, string>>(
          `SELECT ${cells} FROM ${quote(table.name)} c WHERE ${present}${found} LIMIT ?`,
        )
        .all(limit);
    } catch (error) {
      throw sqliteError(error, 'read', { table: table.name });
    }
  }

  /** SQLite's calls are short, but for a prescan, which ends at its next page. */
  async interrupt(): Promise<void> {
    this.#interrupts++;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const cursor of this.#cursors.values()) cursor.close();
    this.#cursors.clear();
    this.#connection.close();
    this.#pages?.close();
  }

  #widestRow(table: TableSchema): number {
    let bytes = this.#widest.get(table.name);
    if (bytes === undefined) {
      try {
        bytes = widestRowBytes(this.#connection.db, table.name);
      } catch (error) {
        throw sqliteError(error, 'read', { table: table.name });
      }
      this.#widest.set(table.name, bytes);
    }
    return bytes;
  }
}

function rangeOf(partition: Partition): RowRange {
  const { from, to } = partition.bounds;
  return typeof from === 'string' && typeof to === 'string' ? { from: BigInt(from), to: BigInt(to) } : WHOLE;
}
