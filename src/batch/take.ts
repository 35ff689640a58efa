// Rows of a column in another order, some left out, some as NULL: for any type, children and all. Pure; any thread.
import { fixedWidth, isVariableWidth, type LogicalType } from '../types/logical-type.ts';
import { clearBit, getBit, isValid, newBitmap, setBit } from './bitmap.ts';
import { fixedBuffer, HeapBuilder, Nulls, offsetsOf } from './builder.ts';
import { ANY_CHILD_TYPES, type Column, fixedColumn, nestedColumn, variableColumn } from './column.ts';

/** Value `i` of the result is value `rows[i]` of the column; NULL where that is -1. */
export function takeRows(column: Column, rows: Int32Array): Column {
  const { type } = column;
  const length = rows.length;
  const nulls = takenNulls(column, rows);
  const { validity, count } = nulls;
  if (isVariableWidth(type)) return takeHeap(column, rows, nulls);
  switch (type.kind) {
    case 'list':
    case 'map': {
      const { offsets, elements } = takeOffsets(column, rows, nulls);
      const children = (column.children ?? []).map((child) => takeRows(child, elements));
      return nestedColumn(type, length, { offsets, children }, validity, count);
    }
    case 'struct':
    case 'union': {
      const children = (column.children ?? []).map((child) => takeRows(child, rows));
      const typeIds = type.kind === 'union' ? takeBytes(column.typeIds, rows, nulls) : undefined;
      return nestedColumn(type, length, { children, typeIds }, validity, count);
    }
    case 'any':
      return {
        ...column,
        length,
        nullCount: count,
        validity: count === 0 ? null : validity,
        offsets: Int32Array.from(rows, (row, at) => (isValid(validity, at) ? offsetsOf(column)[row] : 0)),
        typeIds: takeBytes(column.typeIds, rows, nulls) ?? null,
      };
    default:
      return fixedColumn(type, length, takeFixed(column, rows, nulls), validity, count);
  }
}

/** The column with the NULLs of `nulls`, which has those that it had and more; their slots are emptied. */
export function withNulls(column: Column, nulls: Nulls): Column {
  if (nulls.count === column.nullCount) return column;
  const rows = new Int32Array(column.length);
  for (let row = 0; row < column.length; row++) rows[row] = isValid(nulls.validity, row) ? row : -1;
  return takeRows(column, rows);
}

/** A column of no values. */
export function emptyColumn(type: LogicalType): Column {
  const none = new Uint8Array(0);
  if (isVariableWidth(type)) return variableColumn(type, 0, new Int32Array(1), none, null, 0);
  switch (type.kind) {
    case 'list':
      return nestedColumn(
        type,
        0,
        { children: [emptyColumn(type.element)], offsets: new Int32Array(1) },
        null,
        0,
      );
    case 'map': {
      const children = [emptyColumn(type.key), emptyColumn(type.value)];
      return nestedColumn(type, 0, { children, offsets: new Int32Array(1) }, null, 0);
    }
    case 'struct':
      return nestedColumn(
        type,
        0,
        { children: type.fields.map((field) => emptyColumn(field.type)) },
        null,
        0,
      );
    case 'union': {
      const children = type.members.map((member) => emptyColumn(member.type));
      return nestedColumn(type, 0, { children, typeIds: new Uint8Array(0) }, null, 0);
    }
    case 'any': {
      const children = ANY_CHILD_TYPES.map(emptyColumn);
      const parts = { children, offsets: new Int32Array(0), typeIds: new Uint8Array(0) };
      return nestedColumn(type, 0, parts, null, 0);
    }
    default:
      return fixedColumn(type, 0, none, null, 0);
  }
}

function takenNulls({ validity }: Column, rows: Int32Array): Nulls {
  const bits = newBitmap(rows.length, true);
  let count = 0;
  for (let at = 0; at < rows.length; at++) {
    if (rows[at] >= 0 && isValid(validity, rows[at])) continue;
    clearBit(bits, at);
    count++;
  }
  return new Nulls(rows.length, bits, count);
}

function takeHeap(column: Column, rows: Int32Array, nulls: Nulls): Column {
  const source = offsetsOf(column);
  const out = new HeapBuilder(rows.length, Math.min(source[column.length], rows.length * 16));
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    if (isValid(nulls.validity, at)) out.copy(at, column.data, source[row], source[row + 1]);
    else out.close(at, out.end);
  }
  return out.finish(column.type, rows.length, nulls);
}

function takeOffsets(column: Column, rows: Int32Array, { validity }: Nulls) {
  const source = offsetsOf(column);
  const offsets = new Int32Array(rows.length + 1);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    offsets[at + 1] = offsets[at] + (isValid(validity, at) ? source[row + 1] - source[row] : 0);
  }
  const elements = new Int32Array(offsets[rows.length]);
  for (let at = 0; at < rows.length; at++) {
    const first = source[rows[at]] - offsets[at];
    for (let to = offsets[at]; to < offsets[at + 1]; to++) elements[to] = first + to;
  }
  return { offsets, elements };
}

function takeBytes(
  source: Uint8Array | null,
  rows: Int32Array,
  { validity }: Nulls,
): Uint8Array<ArrayBuffer> | undefined {
  if (source === null) return undefined;
  return Uint8Array.from(rows, (row, at) => (isValid(validity, at) ? source[row] : 0));
}

function takeFixed({ type, data }: Column, rows: Int32Array, { validity }: Nulls): Uint8Array<ArrayBuffer> {
  const out = fixedBuffer(type, rows.length);
  const width = fixedWidth(type);
  for (let at = 0; at < rows.length; at++) {
    if (!isValid(validity, at)) continue;
    const row = rows[at];
    if (width === 0) {
      if (getBit(data, row)) setBit(out, at);
    } else for (let j = 0; j < width; j++) out[at * width + j] = data[row * width + j];
  }
  return out;
}
