// What kernels of children report, told of the row of the whole and with the place inside it. Pure.
import type { LossSink } from './kernel.ts';

function mapped(
  sink: LossSink,
  rowOf: (position: number) => number,
  place: (position: number, row: number) => string,
): LossSink {
  return {
    refuse: (position, code, value, message) => {
      const row = rowOf(position);
      sink.refuse(row, code, value, `in ${place(position, row)}: ${message}`);
    },
    used: (what, count) => sink.used(what, count),
  };
}

/** For a child as long as its parent: a field of a struct, a member of a union. */
export function fieldSink(sink: LossSink, name: string): LossSink {
  return mapped(
    sink,
    (row) => row,
    () => `field "${name}"`,
  );
}

/** For the elements of lists, or the keys or values of maps, which `offsets` deal out. */
export function elementSink(
  sink: LossSink,
  offsets: Int32Array,
  length: number,
  what: 'element' | 'key' | 'value',
): LossSink {
  const rowOf = (position: number) => {
    // The last row that begins at or before the position; empty ones before it end there too.
    let low = 0;
    let high = length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsets[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return mapped(sink, rowOf, (position, row) => `${what} ${position - offsets[row] + 1}`);
}
