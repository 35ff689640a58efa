// Leaf pages of a SQLite table -> a batch, without SQLite. Pure; runs in crossing workers. The plain twin is
// row-source.ts with cells.ts, and both give equal bytes.
import type { Batch, Field } from '../../../batch/batch.ts';
import { Nulls } from '../../../batch/builder.ts';
import { type ByteWindow, byteWindow } from '../../../batch/byte-copy.ts';
import type { PageColumn, PagesPayload } from '../../../batch/chunk.ts';
import { ANY_CHILD_TYPES, type Column } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { type LogicalType, typeName } from '../../../types/logical-type.ts';
import type { BadCell } from '../../dialect.ts';
import { HeapDecoder } from './page-heap.ts';
import { PageScan } from './page-scan.ts';
import {
  BadValue,
  type Block,
  BoolDecoder,
  type ColumnDecoder,
  DecimalDecoder,
  FloatDecoder,
  Int64Decoder,
  RowidDecoder,
  SmallIntDecoder,
} from './page-values.ts';
import { unscaledOf } from './unscaled.ts';
import { classOf } from './value-bytes.ts';

/** True if pages can be decoded to the wire type; the plain way serves the others. */
export function isPageWire(type: LogicalType): boolean {
  switch (type.kind) {
    case 'int':
      return type.bits !== 128;
    case 'float':
    case 'bool':
    case 'decimal':
    case 'text':
    case 'json':
    case 'numeric':
    case 'binary':
    case 'any':
      return true;
    default:
      return false;
  }
}

/**
 * @throws FerrowError E_CORRUPT naming the page; or the code of a value that its column can't hold, with the rowid: with `onBad`
 * only where that is the rowid itself
 */
export function decodePages(
  payload: PagesPayload,
  rowCount: number,
  fields: readonly Field[],
  onBad?: (cell: BadCell) => void,
): Batch {
  if (payload.columns.length !== fields.length) {
    throw new FerrowError(
      'E_CORRUPT',
      `a chunk has ${payload.columns.length} columns instead of ${fields.length}`,
    );
  }
  const scan = new PageScan(payload, rowCount);
  const decoders = fields.map(({ type }, at) => decoderFor(type, rowCount, payload.columns[at]));
  const bases = payload.columns.map(({ place }) => scan.base(place ?? 0));
  const failures = new Map<number, FerrowError>();
  while (scan.next()) {
    for (let at = 0; at < decoders.length; at++) {
      if (failures.has(at)) continue;
      try {
        decoders[at].add(scan, bases[at]);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        failures.set(at, failureOf(error, fields[at], scan));
      }
    }
  }
  // Damage comes before bad values, and of those the first column's.
  const failed = [...failures].sort(([a], [b]) => a - b);
  const lasting = onBad ? failed.find(([at]) => payload.columns[at].place === null) : failed[0];
  if (lasting) throw lasting[1];
  const columns = decoders.map((decoder, at) =>
    onBad && failures.has(at)
      ? decodeWithoutBad(payload, rowCount, fields[at].type, at, onBad)
      : decoder.finish(),
  );
  return { fields, columns, rowCount };
}

/** The column once more, row by row: bad values are told of, and NULL. */
function decodeWithoutBad(
  payload: PagesPayload,
  rowCount: number,
  type: LogicalType,
  column: number,
  onBad: (cell: BadCell) => void,
): Column {
  const place = payload.columns[column];
  const decoder = decoderFor(type, rowCount, place);
  const scan = new PageScan(payload, rowCount);
  const base = scan.base(place.place ?? 0);
  while (scan.next()) {
    for (let row = 0; row < scan.rowCount; row++) {
      try {
        decoderFor(type, 1, place).add(oneRow(scan), base + row);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        const { code, message } = error;
        onBad({ row: scan.firstRow + row, column, code, message: `${message} of ${typeName(type)}` });
        scan.serials[base + row] = 0;
      }
    }
    decoder.add(scan, base);
  }
  return decoder.finish();
}

function oneRow({ bytes, view, wordsEnd, last4, serials, starts, rowids }: Block): Block {
  return { bytes, view, wordsEnd, last4, serials, starts, rowids, firstRow: 0, rowCount: 1 };
}

