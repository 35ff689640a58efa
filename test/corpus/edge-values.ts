// THE list of edge values: per column a canonical type, the DDL type of each engine that has it, and each value
// as canonical text (docs/types.md) with its literal in each engine where it can exist. Contract, pairs, fuzz
// tests and bench draw on it. Pure data.
import type { Engine, LogicalType } from '../../src/types/logical-type.ts';

type Literals = { readonly [E in Engine]?: string };

export interface EdgeValue extends Literals {
  /** Canonical text; null is NULL. */
  readonly text: string | null;
}

export interface EdgeColumn {
  /** A plain identifier, unique in the corpus. */
  readonly name: string;
  readonly type: LogicalType;
  /** The column's type in each engine that has one; a value without a literal there can't exist in it. */
  readonly ddl: Literals;
  readonly values: readonly EdgeValue[];
}

const NULL: EdgeValue = { text: null, postgres: 'NULL', duckdb: 'NULL', sqlite: 'NULL' };

/** The same literal in every engine. */
const all = (text: string, literal = text): EdgeValue => ({
  text,
  postgres: literal,
  duckdb: literal,
  sqlite: literal,
});
const quoted = (text: string) => all(text, `'${text.replaceAll("'", "''")}'`);
const pick = (text: string, literals: Literals): EdgeValue => ({ text, ...literals });

const int = (bits: 8 | 16 | 32 | 64 | 128, signed = true): LogicalType => ({ kind: 'int', bits, signed });

/** Both ends of the range with their neighbours, and around zero. */
function integers(bits: number, signed: boolean, literal: (value: string) => Literals): EdgeValue[] {
  const span = 1n << BigInt(signed ? bits - 1 : bits);
  const min = signed ? -span : 0n;
  const values = [min, min + 1n, 0n, 1n, 10n, span - 2n, span - 1n, ...(signed ? [-1n, -10n] : [])];
  if (bits >= 64) values.push(2n ** 53n, 2n ** 53n + 1n, 2n ** 32n, 10n ** 18n);
  return [...values.map(String).map((text) => pick(text, literal(text))), NULL];
}

// The least int64 is no literal of its own: the minus is an operator on a number that is too big.
const bigInteger = (text: string): Literals => ({
  postgres: `'${text}'::bigint`,
  duckdb: `'${text}'`,
  sqlite: text === '-9223372036854775808' ? '(-9223372036854775807 - 1)' : text,
});
const sameInteger = (text: string): Literals => ({ postgres: text, duckdb: text, sqlite: text });
const INTEGERS: readonly EdgeColumn[] = [
  {
    name: 'c_int8',
    type: int(8),
    ddl: { duckdb: 'TINYINT' },
    values: integers(8, true, (text) => ({ duckdb: text })),
  },
  {
    name: 'c_int16',
    type: int(16),
    ddl: { postgres: 'smallint', duckdb: 'SMALLINT' },
    values: integers(16, true, sameInteger),
  },
  {
    name: 'c_int32',
    type: int(32),
    ddl: { postgres: 'integer', duckdb: 'INTEGER' },
    values: integers(32, true, sameInteger),
  },
  {
    name: 'c_int64',
    type: int(64),
    ddl: { postgres: 'bigint', duckdb: 'BIGINT', sqlite: 'BIGINT' },
    values: integers(64, true, bigInteger),
  },
  {
    name: 'c_uint8',
    type: int(8, false),
    ddl: { duckdb: 'UTINYINT' },
    values: integers(8, false, (text) => ({ duckdb: text })),
  },
  {
    name: 'c_uint16',
    type: int(16, false),
    ddl: { duckdb: 'USMALLINT' },
    values: integers(16, false, (text) => ({ duckdb: text })),
  },
  {
    name: 'c_uint32',
    type: int(32, false),
    ddl: { postgres: 'oid', duckdb: 'UINTEGER' },
    values: integers(32, false, (text) => ({ postgres: `'${text}'`, duckdb: text })),
  },
  {
    name: 'c_uint64',
    type: int(64, false),
    ddl: { duckdb: 'UBIGINT' },
    values: integers(64, false, (text) => ({ duckdb: text })),
  },
  {
    name: 'c_int128',
    type: int(128),
    ddl: { duckdb: 'HUGEINT' },
    values: integers(128, true, (text) => ({ duckdb: `'${text}'` })),
  },
  {
    name: 'c_uint128',
    type: int(128, false),
    ddl: { duckdb: 'UHUGEINT' },
    values: integers(128, false, (text) => ({ duckdb: `'${text}'` })),
  },
];

