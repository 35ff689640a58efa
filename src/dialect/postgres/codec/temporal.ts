// The two epochs: PostgreSQL counts from 2000-01-01, canonical columns from 1970-01-01. Pure; any thread.

export const EPOCH_DAYS = 10957;
/** 946,684,800,000,000 microseconds as two 32-bit words. */
export const EPOCH_HIGH = Math.floor(946684800000000 / 4294967296);
export const EPOCH_LOW = 946684800000000 % 4294967296;

/** Earliest date of the server: 4714-11-24 BC; days since 2000. */
export const PG_DATE_MIN = -2451545;
/** Latest date of the server: 5874897-12-31; days since 2000. */
export const PG_DATE_MAX = 2145031948;

const DAY_MICROS_HIGH = Math.floor(86400000000 / 4294967296);
const DAY_MICROS_LOW = 86400000000 % 4294967296;

/** True for 00:00:00 to 24:00:00 in microseconds, given as two words. */
export function insideDay(high: number, low: number): boolean {
  return high >= 0 && (high < DAY_MICROS_HIGH || (high === DAY_MICROS_HIGH && low >>> 0 <= DAY_MICROS_LOW));
}

export const INT32_MAX = 0x7fffffff;
export const INT32_MIN = -0x80000000;

/** Upper words of the server's first and last timestamp, 4714-11-24 BC and 294276-12-31, counted from 2000. */
export const TIMESTAMP_HIGH_MIN = Math.floor(-211813488000000000 / 4294967296);
export const TIMESTAMP_HIGH_MAX = Math.floor(9223371331200000000 / 4294967296);

/** Microseconds per unit of a timestamp that the codec carries. */
export function microsPerUnit(unit: 's' | 'ms' | 'us' | 'ns'): number {
  return unit === 's' ? 1000000 : unit === 'ms' ? 1000 : 1;
}

/** 15:59:59, the farthest that an offset of time with time zone lies from UTC. */
export const ZONE_SECONDS_MAX = 57599;
