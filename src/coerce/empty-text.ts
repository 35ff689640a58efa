// empty_as_null: empty text is NULL, in text columns and among the texts of mixed ones. Done before anything else, so
// that an empty text is no bad date either. Pure.
import { isValid } from '../batch/bitmap.ts';
import { Nulls, offsetsOf } from '../batch/builder.ts';
import { ANY_CLASSES, type Column } from '../batch/column.ts';
import { takeRows } from '../batch/take.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import type { LossSink } from './kernel.ts';

/** True if the policy concerns columns that are read as this type. */
export function emptiesBecomeNull(read: LogicalType, policies: Policies): boolean {
  return policies.empty_as_null !== undefined && (read.kind === 'text' || read.kind === 'any');
}

const TEXT_CLASS = ANY_CLASSES.indexOf('text');

/** Empty texts as NULL, counted; the column itself if there are none. */
export function emptyAsNull(column: Column, sink: LossSink): Column {
  const isAny = column.type.kind === 'any';
  const text = isAny ? column.children?.[TEXT_CLASS] : column;
  if (text === undefined) return column;
  const offsets = offsetsOf(text);
  const nulls = Nulls.of(column);
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column.validity, row)) continue;
    if (isAny && column.typeIds?.[row] !== TEXT_CLASS) continue;
    const at = isAny ? offsetsOf(column)[row] : row;
    if (offsets[at + 1] === offsets[at]) nulls.set(row);
  }
  if (nulls.count === column.nullCount) return column;
  sink.used('empty_as_null', nulls.count - column.nullCount);
  const kept = { ...column, validity: nulls.validity, nullCount: nulls.count };
  return isAny ? withoutUnusedTexts(kept, text) : kept;
}

/** The texts that rows still have, one behind the other: what nobody has must not be looked at. */
function withoutUnusedTexts(column: Column, text: Column): Column {
  const typeIds = Uint8Array.from(column.typeIds as Uint8Array);
  const offsets = Int32Array.from(offsetsOf(column));
  const used: number[] = [];
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column.validity, row)) {
      typeIds[row] = 0;
      offsets[row] = 0;
    } else if (typeIds[row] === TEXT_CLASS) offsets[row] = used.push(offsets[row]) - 1;
  }
  const texts = takeRows(text, Int32Array.from(used));
  const children = (column.children ?? []).map((child, at) => (at === TEXT_CLASS ? texts : child));
  return { ...column, typeIds, offsets, children };
}
