// How sequences count and where they are, from the catalog's rows. Pure.
import type { SequenceOptions, TableName } from '../../types/schema.ts';
import { sequencePlace } from './defaults.ts';
import { type Row, text } from './query.ts';

export interface SequenceState {
  readonly place: TableName;
  /** What it gives next. */
  readonly next: string | null;
  /** Without what a sequence has by itself. */
  readonly options: SequenceOptions;
  /** More than one column takes numbers from it. */
  readonly shared: boolean;
}

const HIGHEST = '9223372036854775807';
const LOWEST = '-9223372036854775808';

export class Sequences {
  readonly #states = new Map<string, SequenceState>();
  readonly #used = new Set<string>();

  /** `defaults`: the text of every default of the database, to tell which sequences are shared. */
  constructor(rows: readonly Row[], defaults: readonly { readonly sql: string; readonly schema: string }[]) {
    for (const row of rows) {
      const place = { schema: text(row.schema_name), name: text(row.sequence_name) };
      this.#states.set(placeKey(place), {
        place,
        next: nextValue(text(row.sql)),
        options: optionsOf(row),
        shared: false,
      });
    }
    for (const { sql, schema } of defaults) {
      const reference = /^\(*nextval\('((?:[^']|'')+)'\)\)*$/i.exec(sql.trim())?.[1].replaceAll("''", "'");
      const key = reference === undefined ? null : this.#key(reference, schema);
      const state = key === null ? undefined : this.#states.get(key);
      if (key === null || !state) continue;
      if (this.#used.has(key)) this.#states.set(key, { ...state, shared: true });
      this.#used.add(key);
    }
  }

  /** The sequence that `nextval('reference')` means in a table of `schema`. */
  of(reference: string, schema: string): SequenceState | null {
    const key = this.#key(reference, schema);
    return key === null ? null : (this.#states.get(key) ?? null);
  }

  /** True if a default takes numbers from it. */
  isUsed(place: TableName): boolean {
    return this.#used.has(placeKey(place));
  }

  #key(reference: string, schema: string): string | null {
    const { schema: named, name } = sequencePlace(reference);
    const places = named === null ? [schema, 'main'] : [named];
    const found = places.map((each) => placeKey({ schema: each, name })).find((key) => this.#states.has(key));
    return found ?? null;
  }
}

/** DuckDB's names ignore case. */
function placeKey({ schema, name }: TableName): string {
  return `${(schema ?? 'main').toLowerCase()}\0${name.toLowerCase()}`;
}

/** duckdb_sequences().last_value is the last value now and the next one after a restart; the text is right. */
function nextValue(sql: string): string | null {
  return /START (?:WITH )?(-?\d+) (?:NO )?CYCLE;?$/.exec(sql)?.[1] ?? null;
}

function optionsOf(row: Row): SequenceOptions {
  const [increment, min, max] = [text(row.increment_by), text(row.min_value), text(row.max_value)];
  const down = increment.startsWith('-');
  return {
    ...(increment === '1' ? {} : { increment }),
    ...(min === (down ? LOWEST : '1') ? {} : { min }),
    ...(max === (down ? '-1' : HIGHEST) ? {} : { max }),
    ...(row.cycle === true ? { cycle: true } : {}),
  };
}
