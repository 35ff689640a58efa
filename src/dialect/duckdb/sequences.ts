// Sequences that number the columns of new tables, and which names are taken. Engine thread.
import type { TableName, TableSchema } from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { createSequenceSql, sequencesOf, type TableSequence } from './ddl.ts';
import { tableKey } from './order.ts';
import { rows, run, text } from './query.ts';
import { literal, quote, quoteTable } from './sql-text.ts';
import type { TableSpec } from './table-spec.ts';

/** Makes the table's sequences, beginning behind the values that arrived, and points its defaults at them. */
export async function makeSequences(link: Link, spec: TableSpec, names: TakenNames): Promise<void> {
  for (const sequence of sequencesOf(spec.table)) {
    const { column, place, options } = sequence;
    const { made, found } = names.sequence(place, spec.load.mode === 'replace');
    if (made !== 'shared') {
      const start = await startOf(link, spec, sequence);
      if (made === 'instead') await run(link, `DROP SEQUENCE ${quoteTable(found)}`);
      if (found.schema !== null) await run(link, `CREATE SCHEMA IF NOT EXISTS ${quote(found.schema)}`);
      await run(link, createSequenceSql(found, options, start.toString()));
    }
    const reference = quoteTable(found);
    spec.table = {
      ...spec.table,
      columns: spec.table.columns.map((one) =>
        one.name === column && one.default?.kind === 'sequence'
          ? {
              ...one,
              default: { ...one.default, sequence: reference, sql: `nextval(${literal(reference)})` },
            }
          : one,
      ),
    };
  }
}

/** Behind the values that arrived, and not before what the source would give; within what the sequence may give. */
async function startOf(
  link: Link,
  spec: TableSpec,
  { column, next, options }: TableSequence,
): Promise<bigint> {
  const down = options?.increment?.startsWith('-') === true;
  const lowest = BigInt(options?.min ?? (down ? -(2n ** 63n) : 1n));
  const highest = BigInt(options?.max ?? (down ? -1n : 2n ** 63n - 1n));
  const name = quote(column);
  const [row] = await rows(
    link,
    `SELECT CAST(${down ? 'min' : 'max'}(${name}) AS HUGEINT) AS edge FROM ${quoteTable(spec.load.staging)} WHERE ${name} BETWEEN ${lowest} AND ${highest}`,
  );
  const given = next ?? options?.start ?? null;
  const starts = given === null ? [] : [BigInt(given)];
  if (row.edge !== null) starts.push(BigInt(text(row.edge)) + (down ? -1n : 1n));
  if (starts.length === 0) starts.push(down ? highest : lowest);
  const cycles = options?.cycle === true && given !== null;
  const start = cycles ? BigInt(given) : starts.reduce((a, b) => (a > b === down ? b : a));
  return start < lowest ? lowest : start > highest ? highest : start;
}

/** Names of sequences and indexes that are taken in the target, within one attempt. */
export class TakenNames {
  readonly #sequences: Set<string>;
  /** Sequences that number tables of the target that stay. */
  readonly #used: Set<string>;
  readonly #indexes: Set<string>;
  /** Where the sequences made in this run went. */
  readonly #made: Map<string, TableName>;

  constructor(
    sequences: Set<string>,
    used: Set<string>,
    indexes: Set<string>,
    made: ReadonlyMap<string, TableName>,
  ) {
    this.#made = new Map(made);
    this.#sequences = sequences;
    this.#used = used;
    this.#indexes = indexes;
  }

  /** `live`: the tables that stand; needed only where one is replaced. */
  static async read(
    link: Link,
    live: readonly TableSchema[],
    made: ReadonlyMap<string, TableName>,
  ): Promise<TakenNames> {
    const here = 'database_name = current_database()';
    const sequences = await rows(
      link,
      `SELECT schema_name AS s, sequence_name AS n FROM duckdb_sequences() WHERE ${here}`,
    );
    const indexes = await rows(
      link,
      `SELECT schema_name AS s, index_name AS n FROM duckdb_indexes() WHERE ${here}`,
    );
    const used = live.flatMap((table) => sequencesOf(table).map(({ place }) => tableKey(place)));
    const keys = (list: typeof sequences) =>
      new Set(list.map((row) => tableKey({ schema: text(row.s), name: text(row.n) })));
    return new TakenNames(keys(sequences), new Set(used), keys(indexes), made);
  }

  /**
   * Where a sequence shall be made: as named; instead of one that a replaced table left; under another name if
   * that is someone else's; or nowhere, because a table of this run made it already.
   */
  sequence(place: TableName, replacing: boolean): { made: 'new' | 'instead' | 'shared'; found: TableName } {
    const key = tableKey(place);
    const before = this.#made.get(key);
    if (before) return { made: 'shared', found: before };
    let found = place;
    const instead = this.#sequences.has(key) && replacing && !this.#used.has(key);
    for (let n = 1; !instead && this.#sequences.has(tableKey(found)); n++)
      found = { schema: place.schema, name: `${place.name}_${n}` };
    this.#made.set(key, found);
    this.#sequences.add(tableKey(found));
    return { made: instead ? 'instead' : 'new', found };
  }

  /** The attempt stands: other tables of the run may share its sequences. */
  keep(made: Map<string, TableName>): void {
    for (const [key, place] of this.#made) made.set(key, place);
  }

  /** Index names are shared by all tables of a schema. */
  freeIndex(table: TableName, name: string): string {
    let free = name;
    for (let n = 1; this.#indexes.has(tableKey({ schema: table.schema, name: free })); n++)
      free = n === 1 ? `${table.name}_${name}` : `${table.name}_${name}_${n}`;
    this.#indexes.add(tableKey({ schema: table.schema, name: free }));
    return free;
  }
}
