// SQLite's mixed columns (a dense union of integer, real, text and blob) to and from columns of one type.
// Each storage class goes through the kernel of its own type; the rows are then put together again. Pure.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, float64View, HeapBuilder, Nulls, offsetsOf } from '../batch/builder.ts';
import { ANY_CHILD_TYPES, ANY_CLASSES, type Column, fixedColumn, variableColumn } from '../batch/column.ts';
import { emptyColumn, takeRows } from '../batch/take.ts';
import { fixedWidth, isNested, isVariableWidth, type LogicalType } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import { cellText } from './cell-text.ts';
import { realText } from './float-text.ts';
import type { Kernel, LossSink } from './kernel.ts';

const ANY: LogicalType = { kind: 'any' };

/** What becomes of each storage class: a kernel to the target type, or null where it may not occur. */
export type ClassKernels = readonly (Kernel | null)[];

/** Any to one type. Classes without a kernel are E_MIXED_STORAGE. */
export function anyToOne(to: LogicalType, kernels: ClassKernels): Kernel {
  const allowed = ANY_CLASSES.filter((_, classId) => kernels[classId] !== null).join(' or ');
  return (column, sink) => {
    const typeIds = column.typeIds as Uint8Array;
    const positions = offsetsOf(column);
    const parts = (column.children ?? []).map((child, classId) => {
      const kernel = kernels[classId];
      if (kernel === null || child.length === 0) return null;
      return kernel(child, mappedSink(sink, rowsOf(column, classId)));
    });
    const nulls = Nulls.of(column);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const part = parts[typeIds[row]];
      if (part === null || part === undefined) {
        const found = ANY_CLASSES[typeIds[row]];
        nulls.set(row);
        const message = `the column should hold only ${allowed} values, and this is of class ${found}`;
        sink.refuse(row, 'E_MIXED_STORAGE', cellText(column, row) ?? 'NULL', message);
      } else if (!isValid(part.validity, positions[row])) nulls.set(row);
    }
    return gather(column, parts, to, nulls);
  };
}

/** Value `row` of the result is the value at its position in the part of its class. */
function gather(column: Column, parts: readonly (Column | null)[], to: LogicalType, nulls: Nulls): Column {
  const { length } = column;
  const typeIds = column.typeIds as Uint8Array;
  const positions = offsetsOf(column);
  if (isVariableWidth(to)) {
    const heapBytes = parts.reduce((sum, part) => sum + (part?.offsets?.[part.length] ?? 0), 0);
    const out = new HeapBuilder(length, heapBytes);
    for (let row = 0; row < length; row++) {
      const part = isValid(nulls.validity, row) ? parts[typeIds[row]] : null;
      if (!part) out.close(row, out.end);
      else {
        const offsets = part.offsets as Int32Array;
        out.copy(row, part.data, offsets[positions[row]], offsets[positions[row] + 1]);
      }
    }
    return out.finish(to, length, nulls);
  }
  if (isNested(to)) {
    // Only text becomes that.
    const part = parts.find((each) => each !== null) ?? emptyColumn(to);
    return takeRows(
      part,
      Int32Array.from(positions, (position, row) => (isValid(nulls.validity, row) ? position : -1)),
    );
  }
  const data = fixedBuffer(to, length);
  const width = fixedWidth(to);
  for (let row = 0; row < length; row++) {
    const part = isValid(nulls.validity, row) ? parts[typeIds[row]] : null;
    if (!part) continue;
    const from = positions[row];
    if (width === 0) data[row >> 3] |= ((part.data[from >> 3] >> (from & 7)) & 1) << (row & 7);
    else for (let j = 0; j < width; j++) data[row * width + j] = part.data[from * width + j];
  }
  return finishFixed(to, length, data, nulls);
}

/** mixed=text for the class integer, real or text; every value is counted where the class changes. */
export function countedAsText(kernel: Kernel): Kernel {
  return (column, sink) => {
    sink.used('mixed', column.length);
    return kernel(column, sink);
  };
}

/** Reals as SQLite shows them, so that 5.0 stays apart from 5. */
export function realsToText(to: LogicalType): Kernel {
  return (column) => {
    const values = float64View(column.data);
    const out = new HeapBuilder(column.length, column.length * 12);
    const encoder = new TextEncoder();
    for (let row = 0; row < column.length; row++) {
      const bytes = encoder.encode(realText(values[row]));
      out.copy(row, bytes, 0, bytes.length);
    }
    return out.finish(to, column.length, Nulls.of(column));
  };
}

