// Random literals of every type, seeded, for each source engine. Only values that all engines can hold: what they
// can't is refused elsewhere. Pure.
import type { EngineName } from '../support/judge.ts';

export interface RandomColumn {
  readonly name: string;
  readonly type: string;
  readonly setup?: string;
  /** A literal of the engine. */
  readonly literal: (random: Random) => string;
}

/** A number from 0 to below - 1. */
export type Random = (below: number) => number;

/** Small and repeatable; Math.random would not be. */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const two = (value: number) => String(value).padStart(2, '0');
const sign = (random: Random) => (random(2) ? '-' : '');

function digits(random: Random, count: number): string {
  return times(count, () => random(10)).join('');
}

function whole(random: Random, bits: number, signed: boolean): string {
  let value = 0n;
  const length = 1 + random(bits);
  for (let bit = 0; bit < length; bit++) value = value * 2n + BigInt(random(2));
  const most = signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  if (value > most) value = most;
  return (signed && random(2) ? -value : value).toString();
}

function decimal(random: Random, precision: number, scale: number): string {
  const text = digits(random, 1 + random(precision)).padStart(scale + 1, '0');
  const [head, tail] = [text.slice(0, text.length - scale), text.slice(text.length - scale)];
  return `${sign(random)}${head.replace(/^0+(?=\d)/, '')}${scale > 0 ? `.${tail}` : ''}`;
}

const doubles = new DataView(new ArrayBuffer(8));
function double(random: Random): string {
  doubles.setUint32(0, random(2 ** 32));
  doubles.setUint32(4, random(2 ** 32));
  const value = doubles.getFloat64(0);
  return Number.isFinite(value) && value !== 0 ? String(value) : '0.1';
}
function single(random: Random): string {
  doubles.setUint32(0, random(2 ** 32));
  const value = doubles.getFloat32(0);
  return Number.isFinite(value) && value !== 0 ? String(value) : '0.1';
}

const LETTERS = [...'aZ09 ,;{}[]()"\'\\/=>:%_$\t\n\r-éß日\u{1d11e}\u{1f468}\u0301\ufeff'];
function text(random: Random): string {
  return times(random(20), () => LETTERS[random(LETTERS.length)]).join('');
}
const hex = (random: Random, most: number) =>
  Buffer.from(times(random(most), () => random(256))).toString('hex');
const day = (random: Random) =>
  `${String(1 + random(9999)).padStart(4, '0')}-${two(1 + random(12))}-${two(1 + random(28))}`;
function clock(random: Random, micros = true): string {
  const seconds = `${two(random(24))}:${two(random(60))}:${two(random(60))}`;
  return micros && random(2) ? `${seconds}.${digits(random, 6)}` : seconds;
}
const offset = (random: Random) => `${random(2) ? '+' : '-'}${two(random(16))}:${two(random(60))}`;
const uuid = (random: Random) =>
  times(32, () => random(16).toString(16))
    .join('')
    .replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
const bits = (random: Random, count: number) => times(count, () => random(2)).join('');
function json(random: Random, depth = 0): string {
  const kind = random(depth > 2 ? 4 : 6);
  if (kind === 0) return 'null';
  if (kind === 1) return decimal(random, 12, 3);
  if (kind < 4) return JSON.stringify(text(random));
  const items = times(random(4), () => json(random, depth + 1));
  if (kind === 4) return `[${items.join(', ')}]`;
  return `{${items.map((item, at) => `"k${at}": ${item}`).join(', ')}}`;
}
const interval = (random: Random) =>
  `${whole(random, 24, true)} months ${whole(random, 24, true)} days ${whole(random, 40, true)} microseconds`;

/** A list in the syntax `open … close`, one in five elements NULL. */
function listed(random: Random, open: string, close: string, item: (random: Random) => string): string {
  const items = times(random(6), () => (random(5) === 0 ? 'NULL' : item(random)));
  return `${open}${items.join(', ')}${close}`;
}