function failureOf({ code, message, row }: BadValue, { name, type }: Field, scan: PageScan): FerrowError {
  return new FerrowError(code, `column "${name}": ${message} of ${typeName(type)}`, {
    dialect: 'sqlite',
    column: name,
    row: { rowid: scan.rowidText(row) },
  });
}

export function decoderFor(type: LogicalType, rowCount: number, { place, real }: PageColumn): ColumnDecoder {
  if (place === null) {
    if (type.kind !== 'int') throw new FerrowError('E_INTERNAL', `a rowid is no ${typeName(type)}`);
    return new RowidDecoder(type, rowCount);
  }
  return type.kind === 'any' ? new AnyDecoder(rowCount, real) : valueDecoder(type, rowCount, real);
}

function valueDecoder(type: LogicalType, rowCount: number, real: boolean): ColumnDecoder {
  switch (type.kind) {
    case 'int':
      return type.bits === 64
        ? new Int64Decoder(type, rowCount, real)
        : new SmallIntDecoder(type, rowCount, real);
    case 'bool':
      return new BoolDecoder(rowCount, real);
    case 'float':
      return new FloatDecoder(type, rowCount);
    case 'decimal':
      return new DecimalDecoder(type, rowCount, (row, value) => unscaledOf(value, type, row));
    case 'text':
    case 'json':
    case 'numeric':
    case 'binary':
      return new HeapDecoder(type, rowCount, real);
    default:
      throw new FerrowError('E_INTERNAL', `SQLite's pages have no form for ${typeName(type)}`);
  }
}

/** Gathers where the values of each class are; each class is then taken out by the decoder of its own type. */
class AnyDecoder implements ColumnDecoder {
  readonly #rowCount: number;
  readonly #real: boolean;
  readonly #serials: Int32Array;
  readonly #starts: Int32Array;
  #bytes: ByteWindow = byteWindow(new Uint8Array(0));

  constructor(rowCount: number, real: boolean) {
    this.#rowCount = rowCount;
    this.#real = real;
    this.#serials = new Int32Array(rowCount);
    this.#starts = new Int32Array(rowCount);
  }

  add(block: Block, base: number): void {
    const { firstRow, rowCount, serials, starts } = block;
    this.#bytes = block;
    const [ownSerials, ownStarts] = [this.#serials, this.#starts];
    // One by one: views for each column of each page were most of what decoding leaves on the heap.
    for (let row = 0; row < rowCount; row++) {
      ownSerials[firstRow + row] = serials[base + row];
      ownStarts[firstRow + row] = starts[base + row];
    }
  }

  finish(): Column {
    const rowCount = this.#rowCount;
    const serials = this.#serials;
    const typeIds = new Uint8Array(rowCount);
    const offsets = new Int32Array(rowCount);
    const nulls = new Nulls(rowCount);
    const counts = [0, 0, 0, 0];
    for (let row = 0; row < rowCount; row++) {
      const id = classOf(serials[row], this.#real);
      if (id < 0) {
        nulls.set(row);
        continue;
      }
      typeIds[row] = id;
      offsets[row] = counts[id]++;
    }
    const children = ANY_CHILD_TYPES.map((type, id) => this.#child(type, id, typeIds, counts[id]));
    return {
      type: { kind: 'any' },
      length: rowCount,
      nullCount: nulls.count,
      validity: nulls.count === 0 ? null : nulls.validity,
      data: new Uint8Array(0),
      offsets,
      typeIds,
      children,
    };
  }

  #child(type: LogicalType, id: number, typeIds: Uint8Array, count: number): Column {
    const serials = new Int32Array(count);
    const starts = new Int32Array(count);
    for (let row = 0, at = 0; row < this.#rowCount; row++) {
      if (typeIds[row] !== id || this.#serials[row] === 0) continue;
      serials[at] = this.#serials[row];
      starts[at++] = this.#starts[row];
    }
    const { bytes, view, wordsEnd } = this.#bytes;
    const last4 = bytes.byteLength - 4;
    const decoder = valueDecoder(type, count, this.#real && id === 0);
    if (count === 0) return decoder.finish();
    decoder.add(
      { bytes, view, wordsEnd, last4, serials, starts, firstRow: 0, rowCount: count, rowids: NO_ROWIDS },
      0,
    );
    return decoder.finish();
  }
}

const NO_ROWIDS = new Int32Array(0);
