// A DuckDB file as a source: opened read-only, so no process can write it while it is read. That lock is the
// snapshot: every connection sees the same rows for as long as the file is open. Engine thread.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import duckdb from '@duckdb/node-bindings';
import type { Batch } from '../../batch/batch.ts';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { FileLocation } from '../../types/location.ts';
import { isRefusal } from '../../types/mapping.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  OwnDigest,
  Partition,
  ProbeRequest,
  ReadColumn,
  ReadRequest,
  ServerInfo,
  SourceEngine,
  WatermarkReading,
  WatermarkRequest,
} from '../dialect.ts';
import { fileMark } from '../file-mark.ts';
import { readCatalog } from './catalog.ts';
import { ChunkCursor, cutRowids, hasRowid } from './chunk-source.ts';
import { duckdbCodec } from './codec/index.ts';
import { type Link, type OpenFile, openForReading } from './connect.ts';
import { fromDuckdb } from './errors.ts';
import { measure } from './measures.ts';
import { ownDigest } from './own-digest.ts';
import { prescan } from './prescan.ts';
import { count, rows, text } from './query.ts';
import { departing, openReferences, type ReferenceCursor } from './reference-source.ts';
import { quote, quoteTable } from './sql-text.ts';
import { timeQuery } from './time-query.ts';
import { types } from './types.ts';
import { vectorBuilder } from './vector-builder.ts';
import type { FeedContext } from './vector-feed.ts';
import { readWatermark } from './watermark.ts';
import { checkWhere } from './where-check.ts';

/** A partition of less than so many row groups (of 122,880 rows) isn't worth a connection. */
const ROW_GROUPS_MIN = 2;

/** @throws FerrowError of kind connect */
export async function openSource(location: FileLocation): Promise<SourceEngine> {
  const mark = fileMark(location.path, `${location.path}.wal`);
  const file = await openForReading(location);
  return new DuckdbSource(file, await file.connect(), location, mark);
}

interface OpenCursor {
  readonly cursor: ChunkCursor | ReferenceCursor;
  readonly link: Link;
}

class DuckdbSource implements SourceEngine {
  readonly #file: OpenFile;
  readonly #main: Link;
  readonly #location: FileLocation;
  readonly #mark: string;
  readonly #cursors = new Map<number, OpenCursor>();
  readonly #idle: Link[] = [];
  readonly #context: FeedContext = { cancelled: false };
  #cursorCount = 0;

  constructor(file: OpenFile, main: Link, location: FileLocation, mark: string) {
    this.#mark = mark;
    this.#file = file;
    this.#main = main;
    this.#location = location;
  }

  describe(): Promise<ServerInfo> {
    return describeFile(this.#file, this.#main, this.#location);
  }

  catalog(schemas: readonly string[]): Promise<DatabaseSchema> {
    return this.#guard(readCatalog(this.#main, schemas));
  }

  countRows(table: TableName, where: string | null): Promise<number> {
    return this.#guard(countRows(this.#main, table, where));
  }

  measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return this.#guard(measure(this.#main, table, columns, where));
  }

  ownDigest(request: ReadRequest, partition: Partition): Promise<OwnDigest> {
    const cells = request.columns.map((column) => departing(column, request.table));
    return this.#guard(ownDigest(this.#main, request, cells, partition));
  }

  timeQuery(sql: string): Promise<{ rows: number; seconds: number }> {
    return this.#guard(timeQuery(this.#main, sql));
  }

  sample(table: TableSchema, limit: number): Promise<Batch> {
    return this.#guard(sampleRows(this.#main, table, limit, this.#context));
  }

  watermark(request: WatermarkRequest): Promise<WatermarkReading> {
    return this.#guard(readWatermark(this.#main, request));
  }

  prescan(request: ProbeRequest): Promise<ColumnEvidence[]> {
    return this.#guard(prescan(this.#main, request));
  }

  async marks(tables: readonly TableSchema[]): Promise<(string | null)[]> {
    return tables.map(() => this.#mark);
  }

  async isUnchanged(_table: TableSchema, _where: string | null, mark: string): Promise<boolean> {
    return mark === this.#mark;
  }

  async partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    await this.#guard(checkWhere(this.#main, request.table, request.where));
    return this.#guard(cutTable(this.#main, request, most));
  }

