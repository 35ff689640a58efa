// Enums to and from text, and to enums of other labels or another order. Pure; labels are compared as bytes.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, HeapBuilder, int32View, Nulls, offsetsOf } from '../batch/builder.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { EnumLabels } from './enum-labels.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';

export type EnumType = Extract<LogicalType, { kind: 'enum' }>;

/** Each value's label. */
export function enumToText(from: EnumType, to: LogicalType): Kernel {
  const { heap, offsets } = new EnumLabels(from.labels);
  return (column) => {
    const source = int32View(column.data);
    const out = new HeapBuilder(column.length, column.length * 8);
    for (let row = 0; row < column.length; row++) {
      if (isValid(column.validity, row)) out.copy(row, heap, offsets[source[row]], offsets[source[row] + 1]);
      else out.close(row, out.end);
    }
    return out.finish(to, column.length, Nulls.of(column));
  };
}

/** Text that is a label; other text is E_ENUM_LABEL. */
export function textToEnum(to: EnumType): Kernel {
  const labels = new EnumLabels(to.labels);
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const label = labels.find(column.data, offsets[row], offsets[row + 1]);
      if (label >= 0) target[row] = label;
      else rejects.refuse(row, 'E_ENUM_LABEL', MESSAGE);
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** The same label in the other type; E_ENUM_LABEL where it has none. */
export function enumToEnum(from: EnumType, to: EnumType): Kernel {
  const places = new Map(to.labels.map((label, at) => [label, at]));
  const moved = Int32Array.from(from.labels, (label) => places.get(label) ?? -1);
  return (column, sink) => {
    const source = int32View(column.data);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const label = moved[source[row]];
      if (label >= 0) target[row] = label;
      else rejects.refuse(row, 'E_ENUM_LABEL', MESSAGE);
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** True if every label of `from` is one of `to`. */
export function labelsFit(from: EnumType, to: EnumType): boolean {
  const known = new Set(to.labels);
  return from.labels.every((label) => known.has(label));
}

const MESSAGE = 'the target’s enum has no such label';
