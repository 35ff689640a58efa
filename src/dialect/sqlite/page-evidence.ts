// The prescan's scan over the file's own pages. Values that change nothing but a count are told from their bytes;
// every other one is handed to ColumnScan as SQLite would give it, so that both ways have one judge. Engine thread.
import { isUtf8 } from 'node:buffer';
import { type PagesPayload, releaseBuffers, transferList } from '../../batch/chunk.ts';
import type { Cell, Row } from './cells.ts';
import { type ScannedRows, scanPages } from './codec/page-scan.ts';
import { cellValue, isInteger, readNumber } from './codec/page-values.ts';
import type { ColumnScan } from './column-scan.ts';

const REAL = 7;
const [MINUS, ZERO, NINE] = [45, 48, 57];

/**
 * Adds every row of the pages to the scans and gives the pages' memory back, one for each column of the payload. Rows that a scan is given have its value
 * as cell 0 and the rowid as cell 1.
 * @throws FerrowError E_CORRUPT
 */
export function addPages(payload: PagesPayload, rowCount: number, scans: readonly ColumnScan[]): void {
  const scanned = scanPages(payload, rowCount);
  scans.forEach((scan, column) => {
    new ColumnPass(payload, scanned, column, scan).run();
  });
  releaseBuffers([...transferList(payload), scanned.serials.buffer, scanned.starts.buffer]);
}

class ColumnPass {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #scanned: ScannedRows;
  readonly #base: number;
  readonly #real: boolean;
  readonly #isRowid: boolean;
  readonly #scan: ColumnScan;
  readonly #view: DataView;
  readonly #counts = { integer: 0, real: 0, text: 0, blob: 0 };

  constructor(payload: PagesPayload, scanned: ScannedRows, column: number, scan: ColumnScan) {
    this.#bytes = payload.bytes;
    this.#scanned = scanned;
    this.#base = column * scanned.rowCount;
    this.#real = payload.columns[column].real;
    this.#isRowid = payload.columns[column].place === null;
    this.#scan = scan;
    this.#view = new DataView(payload.bytes.buffer, payload.bytes.byteOffset, payload.bytes.byteLength);
  }

  run(): void {
    const { rowCount, serials, starts } = this.#scanned;
    let nulls = 0;
    for (let row = 0; row < rowCount; row++) {
      const serial = serials[this.#base + row];
      const start = starts[this.#base + row];
      if (this.#isRowid) this.#hand(this.#rowid(row), row);
      else if (serial === 0) nulls++;
      else if (!this.#isCounted(serial, start))
        this.#hand(cellValue(this.#bytes, start, serial, this.#real), row);
    }
    this.#scan.addCounted(nulls, this.#counts);
  }

  #isCounted(serial: number, start: number): boolean {
    const scan = this.#scan;
    if (serial >= 12) {
      const length = (serial - 12) >> 1;
      if ((serial & 1) === 0) {
        if (!scan.takesBlob(length)) return false;
        this.#counts.blob++;
        return true;
      }
      if (
        length === 0 ||
        !(scan.takesText(length) || (length === 10 && scan.takesDate() && this.#isDate(start)))
      )
        return false;
      if (!this.#isHarmless(start, start + length)) return false;
      this.#counts.text++;
      return true;
    }
    if (serial === REAL || this.#real) {
      const value = serial === REAL ? this.#view.getFloat64(start) : readNumber(this.#bytes, start, serial);
      if (!scan.takesReal(value)) return false;
      this.#counts.real++;
      return true;
    }
    if (!isInteger(serial)) return false;
    const value = readNumber(this.#bytes, start, serial);
    if (!Number.isSafeInteger(value) || !scan.takesInteger(value)) return false;
    this.#counts.integer++;
    return true;
  }

  /** ASCII without NUL. */
  #isHarmless(start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end; at++) if (bytes[at] - 1 >= 0x7f || bytes[at] === 0) return false;
    return true;
  }

  /** `YYYY-MM-DD` with a day that every month has. */
  #isDate(at: number): boolean {
    const bytes = this.#bytes;
    if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return false;
    for (let digit = 0; digit < 10; digit++) {
      if (digit === 4 || digit === 7) continue;
      if (bytes[at + digit] < ZERO || bytes[at + digit] > NINE) return false;
    }
    const month = (bytes[at + 5] - ZERO) * 10 + bytes[at + 6] - ZERO;
    const day = (bytes[at + 8] - ZERO) * 10 + bytes[at + 9] - ZERO;
    return month >= 1 && month <= 12 && day >= 1 && day <= 28;
  }

  #rowid(row: number): bigint {
    const { rowids } = this.#scanned;
    return (BigInt(rowids[row * 2 + 1]) << 32n) | BigInt(rowids[row * 2] >>> 0);
  }

  #hand(value: Buffer | bigint | number | null, row: number): void {
    const serial = this.#isRowid ? 6 : this.#scanned.serials[this.#base + row];
    const isText = serial >= 13 && (serial & 1) === 1;
    const cell: Cell = isText && Buffer.isBuffer(value) ? value.toString('utf8') : value;
    const given: Row = [cell, this.#rowid(row)];
    this.#scan.add({
      rows: [given],
      exactBytes: () => [isText && Buffer.isBuffer(value) && !isUtf8(value) ? value : null],
    });
  }
}
