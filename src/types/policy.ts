// What `--allow KEY=POLICY` may say: lossy mappings that the user chose by name. Each use is counted.
import { FerrowError } from '../errors/ferrow-error.ts';

export const POLICIES = {
  /** NaN where the target has none. */
  nan: ['null', 'text'],
  /** Infinite dates, timestamps and numerics where the target has none. */
  infinity: ['null'],
  /** NUL bytes in text for PostgreSQL: left out, U+FFFD, or the two characters `\0`. */
  nul: ['strip', 'replace', 'escape'],
  /** Bytes that aren't UTF-8 in a text column: U+FFFD, or the whole column as bytes. */
  invalid_utf8: ['replace', 'blob'],
  /** Nanoseconds where the target keeps microseconds. */
  ns: ['truncate', 'text'],
  /** More fraction digits than the target's scale. */
  decimal: ['round'],
  empty_bit: ['null'],
  /** SQLite columns with several storage classes. */
  mixed: ['text', 'composite'],
  pg_arrays: ['nested', 'rebase', 'pg_text'],
  empty_as_null: ['null'],
  /** Dates that don't exist or don't fit. */
  bad_dates: ['text', 'null'],
  /** What numbers in a SQLite date column mean. */
  sqlite_datetime: ['unix_s', 'unix_ms', 'julian'],
  enum: ['text'],
} as const satisfies Record<string, readonly string[]>;

/** Understood, and refused until the types they are about are carried: a choice that does nothing is no choice. */
const LATER: readonly string[] = [
  'empty_bit=null',
  'mixed=composite',
  'pg_arrays=nested',
  'pg_arrays=rebase',
  'pg_arrays=pg_text',
  'empty_as_null=null',
  'bad_dates=text',
  'enum=text',
];

/** The policies of a key that this version carries out, as `--allow` takes them. */
export function policiesOf(key: PolicyKey): string[] {
  return POLICIES[key].map((policy) => `${key}=${policy}`).filter((item) => !LATER.includes(item));
}

export type PolicyKey = keyof typeof POLICIES;

/** The policies in force for a run or a column. */
export type Policies = { readonly [K in PolicyKey]?: (typeof POLICIES)[K][number] };

/**
 * Reads `KEY=POLICY` items (`empty_as_null` alone is enough for itself).
 * @throws FerrowError E_USAGE that lists what is known
 */
export function parsePolicies(items: readonly string[]): Policies {
  const policies: Record<string, string> = {};
  for (const item of items) {
    const [key, value = key === 'empty_as_null' ? 'null' : ''] = item.split('=', 2);
    if (!isKey(key)) {
      const keys = Object.keys(POLICIES).filter((each) => isKey(each) && policiesOf(each).length > 0);
      throw new FerrowError('E_USAGE', `--allow: unknown key "${key}"`, {
        hint: `known keys: ${keys.join(', ')}`,
      });
    }
    const known = policiesOf(key);
    if (LATER.includes(`${key}=${value}`) || known.length === 0) {
      throw new FerrowError('E_USAGE', `--allow ${key}=${value} is not in this version of Ferrow`, {
        hint: known.length > 0 ? `${key} knows: ${known.join(', ')}` : 'leave it out',
      });
    }
    if (!known.includes(`${key}=${value}`)) {
      throw new FerrowError('E_USAGE', `--allow ${key}: unknown policy "${value}"`, {
        hint: `${key} knows: ${known.join(', ')}`,
      });
    }
    policies[key] = value;
  }
  return policies as Policies;
}

function isKey(key: string): key is PolicyKey {
  return Object.hasOwn(POLICIES, key);
}
