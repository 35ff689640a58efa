// DuckDB's words for what SQL can say in every engine, read both ways by src/sql. DuckDB's catalog prints expressions with
// every operator in brackets, in a grammar that PostgreSQL's reads. Pure.
import { ASCII_CASE } from '../../sql/alphabet.ts';
import type { SqlWords } from '../../sql/words.ts';
import type { ValueType } from '../../types/expression.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { quote, literal as quoteText } from './sql-text.ts';

const COLLATIONS = { nocase: 'nocase', binary: 'bytes' } as const;

export const duckdbWords: SqlWords = {
  engine: 'duckdb',
  title: 'DuckDB',
  caseSensitiveNames: false,
  quote,
  prepare: (sql) => ({ sql: sql.replace(/;\s*$/, ''), depthAt: null }),
  columnType,
  keeps: ({ family, precision, canonical }) =>
    family === 'decimal'
      ? precision !== undefined && precision <= 38
      : family !== 'padded' && family !== 'other' && canonical !== false,
  castType,
  castName,
  literal,
  hexIsBlob: false,
  blobText: 'escapes',
  fraction: 'either',
  boolIsInteger: false,
  exactDecimals: true,
  integerDivision: '//',
  slashOfIntegers: 'float',
  like: { escape: null, foldsAscii: false, glob: true, print: 'like' },
  collations: COLLATIONS,
  leftCollates: false,
  byBytes: '',
  isDistinct: ['IS DISTINCT FROM', 'IS NOT DISTINCT FROM'],
  nullsLast: { ascending: true, descending: true },
  functions: {
    coalesce: ['coalesce(...)', 'ifnull($1, $2)'],
    nullif: ['nullif($1, $2)'],
    greatest: ['greatest(...)'],
    least: ['least(...)'],
    abs: ['abs($1)'],
    length: ['length($1)', 'char_length($1)', 'character_length($1)', 'len($1)'],
    ...ASCII_CASE,
    // Without the second argument DuckDB takes other blanks away too.
    trim: ["trim($1, ' ')"],
    ltrim: ["ltrim($1, ' ')"],
    rtrim: ["rtrim($1, ' ')"],
    substr: ['substr($1, $2)', 'substr($1, $2, $3)', 'substring($1, $2)', 'substring($1, $2, $3)'],
    replace: ['replace($1, $2, $3)'],
    position: ['strpos($1, $2)', 'instr($1, $2)'],
    'starts with': ['starts_with($1, $2)'],
  },
  aggregates: {
    count: ['count', 'count_star'],
    sum: ['sum'],
    min: ['min'],
    max: ['max'],
    bool_and: ['bool_and'],
    bool_or: ['bool_or'],
    row_number: ['row_number'],
    rank: ['rank'],
    dense_rank: ['dense_rank'],
    lag: ['lag'],
    lead: ['lead'],
    first_value: ['first_value'],
    last_value: ['last_value'],
  },
  sumType: ({ family, scale }) => {
    if (family === 'integer') return { family: 'integer', bits: 128 };
    return family === 'decimal' ? { family: 'decimal', precision: 38, scale } : null;
  },
  binding: null,
};

const integer = (bits: number): ValueType => ({ family: 'integer', bits });

const BY_NAME: Readonly<Record<string, ValueType>> = {
  boolean: { family: 'bool' },
  tinyint: integer(8),
  smallint: integer(16),
  integer: integer(32),
  bigint: integer(64),
  hugeint: integer(128),
  utinyint: integer(16),
  usmallint: integer(32),
  uinteger: integer(64),
  ubigint: integer(128),
  uhugeint: integer(129),
  float: { family: 'float', bits: 32 },
  double: { family: 'float', bits: 64 },
  blob: { family: 'blob' },
  date: { family: 'date' },
  time: { family: 'time' },
  time_ns: { family: 'time' },
  timestamp: { family: 'timestamp' },
  timestamp_s: { family: 'timestamp' },
  timestamp_ms: { family: 'timestamp' },
  timestamp_ns: { family: 'timestamp' },
  'timestamp with time zone': { family: 'timestamptz' },
  uuid: { family: 'uuid' },
};

function columnType({ nativeType, collation }: ColumnSchema): ValueType {
  const name = nativeType.toLowerCase().trim();
  if (name === 'varchar') {
    const known = COLLATIONS[(collation ?? 'binary').toLowerCase() as keyof typeof COLLATIONS];
    return { family: 'text', collation: known ?? 'other' };
  }
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(name);
  if (decimal) return { family: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  if (name.startsWith('enum(') && !name.endsWith(']')) return { family: 'enum' };
  return BY_NAME[name] ?? { family: 'other', name: nativeType };
}

/** Names as PostgreSQL's grammar gives them for the words that DuckDB prints: FLOAT comes out as float8. */
const CAST_NAMES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'float',
  float8: 'float',
  timestamptz: 'timestamp with time zone',
};

function castType(name: string, [precision, scale = 0]: readonly number[]): ValueType | null {
  if (name === 'numeric' || name === 'decimal') {
    return { family: 'decimal', precision: precision ?? 18, scale: precision === undefined ? 3 : scale };
  }
  if (precision !== undefined) return null;
  if (['varchar', 'text', 'string'].includes(name)) return { family: 'text', collation: 'bytes' };
  return BY_NAME[CAST_NAMES[name] ?? name] ?? null;
}

function castName({ family, bits, precision, scale }: ValueType): string | null {
  switch (family) {
    case 'text':
      return 'VARCHAR';
    case 'float':
      return bits === 32 ? null : 'DOUBLE';
    case 'integer':
      return bits === 64 ? 'BIGINT' : null;
    case 'decimal':
      // Wide enough for every integer of 64 bits.
      return precision === undefined || scale === undefined
        ? 'DECIMAL(20,0)'
        : `DECIMAL(${precision},${scale})`;
    default:
      return null;
  }
}

function literal({ family }: ValueType, value: string): string | null {
  const cast = (type: string) => `CAST('${value.replaceAll("'", "''")}' AS ${type})`;
  switch (family) {
    case 'bool':
    case 'integer':
    case 'decimal':
      return value;
    case 'float':
      return `CAST(${value} AS DOUBLE)`;
    case 'text':
    case 'enum':
      return value.includes('\0') ? null : quoteText(value);
    case 'blob':
      return `CAST('${value.replace(/../g, '\\x$&')}' AS BLOB)`;
    case 'date':
      return cast('DATE');
    case 'time':
      return cast('TIME');
    case 'timestamp':
      return cast('TIMESTAMP');
    case 'timestamptz':
      return cast('TIMESTAMP WITH TIME ZONE');
    case 'uuid':
      return cast('UUID');
    default:
      return null;
  }
}
