// Numbers, durations, sizes and names as people read them; colours. Pure.
import { styleText } from 'node:util';

const counts = new Intl.NumberFormat('en-US');

/** `15,607`. */
export const count = (value: number): string => counts.format(Math.round(value));

/** `347 rows`, `1 row`. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${Math.round(value) === 1 ? noun : `${noun}s`}`;

/** `0.12 s`, `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.0005) return '0 s';
  if (seconds < 9.95) return `${seconds.toFixed(seconds < 0.1 ? 3 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `512 B`, `3.4 MiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Text from a database for a terminal: control characters, which could move the cursor or hide text, as `\u{1b}`. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** Colours text, or leaves it alone. */
export function makePaint(enabled: boolean): Paint {
  return enabled
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}
