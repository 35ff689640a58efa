// A cursor over one partition of a SQLite table: pages of rows -> chunks of columns. Engine thread.
import { type Chunk, payloadBytes } from '../../batch/chunk.ts';
import type { Column } from '../../batch/column.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ReadRequest } from '../dialect.ts';
import { BadCell, type CellBuilder, type Page, type Row } from './cells.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { openPages, type RowPages, type RowRange } from './row-pages.ts';
import { quote } from './sql-names.ts';
import { appendJoined, builderFor, HeapBuilder, JOINED_NULL } from './text-cells.ts';

/** So many texts at least are worth joining; SQLite functions take 1,000 arguments. */
const JOINED_MIN = 2;
const JOINED_MAX = 900;

export interface CursorFacts {
  readonly widestRowBytes: number;
  /** Columns known to hold nothing but text of known innocence, see PlainTexts in prescan.ts. */
  readonly plainTexts: ReadonlySet<string>;
}

export class TableCursor {
  readonly #request: ReadRequest;
  readonly #pages: RowPages;
  /** The cell of each column, or -1 where it comes joined. */
  readonly #cells: readonly number[] = [];
  readonly #joinedCell: number;
  #seq = 0;
  /** Bytes per row so far, to size pages near the end of a chunk. */
  #rowBytes = 64;

  constructor(connection: Connection, request: ReadRequest, range: RowRange, facts: CursorFacts) {
    this.#request = request;
    const joinable = request.columns.filter(
      ({ name, wire }) => wire.kind !== 'binary' && isHeap(wire.kind) && facts.plainTexts.has(name),
    );
    const joined = joinable.length >= JOINED_MIN && joinable.length <= JOINED_MAX ? joinable : [];
    const expressions: string[] = [];
    const columns: (string | null)[] = [];
    this.#cells = request.columns.map((column) => {
      if (joined.includes(column)) return -1;
      columns.push(column.name);
      return expressions.push(quote(column.name)) - 1;
    });
    this.#joinedCell = joined.length === 0 ? -1 : expressions.push(joinedExpression(joined));
    if (joined.length > 0) this.#joinedCell = expressions.length - 1;
    if (expressions.length === 0) expressions.push('NULL');
    const { table, where } = request;
    try {
      this.#pages = openPages(
        connection,
        { table, expressions, columns, where, range },
        facts.widestRowBytes,
      );
    } catch (error) {
      throw sqliteError(error, 'read', { table: table.name });
    }
  }

  /** The next chunk; null at the end. @throws FerrowError */
  next(): Chunk | null {
    const { batchRows, batchBytes, columns } = this.#request;
    const builders = columns.map(({ wire }) => builderFor(wire));
    let rowCount = 0;
    let bytes = 0;
    while (rowCount < batchRows && bytes < batchBytes) {
      const fitting = Math.ceil((batchBytes - bytes) / this.#rowBytes);
      const page = this.#nextPage(Math.max(1, Math.min(batchRows - rowCount, fitting)));
      if (page === null) break;
      this.#append(page, builders);
      rowCount += page.rows.length;
      bytes = builders.reduce((sum, builder) => sum + builder.byteLength, 0);
      this.#rowBytes = Math.max(1, bytes / rowCount);
    }
    if (rowCount === 0) return null;
    const made: Column[] = builders.map((builder) => builder.finish());
    const payload = { form: 'columns' as const, columns: made };
    return { seq: this.#seq++, rowCount, byteLength: payloadBytes(payload), payload };
  }

  #nextPage(rowsMax: number): Page | null {
    try {
      return this.#pages.next(rowsMax);
    } catch (error) {
      throw sqliteError(error, 'read', { table: this.#request.table.name });
    }
  }

  #append(page: Page, builders: readonly CellBuilder[]): void {
    const { columns, table } = this.#request;
    const joined: HeapBuilder[] = [];
    for (let at = 0; at < builders.length; at++) {
      const builder = builders[at];
      if (this.#cells[at] < 0) {
        if (builder instanceof HeapBuilder) joined.push(builder);
        continue;
      }
      try {
        builder.append(page, this.#cells[at]);
      } catch (error) {
        const place = { table: table.name, column: columns[at].name };
        if (error instanceof BadCell) throw this.#badCell(error, page.rows[error.row], place);
        throw sqliteError(error, 'read', place);
      }
    }
    if (joined.length > 0) appendJoined(page, this.#joinedCell, joined);
  }

  #badCell(error: BadCell, row: Row, place: { table: string; column: string }): FerrowError {
    const key = row === undefined ? {} : this.#pages.keyOf(row);
    return new FerrowError(error.code, `table "${place.table}", column "${place.column}": ${error.message}`, {
      dialect: 'sqlite',
      ...place,
      row: key,
      value: error.value,
    });
  }

  close(): void {
    this.#pages.close();
  }
}

function isHeap(kind: string): boolean {
  return kind === 'text' || kind === 'json' || kind === 'numeric';
}

function joinedExpression(columns: readonly { readonly name: string }[]): string {
  const parts = columns.map(({ name }) => `ifnull(${quote(name)}, char(${JOINED_NULL}))`);
  return `concat_ws(char(0), ${parts.join(', ')}, '')`;
}
