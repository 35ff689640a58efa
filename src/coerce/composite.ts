// SQLite's mixed columns as structs of one field per storage class (mixed=composite), and back: exactly one field is
// set. Pure.
import { isValid } from '../batch/bitmap.ts';
import { Nulls, offsetsOf } from '../batch/builder.ts';
import { ANY_CHILD_TYPES, ANY_CLASSES, type Column, nestedColumn } from '../batch/column.ts';
import { takeRows } from '../batch/take.ts';
import { type LogicalType, sameType } from '../types/logical-type.ts';
import { cellText } from './cell-text.ts';
import type { Kernel } from './kernel.ts';

/** Names of the fields, in the order of ANY_CLASSES. */
const FIELD_NAMES = ['i', 'r', 't', 'b'] as const;

/** A struct of i, r, t, b with the types that the storage classes have. */
export function isComposite(type: LogicalType): boolean {
  return (
    type.kind === 'struct' &&
    type.fields.length === FIELD_NAMES.length &&
    type.fields.every(
      (field, at) => field.name === FIELD_NAMES[at] && sameType(field.type, ANY_CHILD_TYPES[at]),
    )
  );
}

/** Each value in the field of its class; every value is counted. */
export function anyToComposite(to: LogicalType): Kernel {
  return (column, sink) => {
    const { length, validity, nullCount } = column;
    const typeIds = column.typeIds as Uint8Array;
    const positions = offsetsOf(column);
    const children = (column.children ?? []).map((child, classId) => {
      const rows = new Int32Array(length).fill(-1);
      for (let row = 0; row < length; row++) {
        if (typeIds[row] === classId && isValid(validity, row)) rows[row] = positions[row];
      }
      return takeRows(child, rows);
    });
    if (nullCount < length) sink.used('mixed', length - nullCount);
    return nestedColumn(to, length, { children }, validity, nullCount);
  };
}

/** The one field that is set; E_MIXED_STORAGE where none is, or several are. */
export function compositeToAny(): Kernel {
  return (column, sink) => {
    const { length } = column;
    const fields = column.children ?? [];
    const nulls = Nulls.of(column);
    const typeIds = new Uint8Array(length);
    const positions = new Int32Array(length);
    const rows: number[][] = ANY_CLASSES.map(() => []);
    for (let row = 0; row < length; row++) {
      if (!isValid(column.validity, row)) continue;
      const set = fields.flatMap((field, at) => (isValid(field.validity, row) ? [at] : []));
      if (set.length === 1) {
        typeIds[row] = set[0];
        positions[row] = rows[set[0]].push(row) - 1;
        continue;
      }
      nulls.set(row);
      const message = `exactly one of the fields i, r, t and b should be set, and ${set.length} are`;
      sink.refuse(row, 'E_MIXED_STORAGE', cellText(column, row) ?? 'NULL', message);
    }
    const children = fields.map((field, at): Column => {
      const child = takeRows(field, Int32Array.from(rows[at]));
      return { ...child, type: ANY_CHILD_TYPES[at], validity: null, nullCount: 0 };
    });
    const parts = { children, typeIds, offsets: positions };
    return nestedColumn({ kind: 'any' }, length, parts, nulls.validity, nulls.count);
  };
}
