// Arrays, composite values and hstore -> lists, structs and maps. Crossing workers; pure. What is inside has the form of a
// field again (a length, then bytes), so the children are decoded where they stand, by the code that decodes columns.
import type { Field } from '../../../batch/batch.ts';
import { clearBit } from '../../../batch/bitmap.ts';
import { type Column, nestedColumn } from '../../../batch/column.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import { badLength, type Extent, type Rows, validityOf } from './decode-rows.ts';
import { cellError, inParentRow } from './faults.ts';

export type DecodeColumn = (rows: Rows, field: Field, extent: Extent) => Column;

const DIMENSIONS_MAX = 6;

/** The fields of one child while they are found. */
class ChildFields {
  readonly next: Int32Array;
  nullCount = 0;
  byteLength = 0;
  count = 0;

  constructor(length: number) {
    this.next = new Int32Array(length);
  }

  /** Takes the field at `at`; gives where it ends. Its bytes may not pass `end`. */
  take(rows: Rows, at: number, end: number): number {
    if (at + 4 > end) return -1;
    const length = rows.view.getInt32(at);
    if (length < -1 || length > end - at - 4) return -1;
    this.next[this.count++] = at;
    if (length === -1) {
      this.nullCount++;
      return at + 4;
    }
    this.byteLength += length;
    return at + 4 + length;
  }

  /** `rowOf` says to which row of the parent a value belongs. */
  decode(
    rows: Rows,
    field: Field,
    type: LogicalType,
    decode: DecodeColumn,
    rowOf: (at: number) => number,
  ): Column {
    const child: Rows = { view: rows.view, bytes: rows.bytes, rowCount: this.count, next: this.next };
    try {
      return decode(child, { name: field.name, type }, this);
    } catch (error) {
      throw inParentRow(error, field, rowOf);
    }
  }
}

/** One dimension for each list in `type`; they all begin at 1. */
export function decodeArrays(
  rows: Rows,
  field: Field,
  extent: Extent,
  type: Extract<LogicalType, { kind: 'list' }>,
  decode: DecodeColumn,
): Column {
  const { view, next, rowCount } = rows;
  const levels: Extract<LogicalType, { kind: 'list' }>[] = [type];
  let element = type.element;
  for (; element.kind === 'list' && levels.length < DIMENSIONS_MAX; element = element.element)
    levels.push(element);
  const counts = countElements(rows, field, levels.length);
  const validity = validityOf(rows, extent);
  const offsets = levels.map((_, level) => new Int32Array((level === 0 ? rowCount : counts[level - 1]) + 1));
  const filled = levels.map(() => 0);
  const leaves = new ChildFields(counts[levels.length - 1]);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === -1) {
      if (validity) clearBit(validity, row);
      offsets[0][++filled[0]] = offsets[0][row];
      next[row] = at + 4;
      continue;
    }
    const end = at + 4 + length;
    const dimensions = view.getInt32(at + 4);
    let lists = 1;
    for (let level = 0; level < levels.length; level++) {
      const size = dimensions === 0 ? 0 : view.getInt32(at + 16 + 8 * level);
      for (let list = 0; list < lists; list++) {
        const from = offsets[level][filled[level]];
        offsets[level][++filled[level]] = from + size;
      }
      lists *= size;
    }
    let from = at + 16 + 8 * dimensions;
    for (let left = lists; left > 0; left--) {
      from = leaves.take(rows, from, end);
      if (from < 0) throw cellError('E_CORRUPT', field, row, 'an array that is cut off');
    }
    if (from !== end) throw cellError('E_CORRUPT', field, row, 'an array with bytes behind its elements');
    next[row] = end;
  }
  const rowOf = (at: number) => {
    let index = at;
    for (let level = levels.length - 1; level >= 0; level--) index = holderOf(offsets[level], index);
    return index;
  };
  let column = leaves.decode(rows, field, element, decode, rowOf);
  for (let level = levels.length - 1; level >= 0; level--) {
    const outermost = level === 0;
    column = nestedColumn(
      levels[level],
      outermost ? rowCount : counts[level - 1],
      { children: [column], offsets: offsets[level] },
      outermost ? validity : null,
      outermost ? extent.nullCount : 0,
    );
  }
  return column;
}