const POSTGRES: readonly RandomColumn[] = [
  { name: 'r_int8', type: 'bigint', literal: (r) => quoted(whole(r, 64, true)) },
  { name: 'r_oid', type: 'oid', literal: (r) => quoted(whole(r, 32, false)) },
  { name: 'r_numeric', type: 'numeric', literal: (r) => quoted(decimal(r, 60, 20)) },
  { name: 'r_numeric_12_3', type: 'numeric(12,3)', literal: (r) => quoted(decimal(r, 12, 3)) },
  { name: 'r_numeric_38', type: 'numeric(38,19)', literal: (r) => quoted(decimal(r, 38, 19)) },
  { name: 'r_money', type: 'money', literal: (r) => quoted(decimal(r, 16, 2)) },
  { name: 'r_double', type: 'double precision', literal: (r) => quoted(double(r)) },
  { name: 'r_real', type: 'real', literal: (r) => `'${single(r)}'` },
  { name: 'r_text', type: 'text', literal: (r) => quoted(text(r)) },
  { name: 'r_char', type: 'char(20)', literal: (r) => quoted(text(r)) },
  { name: 'r_bytea', type: 'bytea', literal: (r) => `'\\x${hex(r, 40)}'` },
  { name: 'r_date', type: 'date', literal: (r) => quoted(r(4) ? day(r) : `0${day(r).slice(1)} BC`) },
  { name: 'r_time', type: 'time', literal: (r) => quoted(clock(r)) },
  { name: 'r_timetz', type: 'timetz', literal: (r) => quoted(clock(r) + offset(r)) },
  { name: 'r_timestamp', type: 'timestamp', literal: (r) => quoted(`${day(r)} ${clock(r)}`) },
  { name: 'r_timestamptz', type: 'timestamptz', literal: (r) => quoted(`${day(r)} ${clock(r)}${offset(r)}`) },
  { name: 'r_interval', type: 'interval', literal: (r) => quoted(interval(r)) },
  { name: 'r_uuid', type: 'uuid', literal: (r) => quoted(uuid(r)) },
  { name: 'r_bit', type: 'bit(13)', literal: (r) => quoted(bits(r, 13)) },
  { name: 'r_varbit', type: 'varbit', literal: (r) => quoted(bits(r, 1 + r(70))) },
  { name: 'r_json', type: 'json', literal: (r) => quoted(json(r)) },
  { name: 'r_jsonb', type: 'jsonb', literal: (r) => quoted(json(r)) },
  {
    name: 'r_inet',
    type: 'inet',
    literal: (r) => quoted(`${times(4, () => r(256)).join('.')}/${r(33)}`),
  },
  { name: 'r_range', type: 'int8range', literal: (r) => `int8range(${r(1e9)} - 500000000, ${5e8 + r(1e9)})` },
  {
    name: 'r_ints',
    type: 'integer[]',
    literal: (r) => `${listed(r, 'ARRAY[', ']', (q) => whole(q, 31, true))}::integer[]`,
  },
  {
    name: 'r_texts',
    type: 'text[]',
    literal: (r) => `${listed(r, 'ARRAY[', ']', (q) => quoted(text(q)))}::text[]`,
  },
  {
    name: 'r_decimals',
    type: 'numeric(20,5)[]',
    literal: (r) => `${listed(r, 'ARRAY[', ']', (q) => decimal(q, 20, 5))}::numeric[]`,
  },
  {
    name: 'r_times',
    type: 'timestamptz[]',
    literal: (r) => `${listed(r, 'ARRAY[', ']', (q) => quoted(`${day(q)} ${clock(q)}+00`))}::timestamptz[]`,
  },
  {
    name: 'r_composite',
    type: 'thing',
    setup: 'CREATE TYPE thing AS (n numeric(10,2), t text, l integer[])',
    literal: (r) =>
      `ROW(${decimal(r, 10, 2)}, ${r(4) ? quoted(text(r)) : 'NULL'}, ${listed(r, 'ARRAY[', ']', (q) => whole(q, 31, true))}::integer[])`,
  },
];

