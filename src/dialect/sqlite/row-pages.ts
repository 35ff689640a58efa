// Reads rows of a table page by page, in the order of its own b-tree: by rowid ranges with `.all()` where rows
// are narrow, by one long iterator where they are wide or have no rowid. Engine thread. Several may be open on
// one connection. A page never holds more than PAGE_BYTES_MAX and one row.
import type { Database, Statement } from 'better-sqlite3';
import type { TableSchema } from '../../types/schema.ts';
import type { Cell, Page, Row } from './codec/cell.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { quote, quoteList } from './sql-names.ts';

export const PAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Measured: fewer cost more calls, more fall out of the processor's cache before their columns are made. */
const PAGE_ROWS_MAX = 1024;
/** Where not even so many of the widest row fit a page, rows are taken one by one. */
const PAGE_ROWS_MIN = 64;

/** Cells in a row of a result, SQLite's own limit. */
const CELLS_MAX = 2000;

const MIN_ROWID = -(2n ** 63n);
const MAX_ROWID = 2n ** 63n - 1n;

/** A piece of a table, both ends included; rowids. */
export interface RowRange {
  readonly from: bigint;
  readonly to: bigint;
}

export const WHOLE: RowRange = { from: MIN_ROWID, to: MAX_ROWID };

/** Rows of one read: cells 0 .. n-1 are the selected expressions. */
export interface RowPages {
  /** At most `rowsMax` rows; where rows are wide, up to the one that passes `bytesMax`. Null at the end. */
  next(rowsMax: number, bytesMax: number): Page | null;
  /** The row's key as text, for errors. */
  keyOf(row: Row): Record<string, string>;
  close(): void;
}

export interface RowsRequest {
  readonly table: TableSchema;
  /** SQL of what each cell is. */
  readonly expressions: readonly string[];
  /** The column behind each cell, to fetch exact bytes of; null where that can't be needed. */
  readonly columns: readonly (string | null)[];
  readonly where: string | null;
  readonly range: RowRange;
}

/** The name by which the table's rowid can be asked for; null for WITHOUT ROWID, or if columns took all names. */
export function rowidName(table: TableSchema): string | null {
  if (table.tableFacts?.['withoutRowid'] === true) return null;
  const alias = table.columns.find((column) => column.typeFacts?.['rowidAlias'] === true);
  return alias ? quote(alias.name) : freeRowidName(table.columns);
}

/** Which of the rowid's own names no column hides. */
export function freeRowidName(columns: readonly { readonly name: string }[]): string | null {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}

/**
 * The most bytes that a row of the table takes in the file, from the b-tree itself; an upper bound, by the size
 * of the whole file, where the file is small.
 */
export function widestRowBytes(db: Database, table: string): number {
  const fileBytes =
    db
      .prepare<[], number>('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')
      .pluck()
      .get() ?? 0;
  if (fileBytes <= PAGE_BYTES_MAX) return 0;
  const widest = db
    .prepare<[string], number | null>('SELECT max(mx_payload) FROM dbstat WHERE name = ? AND aggregate = 1')
    .pluck()
    .get(table);
  return widest ?? PAGE_BYTES_MAX;
}

/** True where rows are taken one by one, because few of the widest would fill a page. */
export function isWide(widestRow: number): boolean {
  return widestRow * PAGE_ROWS_MIN > PAGE_BYTES_MAX;
}

/** Opens a read. `widest` is what widestRowBytes gave. @throws FerrowError on SQL that fails */
export function openPages(connection: Connection, request: RowsRequest, widest: number): RowPages {
  const rowid = rowidName(request.table);
  const rowsMax = widest === 0 ? PAGE_ROWS_MAX : Math.min(PAGE_ROWS_MAX, Math.floor(PAGE_BYTES_MAX / widest));
  // Where the table fills a row of the result to the last cell, there is none left for its key.
  const hasRoom = request.expressions.length < CELLS_MAX;
  return rowid !== null && hasRoom && !isWide(widest)
    ? new RangePages(connection, request, rowid, rowsMax)
    : new IteratorPages(connection, request, rowid);
}

