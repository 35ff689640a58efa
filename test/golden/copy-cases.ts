// What the golden COPY bytes are made of: one column of values per case, in SQL, and what they must decode to.
import type { LogicalType } from '../../src/types/logical-type.ts';

export interface CopyCase {
  readonly name: string;
  /** The column's type in SQL. */
  readonly sqlType: string;
  /** SQL literals, in order. */
  readonly values: readonly string[];
  readonly type: LogicalType;
  /** As `renderValue` writes them. */
  readonly expected: readonly (string | null)[];
}

const int = (bits: 16 | 32 | 64, signed = true): LogicalType => ({ kind: 'int', bits, signed });

export const COPY_CASES: readonly CopyCase[] = [
  {
    name: 'bool',
    sqlType: 'boolean',
    values: ['true', 'false', 'null'],
    type: { kind: 'bool' },
    expected: ['true', 'false', null],
  },
  {
    name: 'int2',
    sqlType: 'int2',
    values: ['-32768', '32767', '0', 'null'],
    type: int(16),
    expected: ['-32768', '32767', '0', null],
  },
  {
    name: 'int4',
    sqlType: 'int4',
    values: ['-2147483648', '2147483647', 'null', '-1'],
    type: int(32),
    expected: ['-2147483648', '2147483647', null, '-1'],
  },
  {
    name: 'int8',
    sqlType: 'int8',
    values: ['-9223372036854775808', '9223372036854775807', '9007199254740993', 'null', '-1'],
    type: int(64),
    expected: ['-9223372036854775808', '9223372036854775807', '9007199254740993', null, '-1'],
  },
  {
    name: 'oid',
    sqlType: 'oid',
    values: ['0', '4294967295'],
    type: int(32, false),
    expected: ['0', '4294967295'],
  },
  {
    name: 'xid8',
    sqlType: 'xid8',
    values: ["'0'", "'18446744073709551615'"],
    type: int(64, false),
    expected: ['0', '18446744073709551615'],
  },
  {
    name: 'float4',
    sqlType: 'float4',
    values: ["'NaN'", "'-Infinity'", '1.5', "'-0'", '1e-45'],
    type: { kind: 'float', bits: 32 },
    expected: ['NaN', '-Infinity', '1.5', '-0', '1.401298464324817e-45'],
  },
  {
    name: 'float8',
    sqlType: 'float8',
    values: ["'NaN'", "'Infinity'", '0.1', "'-0'", '5e-324', 'null'],
    type: { kind: 'float', bits: 64 },
    expected: ['NaN', 'Infinity', '0.1', '-0', '5e-324', null],
  },
  {
    name: 'decimal(10,2)',
    sqlType: 'numeric(10,2)',
    values: ['0', '1.10', '-0.01', '99999999.99', '-99999999.99', '100', '10000', 'null', '0.10'],
    type: { kind: 'decimal', precision: 10, scale: 2 },
    expected: ['0.00', '1.10', '-0.01', '99999999.99', '-99999999.99', '100.00', '10000.00', null, '0.10'],
  },
  {
    name: 'decimal(38,10)',
    sqlType: 'numeric(38,10)',
    values: [
      '9999999999999999999999999999.9999999999',
      '-9999999999999999999999999999.9999999999',
      '0.0000000001',
      '-90071992547.40992',
      '10000000000000000000000000000 - 1',
    ],
    type: { kind: 'decimal', precision: 38, scale: 10 },
    expected: [
      '9999999999999999999999999999.9999999999',
      '-9999999999999999999999999999.9999999999',
      '0.0000000001',
      '-90071992547.4099200000',
      '9999999999999999999999999999.0000000000',
    ],
  },
  {
    name: 'decimal(38,38)',
    sqlType: 'numeric(38,38)',
    values: ['0.00000000000000000000000000000000000001', '-0.99999999999999999999999999999999999999'],
    type: { kind: 'decimal', precision: 38, scale: 38 },
    expected: ['0.00000000000000000000000000000000000001', '-0.99999999999999999999999999999999999999'],
  },
  {
    name: 'numeric',
    sqlType: 'numeric',
    values: [
      '0',
      '0.000',
      '1.10',
      '-0.00012',
      '10000',
      '12345678901234567890123456789012345678901234567890.5',
      "'NaN'",
      "'Infinity'",
      "'-Infinity'",
      'null',
      '1e20',
      '100000000.00000001',
      '-1000',
    ],
    type: { kind: 'numeric' },
    expected: [
      '0',
      '0.000',
      '1.10',
      '-0.00012',
      '10000',
      '12345678901234567890123456789012345678901234567890.5',
      'NaN',
      'Infinity',
      '-Infinity',
      null,
      '100000000000000000000',
      '100000000.00000001',
      '-1000',
    ],
  },
  {
    name: 'text',
    sqlType: 'text',
    values: ["''", "'a'", "'Grüße 😀'", "repeat('x', 70)", 'null'],
    type: { kind: 'text' },
    expected: ['', 'a', 'Grüße 😀', 'x'.repeat(70), null],
  },
  {
    name: 'char(5)',
    sqlType: 'char(5)',
    values: ["'ab'", "''"],
    type: { kind: 'text', maxChars: 5, fixed: true },
    expected: ['ab   ', '     '],
  },
  {
    name: 'json',
    sqlType: 'json',
    values: ['\' {"a":1,"a":2}\'', "'null'"],
    type: { kind: 'json' },
    expected: [' {"a":1,"a":2}', 'null'],
  },
  {
    name: 'jsonb',
    sqlType: 'jsonb',
    values: ['\'{"b":1, "a":[1,2]}\'', "'null'", 'null'],
    type: { kind: 'json', binary: true },
    expected: ['{"a": [1, 2], "b": 1}', 'null', null],
  },
  {
    name: 'bytea',
    sqlType: 'bytea',
    values: ["'\\x'", "'\\x00ff80'", 'null'],
    type: { kind: 'binary' },
    expected: ['', '00ff80', null],
  },
  {
    name: 'date',
    sqlType: 'date',
    values: ["'1970-01-01'", "'infinity'", "'-infinity'", "'4714-11-24 BC'", "'5874897-12-31'", 'null'],
    type: { kind: 'date' },
    expected: ['0', '2147483647', '-2147483647', '-2440588', '2145042905', null],
  },
  {
    name: 'time',
    sqlType: 'time',
    values: ["'00:00'", "'24:00'", "'23:59:59.999999'", 'null'],
    type: { kind: 'time', unit: 'us' },
    expected: ['0', '86400000000', '86399999999', null],
  },
  {
    name: 'timestamp',
    sqlType: 'timestamp',
    values: [
      "'1970-01-01'",
      "'1999-12-31 23:59:59.999999'",
      "'infinity'",
      "'-infinity'",
      "'4714-11-24 BC'",
      "'294247-01-10 04:00:54.775806'",
      'null',
    ],
    type: { kind: 'timestamp', unit: 'us', zone: false },
    expected: [
      '0',
      '946684799999999',
      '9223372036854775807',
      '-9223372036854775807',
      '-210866803200000000',
      '9223372036854775806',
      null,
    ],
  },
  {
    name: 'timestamptz(3)',
    sqlType: 'timestamptz(3)',
    values: ["'1969-12-31 23:59:59.999+00'", "'2024-02-29 12:00:00.5+02'", "'-infinity'"],
    type: { kind: 'timestamp', unit: 'ms', zone: true },
    expected: ['-1', '1709200800500', '-9223372036854775807'],
  },
  {
    name: 'timestamp(0)',
    sqlType: 'timestamp(0)',
    values: ["'1969-12-31 23:59:59'", "'4714-11-24 BC'", "'infinity'"],
    type: { kind: 'timestamp', unit: 's', zone: false },
    expected: ['-1', '-210866803200', '9223372036854775807'],
  },
  {
    name: 'uuid',
    sqlType: 'uuid',
    values: ["'00112233-4455-6677-8899-aabbccddeeff'", 'null'],
    type: { kind: 'uuid' },
    expected: ['00112233445566778899aabbccddeeff', null],
  },
  {
    name: 'opaque int4[]',
    sqlType: 'int4[]',
    values: ["'{}'", "'{1,NULL}'"],
    type: { kind: 'opaque', engine: 'postgres', nativeType: 'integer[]' },
    expected: [
      '000000000000000000000017',
      '00000001000000010000001700000002000000010000000400000001ffffffff',
    ],
  },
];
