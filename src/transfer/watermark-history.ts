// From what a source says of a column that grows to the watermark that is kept: never beyond what may still come. Pure.
import type { WatermarkReading } from '../dialect/dialect.ts';

/** A largest value that was seen, and when: ISO with microseconds, by the source's clock. */
interface Seen {
  readonly value: string;
  readonly at: string;
}

export interface NextWatermark {
  readonly value: string | null;
  /** JSON of what was seen and is not settled. */
  readonly history: string;
}

/** So many are kept while a transaction stays open; without the others its rows are only read again more often. */
const SEEN_MAX = 100;

/**
 * Times settle by themselves: no transaction takes a time before its own beginning. Numbers are given out in order and
 * committed in any: what was the largest before the oldest open transaction began is below all that it can still bring.
 */
export function nextWatermark(
  before: { readonly value: string | null; readonly history: string } | null,
  reading: WatermarkReading,
): NextWatermark {
  const { activity, orders, max, settled } = reading;
  const was = { value: before?.value ?? null, history: before?.history ?? '[]' };
  if (orders === 'times') {
    // A prepared transaction began nobody knows when, but after the last sync or while it was open to it.
    return activity.held ? was : { value: settled ?? was.value, history: '[]' };
  }
  const seen = [...seenIn(was.history), ...(max === null ? [] : [{ value: max, at: activity.takenAt }])];
  if (activity.held) return { value: was.value, history: JSON.stringify(shortened(seen)) };
  const { openSince } = activity;
  const last = seen.findLastIndex(({ at }) => openSince === null || at <= openSince);
  if (last < 0) return { value: was.value, history: JSON.stringify(shortened(seen)) };
  return { value: seen[last].value, history: JSON.stringify(shortened(seen.slice(last))) };
}

function seenIn(history: string): Seen[] {
  return JSON.parse(history) as Seen[];
}

/** The first is where reading begins; of the others the newest say most. */
function shortened(seen: readonly Seen[]): readonly Seen[] {
  return seen.length <= SEEN_MAX ? seen : [seen[0], ...seen.slice(1 - SEEN_MAX)];
}
