// Rows of binary COPY -> columns in canonical types. Crossing workers; pure. One column at a time over the whole
// chunk, so that each loop knows its type. Every length is checked before it is used: whatever the bytes, the
// result is a batch or a FerrowError.
import type { Batch, Field } from '../../../batch/batch.ts';
import type { Column } from '../../../batch/column.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import { typeName } from '../../../types/logical-type.ts';
import type { BadCell } from '../../dialect.ts';
import { decodeWithoutBad } from './decode-bad.ts';
import * as fixed from './decode-fixed.ts';
import { decodeArrays, decodeHstore, decodeRecords } from './decode-nested.ts';
import type { Extent, Rows } from './decode-rows.ts';
import * as variable from './decode-variable.ts';
import { cellError, corrupt } from './faults.ts';
import * as temporal from './temporal.ts';

/**
 * Decodes `rowCount` rows without header and trailer. `fields` are the wire types, in the order of the rows.
 * @throws FerrowError E_CORRUPT; without `onBad` E_TIMESTAMP_RANGE, E_NUMERIC_SPECIAL, E_DECIMAL_SCALE and the like
 */
export function decodeCopy(
  bytes: Uint8Array,
  rowCount: number,
  fields: readonly Field[],
  onBad?: (cell: BadCell) => void,
): Batch {
  const { rows, extents } = walk(bytes, rowCount, fields.length);
  const columns = fields.map((field, at) =>
    onBad
      ? decodeWithoutBad(rows, field, extents[at], decodeColumn, (cell) => onBad({ ...cell, column: at }))
      : decodeColumn(rows, field, extents[at]),
  );
  return { fields, rowCount, columns };
}

/** Checks every length once; after it, the loops below only check that a length suits its type. */
function walk(bytes: Uint8Array, rowCount: number, columnCount: number): { rows: Rows; extents: Extent[] } {
  if (!Number.isInteger(rowCount) || rowCount < 0 || rowCount * (2 + 4 * columnCount) > bytes.length)
    throw corrupt(`${bytes.length} bytes can not hold ${rowCount} rows of ${columnCount} fields`);
  if (bytes.length > temporal.INT32_MAX) throw corrupt('a chunk of more than 2 GiB');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const next = new Int32Array(rowCount);
  const nullCounts = new Int32Array(columnCount);
  const byteLengths = new Float64Array(columnCount);
  const end = bytes.length;
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    if (at + 2 > end) throw corrupt(`row ${row} is missing`);
    const count = view.getInt16(at);
    if (count !== columnCount) throw corrupt(`row ${row} has ${count} fields instead of ${columnCount}`);
    at += 2;
    next[row] = at;
    for (let column = 0; column < columnCount; column++) {
      if (at + 4 > end) throw corrupt(`row ${row} is cut off`);
      const length = view.getInt32(at);
      at += 4;
      if (length === -1) nullCounts[column]++;
      else {
        if (length < 0 || length > end - at) throw corrupt(`row ${row}: a field of ${length} bytes`);
        byteLengths[column] += length;
        at += length;
      }
    }
  }
  if (at !== end) throw corrupt(`${end - at} bytes too many`);
  const extents: Extent[] = [];
  for (let column = 0; column < columnCount; column++)
    extents.push({ nullCount: nullCounts[column], byteLength: byteLengths[column] });
  return { rows: { view, bytes, rowCount, next }, extents };
}

function decodeColumn(rows: Rows, field: Field, extent: Extent): Column {
  const type = field.type;
  switch (type.kind) {
    case 'bool':
      return fixed.decodeBool(rows, field, extent);
    case 'int':
      if (type.bits === 16) return fixed.decode2(rows, field, extent);
      if (type.bits === 32) return fixed.decode4(rows, field, extent);
      if (type.bits === 64) return fixed.decode8(rows, field, extent);
      break;
    case 'float':
      return type.bits === 32 ? fixed.decode4(rows, field, extent) : fixed.decode8(rows, field, extent);
    case 'decimal':
      return variable.decodeDecimals(rows, field, extent, type);
    case 'numeric':
      return variable.decodeNumericText(rows, field, extent);
    case 'text':
    case 'binary':
    case 'opaque':
      return variable.decodeBytes(rows, field, extent, 0);
    case 'json':
      return variable.decodeBytes(rows, field, extent, type.binary ? 1 : 0);
    case 'date':
      return fixed.decodeDates(rows, field, extent);
    case 'time':
      if (type.unit === 'us') return fixed.decodeTimes(rows, field, extent);
      break;
    case 'timestamp':
      if (type.unit !== 'ns')
        return fixed.decodeTimestamps(rows, field, extent, temporal.microsPerUnit(type.unit));
      break;
    case 'uuid':
      return fixed.decodeUuids(rows, field, extent);
    case 'timetz':
      return fixed.decodeTimetz(rows, field, extent);
    case 'interval':
      return fixed.decodeIntervals(rows, field, extent);
    case 'bit':
      return variable.decodeBits(rows, field, extent);
    case 'enum':
      return variable.decodeLabels(rows, field, extent, type.labels);
    case 'list':
      return decodeArrays(rows, field, extent, type, decodeColumn);
    case 'struct':
      return decodeRecords(rows, field, extent, type, decodeColumn);
    case 'map':
      return decodeHstore(rows, field, extent, type, decodeColumn);
  }
  throw notDecoded(field, type);
}

function notDecoded(field: Field, type: LogicalType) {
  return cellError('E_INTERNAL', field, 0, `PostgreSQL has no binary form that decodes to ${typeName(type)}`);
}