/** Checks the heads of all arrays; gives how many values there are at each level. */
function countElements({ view, next, rowCount }: Rows, field: Field, depth: number): number[] {
  const counts: number[] = Array.from({ length: depth }, () => 0);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === -1) continue;
    const dimensions = length < 12 ? -1 : view.getInt32(at + 4);
    if (dimensions < 0 || dimensions > DIMENSIONS_MAX || length < 12 + 8 * dimensions)
      throw badLength(field, row, length);
    if (view.getUint32(at + 8) > 1) throw cellError('E_CORRUPT', field, row, 'an array of an unknown kind');
    if (dimensions === 0) continue;
    if (dimensions !== depth)
      throw cellError(
        'E_ARRAY_SHAPE',
        field,
        row,
        `an array of ${dimensions} dimensions among those of ${depth}`,
      );
    let product = 1;
    for (let level = 0; level < depth; level++) {
      const size = view.getInt32(at + 16 + 8 * level);
      product *= size;
      // Each element takes at least its length.
      if (size < 1 || product > length / 4)
        throw cellError('E_CORRUPT', field, row, 'an array of impossible size');
      if (view.getInt32(at + 20 + 8 * level) !== 1)
        throw cellError('E_ARRAY_SHAPE', field, row, 'an array that does not begin at 1');
      counts[level] += product;
    }
  }
  return counts;
}

/** The list that holds value `at`: the last one that begins at it or before it and isn't empty. */
function holderOf(offsets: Int32Array, at: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (offsets[middle] <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** The server's oids of the fields say nothing that the plan doesn't know. */
export function decodeRecords(
  rows: Rows,
  field: Field,
  extent: Extent,
  type: Extract<LogicalType, { kind: 'struct' }>,
  decode: DecodeColumn,
): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const children = type.fields.map(() => new ChildFields(rowCount));
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === -1) {
      if (validity) clearBit(validity, row);
      // The fields of no value are none either: its own length says so.
      for (const child of children) child.take(rows, at, at + 4);
      next[row] = at + 4;
      continue;
    }
    const end = at + 4 + length;
    const count = length < 4 ? -1 : view.getInt32(at + 4);
    if (count !== children.length)
      throw cellError(
        'E_CORRUPT',
        field,
        row,
        `a composite value of ${count} fields instead of ${children.length}`,
      );
    let from = at + 8;
    for (const child of children) {
      from = child.take(rows, from + 4, end);
      if (from < 0) throw cellError('E_CORRUPT', field, row, 'a composite value that is cut off');
    }
    if (from !== end)
      throw cellError('E_CORRUPT', field, row, 'a composite value with bytes behind its fields');
    next[row] = end;
  }
  const columns = children.map((child, at) =>
    child.decode(rows, field, type.fields[at].type, decode, (row) => row),
  );
  return nestedColumn(type, rowCount, { children: columns }, validity, extent.nullCount);
}

export function decodeHstore(
  rows: Rows,
  field: Field,
  extent: Extent,
  type: Extract<LogicalType, { kind: 'map' }>,
  decode: DecodeColumn,
): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const offsets = new Int32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    let pairs = 0;
    if (length !== -1) {
      pairs = length < 4 ? -1 : view.getInt32(at + 4);
      if (pairs < 0 || pairs > (length - 4) / 8) throw badLength(field, row, length);
    }
    offsets[row + 1] = offsets[row] + pairs;
  }
  const keys = new ChildFields(offsets[rowCount]);
  const values = new ChildFields(offsets[rowCount]);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === -1) {
      if (validity) clearBit(validity, row);
      next[row] = at + 4;
      continue;
    }
    const end = at + 4 + length;
    let from = at + 8;
    for (let left = offsets[row + 1] - offsets[row]; left > 0; left--) {
      from = keys.take(rows, from, end);
      if (from >= 0) from = values.take(rows, from, end);
      if (from < 0) throw cellError('E_CORRUPT', field, row, 'a hstore that is cut off');
    }
    if (from !== end) throw cellError('E_CORRUPT', field, row, 'a hstore with bytes behind its pairs');
    next[row] = end;
  }
  if (keys.nullCount > 0) throw cellError('E_CORRUPT', field, 0, 'a hstore with a key that is NULL');
  const rowOf = (at: number) => holderOf(offsets, at);
  const children = [
    keys.decode(rows, field, type.key, decode, rowOf),
    values.decode(rows, field, type.value, decode, rowOf),
  ];
  return nestedColumn(type, rowCount, { children, offsets }, validity, extent.nullCount);
}