/** `sqlite` undefined where a REAL column can't keep the value: NaN becomes NULL, -0.0 becomes 0.0. */
const float = (text: string, sqlite: string | undefined = text): EdgeValue =>
  pick(text, { postgres: `'${text}'`, duckdb: `'${text}'`, sqlite });

const FLOATS: readonly EdgeColumn[] = [
  {
    name: 'c_float64',
    type: { kind: 'float', bits: 64 },
    ddl: { postgres: 'double precision', duckdb: 'DOUBLE', sqlite: 'DOUBLE' },
    values: [
      ...['0', '1', '-1', '0.1', '0.30000000000000004', '1e+21', '123456789012345680', '1e-7'].map((text) =>
        float(text),
      ),
      ...['5e-324', '2.2250738585072014e-308', '1.7976931348623157e+308', '-1.7976931348623157e+308'].map(
        (text) => float(text),
      ),
      ...['9007199254740991', '9007199254740992', '9007199254740994', '3.141592653589793', '2.5'].map(
        (text) => float(text, `${text}${/[.e]/.test(text) ? '' : '.0'}`),
      ),
      float('9.5367431640625e-7'),
      float('1.005'),
      pick('-0', { postgres: "'-0'", duckdb: "'-0.0'" }),
      pick('NaN', { postgres: "'NaN'", duckdb: "'NaN'" }),
      float('Infinity', '9e999'),
      float('-Infinity', '-9e999'),
      NULL,
    ],
  },
  {
    name: 'c_float32',
    type: { kind: 'float', bits: 32 },
    ddl: { postgres: 'real', duckdb: 'FLOAT' },
    values: [
      ...['0', '1', '-1', '0.1', '0.3', '16777216', '1e-45', '1.1754944e-38', '3.4028235e+38'].map((text) =>
        float(text),
      ),
      ...['3.1415927', '1.005', '123456.79'].map((text) => float(text)),
      pick('-0', { postgres: "'-0'", duckdb: "'-0.0'" }),
      float('NaN'),
      float('Infinity'),
      float('-Infinity'),
      NULL,
    ],
  },
];

/** Bounds of decimal(p,s) and values beside zero. SQLite holds it as number up to 15 digits, else as text. */
function decimals(precision: number, scale: number): EdgeValue[] {
  const point = (digits: string) => {
    const padded = digits.padStart(scale + 1, '0');
    return scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  };
  const max = '9'.repeat(precision);
  const texts = [
    point(max),
    `-${point(max)}`,
    point('0'),
    point('1'),
    `-${point('1')}`,
    point(`1${'0'.repeat(precision - 1)}`),
  ];
  const value = (text: string) =>
    pick(text, {
      postgres: `'${text}'`,
      duckdb: `'${text}'`,
      sqlite: precision <= 15 ? text : `'${text}'`,
    });
  return [...new Set(texts)].map(value).concat(NULL);
}

function decimalColumn(precision: number, scale: number): EdgeColumn {
  const name = `(${precision},${scale})`;
  return {
    name: `c_decimal_${precision}_${scale}`,
    type: { kind: 'decimal', precision, scale },
    ddl: {
      postgres: `numeric${name}`,
      duckdb: `DECIMAL${name}`,
      sqlite: precision <= 15 ? `DECIMAL${name}` : `DECIMAL_TEXT${name}`,
    },
    values: decimals(precision, scale),
  };
}

const DECIMALS: readonly EdgeColumn[] = [
  ...(
    [
      [1, 0],
      [4, 2],
      [9, 4],
      [10, 2],
      [15, 3],
      [16, 2],
      [18, 6],
      [19, 0],
      [38, 0],
      [38, 10],
      [38, 38],
    ] as const
  ).map(([precision, scale]) => decimalColumn(precision, scale)),
  {
    name: 'c_numeric',
    type: { kind: 'numeric' },
    ddl: { postgres: 'numeric', sqlite: 'NUMERIC_TEXT' },
    values: [
      ...['0', '0.00', '1', '-1', '1.10', '-0.00012', '10000', '99999999', '0.1', '12345.678900'],
      `1${'0'.repeat(200)}`,
      `-${'9'.repeat(150)}.${'9'.repeat(120)}`,
      `0.${'0'.repeat(99)}1`,
      '170141183460469231731687303715884105728',
      'NaN',
      'Infinity',
      '-Infinity',
    ]
      .map((text) => pick(text, { postgres: `'${text}'`, sqlite: `'${text}'` }))
      .concat(NULL),
  },
];

