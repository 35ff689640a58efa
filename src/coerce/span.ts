// Intervals, and times with an offset, to and from text. Pure; bytes to bytes.
import { int32View } from '../batch/builder.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import { INTERVAL_TEXT_BYTES_MAX, IntervalParser, printInterval } from './interval-text.ts';
import type { Kernel } from './kernel.ts';
import { parseColumn, printColumn } from './printed.ts';
import { Rejects } from './rejects.ts';
import { TEMPORAL_TEXT_BYTES_MAX } from './temporal-text.ts';
import { printTimeTz, TimeTzParser } from './timetz-text.ts';

/** `P1Y2M3DT-4H5M6.5S`. */
export function intervalToText(to: LogicalType): Kernel {
  return (column, sink) => {
    const words = int32View(column.data);
    const rejects = new Rejects(column, sink);
    const print = (row: number, heap: Uint8Array, at: number) => printInterval(words, row, heap, at);
    return printColumn(column, to, 16, INTERVAL_TEXT_BYTES_MAX, rejects, print, () => {});
  };
}

/** Text in the one form that printing gives; else E_INVALID_DATE. */
export function textToInterval(to: LogicalType, policies: Policies): Kernel {
  return (column, sink) => {
    const parser = new IntervalParser();
    return parseColumn(
      column,
      to,
      sink,
      (heap, start, end, words, row) => {
        if (!parser.parse(heap, start, end)) return false;
        words.set(parser.words, row * 4);
        return true;
      },
      (rejects, row) => {
        const message = 'the text is not an interval of the form P1Y2M3DT4H5M6S';
        rejects.refuse(row, 'E_INVALID_DATE', message, 'bad_dates');
      },
      new Rejects(column, sink, policies),
    );
  };
}

/** `12:34:56.5+05:30`; values that are no time of day, or have no such offset, are E_TIME_RANGE. */
export function timeTzToText(to: LogicalType): Kernel {
  return (column, sink) => {
    const words = int32View(column.data);
    const rejects = new Rejects(column, sink);
    const print = (row: number, heap: Uint8Array, at: number) =>
      printTimeTz(words[row * 2], words[row * 2 + 1], heap, at);
    return printColumn(column, to, 16, TEMPORAL_TEXT_BYTES_MAX, rejects, print, (row) =>
      rejects.refuse(row, 'E_TIME_RANGE', 'the value is not a time of day with an offset below 16 hours'),
    );
  };
}

/** Text in the one form that printing gives; else E_INVALID_DATE. */
export function textToTimeTz(to: LogicalType, policies: Policies): Kernel {
  return (column, sink) => {
    const parser = new TimeTzParser();
    return parseColumn(
      column,
      to,
      sink,
      (heap, start, end, words, row) => {
        if (!parser.parse(heap, start, end)) return false;
        words[row * 2] = parser.low;
        words[row * 2 + 1] = parser.high;
        return true;
      },
      (rejects, row) => {
        const message = 'the text is not a time with an offset of the form 12:34:56+05:30';
        rejects.refuse(row, 'E_INVALID_DATE', message, 'bad_dates');
      },
      new Rejects(column, sink, policies),
    );
  };
}
