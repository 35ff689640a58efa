// Lists, structs, maps and unions whose elements, fields, keys or members go through kernels of their own, and nested
// values as JSON text. Children are converted as columns, all rows at once. Pure.
import { isValid } from '../batch/bitmap.ts';
import { HeapBuilder, offsetsOf } from '../batch/builder.ts';
import { type Column, withType } from '../batch/column.ts';
import { takeRows, withNulls } from '../batch/take.ts';
import type { LogicalType, NamedType } from '../types/logical-type.ts';
import { checkJson } from './json.ts';
import { jsonPrinter } from './json-print.ts';
import type { Kernel, LossSink } from './kernel.ts';
import { elementSink, fieldSink } from './nested-sink.ts';
import { Rejects } from './rejects.ts';

/** Puts the children of a column through `change`, each with the sink of its place. */
export function changeChildren(
  column: Column,
  sink: LossSink,
  change: (child: Column, at: number, sink: LossSink) => Column,
): Column {
  const { type, length } = column;
  if (type.kind !== 'list' && type.kind !== 'map') {
    const named: readonly NamedType[] =
      type.kind === 'struct' ? type.fields : type.kind === 'union' ? type.members : [];
    return withChildren(column, (child, at) => change(child, at, fieldSink(sink, named[at].name)));
  }
  const lists = withoutLeftovers(column);
  const offsets = offsetsOf(lists);
  const places = type.kind === 'list' ? (['element'] as const) : (['key', 'value'] as const);
  return withChildren(lists, (child, at) =>
    change(child, at, elementSink(sink, offsets, length, places[at])),
  );
}

function withChildren(column: Column, change: (child: Column, at: number) => Column): Column {
  const before = column.children ?? [];
  const children = before.map(change);
  return children.every((child, at) => child === before[at]) ? column : { ...column, children };
}

/** Elements that no row has are nobody's, and nothing must be said of them. */
function withoutLeftovers(column: Column): Column {
  const offsets = offsetsOf(column);
  const room = column.children?.[0]?.length ?? 0;
  if (offsets[0] === 0 && offsets[column.length] === room) return column;
  return takeRows(
    column,
    Int32Array.from({ length: column.length }, (_, row) => row),
  );
}

/** Children through their kernels (null: as they are), the rest as it is. */
export function nestedToNested(to: LogicalType, kernels: readonly (Kernel | null)[]): Kernel {
  return (column, sink) => {
    const changed = changeChildren(column, sink, (child, at, inner) => kernels[at]?.(child, inner) ?? child);
    return withType(changed, to);
  };
}

/** Lists of `size` elements each; others are E_ARRAY_SHAPE. */
export function checkSize(column: Column, sink: LossSink, size: number): Column {
  const offsets = offsetsOf(column);
  const rejects = new Rejects(column, sink);
  for (let row = 0; row < column.length; row++) {
    const count = offsets[row + 1] - offsets[row];
    if (count === size || !isValid(column.validity, row)) continue;
    rejects.refuse(row, 'E_ARRAY_SHAPE', `a list of ${count} stands where ${size} elements should`);
  }
  return withNulls(column, rejects.done());
}

/** Each value as JSON text (for jsonb: such as it takes). What has no JSON form is refused. */
export function nestedToJson(to: LogicalType): Kernel {
  return (column, sink) => {
    const print = jsonPrinter(column);
    const rejects = new Rejects(column, sink);
    const out = new HeapBuilder(column.length, column.length * 32);
    for (let row = 0; row < column.length; row++) {
      const start = out.end;
      if (isValid(column.validity, row)) {
        const refusal = print(row, out);
        if (refusal !== null) {
          out.end = start;
          rejects.refuse(row, refusal.code, refusal.message);
        }
      }
      out.close(row, out.end);
    }
    const printed = out.finish(to, column.length, rejects.done());
    return to.kind === 'json' && to.binary ? checkJson(printed, sink, true) : printed;
  };
}