/** A column of one class (int64, float64, text or binary) as an `any` column. */
export function oneToAny(name: (typeof ANY_CLASSES)[number]): Kernel {
  const classId = ANY_CLASSES.indexOf(name);
  return (column) => {
    const child = compact(column, ANY_CHILD_TYPES[classId]);
    const typeIds = new Uint8Array(column.length).fill(classId);
    const positions = new Int32Array(column.length);
    for (let row = 0, position = 0; row < column.length; row++) {
      positions[row] = position;
      if (isValid(column.validity, row)) position++;
      else positions[row] = 0;
    }
    const children = ANY_CHILD_TYPES.map((type, id) => (id === classId ? child : emptyColumn(type)));
    return anyColumn(column, typeIds, positions, children);
  };
}

/** Doubles as reals; with nan=text NaN becomes the text `NaN`, and is counted. */
export function floatToAny(policies: Policies): Kernel {
  const plain = oneToAny('real');
  if (policies.nan !== 'text') return plain;
  return (column, sink) => {
    const values = float64View(column.data);
    const marked = Nulls.of(column);
    const nanRows: number[] = [];
    for (let row = 0; row < column.length; row++) {
      if (!Number.isNaN(values[row]) || !isValid(column.validity, row)) continue;
      marked.set(row);
      nanRows.push(row);
    }
    if (nanRows.length === 0) return plain(column, sink);
    sink.used('nan', nanRows.length);
    const reals = plain({ ...column, validity: marked.validity, nullCount: marked.count }, sink);
    const textClass = ANY_CLASSES.indexOf('text');
    const typeIds = reals.typeIds as Uint8Array<ArrayBuffer>;
    const positions = offsetsOf(reals);
    const text = new HeapBuilder(nanRows.length, nanRows.length * 3);
    nanRows.forEach((row, position) => {
      typeIds[row] = textClass;
      positions[row] = position;
      text.copy(position, NAN_BYTES, 0, 3);
    });
    const children = (reals.children ?? []).map((child, id) =>
      id === textClass ? text.finish(ANY_CHILD_TYPES[id], nanRows.length, new Nulls(nanRows.length)) : child,
    );
    return anyColumn(column, typeIds, positions, children);
  };
}

const NAN_BYTES = Uint8Array.of(78, 97, 78);

function anyColumn(
  from: Column,
  typeIds: Uint8Array<ArrayBuffer>,
  offsets: Int32Array<ArrayBuffer>,
  children: readonly Column[],
): Column {
  const { length, nullCount, validity } = from;
  return { type: ANY, length, nullCount, validity, data: new Uint8Array(0), offsets, typeIds, children };
}

/** The values that aren't NULL, one after another. */
function compact(column: Column, type: LogicalType): Column {
  if (column.nullCount === 0) return { ...column, type };
  const length = column.length - column.nullCount;
  if (isVariableWidth(type)) {
    // NULLs are empty, so the heap stays and only their offsets go.
    const source = offsetsOf(column);
    const offsets = new Int32Array(length + 1);
    offsets[0] = source[0];
    for (let row = 0, at = 1; row < column.length; row++) {
      if (isValid(column.validity, row)) offsets[at++] = source[row + 1];
    }
    return variableColumn(type, length, offsets, column.data, null, 0);
  }
  const width = fixedWidth(type);
  const data = fixedBuffer(type, length);
  for (let row = 0, at = 0; row < column.length; row++) {
    if (!isValid(column.validity, row)) continue;
    for (let j = 0; j < width; j++) data[at++] = column.data[row * width + j];
  }
  return fixedColumn(type, length, data, null, 0);
}

/** Row of each value of one class; looked up only when something is reported. */
export function rowsOf(column: Column, classId: number): (position: number) => number {
  let rows: Int32Array | null = null;
  return (position) => {
    if (rows === null) {
      const typeIds = column.typeIds as Uint8Array;
      const positions = offsetsOf(column);
      rows = new Int32Array(column.children?.[classId].length ?? 0);
      for (let row = 0; row < column.length; row++) {
        if (typeIds[row] === classId && isValid(column.validity, row)) rows[positions[row]] = row;
      }
    }
    return rows[position];
  };
}

/** A sink for a child column that reports the rows of its parent. */
export function mappedSink(sink: LossSink, rowOf: (position: number) => number): LossSink {
  return {
    refuse: (position, code, value, message) => sink.refuse(rowOf(position), code, value, message),
    used: (what, count) => sink.used(what, count),
  };
}
