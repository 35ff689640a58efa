// The sequences behind identity and serial columns, and those that defaults name. Main thread.
import type pg from 'pg';
import type { SequenceOptions } from '../../types/schema.ts';
import type { SequenceRow } from './catalog-rows.ts';
import { SEQUENCES } from './feature-queries.ts';

export interface SequenceState {
  /** The next value, where it may be read. */
  readonly next: string | null;
  /** Without what a sequence has by itself. */
  readonly options: SequenceOptions;
  readonly schema: string;
  readonly name: string;
  readonly nativeType: string;
}

const MAX: Readonly<Record<string, string>> = {
  smallint: '32767',
  integer: '2147483647',
  bigint: '9223372036854775807',
};

/** By their names as the server quotes them: `public."My_seq"`. `used`: those whose state matters. */
export async function readSequences(
  client: pg.Client,
  used: ReadonlySet<string>,
): Promise<Map<string, SequenceState>> {
  if (used.size === 0) return new Map();
  const rows = (await client.query<SequenceRow>(SEQUENCES)).rows.filter((row) => used.has(row.full_name));
  // The catalog tells no value of a sequence that gave none yet, though it may have been set.
  const fresh = rows.filter((row) => row.last === null && row.readable);
  const set = new Map<string, string>();
  if (fresh.length > 0) {
    const selects = fresh.map(
      (row, at) => `SELECT ${at} AS n, last_value::text AS value, is_called FROM ${row.full_name}`,
    );
    const { rows: values } = await client.query<{ n: number; value: string; is_called: boolean }>(
      selects.join(' UNION ALL '),
    );
    for (const { n, value, is_called } of values) if (!is_called) set.set(fresh[n].full_name, value);
  }
  return new Map(rows.map((row) => [row.full_name, stateOf(row, set.get(row.full_name))]));
}

function stateOf(row: SequenceRow, unused: string | undefined): SequenceState {
  const down = row.increment.startsWith('-');
  const max = MAX[row.type] ?? row.max;
  const [lowest, highest] = down ? [(-BigInt(max) - 1n).toString(), '-1'] : ['1', max];
  const options: SequenceOptions = {
    ...(row.start === (down ? row.max : row.min) ? {} : { start: row.start }),
    ...(row.increment === '1' ? {} : { increment: row.increment }),
    ...(row.min === lowest ? {} : { min: row.min }),
    ...(row.max === highest ? {} : { max: row.max }),
    ...(row.cycle ? { cycle: true } : {}),
    ...(row.cache === '1' ? {} : { cache: row.cache }),
  };
  const next = row.last === null ? (unused ?? null) : (BigInt(row.last) + BigInt(row.increment)).toString();
  return { next, options, schema: row.schema, name: row.name, nativeType: row.type };
}
