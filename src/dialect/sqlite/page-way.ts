// Whether a table can be read from the file's own pages, and the proof that it gives the same as SQLite. Engine
// thread. What it can't be sure of goes the plain way.
import Database from 'better-sqlite3';
import type { Batch } from '../../batch/batch.ts';
import type { PageColumn } from '../../batch/chunk.ts';
import type { Column } from '../../batch/column.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { ReadRequest } from '../dialect.ts';
import { affinityOf } from './affinity.ts';
import { sqliteCodec } from './codec/index.ts';
import { isPageWire } from './codec/page-decode.ts';
import type { Connection } from './connect.ts';
import { PageFile } from './page-file.ts';
import { PageCursor, type PageRead } from './page-source.ts';
import { PAGE_BYTES_MAX, type RowRange, WHOLE } from './row-pages.ts';
import { TableCursor } from './row-source.ts';
import { quote } from './sql-names.ts';

/** Rows that both ways must give alike before the fast one is trusted with the table. */
const CHECKED_ROWS = 256;

export interface Disagreement {
  readonly table: string;
  readonly reason: string;
}

export class PageWay {
  readonly #connection: Connection;
  readonly #file: PageFile | null;
  /** Per read of a table: why its pages can't be trusted; '' where they can. */
  readonly #agreed = new Map<string, Disagreement>();

  /** Only under a connection whose read transaction stands. */
  constructor(connection: Connection) {
    this.#connection = connection;
    const pageCount = connection.db.pragma('page_count', { simple: true }) as number;
    this.#file = connection.utf8 ? PageFile.open(connection.location.path, pageCount) : null;
  }