const DUCKDB: readonly RandomColumn[] = [
  { name: 'r_tinyint', type: 'TINYINT', literal: (r) => whole(r, 8, true) },
  { name: 'r_uinteger', type: 'UINTEGER', literal: (r) => whole(r, 32, false) },
  { name: 'r_ubigint', type: 'UBIGINT', literal: (r) => whole(r, 64, false) },
  { name: 'r_hugeint', type: 'HUGEINT', literal: (r) => quoted(whole(r, 128, true)) },
  { name: 'r_uhugeint', type: 'UHUGEINT', literal: (r) => quoted(whole(r, 128, false)) },
  { name: 'r_bignum', type: 'BIGNUM', literal: (r) => quoted(whole(r, 300, true)) },
  { name: 'r_decimal_4', type: 'DECIMAL(4,1)', literal: (r) => quoted(decimal(r, 4, 1)) },
  { name: 'r_decimal_18', type: 'DECIMAL(18,3)', literal: (r) => quoted(decimal(r, 18, 3)) },
  { name: 'r_decimal_38', type: 'DECIMAL(38,19)', literal: (r) => quoted(decimal(r, 38, 19)) },
  { name: 'r_double', type: 'DOUBLE', literal: (r) => quoted(double(r)) },
  { name: 'r_float', type: 'FLOAT', literal: (r) => quoted(single(r)) },
  { name: 'r_varchar', type: 'VARCHAR', literal: (r) => quoted(text(r)) },
  { name: 'r_blob', type: 'BLOB', literal: (r) => `from_hex('${hex(r, 40)}')` },
  { name: 'r_date', type: 'DATE', literal: (r) => quoted(day(r)) },
  { name: 'r_time', type: 'TIME', literal: (r) => quoted(clock(r)) },
  { name: 'r_timetz', type: 'TIMETZ', literal: (r) => quoted(clock(r) + offset(r)) },
  { name: 'r_timestamp', type: 'TIMESTAMP', literal: (r) => quoted(`${day(r)} ${clock(r)}`) },
  { name: 'r_timestamp_s', type: 'TIMESTAMP_S', literal: (r) => quoted(`${day(r)} ${clock(r, false)}`) },
  { name: 'r_timestamptz', type: 'TIMESTAMPTZ', literal: (r) => quoted(`${day(r)} ${clock(r)}+00`) },
  { name: 'r_interval', type: 'INTERVAL', literal: (r) => quoted(interval(r)) },
  { name: 'r_uuid', type: 'UUID', literal: (r) => quoted(uuid(r)) },
  { name: 'r_bit', type: 'BIT', literal: (r) => quoted(bits(r, 1 + r(70))) },
  { name: 'r_json', type: 'JSON', literal: (r) => quoted(json(r)) },
  {
    name: 'r_list',
    type: 'BIGINT[]',
    literal: (r) => listed(r, '[', ']', (q) => quoted(whole(q, 64, true))),
  },
  { name: 'r_texts', type: 'VARCHAR[]', literal: (r) => listed(r, '[', ']', (q) => quoted(text(q))) },
  {
    name: 'r_lists',
    type: 'DECIMAL(10,2)[][]',
    literal: (r) => listed(r, '[', ']', (q) => listed(q, '[', ']', (p) => decimal(p, 10, 2))),
  },
  {
    name: 'r_struct',
    type: 'STRUCT(n HUGEINT, "t t" VARCHAR, d DATE, l BOOLEAN[])',
    literal: (r) =>
      `{'n': '${whole(r, 128, true)}'::HUGEINT, 't t': ${r(4) ? quoted(text(r)) : 'NULL'}, 'd': DATE '${day(r)}', 'l': ${listed(r, '[', ']', (q) => (q(2) ? 'true' : 'false'))}}`,
  },
  {
    name: 'r_map',
    type: 'MAP(INTEGER, VARCHAR)',
    literal: (r) =>
      `MAP {${times(r(4), () => 0)
        .map((_zero, at) => `${at}: ${r(3) ? quoted(text(r)) : 'NULL'}`)
        .join(', ')}}`,
  },
  {
    name: 'r_union',
    type: 'UNION(num DOUBLE, str VARCHAR)',
    literal: (r) =>
      r(2) ? `union_value(num := '${double(r)}'::DOUBLE)` : `union_value(str := ${quoted(text(r))})`,
  },
];

const SQLITE: readonly RandomColumn[] = [
  { name: 'r_integer', type: 'BIGINT', literal: (r) => whole(r, 63, true) },
  { name: 'r_real', type: 'REAL', literal: (r) => double(r) },
  { name: 'r_text', type: 'TEXT', literal: (r) => quoted(text(r)) },
  { name: 'r_blob', type: 'BLOB', literal: (r) => `x'${hex(r, 40)}'` },
  { name: 'r_decimal', type: 'DECIMAL(12,3)', literal: (r) => decimal(r, 12, 3) },
  { name: 'r_decimal_text', type: 'DECIMAL_TEXT(30,10)', literal: (r) => quoted(decimal(r, 30, 10)) },
  { name: 'r_date', type: 'DATE', literal: (r) => quoted(day(r)) },
  { name: 'r_datetime', type: 'DATETIME', literal: (r) => quoted(`${day(r)} ${clock(r, false)}`) },
  { name: 'r_time', type: 'TIME', literal: (r) => quoted(clock(r, false)) },
  { name: 'r_boolean', type: 'BOOLEAN', literal: (r) => String(r(2)) },
  { name: 'r_json', type: 'JSON_TEXT', literal: (r) => quoted(json(r)) },
  { name: 'r_uuid', type: 'UUID', literal: (r) => quoted(uuid(r)) },
];

export const RANDOM_COLUMNS: Readonly<Record<EngineName, readonly RandomColumn[]>> = {
  postgres: POSTGRES,
  duckdb: DUCKDB,
  sqlite: SQLITE,
};