const bool = (text: string) =>
  pick(text, { postgres: text, duckdb: text, sqlite: text === 'true' ? '1' : '0' });

const BOOLEANS: readonly EdgeColumn[] = [
  {
    name: 'c_bool',
    type: { kind: 'bool' },
    ddl: { postgres: 'boolean', duckdb: 'BOOLEAN', sqlite: 'BOOLEAN' },
    values: [bool('true'), bool('false'), NULL],
  },
];

const LONG = 'long ä€𝄞 '.repeat(700);

const TEXTS: readonly EdgeColumn[] = [
  {
    name: 'c_text',
    type: { kind: 'text' },
    ddl: { postgres: 'text', duckdb: 'VARCHAR', sqlite: 'TEXT' },
    values: [
      ...['', ' ', 'a', 'exactly12chr', 'thirteen chrs', "it's", '"double"', 'back\\slash', '`tick`', '\\N'],
      ...[
        'NULL',
        'line\nfeed',
        'tab\there',
        'carriage\rreturn',
        '\u00e4\u00f6\u00fc\u00df',
        'e\u0301 combining',
      ],
      ...[
        '\u{1d11e} four bytes',
        '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
        '\ufeffbom',
        '\u007f\u0080',
        '\uffff',
      ],
      ...['  padded  ', '0101', '1.10', '1e3', '$1', '%s', '日本語', LONG],
    ]
      .map((text) => quoted(text))
      .concat(
        pick('nul\0inside', {
          duckdb: "'nul' || chr(0) || 'inside'",
          sqlite: "'nul' || char(0) || 'inside'",
        }),
        pick('\0', { duckdb: 'chr(0)', sqlite: 'char(0)' }),
        NULL,
      ),
  },
  {
    name: 'c_varchar',
    type: { kind: 'text', maxChars: 10 },
    ddl: { postgres: 'varchar(10)', sqlite: 'VARCHAR(10)' },
    values: [...['', 'ten chars!', 'äöüßäöüßäö', '𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞', 'trailing  '].map(quoted), NULL],
  },
  {
    name: 'c_char',
    type: { kind: 'text', maxChars: 5, fixed: true },
    ddl: { postgres: 'char(5)' },
    values: [
      ...['     ', 'ab   ', 'abcde', 'äöü  '].map((text) => pick(text, { postgres: `'${text}'` })),
      { text: null, postgres: 'NULL' },
    ],
  },
];

const blob = (hex: string) =>
  pick(`\\x${hex}`, {
    postgres: `'\\x${hex}'`,
    duckdb: `'${hex.replace(/../g, (byte) => `\\x${byte}`)}'::BLOB`,
    sqlite: `x'${hex}'`,
  });

const BLOBS: readonly EdgeColumn[] = [
  {
    name: 'c_blob',
    type: { kind: 'binary' },
    ddl: { postgres: 'bytea', duckdb: 'BLOB', sqlite: 'BLOB' },
    values: [
      ...['', '00', 'ff', '0000', '00ff00', 'c3a4', 'c328', 'deadbeef', '5c', '27', '5c78'].map(blob),
      blob('0123456789abcdef'.repeat(256)),
      NULL,
    ],
  },
];

/** A year before Christ, in PostgreSQL's words. */
const bc = (text: string, postgres: string, cast: string): EdgeValue =>
  pick(text, { postgres: `'${postgres} BC'`, duckdb: `'${postgres} (BC)'::${cast}`, sqlite: `'${text}'` });

const DATES: readonly EdgeColumn[] = [
  {
    name: 'c_date',
    type: { kind: 'date' },
    ddl: { postgres: 'date', duckdb: 'DATE', sqlite: 'DATE' },
    values: [
      ...['1970-01-01', '1969-12-31', '2000-02-29', '2024-02-29', '1900-03-01', '0001-01-01', '9999-12-31'],
      ...['2100-02-28', '1582-10-10', '12345-06-07'],
    ]
      .map(quoted)
      .concat(
        bc('0000-12-31', '0001-12-31', 'DATE'),
        bc('-0043-03-15', '0044-03-15', 'DATE'),
        bc('-4712-01-01', '4713-01-01', 'DATE'),
        quoted('infinity'),
        quoted('-infinity'),
        pick('5874897-12-31', { postgres: "'5874897-12-31'", duckdb: "'5874897-12-31'" }),
        NULL,
      ),
  },
];