  /** A cursor over the range; null where the plain way must be gone. */
  open(request: ReadRequest, range: RowRange): PageCursor | null {
    const read = this.#readOf(request, range);
    if (read === null) return null;
    const key = JSON.stringify([request.table.name, request.columns]);
    let found = this.#agreed.get(key);
    if (found === undefined) {
      found = { table: request.table.name, reason: this.#disagreement(request, read) };
      this.#agreed.set(key, found);
    }
    return found.reason === '' ? new PageCursor(read) : null;
  }

  /** The same without the comparison of the two ways. */
  openUnchecked(request: ReadRequest, range: RowRange): PageCursor | null {
    const read = this.#readOf(request, range);
    return read && new PageCursor(read);
  }

  /** One for each table that could be read from its pages and is not. */
  get disagreements(): readonly Disagreement[] {
    const found = [...this.#agreed.values()].filter(({ reason }) => reason !== '');
    return [...new Map(found.map((each) => [each.table, each])).values()];
  }

  /** Only after SQLite's connection to the file is closed. */
  close(): void {
    this.#file?.close();
  }

  #readOf(request: ReadRequest, range: RowRange): PageRead | null {
    const file = this.#file;
    const { table, where, columns } = request;
    if (
      !file?.usable ||
      where !== null ||
      columns.length === 0 ||
      table.tableFacts?.['withoutRowid'] === true
    )
      return null;
    if (!columns.every(({ wire, select }) => select === 'native' && isPageWire(wire))) return null;
    const root = this.#connection.db
      .prepare<[string], number>(`SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?`)
      .pluck()
      .get(table.name);
    if (!root) return null;
    const stored = table.columns.filter(({ generated }) => generated === null || generated.stored);
    const defaults = defaultsOf(stored);
    if (defaults === null) return null;
    const places: PageColumn[] = [];
    for (const { name } of columns) {
      const place = stored.findIndex((column) => column.name === name);
      if (place < 0) return null;
      const column = stored[place];
      places.push({
        place: column.typeFacts?.['rowidAlias'] === true ? null : place,
        real: affinityOf(column.nativeType) === 'real',
        missingSerial: defaults.values[place].serial,
        missingAt: defaults.values[place].at,
      });
    }
    const { batchRows, batchBytes } = request;
    return { file, root, range, columns: places, defaults: defaults.bytes, batchRows, batchBytes };
  }

  /** What differs in the first rows; '' if nothing does. */
  #disagreement(request: ReadRequest, read: PageRead): string {
    const fields = request.columns.map(({ name, wire }) => ({ name, type: wire }));
    const plain = (batchRows: number): Batch | null => {
      // As if rows were wide: they are taken one by one, so that no more come than are looked at.
      const cursor = new TableCursor(this.#connection, { ...request, batchRows }, WHOLE, PAGE_BYTES_MAX);
      try {
        const chunk = cursor.next();
        return chunk && sqliteCodec.decode(chunk.payload, chunk.rowCount, fields);
      } finally {
        cursor.close();
      }
    };
    try {
      let expected = plain(CHECKED_ROWS);
      const batchRows = expected?.rowCount ?? CHECKED_ROWS;
      const found = new PageCursor({ ...read, range: WHOLE, batchRows }).next();
      if (expected === null || found === null) return expected === found ? '' : 'one way found no rows';
      // Pages count whole, so a chunk of them may end earlier.
      if (found.rowCount < expected.rowCount) expected = plain(found.rowCount) ?? expected;
      return firstDifference(expected, sqliteCodec.decode(found.payload, found.rowCount, fields)) ?? '';
    } catch (error) {
      // A bad value or a damaged page is reported by the way that is then taken.
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** Names the first column in which two batches differ; null if they hold the same bytes. */
export function firstDifference(a: Batch, b: Batch): string | null {
  if (a.rowCount !== b.rowCount) return `${a.rowCount} rows here, ${b.rowCount} there`;
  const at = a.columns.findIndex((column, index) => !equalColumns(column, b.columns[index]));
  return at < 0 ? null : `column "${a.fields[at].name}"`;
}

function equalColumns(a: Column, b: Column): boolean {
  const rows = a.length;
  if (rows !== b.length || a.nullCount !== b.nullCount) return false;
  for (let row = 0; row < rows; row++)
    if (((a.validity?.[row >> 3] ?? 255) ^ (b.validity?.[row >> 3] ?? 255)) & (1 << (row & 7))) return false;
  if (!equalItems(a.typeIds, b.typeIds, rows) || (a.children ?? []).length !== (b.children ?? []).length)
    return false;
  if (!equalItems(a.offsets, b.offsets, a.children ? rows : rows + 1)) return false;
  if (!(a.children ?? []).every((child, at) => equalColumns(child, b.children![at]))) return false;
  const used = a.offsets && !a.children ? a.offsets[rows] : Math.min(a.data.byteLength, b.data.byteLength);
  return equalItems(a.data, b.data, a.type.kind === 'bool' ? rows >> 3 : used);
}

function equalItems(a: ArrayLike<number> | null, b: ArrayLike<number> | null, count: number): boolean {
  if (a === null || b === null) return a === b;
  for (let i = 0; i < count; i++) if (a[i] !== b[i]) return false;
  return true;
}

interface Defaults {
  readonly bytes: Uint8Array;
  /** Per column: serial type, and where in `bytes` the value begins. */
  readonly values: readonly { readonly serial: number; readonly at: number }[];
}

/**
 * What rows have that were written before a column was added: its default. Only constants can be such defaults, so
 * SQLite itself evaluates them in a table of its own. Null if it can't.
 */
function defaultsOf(columns: readonly ColumnSchema[]): Defaults | null {
  const constants = columns.map(({ default: value }) =>
    value === null || value.kind === 'now' ? null : value.sql,
  );
  if (constants.every((sql) => sql === null))
    return { bytes: new Uint8Array(0), values: columns.map(() => ({ serial: 0, at: 0 })) };
  const db = new Database(':memory:');
  try {
    const items = columns.map(({ nativeType }, at) => {
      const type = nativeType === '' ? '' : ` ${quote(nativeType)}`;
      return `c${at}${type}${constants[at] === null ? '' : ` DEFAULT (${constants[at]})`}`;
    });
    db.exec(`CREATE TABLE d (${items.join(', ')}); INSERT INTO d DEFAULT VALUES`);
    const cells = columns.map(
      (_, at) => `CASE typeof(c${at}) WHEN 'text' THEN CAST(c${at} AS BLOB) ELSE c${at} END`,
    );
    const kinds = columns.map((_, at) => `typeof(c${at})`);
    const row = (expressions: string[]) =>
      db
        .prepare<[], unknown[]>(`SELECT ${expressions.join(', ')} FROM d`)
        .raw()
        .safeIntegers()
        .get() ?? [];
    return packed(row(cells), row(kinds));
  } catch {
    return null;
  } finally {
    db.close();
  }
}

function packed(cells: readonly unknown[], kinds: readonly unknown[]): Defaults {
  const parts: Buffer[] = [];
  let at = 0;
  const values = cells.map((cell, index) => {
    const [serial, bytes] = defaultValue(cell, kinds[index] === 'text');
    parts.push(bytes);
    at += bytes.byteLength;
    return { serial, at: at - bytes.byteLength };
  });
  return { bytes: Buffer.concat(parts), values };
}

function defaultValue(cell: unknown, isText: boolean): [serial: number, bytes: Buffer] {
  const word = Buffer.alloc(8);
  if (typeof cell === 'bigint') {
    word.writeBigInt64BE(cell);
    return [6, word];
  }
  if (typeof cell === 'number') {
    word.writeDoubleBE(cell);
    return [7, word];
  }
  if (!Buffer.isBuffer(cell)) return [0, Buffer.alloc(0)];
  return [(isText ? 13 : 12) + cell.byteLength * 2, cell];
}
