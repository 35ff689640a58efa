// The tables that the bench moves, described once. Every value is a function of the row's number `i` and of the
// run's `seed`, written in SQL that all three engines compute alike, so that the same table stands in each of them.
import type { EngineName } from '../../test/support/judge.ts';

export interface ShapeColumn {
  readonly name: string;
  /** What `sql` gives: cents become decimal(15,2), days (since 1992-01-01) become a date. */
  readonly kind: 'int32' | 'int64' | 'cents' | 'days' | 'text';
  /** SQL over the bigints `i` and `seed`; integers, or text. */
  readonly sql: string;
  /** A text stands so many times in a row. */
  readonly repeat?: number;
  /** Of three rows, this many are NULL. */
  readonly nullThirds?: 0 | 1 | 2;
}

export interface Shape {
  readonly name: string;
  readonly what: string;
  readonly columns: readonly ShapeColumn[];
  /** Bytes of the values of a row, about: to turn gigabytes into rows. */
  readonly rowBytes: number;
}

/** A number in 0 .. range-1 that looks random and is the same everywhere; i and seed may go to 2^31. */
function scattered(salt: number, range: number): string {
  return `(((i * 1103515245 + seed * 69621 + ${(salt * 7919 + 12345) % 65536}) % 2147483647) % ${range})`;
}

/** One of a few words, by fixed places in one literal. */
function oneOf(salt: number, words: readonly string[]): string {
  const width = Math.max(...words.map((word) => word.length));
  const places = words.map((word) => word.padEnd(width)).join('');
  return `rtrim(substr('${places}', CAST(1 + ${width} * ${scattered(salt, words.length)} AS integer), ${width}))`;
}

const PROSE =
  'carefully final deposits sleep furiously among the quick packages; ironic accounts wake blithely above ' +
  'the even pinto beans. slyly regular requests haggle across the bold theodolites, while pending foxes nag ' +
  'ruthlessly along the unusual platelets. express dependencies cajole fluffily after the silent ideas! ';

/** A piece of prose of min .. max letters. */
function prose(salt: number, min: number, max: number): string {
  const text = PROSE.repeat(Math.ceil((max * 2) / PROSE.length));
  const start = `CAST(1 + ${scattered(salt, text.length - max)} AS integer)`;
  return `substr('${text}', ${start}, CAST(${min} + ${scattered(salt + 1, max - min + 1)} AS integer))`;
}