const TIMES: readonly EdgeColumn[] = [
  {
    name: 'c_time',
    type: { kind: 'time', unit: 'us' },
    ddl: { postgres: 'time', duckdb: 'TIME', sqlite: 'TIME' },
    values: [
      ...['00:00:00', '00:00:00.000001', '12:34:56', '12:34:56.5', '12:34:56.789012', '23:59:59.999999'],
      '24:00:00',
    ]
      .map(quoted)
      .concat(NULL),
  },
  {
    name: 'c_time_ns',
    type: { kind: 'time', unit: 'ns' },
    ddl: { duckdb: 'TIME_NS' },
    values: ['00:00:00', '12:34:56.789012345', '23:59:59.999999999', '23:59:59.5']
      .map((text) => pick(text, { duckdb: `'${text}'` }))
      .concat({ text: null, duckdb: 'NULL' }),
  },
];

/** Zoned text in SQLite is one format a column: `…+00:00`. */
const STAMPS = [
  ...[
    '1970-01-01 00:00:00',
    '1969-12-31 23:59:59.999999',
    '2024-02-29 12:34:56.789012',
    '2000-01-01 00:00:00',
  ],
  ...['9999-12-31 23:59:59.999999', '0001-01-01 00:00:00', '2038-01-19 03:14:07', '1900-03-01 00:00:00.5'],
  '12345-06-07 08:09:10',
];

function stampColumn(zone: boolean): EdgeColumn {
  const suffix = zone ? '+00:00' : '';
  const cast = zone ? 'TIMESTAMPTZ' : 'TIMESTAMP';
  return {
    name: zone ? 'c_timestamptz' : 'c_timestamp',
    type: { kind: 'timestamp', unit: 'us', zone },
    ddl: zone
      ? { postgres: 'timestamptz', duckdb: 'TIMESTAMPTZ', sqlite: 'TIMESTAMPTZ' }
      : { postgres: 'timestamp', duckdb: 'TIMESTAMP', sqlite: 'TIMESTAMP' },
    values: [
      ...STAMPS.map((text) => quoted(text + suffix)),
      pick(`-0043-03-15 12:00:00${suffix}`, {
        postgres: `'0044-03-15 12:00:00${suffix} BC'`,
        duckdb: `'0044-03-15 (BC) 12:00:00${suffix}'::${cast}`,
        sqlite: `'-0043-03-15 12:00:00${suffix}'`,
      }),
      pick(`294246-12-31 23:59:59.999999${suffix}`, {
        postgres: `'294246-12-31 23:59:59.999999${suffix}'`,
        // DuckDB reads and prints zoned text so far away through a double and misses it by 1 ms.
        duckdb: `make_timestamp${zone ? 'tz' : ''}(9223371244799999999::BIGINT)`,
        sqlite: `'294246-12-31 23:59:59.999999${suffix}'`,
      }),
      quoted('infinity'),
      quoted('-infinity'),
      NULL,
    ],
  };
}

function stampUnit(unit: 's' | 'ms' | 'ns', ddl: string, texts: readonly string[]): EdgeColumn {
  return {
    name: `c_timestamp_${unit}`,
    type: { kind: 'timestamp', unit, zone: false },
    ddl: { duckdb: ddl },
    values: [
      ...texts.map((text) => pick(text, { duckdb: `'${text}'` })),
      { text: 'infinity', duckdb: "'infinity'" },
      { text: '-infinity', duckdb: "'-infinity'" },
      { text: null, duckdb: 'NULL' },
    ],
  };
}

const TIMESTAMPS: readonly EdgeColumn[] = [
  stampColumn(false),
  stampColumn(true),
  stampUnit('s', 'TIMESTAMP_S', ['1970-01-01 00:00:00', '1969-12-31 23:59:59', '9999-12-31 23:59:59']),
  stampUnit('ms', 'TIMESTAMP_MS', [
    '1970-01-01 00:00:00',
    '1969-12-31 23:59:59.999',
    '9999-12-31 23:59:59.5',
  ]),
  stampUnit('ns', 'TIMESTAMP_NS', [
    '1970-01-01 00:00:00',
    '1969-12-31 23:59:59.999999999',
    '2024-02-29 12:34:56.789012345',
    '2262-04-11 23:47:16.854775',
    '1700-01-01 00:00:00.000001',
  ]),
];

