// PostgreSQL's words for what SQL can say in every engine, read both ways by src/sql. The server prints expressions with
// every operator in brackets and every literal with its type. Pure.

import type pg from 'pg';
import { ASCII_CASE } from '../../sql/alphabet.ts';
import type { SqlWords } from '../../sql/words.ts';
import type { ValueType } from '../../types/expression.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { quote, literal as quoteText } from './names.ts';
import { typeFacts } from './type-facts.ts';

const COLLATIONS = {
  C: 'bytes',
  POSIX: 'bytes',
  ucs_basic: 'bytes',
  pg_c_utf8: 'bytes',
  default: 'locale',
} as const;

export const postgresWords: SqlWords = {
  engine: 'postgres',
  title: 'PostgreSQL',
  caseSensitiveNames: true,
  quote,
  prepare: (sql) => ({ sql: sql.replace(/;\s*$/, ''), depthAt: null }),
  columnType: (column) => columnType(column, 'locale'),
  keeps: ({ family, precision, canonical }) =>
    family === 'decimal'
      ? precision !== undefined
      : family !== 'padded' && family !== 'other' && canonical !== false,
  castType,
  castName,
  literal,
  hexIsBlob: false,
  blobText: 'hex',
  fraction: 'decimal',
  boolIsInteger: false,
  exactDecimals: true,
  integerDivision: '/',
  slashOfIntegers: 'integer',
  like: { escape: '\\', foldsAscii: false, glob: false, print: 'like' },
  collations: COLLATIONS,
  leftCollates: false,
  byBytes: ' COLLATE "C"',
  isDistinct: ['IS DISTINCT FROM', 'IS NOT DISTINCT FROM'],
  nullsLast: { ascending: true, descending: false },
  functions: {
    coalesce: ['coalesce(...)'],
    nullif: ['nullif($1, $2)'],
    greatest: ['greatest(...)'],
    least: ['least(...)'],
    abs: ['abs($1)'],
    length: ['length($1)', 'char_length($1)', 'character_length($1)'],
    ...ASCII_CASE,
    trim: ['btrim($1)', "btrim($1, ' ')"],
    ltrim: ['ltrim($1)', "ltrim($1, ' ')"],
    rtrim: ['rtrim($1)', "rtrim($1, ' ')"],
    substr: ['substr($1, $2)', 'substr($1, $2, $3)', 'substring($1, $2)', 'substring($1, $2, $3)'],
    replace: ['replace($1, $2, $3)'],
    position: ['strpos($1, $2)', 'position($1, $2)'],
    'starts with': ['starts_with($1, $2)'],
  },
  aggregates: {
    count: ['count'],
    sum: ['sum'],
    min: ['min'],
    max: ['max'],
    bool_and: ['bool_and', 'every'],
    bool_or: ['bool_or'],
    row_number: ['row_number'],
    rank: ['rank'],
    dense_rank: ['dense_rank'],
    lag: ['lag'],
    lead: ['lead'],
    first_value: ['first_value'],
    last_value: ['last_value'],
  },
  sumType: ({ family, bits, scale }) => {
    if (family === 'integer' && (bits ?? 64) <= 32) return { family: 'integer', bits: 64 };
    if (family === 'integer') return { family: 'decimal', scale: 0 };
    return family === 'decimal' ? { family: 'decimal', scale } : null;
  },
  binding: null,
};

/** The same for a database whose own collation sorts by bytes (C, POSIX). */
export const postgresWordsByBytes: SqlWords = {
  ...postgresWords,
  columnType: (column) => columnType(column, 'bytes'),
  collations: { ...COLLATIONS, default: 'bytes' },
};

/** The words of this database. */
export async function wordsOf(client: pg.Client): Promise<SqlWords> {
  const { rows } = await client.query<{ by_bytes: boolean }>(
    `SELECT datlocprovider = 'b' OR datlocprovider = 'c' AND datcollate IN ('C', 'POSIX') AS by_bytes FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0]?.by_bytes ? postgresWordsByBytes : postgresWords;
}

const TEXT_TYPES = new Set(['text', 'varchar']);

const BY_NAME: Readonly<Record<string, ValueType>> = {
  bool: { family: 'bool' },
  int2: { family: 'integer', bits: 16 },
  int4: { family: 'integer', bits: 32 },
  int8: { family: 'integer', bits: 64 },
  float4: { family: 'float', bits: 32 },
  float8: { family: 'float', bits: 64 },
  numeric: { family: 'decimal' },
  bpchar: { family: 'padded', name: 'char(n)' },
  bytea: { family: 'blob' },
  date: { family: 'date' },
  time: { family: 'time' },
  timestamp: { family: 'timestamp' },
  timestamptz: { family: 'timestamptz' },
  uuid: { family: 'uuid' },
};

function columnType(column: ColumnSchema, database: 'locale' | 'bytes'): ValueType {
  const { type, kind, builtIn, typmod } = typeFacts(column);
  const other: ValueType = { family: 'other', name: column.nativeType };
  if (kind === 'e') return { family: 'enum' };
  if (kind === 'c') return { ...other, row: true };
  if (!builtIn) return other;
  if (TEXT_TYPES.has(type)) return { family: 'text', collation: collationOf(column.collation, database) };
  if (type === 'numeric' && typmod >= 4) {
    const precision = ((typmod - 4) >> 16) & 0xffff;
    return { family: 'decimal', precision, scale: (((typmod - 4) & 0x7ff) ^ 1024) - 1024 };
  }
  return Object.hasOwn(BY_NAME, type) ? BY_NAME[type] : other;
}

/** A collation that PostgreSQL comes with tells texts apart by their bytes; one of the user's may not. */
function collationOf(collation: string | null, database: 'locale' | 'bytes'): ValueType['collation'] {
  if (collation === null) return database;
  const name = /^pg_catalog\."?([^"]+)"?$/.exec(collation)?.[1];
  if (name === undefined) return 'other';
  return COLLATIONS[name as keyof typeof COLLATIONS] ?? 'locale';
}

function castType(name: string, [precision, scale = 0]: readonly number[]): ValueType | null {
  if (TEXT_TYPES.has(name)) return { family: 'text', collation: 'locale', precision };
  if (name === 'numeric')
    return precision === undefined ? BY_NAME['numeric'] : { family: 'decimal', precision, scale };
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : null;
  return known && precision !== undefined ? { ...known, precision } : known;
}

function castName({ family, bits, precision, scale }: ValueType): string | null {
  switch (family) {
    case 'text':
      return 'text';
    case 'float':
      return bits === 32 ? null : 'double precision';
    case 'integer':
      return bits === 64 ? 'bigint' : null;
    case 'decimal':
      return precision === undefined || scale === undefined ? 'numeric' : `numeric(${precision},${scale})`;
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
      return `CAST(${value} AS double precision)`;
    case 'text':
    case 'enum':
      return value.includes('\0') ? null : quoteText(value);
    case 'blob':
      return `CAST('\\x${value}' AS bytea)`;
    case 'date':
      return cast('date');
    case 'time':
      return cast('time');
    case 'timestamp':
      return cast('timestamp');
    case 'timestamptz':
      return cast('timestamp with time zone');
    case 'uuid':
      return cast('uuid');
    default:
      return null;
  }
}