  async openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    const link = this.#idle.pop() ?? (await this.#file.connect());
    const cursor =
      (await this.#guard(openReferences(link, request, partition, this.#context))) ??
      new ChunkCursor(link, request, partition, this.#context);
    const number = ++this.#cursorCount;
    this.#cursors.set(number, { cursor, link });
    return number;
  }

  async next(cursor: number): Promise<Chunk | null> {
    const open = this.#cursors.get(cursor);
    if (!open) throw new FerrowError('E_INTERNAL', `cursor ${cursor} is not open`);
    const chunk = await this.#guard(open.cursor.next());
    if (chunk && chunk.payload.form !== 'reference')
      await this.#guard(this.#main.memory.giveBack(this.#main, chunk.byteLength));
    return chunk;
  }

  async closeCursor(cursor: number): Promise<void> {
    const open = this.#cursors.get(cursor);
    if (!open) return;
    this.#cursors.delete(cursor);
    await open.cursor.close();
    this.#idle.push(open.link);
  }

  /** There is one way to read. */
  async disagreements(): Promise<readonly []> {
    return [];
  }

  async orphans(table: TableSchema, foreignKey: number, limit: number): Promise<Record<string, string>[]> {
    const key = table.foreignKeys[foreignKey];
    const parent = quoteTable({ schema: key.references.schema ?? table.schema, name: key.references.name });
    const shown = [...new Set([...(table.primaryKey?.columns ?? []), ...key.columns])];
    const match = key.columns.map((name, at) => `p.${quote(key.referencedColumns[at])} = c.${quote(name)}`);
    const filled = key.columns.map((name) => `c.${quote(name)} IS NOT NULL`);
    const found = await this.#guard(
      rows(
        this.#main,
        `SELECT ${shown.map((name) => `CAST(c.${quote(name)} AS VARCHAR) AS ${quote(name)}`).join(', ')} FROM ${quoteTable(table)} c WHERE ${filled.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE ${match.join(' AND ')}) LIMIT ${Math.trunc(limit)}`,
      ),
    );
    return found.map((row) =>
      Object.fromEntries(shown.map((name) => [name, row[name] === null ? 'NULL' : text(row[name])])),
    );
  }

  async interrupt(): Promise<void> {
    this.#context.cancelled = true;
    duckdb.interrupt(this.#main.handle);
    for (const { link } of this.#cursors.values()) duckdb.interrupt(link.handle);
  }

  async close(): Promise<void> {
    for (const cursor of [...this.#cursors.keys()]) await this.closeCursor(cursor).catch(() => {});
    this.#file.close();
  }

  async #guard<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      if (this.#context.cancelled && !(error instanceof FerrowError && error.code === 'E_CANCELLED'))
        throw new FerrowError('E_CANCELLED', 'interrupted', { dialect: 'duckdb', cause: error });
      throw fromDuckdb(error, 'read');
    }
  }
}

function whole(table: TableSchema): Partition {
  return { id: 'all', bounds: { from: null, to: null }, estimatedRows: table.estimatedRows };
}

// ---------------------------------------------------------------- shared with the target

/** Ranges of rowids, of whole row groups. */
export async function cutTable(link: Link, { table }: ReadRequest, most: number): Promise<Partition[]> {
  if (most <= 1 || !hasRowid(table)) return [whole(table)];
  const rowids = await count(link, `SELECT coalesce(max(rowid) + 1, 0) FROM ${quoteTable(table)}`);
  const cut = cutRowids(rowids, most, ROW_GROUPS_MIN);
  return cut.length === 1 ? [whole(table)] : cut;
}

export async function describeFile(file: OpenFile, link: Link, location: FileLocation): Promise<ServerInfo> {
  const [facts] = await rows(
    link,
    "SELECT (SELECT database_size FROM pragma_database_size() WHERE database_name = current_database()) AS size, (SELECT readonly FROM duckdb_databases() WHERE database_name = current_database()) AS readonly, current_setting('threads') AS threads, current_setting('memory_limit') AS memory",
  );
  const free = await statfs(dirname(location.path)).catch(() => null);
  return {
    engine: 'duckdb',
    version: duckdb.library_version().replace(/^v/, ''),
    place: location.path,
    facts: {
      file: file.inMemory ? 'does not exist yet' : text(facts.size),
      access: facts.readonly === true ? 'read-only' : 'read and write',
      memory: `${text(facts.memory)} for DuckDB's own buffers`,
      threads: text(facts.threads),
    },
    freeBytes: free ? free.bavail * free.bsize : null,
    problems: [],
  };
}

export async function countRows(link: Link, table: TableName, where: string | null): Promise<number> {
  await checkWhere(link, table, where);
  const condition = where === null ? '' : ` WHERE (\n${where}\n)`;
  const doing = where === null ? 'read' : 'where';
  return count(link, `SELECT count(*) FROM ${quoteTable(table)}${condition}`, [], doing);
}

/** The first rows in canonical types; columns whose type isn't carried come as text. */
export async function sampleRows(
  link: Link,
  table: TableSchema,
  limit: number,
  context: FeedContext,
): Promise<Batch> {
  const columns: ReadColumn[] = table.columns.map((column) => {
    const read = types.read(column, null, { sameEngine: false, policies: {} });
    return isRefusal(read)
      ? { name: column.name, wire: { kind: 'text' }, select: 'text' }
      : { name: column.name, wire: read.wire, select: read.select };
  });
  const fields = columns.map((column) => ({ name: column.name, type: column.wire }));
  const request: ReadRequest = {
    table,
    columns,
    where: null,
    batchRows: Math.max(1, limit),
    batchBytes: Number.MAX_SAFE_INTEGER,
  };
  const cursor = new ChunkCursor(link, request, whole(table), context);
  try {
    const chunk = limit > 0 ? await cursor.next() : null;
    if (chunk) return duckdbCodec.decode(chunk.payload, chunk.rowCount, fields);
    const empty = columns.map((column) => vectorBuilder(column.wire).finish(0));
    return duckdbCodec.decode({ form: 'vectors', columns: empty }, 0, fields);
  } finally {
    await cursor.close();
  }
}
