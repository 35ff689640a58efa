// A cursor over one partition of a SQLite table: pages of rows -> chunks of columns. Engine thread.
import { type Chunk, payloadBytes } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ReadRequest } from '../dialect.ts';
import { BadCell, type CellBuilder } from './cells.ts';
import type { Page } from './codec/cell.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { openPages, type RowPages, type RowRange } from './row-pages.ts';
import { quote } from './sql-names.ts';
import { builderFor } from './text-cells.ts';

export class TableCursor {
  readonly #request: ReadRequest;
  readonly #pages: RowPages;
  #seq = 0;
  /** Bytes per row so far, to size pages near the end of a chunk. */
  #rowBytes: number;

  /** `widestRow` is what widestRowBytes gave. @throws FerrowError */
  constructor(connection: Connection, request: ReadRequest, range: RowRange, widestRow: number) {
    this.#request = request;
    this.#rowBytes = Math.max(64, widestRow);
    const { table, where } = request;
    const columns = request.columns.map(({ name }) => name);
    // Rows without columns are still counted.
    const expressions = columns.length > 0 ? columns.map(quote) : ['NULL'];
    try {
      this.#pages = openPages(connection, { table, expressions, columns, where, range }, widestRow);
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
      const rowsMax = Math.max(1, Math.min(batchRows - rowCount, fitting));
      const page = this.#nextPage(rowsMax, batchBytes - bytes);
      if (page === null) break;
      this.#append(page, builders);
      rowCount += page.rows.length;
      bytes = builders.reduce((sum, builder) => sum + builder.byteLength, 0);
      this.#rowBytes = Math.max(1, bytes / rowCount);
    }
    if (rowCount === 0) return null;
    const payload = { form: 'columns' as const, columns: builders.map((builder) => builder.finish()) };
    return { seq: this.#seq++, rowCount, byteLength: payloadBytes(payload), payload };
  }

  #nextPage(rowsMax: number, bytesMax: number): Page | null {
    try {
      return this.#pages.next(rowsMax, bytesMax);
    } catch (error) {
      throw sqliteError(error, 'read', { table: this.#request.table.name });
    }
  }

  #append(page: Page, builders: readonly CellBuilder[]): void {
    const { columns, table } = this.#request;
    builders.forEach((builder, at) => {
      try {
        builder.append(page, at);
      } catch (error) {
        throw this.#failure(error, page, { table: table.name, column: columns[at].name });
      }
    });
  }

  #failure(error: unknown, page: Page, place: { table: string; column: string }): FerrowError {
    if (!(error instanceof BadCell)) return sqliteError(error, 'read', place);
    const row = page.rows[error.row];
    return new FerrowError(error.code, `table "${place.table}", column "${place.column}": ${error.message}`, {
      dialect: 'sqlite',
      ...place,
      row: row ? this.#pages.keyOf(row) : {},
      value: error.value,
    });
  }

  close(): void {
    this.#pages.close();
  }
}