const lineitem: Shape = {
  name: 'lineitem',
  what: 'TPC-H lineitem: 16 columns of integers, decimals, dates, short and long text',
  rowBytes: 140,
  columns: [
    { name: 'l_orderkey', kind: 'int64', sql: '(i + 3) / 4' },
    { name: 'l_partkey', kind: 'int64', sql: `1 + ${scattered(1, 200_000)}` },
    { name: 'l_suppkey', kind: 'int64', sql: `1 + ${scattered(2, 10_000)}` },
    { name: 'l_linenumber', kind: 'int32', sql: '1 + (i + 3) % 4' },
    { name: 'l_quantity', kind: 'cents', sql: `100 * (1 + ${scattered(3, 50)})` },
    { name: 'l_extendedprice', kind: 'cents', sql: `90000 + ${scattered(4, 10_404_950)}` },
    { name: 'l_discount', kind: 'cents', sql: scattered(5, 11) },
    { name: 'l_tax', kind: 'cents', sql: scattered(6, 9) },
    { name: 'l_returnflag', kind: 'text', sql: oneOf(7, ['A', 'N', 'R']) },
    { name: 'l_linestatus', kind: 'text', sql: oneOf(8, ['O', 'F']) },
    { name: 'l_shipdate', kind: 'days', sql: scattered(9, 2526) },
    { name: 'l_commitdate', kind: 'days', sql: scattered(10, 2526) },
    { name: 'l_receiptdate', kind: 'days', sql: scattered(11, 2526) },
    {
      name: 'l_shipinstruct',
      kind: 'text',
      sql: oneOf(12, ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN']),
    },
    {
      name: 'l_shipmode',
      kind: 'text',
      sql: oneOf(13, ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB']),
    },
    { name: 'l_comment', kind: 'text', sql: prose(14, 10, 43) },
  ],
};

const narrow: Shape = {
  name: 'narrow',
  what: 'three integers',
  rowBytes: 16,
  columns: [
    { name: 'a', kind: 'int64', sql: 'i' },
    { name: 'b', kind: 'int32', sql: scattered(1, 1_000_000) },
    { name: 'c', kind: 'int32', sql: scattered(2, 100) },
  ],
};

const wide: Shape = {
  name: 'wide',
  what: '200 columns: integers, decimals and short text in turn',
  rowBytes: 2000,
  columns: Array.from({ length: 200 }, (_, at): ShapeColumn => {
    const name = `c${String(at + 1).padStart(3, '0')}`;
    if (at % 4 === 0) return { name, kind: 'int64', sql: scattered(at, 2_000_000_000) };
    if (at % 4 === 1) return { name, kind: 'int32', sql: scattered(at, 1000) };
    if (at % 4 === 2) return { name, kind: 'cents', sql: scattered(at, 10_000_000) };
    return { name, kind: 'text', sql: oneOf(at, ['short', 'a little longer', 'red', 'green', 'blue']) };
  }),
};

const text: Shape = {
  name: 'text',
  what: 'an id and text of 1 to 10 KB',
  rowBytes: 5500,
  columns: [
    { name: 'id', kind: 'int64', sql: 'i' },
    { name: 'title', kind: 'text', sql: prose(1, 20, 60) },
    { name: 'body', kind: 'text', sql: prose(3, 1000, 10_000) },
  ],
};

const huge: Shape = {
  name: 'huge',
  what: 'an id and text of 1 MiB',
  rowBytes: 1024 * 1024,
  columns: [
    { name: 'id', kind: 'int64', sql: 'i' },
    { name: 'body', kind: 'text', sql: prose(1, 1024, 1024), repeat: 1024 },
  ],
};

const nulls: Shape = {
  name: 'nulls',
  what: 'ten columns, two thirds of the values NULL',
  rowBytes: 40,
  columns: [
    { name: 'id', kind: 'int64', sql: 'i' },
    ...Array.from({ length: 9 }, (_, at): ShapeColumn => {
      const kinds = ['int32', 'cents', 'days'] as const;
      const name = `n${at + 1}`;
      if (at % 4 === 3) return { name, kind: 'text', sql: prose(at, 5, 30), nullThirds: 2 };
      return { name, kind: kinds[at % 4], sql: scattered(at, 2000), nullThirds: 2 };
    }),
  ],
};

export const SHAPES: Readonly<Record<string, Shape>> = { lineitem, narrow, wide, text, huge, nulls };

/** The DDL type of a column. */
export function typeIn(engine: EngineName, kind: ShapeColumn['kind']): string {
  switch (kind) {
    case 'int32':
      return 'INTEGER';
    case 'int64':
      return 'BIGINT';
    case 'cents':
      return 'DECIMAL(15,2)';
    case 'days':
      return 'DATE';
    case 'text':
      return engine === 'duckdb' ? 'VARCHAR' : 'TEXT';
  }
}

/** The column's value as SQL of the engine, over the bigints `i` and `seed`. */
export function valueIn(engine: EngineName, column: ShapeColumn, at: number): string {
  const value = plainValue(engine, column);
  if (!column.nullThirds) return value;
  return `CASE WHEN ${scattered(at + 500, 3)} < ${column.nullThirds} THEN NULL ELSE ${value} END`;
}

function plainValue(engine: EngineName, { kind, sql, repeat }: ShapeColumn): string {
  if (kind === 'text' && repeat) {
    // SQLite has no repeat().
    if (engine === 'sqlite') return `replace(hex(zeroblob(${repeat})), '00', ${sql})`;
    return `repeat(${sql}, ${repeat})`;
  }
  if (kind === 'text') return sql;
  // DuckDB divides integers into floats by `/`; everyone else, and everything here, means whole numbers.
  const number = engine === 'duckdb' ? sql.replaceAll(' / ', ' // ') : sql;
  if (kind === 'cents') {
    if (engine === 'sqlite') return `(${number}) / 100.0`;
    return `CAST((${number}) * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(15,2))`;
  }
  if (kind === 'days') {
    if (engine === 'sqlite') return `date('1992-01-01', (${number}) || ' days')`;
    return `DATE '1992-01-01' + CAST(${number} AS INTEGER)`;
  }
  return `CAST(${number} AS ${typeIn(engine, kind)})`;
}