const UUIDS: readonly EdgeColumn[] = [
  {
    name: 'c_uuid',
    type: { kind: 'uuid' },
    ddl: { postgres: 'uuid', duckdb: 'UUID', sqlite: 'UUID' },
    values: [
      ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
      ...['550e8400-e29b-41d4-a716-446655440000', '80000000-0000-0000-0000-000000000000'],
      '7fffffff-ffff-4fff-bfff-ffffffffffff',
    ]
      .map(quoted)
      .concat(NULL),
  },
];

const JSONS: readonly EdgeColumn[] = [
  {
    name: 'c_json',
    type: { kind: 'json' },
    ddl: { postgres: 'json', duckdb: 'JSON', sqlite: 'JSON_TEXT' },
    values: [
      ...[
        '{}',
        '[]',
        'null',
        'true',
        '0',
        '-1.5e+10',
        '""',
        '"text"',
        '{"a":1,"a":2}',
        ' {"spaced" : [ 1 , 2 ] } ',
      ],
      ...['"\\u0000"', '"\\ud834\\udd1e"', '"ä€𝄞"', '[[[[[[[[[[1]]]]]]]]]]', '1e2', '{"quote":"\\""}'],
      `[${Array.from({ length: 300 }, (_, n) => n).join(',')}]`,
    ]
      .map(quoted)
      // DuckDB's own cast refuses half a surrogate pair; PostgreSQL's json keeps it.
      .concat(pick('"\\ud800"', { postgres: '\'"\\ud800"\'', sqlite: '\'"\\ud800"\'' }), NULL),
  },
  {
    name: 'c_jsonb',
    type: { kind: 'json', binary: true },
    ddl: { postgres: 'jsonb' },
    values: ['{}', '[]', 'null', '[1, 2.50, "x"]', '{"a": {"b": null}}', '"\u{1d11e}"']
      .map((text) => pick(text, { postgres: `'${text}'` }))
      .concat({ text: null, postgres: 'NULL' }),
  },
];

/** Every edge column. */
export const EDGE_COLUMNS: readonly EdgeColumn[] = [
  ...BOOLEANS,
  ...INTEGERS,
  ...FLOATS,
  ...DECIMALS,
  ...TEXTS,
  ...BLOBS,
  ...DATES,
  ...TIMES,
  ...TIMESTAMPS,
  ...UUIDS,
  ...JSONS,
];

/** SQLite's mixed columns: a value of each storage class, with the class for comparing. */
export const ANY_VALUES: readonly {
  readonly storage: string;
  readonly sqlite: string;
  readonly text: string | null;
}[] = [
  { storage: 'integer', sqlite: '0', text: '0' },
  { storage: 'integer', sqlite: '(-9223372036854775807 - 1)', text: '-9223372036854775808' },
  { storage: 'integer', sqlite: '9223372036854775807', text: '9223372036854775807' },
  { storage: 'real', sqlite: '5.0', text: '5' },
  { storage: 'real', sqlite: '0.1', text: '0.1' },
  { storage: 'real', sqlite: '9e999', text: 'Infinity' },
  { storage: 'text', sqlite: "''", text: '' },
  { storage: 'text', sqlite: "'5'", text: '5' },
  { storage: 'text', sqlite: "'text'", text: 'text' },
  { storage: 'blob', sqlite: "x''", text: '\\x' },
  { storage: 'blob', sqlite: "x'00ff'", text: '\\x00ff' },
  { storage: 'null', sqlite: 'NULL', text: null },
];

/** The values of a column that can exist in an engine; [] if the engine has no such column. */
export function edgeValuesIn(column: EdgeColumn, engine: Engine): EdgeValue[] {
  return column.ddl[engine] === undefined ? [] : column.values.filter((value) => value[engine] !== undefined);
}

/**
 * Statements that make `table` in an engine with every edge column it has, a row per value: shorter columns
 * are padded with NULL. The first column `row` is an integer key from 1.
 * @param table already quoted
 */
export function edgeTableSql(engine: Engine, table: string): string[] {
  const columns = EDGE_COLUMNS.filter((column) => column.ddl[engine] !== undefined);
  const rowCount = Math.max(...columns.map((column) => edgeValuesIn(column, engine).length));
  const definitions = columns.map((column) => `"${column.name}" ${column.ddl[engine]}`);
  const statements = [`CREATE TABLE ${table} ("row" integer PRIMARY KEY, ${definitions.join(', ')})`];
  for (let row = 0; row < rowCount; row++) {
    const values = columns.map((column) => edgeValuesIn(column, engine)[row]?.[engine] ?? 'NULL');
    statements.push(`INSERT INTO ${table} VALUES (${row + 1}, ${values.join(', ')})`);
  }
  return statements;
}
