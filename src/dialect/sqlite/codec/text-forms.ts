// The text forms of types that SQLite has none for: times with an offset, intervals, strings of bits. A text is of
// such a form only if its value prints back the same. Pure; one call per text.

export type TextForm = 'timetz' | 'interval' | 'bit';

const TIMETZ = /^(\d\d):([0-5]\d):([0-5]\d)(\.\d{0,5}[1-9])?([+-])(\d\d):([0-5]\d)(?::([0-5]\d))?$/;
const INTERVAL =
  /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{0,5}[1-9]))?S)?)?$/;
const BITS = /^[01]*$/;
const INT32_MAX = 2n ** 31n;
const INT64_MAX = 2n ** 63n;

export function isOfForm(form: TextForm, text: string): boolean {
  if (form === 'bit') return BITS.test(text);
  return form === 'timetz' ? isTimetz(text) : isInterval(text);
}

/** `12:34:56.5+05:30`; seconds of the offset only if they are not 0. */
function isTimetz(text: string): boolean {
  const match = TIMETZ.exec(text);
  if (!match) return false;
  const [, hour, minute, second, fraction, sign, zoneHours, zoneMinutes, zoneSeconds] = match;
  const midnight = hour === '24' && minute === '00' && second === '00' && fraction === undefined;
  if (hour > '23' && !midnight) return false;
  if (zoneHours > '15' || zoneSeconds === '00') return false;
  const offset = `${zoneHours}${zoneMinutes}${zoneSeconds ?? ''}`;
  return sign === '+' || /[1-9]/.test(offset);
}

/**
 * ISO 8601 as PostgreSQL prints it: `P1Y2M3DT-4H-5M-6.5S`, `PT0S`, `infinity`. Years and months are of one sign, so are
 * hours, minutes and seconds; parts that are 0 are left out.
 */
function isInterval(text: string): boolean {
  if (text === 'PT0S' || text === 'infinity' || text === '-infinity') return true;
  const match = INTERVAL.exec(text);
  if (!match || text.endsWith('P') || text.endsWith('T')) return false;
  const [, years, months, days, hours, minutes, secondsSign, seconds, fraction] = match;
  const whole = [years, months, days, hours, minutes].filter((part) => part !== undefined);
  if (whole.some((part) => part.length > 19 || !isPlain(part))) return false;
  if (seconds !== undefined) {
    if (seconds.length > 1 && seconds.startsWith('0')) return false;
    if (seconds === '0' && fraction === undefined) return false;
    if (seconds.length > 2 || Number(seconds) > 59) return false;
  }
  const time = [hours, minutes, seconds === undefined ? undefined : `${secondsSign}1`];
  if (!sameSign([years, months]) || !sameSign(time)) return false;
  if (Math.abs(Number(months ?? 0)) > 11 || Math.abs(Number(minutes ?? 0)) > 59) return false;
  const monthCount = BigInt(years ?? 0) * 12n + BigInt(months ?? 0);
  const micros =
    BigInt(hours ?? 0) * 3_600_000_000n +
    BigInt(minutes ?? 0) * 60_000_000n +
    BigInt(`${secondsSign ?? ''}${seconds ?? 0}`) * 1_000_000n +
    BigInt(`${secondsSign ?? ''}${(fraction ?? '').padEnd(6, '0')}`);
  // All largest and all smallest stand for the infinities.
  return (
    inRange(monthCount, INT32_MAX) && inRange(BigInt(days ?? 0), INT32_MAX) && inRange(micros, INT64_MAX)
  );
}

/** No zero, and no zeros in front. */
const isPlain = (digits: string): boolean => /^-?[1-9]/.test(digits);

function sameSign(parts: readonly (string | undefined)[]): boolean {
  const signs = new Set(parts.filter((part) => part !== undefined).map((part) => part.startsWith('-')));
  return signs.size < 2;
}

const inRange = (value: bigint, limit: bigint): boolean => value > -limit - 1n && value < limit;
