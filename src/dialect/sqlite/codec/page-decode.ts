// Leaf pages of a SQLite table -> a batch, without SQLite. Pure; runs in crossing workers. The plain twin is
// row-source.ts with cells.ts, and both give equal bytes.
import type { Batch, Field } from '../../../batch/batch.ts';
import { Nulls } from '../../../batch/builder.ts';
import { type PagesPayload, releaseBuffers } from '../../../batch/chunk.ts';
import { ANY_CHILD_TYPES, type Column, fixedColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { type LogicalType, typeName } from '../../../types/logical-type.ts';
import { type ScannedRows, scanPages } from './page-scan.ts';
import {
  BadValue,
  boolValues,
  classOf,
  decimalValues,
  floatValues,
  heapValues,
  int64Values,
  smallIntValues,
  type Values,
} from './page-values.ts';
import { unscaledOf } from './unscaled.ts';

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

/** @throws FerrowError E_CORRUPT naming the page; or the code of a value that its column can't hold, with the rowid */
export function decodePages(payload: PagesPayload, rowCount: number, fields: readonly Field[]): Batch {
  if (payload.columns.length !== fields.length) {
    throw new FerrowError(
      'E_CORRUPT',
      `a chunk has ${payload.columns.length} columns instead of ${fields.length}`,
    );
  }
  const scanned = scanPages(payload, rowCount);
  const columns = fields.map((field, at) => {
    try {
      return decodeColumn(payload, scanned, at, field.type);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new FerrowError(
        error.code,
        `column "${field.name}": ${error.message} of ${typeName(field.type)}`,
        {
          dialect: 'sqlite',
          column: field.name,
          row: { rowid: rowidText(scanned, error.row) },
        },
      );
    }
  });
  // Dead buffers weigh nothing to the garbage collector, and gather.
  releaseBuffers([scanned.serials.buffer, scanned.starts.buffer]);
  return { fields, columns, rowCount };
}

function decodeColumn(payload: PagesPayload, scanned: ScannedRows, at: number, type: LogicalType): Column {
  const { rowCount } = scanned;
  const { place, real } = payload.columns[at];
  if (place === null) return rowidColumn(scanned, type);
  const values: Values = {
    bytes: payload.bytes,
    rowCount,
    serials: scanned.serials.subarray(at * rowCount, (at + 1) * rowCount),
    starts: scanned.starts.subarray(at * rowCount, (at + 1) * rowCount),
    real,
  };
  return valuesColumn(values, type);
}

function valuesColumn(values: Values, type: LogicalType): Column {
  switch (type.kind) {
    case 'int':
      return type.bits === 64 ? int64Values(values, type) : smallIntValues(values, type);
    case 'bool':
      return boolValues(values);
    case 'float':
      return floatValues(values, type);
    case 'decimal':
      return decimalValues(values, type, (row, value) => unscaledOf(value, type, row));
    case 'any':
      return anyColumn(values);
    case 'text':
    case 'json':
    case 'numeric':
    case 'binary':
      return heapValues(values, type);
    default:
      throw new FerrowError('E_INTERNAL', `SQLite's pages have no form for ${typeName(type)}`);
  }
}

/** Each class is taken out by the loop of its own type. */
function anyColumn(values: Values): Column {
  const { bytes, rowCount, serials, starts, real } = values;
  const typeIds = new Uint8Array(rowCount);
  const offsets = new Int32Array(rowCount);
  const nulls = new Nulls(rowCount);
  const counts = [0, 0, 0, 0];
  for (let row = 0; row < rowCount; row++) {
    const id = classOf(serials[row], real);
    if (id < 0) {
      nulls.set(row);
      continue;
    }
    typeIds[row] = id;
    offsets[row] = counts[id]++;
  }
  const children = ANY_CHILD_TYPES.map((type, id) => {
    const own: Values = {
      bytes,
      rowCount: counts[id],
      serials: new Int32Array(counts[id]),
      starts: new Int32Array(counts[id]),
      real: real && id === 0,
    };
    let at = 0;
    for (let row = 0; row < rowCount; row++) {
      if (typeIds[row] !== id || serials[row] === 0) continue;
      own.serials[at] = serials[row];
      own.starts[at++] = starts[row];
    }
    return valuesColumn(own, type);
  });
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

function rowidColumn({ rowids, rowCount }: ScannedRows, type: LogicalType): Column {
  if (type.kind !== 'int') throw new FerrowError('E_INTERNAL', `a rowid is no ${typeName(type)}`);
  if (type.bits === 64) return fixedColumn(type, rowCount, new Uint8Array(rowids.buffer.slice(0)), null, 0);
  const data =
    type.bits === 32
      ? new Int32Array(rowCount)
      : type.bits === 16
        ? new Int16Array(rowCount)
        : new Int8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    data[row] = rowids[row * 2];
    const [low, high] = [rowids[row * 2], rowids[row * 2 + 1]];
    const wide = high * 4294967296 + (low >>> 0);
    const span = 2 ** type.bits;
    const min = type.signed ? -span / 2 : 0;
    if (wide < min || wide >= min + span)
      throw new BadValue(row, 'E_INT_RANGE', 'an integer is out of range');
  }
  return fixedColumn(type, rowCount, new Uint8Array(data.buffer), null, 0);
}

function rowidText({ rowids }: ScannedRows, row: number): string {
  return String((BigInt(rowids[row * 2 + 1]) << 32n) | BigInt(rowids[row * 2] >>> 0));
}
