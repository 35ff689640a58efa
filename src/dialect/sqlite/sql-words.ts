// SQLite's words for what SQL can say in every engine, read both ways by src/sql. Pure.
import { DOUBLE_DIGITS } from '../../sql/literals.ts';
import type { SqlWords } from '../../sql/words.ts';
import type { ValueType } from '../../types/expression.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { affinityOf, parseDeclared } from './affinity.ts';
import {
  BOOLEAN_NAMES,
  DECIMAL_NAMES,
  DECIMAL_TEXT_NAMES,
  FORM_NAMES,
  JSON_NAMES,
  SINGLE_NAMES,
  TEMPORAL_NAMES,
  UUID_NAMES,
} from './declared-names.ts';
import { grammarText } from './grammar-text.ts';
import { quote } from './sql-names.ts';

const COLLATIONS = { binary: 'bytes', nocase: 'nocase', rtrim: 'other' } as const;

export const sqliteWords: SqlWords = {
  engine: 'sqlite',
  title: 'SQLite',
  caseSensitiveNames: false,
  quote,
  prepare: grammarText,
  columnType,
  keeps: ({ family, bits, precision }) =>
    family === 'decimal'
      ? precision !== undefined && precision <= DOUBLE_DIGITS
      : family !== 'padded' && family !== 'other' && (family !== 'integer' || (bits ?? 64) <= 64),
  castType: (name) => CAST_TYPES[name] ?? null,
  castName: ({ family }) => ({ text: 'TEXT', float: 'REAL', decimal: '' })[family as string] ?? null,
  literal,
  hexIsBlob: true,
  blobText: null,
  fraction: 'float',
  boolIsInteger: true,
  exactDecimals: false,
  integerDivision: '/',
  slashOfIntegers: 'integer',
  like: { escape: null, foldsAscii: true, glob: true, print: 'glob' },
  collations: COLLATIONS,
  leftCollates: true,
  byBytes: '',
  isDistinct: ['IS NOT', 'IS'],
  nullsLast: { ascending: false, descending: true },
  functions: {
    coalesce: ['coalesce(...)', 'ifnull($1, $2)'],
    nullif: ['nullif($1, $2)'],
    abs: ['abs($1)'],
    length: ['length($1)'],
    'lower ascii': ['lower($1)'],
    'upper ascii': ['upper($1)'],
    trim: ['trim($1)', "trim($1, ' ')"],
    ltrim: ['ltrim($1)', "ltrim($1, ' ')"],
    rtrim: ['rtrim($1)', "rtrim($1, ' ')"],
    substr: ['substr($1, $2)', 'substr($1, $2, $3)', 'substring($1, $2)', 'substring($1, $2, $3)'],
    replace: ['replace($1, $2, $3)'],
    position: ['instr($1, $2)'],
    'starts with': ['(substr($1, 1, length($2)) = $2)'],
  },
  aggregates: {
    count: ['count'],
    sum: ['sum'],
    min: ['min'],
    max: ['max'],
    row_number: ['row_number'],
    rank: ['rank'],
    dense_rank: ['dense_rank'],
    lag: ['lag'],
    lead: ['lead'],
    first_value: ['first_value'],
    last_value: ['last_value'],
  },
  sumType: ({ family }) => (family === 'integer' ? { family: 'integer', bits: 64 } : null),
  // From SQLite's own page of operators, tightest first.
  binding: {
    levels: {
      'prefix -': 10,
      'prefix +': 10,
      collate: 9,
      '||': 8,
      '*': 7,
      '/': 7,
      '%': 7,
      '+': 6,
      '-': 6,
      '<': 5,
      '<=': 5,
      '>': 5,
      '>=': 5,
      '=': 4,
      '<>': 4,
      '~~': 4,
      '~~~': 4,
      is: 4,
      not: 3,
      and: 2,
      or: 1,
    },
  },
};

const INTEGER: ValueType = { family: 'integer', bits: 64 };
const FLOAT: ValueType = { family: 'float', bits: 64 };
const TEXT: ValueType = { family: 'text', collation: 'bytes' };

const CAST_TYPES: Readonly<Record<string, ValueType>> = {
  integer: INTEGER,
  int: INTEGER,
  bigint: INTEGER,
  real: FLOAT,
  double: FLOAT,
  float: FLOAT,
  'double precision': FLOAT,
  text: TEXT,
  varchar: TEXT,
};

/** What the declared type promises; rows that don't keep the promise are found by the prescan, and named. */
function columnType(column: ColumnSchema): ValueType {
  const { name, parameters } = parseDeclared(column.nativeType);
  const other: ValueType = { family: 'other', name: column.nativeType };
  // Ferrow wrote the text of columns that have an origin, in one form.
  const canonical = column.origin !== undefined;
  if (BOOLEAN_NAMES.has(name)) return { family: 'bool' };
  if (Object.hasOwn(TEMPORAL_NAMES, name)) {
    const type = TEMPORAL_NAMES[name];
    if (type.kind === 'timestamp') return { family: type.zone ? 'timestamptz' : 'timestamp', canonical };
    return type.kind === 'date' || type.kind === 'time' ? { family: type.kind, canonical } : other;
  }
  if (UUID_NAMES.has(name)) return { family: 'uuid' };
  if (JSON_NAMES.has(name) || DECIMAL_TEXT_NAMES.has(name) || Object.hasOwn(FORM_NAMES, name)) return other;
  if (DECIMAL_NAMES.has(name)) {
    const [precision, scale = 0] = parameters;
    if (precision === undefined) return { family: 'decimal' };
    return precision <= DOUBLE_DIGITS ? { family: 'decimal', precision, scale } : other;
  }
  if (SINGLE_NAMES.has(name)) return { family: 'float', bits: 32 };
  switch (affinityOf(column.nativeType)) {
    case 'integer':
      return INTEGER;
    case 'real':
      return FLOAT;
    case 'text': {
      const collation = column.collation?.toLowerCase() ?? 'binary';
      return { family: 'text', collation: COLLATIONS[collation as keyof typeof COLLATIONS] ?? 'other' };
    }
    case 'blob':
      return name === '' ? other : { family: 'blob' };
    default:
      return other;
  }
}

function literal({ family }: ValueType, value: string): string | null {
  switch (family) {
    case 'bool':
      return value === 'true' ? '1' : '0';
    case 'integer':
      return value;
    case 'decimal':
      return value.replace(/[-.]/g, '').replace(/^0+/, '').length <= DOUBLE_DIGITS ? value : null;
    case 'float':
      return value.includes('.') ? value : `${value}.0`;
    case 'blob':
      return `x'${value}'`;
    case 'text':
    case 'enum':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'uuid':
      return value.includes('\0') ? null : `'${value.replaceAll("'", "''")}'`;
    default:
      return null;
  }
}