function conditions(parts: readonly (string | null)[]): string {
  // A comment at the end of the user's condition must not swallow the parenthesis.
  const all = parts.filter((part) => part !== null).map((part) => `(${part}\n)`);
  return all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`;
}

/** `CAST(text AS BLOB)` in the file's encoding -> UTF-8. */
function utf8Of(connection: Connection, bytes: Cell): Uint8Array | null {
  if (bytes === null || typeof bytes !== 'object') return null;
  if (connection.utf8) return bytes;
  const swapped = connection.db.pragma('encoding', { simple: true }) === 'UTF-16be';
  return utf16ToUtf8(swapped ? Buffer.from(bytes).swap16() : bytes);
}

/** Surrogates without a partner become the three bytes that UTF-8 has no place for, so that they are noticed. */
export function utf16ToUtf8(bytes: Buffer): Uint8Array {
  const text = bytes.toString('utf16le');
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Uint8Array[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) {
      parts.push(Uint8Array.of(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)));
    } else parts.push(Buffer.from(char, 'utf8'));
  }
  return Buffer.concat(parts);
}

function exactExpression(column: string): string {
  return `CASE WHEN typeof(${quote(column)}) = 'text' THEN CAST(${quote(column)} AS BLOB) END`;
}

function raw(db: Database, sql: string): Statement<Cell[], Cell[]> {
  return db.prepare<Cell[], Cell[]>(sql).raw().safeIntegers();
}

class RangePages implements RowPages {
  readonly #connection: Connection;
  readonly #request: RowsRequest;
  readonly #rowid: string;
  readonly #rowsMax: number;
  readonly #statement: Statement<Cell[], Cell[]>;
  /** The rowid stands behind the cells. */
  readonly #keyCell: number;
  #from: bigint;
  #ended = false;

  constructor(connection: Connection, request: RowsRequest, rowid: string, rowsMax: number) {
    this.#connection = connection;
    this.#request = request;
    this.#rowid = rowid;
    this.#rowsMax = rowsMax;
    this.#keyCell = request.expressions.length;
    this.#from = request.range.from;
    this.#statement = raw(
      connection.db,
      `${this.#select([...request.expressions, rowid])} ORDER BY ${rowid} LIMIT ?`,
    );
  }

  #select(expressions: readonly string[]): string {
    const { table, where } = this.#request;
    // Placeholders of Ferrow come first: the user's condition has none.
    const range = `${this.#rowid} BETWEEN ? AND ?`;
    return `SELECT ${expressions.join(', ')} FROM ${quote(table.name)} NOT INDEXED${conditions([range, where])}`;
  }

  next(rowsMax: number): Page | null {
    if (this.#ended) return null;
    const limit = Math.min(rowsMax, this.#rowsMax);
    const { to } = this.#request.range;
    const rows = this.#statement.all(this.#from, to, limit);
    if (rows.length === 0) {
      this.#ended = true;
      return null;
    }
    const first = this.#from;
    const last = rows[rows.length - 1][this.#keyCell] as bigint;
    this.#ended = rows.length < limit || last >= to;
    this.#from = last + 1n;
    return { rows, exactBytes: (cell) => this.#exactBytes(cell, first, last) };
  }

  #exactBytes(cell: number, from: bigint, to: bigint): (Uint8Array | null)[] {
    const column = this.#request.columns[cell] ?? '';
    const sql = `${this.#select([exactExpression(column)])} ORDER BY ${this.#rowid}`;
    return raw(this.#connection.db, sql)
      .all(from, to)
      .map(([bytes]) => utf8Of(this.#connection, bytes));
  }

  keyOf(row: Row): Record<string, string> {
    return { [this.#rowid.replaceAll('"', '')]: String(row[this.#keyCell]) };
  }

  close(): void {
    this.#ended = true;
  }
}

class IteratorPages implements RowPages {
  readonly #connection: Connection;
  readonly #request: RowsRequest;
  readonly #rowid: string | null;
  readonly #keys: readonly string[];
  readonly #source: string;
  readonly #iterator: IterableIterator<Cell[]>;
  /** Rows given so far. */
  #count = 0;

  constructor(connection: Connection, request: RowsRequest, rowid: string | null) {
    const { table, where, expressions } = request;
    this.#connection = connection;
    this.#request = request;
    this.#rowid = rowid;
    const keys = rowid === null ? (table.primaryKey?.columns ?? []) : [rowid];
    this.#keys = expressions.length + keys.length <= CELLS_MAX ? keys : [];
    const range = rowid === null ? null : `${rowid} BETWEEN ? AND ?`;
    // NOT INDEXED: the same order whichever columns are selected.
    this.#source = `FROM ${quote(table.name)} NOT INDEXED${conditions([range, where])}`;
    if (rowid !== null) this.#source += ` ORDER BY ${rowid}`;
    const keyList = rowid === null ? quoteList(this.#keys) : rowid;
    const selected = [...expressions, ...(this.#keys.length > 0 ? [keyList] : [])];
    const sql = `SELECT ${selected.join(', ')} ${this.#source}`;
    this.#iterator = raw(connection.db, sql).iterate(...this.#bounds());
  }

  #bounds(): bigint[] {
    const { from, to } = this.#request.range;
    return this.#rowid === null ? [] : [from, to];
  }

  next(rowsMax: number, bytesMax: number): Page | null {
    const rows: Cell[][] = [];
    const most = Math.min(rowsMax, PAGE_ROWS_MAX);
    for (let bytes = 0; rows.length < most && bytes < Math.min(bytesMax, PAGE_BYTES_MAX); ) {
      const next = this.#iterator.next();
      if (next.done) break;
      rows.push(next.value);
      for (const cell of next.value) {
        if (typeof cell === 'string' || (typeof cell === 'object' && cell !== null)) bytes += cell.length;
      }
    }
    if (rows.length === 0) return null;
    const first = this.#count;
    this.#count += rows.length;
    return { rows, exactBytes: (cell) => this.#exactBytes(cell, first, rows.length) };
  }

  #exactBytes(cell: number, offset: number, limit: number): (Uint8Array | null)[] {
    const column = this.#request.columns[cell] ?? '';
    const sql = `SELECT ${exactExpression(column)} ${this.#source} LIMIT ? OFFSET ?`;
    return raw(this.#connection.db, sql)
      .all(...this.#bounds(), BigInt(limit), BigInt(offset))
      .map(([bytes]) => utf8Of(this.#connection, bytes));
  }

  keyOf(row: Row): Record<string, string> {
    const cells = this.#request.expressions.length;
    return Object.fromEntries(
      this.#keys.map((key, at) => [key.replaceAll('"', ''), String(row[cells + at])]),
    );
  }

  close(): void {
    this.#iterator.return?.();
  }
}

/** The rowids that a table spans; null if it is empty or has none. */
export function rowidSpan(connection: Connection, table: TableSchema): RowRange | null {
  const rowid = rowidName(table);
  if (rowid === null) return null;
  try {
    const sql = `SELECT (SELECT min(${rowid}) FROM ${quote(table.name)}), (SELECT max(${rowid}) FROM ${quote(table.name)})`;
    const row = raw(connection.db, sql).get();
    return typeof row?.[0] === 'bigint' && typeof row[1] === 'bigint' ? { from: row[0], to: row[1] } : null;
  } catch (error) {
    throw sqliteError(error, 'read', { table: table.name });
  }
}
