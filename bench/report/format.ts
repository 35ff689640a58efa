// Numbers as people read them.
import type { Spread } from '../measure/statistics.ts';

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `2.41`, or `-` where it isn't known. */
export function decimal(value: number | null, digits = 2): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** `1.25 (1.21–1.40)`; without the range where there was one round. */
export function spread({ min, median, max }: Spread, digits = 2): string {
  const range = min === max ? '' : ` (${min.toFixed(digits)}–${max.toFixed(digits)})`;
  return median.toFixed(digits) + range;
}
