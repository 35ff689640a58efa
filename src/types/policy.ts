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

/** The policies of a key, as `--allow` takes them. */
export function policiesOf(key: PolicyKey): string[] {
  return POLICIES[key].map((policy) => `${key}=${policy}`);
}

export type PolicyKey = keyof typeof POLICIES;

/** One policy, as `--allow` takes it. */
export type PolicyItem = { [K in PolicyKey]: `${K}=${(typeof POLICIES)[K][number]}` }[PolicyKey];

/** The policies in force for a run or a column. */
export type Policies = { readonly [K in PolicyKey]?: (typeof POLICIES)[K][number] };

/**
 * Reads `KEY=POLICY` items (`empty_as_null` alone is enough for itself).
 * @throws FerrowError E_USAGE that lists what is known
 */
export function parsePolicies(items: readonly string[]): Policies {
  const policies: Record<string, string> = {};
  for (const item of items) {
    const at = item.indexOf('=');
    const key = at < 0 ? item : item.slice(0, at);
    const value = at >= 0 ? item.slice(at + 1) : key === 'empty_as_null' ? 'null' : '';
    if (!isKey(key)) {
      throw new FerrowError('E_USAGE', `--allow: unknown key "${key}"`, {
        hint: `known keys: ${Object.keys(POLICIES).join(', ')}`,
      });
    }
    const known = policiesOf(key);
    if (!known.includes(`${key}=${value}`)) {
      throw new FerrowError('E_USAGE', `--allow ${key}: unknown policy "${value}"`, {
        hint: `${key} knows: ${known.join(', ')}`,
      });
    }
    if (policies[key] !== undefined && policies[key] !== value) {
      throw new FerrowError(
        'E_USAGE',
        `--allow ${key}: both "${policies[key]}" and "${value}" are asked for`,
        {
          hint: `name one for the run, and another for single columns in the configuration file`,
        },
      );
    }
    policies[key] = value;
  }
  return policies as Policies;
}

/** The policy in force for a key, as `--allow` takes it: `nan=null`; null if none is. */
export function policyItem(policies: Policies, key: PolicyKey): string | null {
  const policy = policies[key];
  return policy === undefined ? null : `${key}=${policy}`;
}

/** The policies in force, as `--allow` takes them. */
export function policyItems(policies: Policies): string[] {
  return Object.entries(policies).map(([key, policy]) => `${key}=${policy}`);
}

function isKey(key: string): key is PolicyKey {
  return Object.hasOwn(POLICIES, key);
}
