// Seeded random types of DuckDB and values of them as SQL, for property tests.
import type { NativeType } from '../../../../src/dialect/duckdb/native-type.ts';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0;
  }

  /** An integer from 0 to `limit` (exclusive). */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(this.#state ^ (this.#state >>> 12), 0x297a2d39) >>> 0;
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}

const PLAIN = [
  'BOOLEAN',
  'TINYINT',
  'USMALLINT',
  'INTEGER',
  'BIGINT',
  'UHUGEINT',
  'HUGEINT',
  'FLOAT',
  'DOUBLE',
  'VARCHAR',
  'BLOB',
  'BIT',
  'DATE',
  'TIME',
  'TIME_NS',
  'TIME WITH TIME ZONE',
  'TIMESTAMP',
  'TIMESTAMP_S',
  'TIMESTAMP_MS',
  'TIMESTAMP_NS',
  'TIMESTAMP WITH TIME ZONE',
  'INTERVAL',
  'UUID',
  'JSON',
] as const;

const NAMES = ['a', 'B', 'with space', 'quo"te', 'select', 'é', 'x,y', 'ü(', '1st', "it's"];
const LABELS = ['x', '', "it's", 'a, b', 'ü', ')', '"'];

/** A type of at most `depth` levels. */
export function randomNativeType(random: Random, depth: number): NativeType {
  const kind = depth === 0 ? random.below(8) : random.below(14);
  switch (kind) {
    case 6:
      return {
        kind: 'plain',
        name: 'DECIMAL',
        args: [random.pick(['4', '9', '18', '38']), random.pick(['0', '2'])],
      };
    case 7:
      return { kind: 'enum', labels: LABELS.slice(0, 1 + random.below(LABELS.length)) };
    case 8:
    case 9:
      return { kind: 'list', element: randomNativeType(random, depth - 1), size: null };
    case 10:
      return { kind: 'list', element: randomNativeType(random, depth - 1), size: 1 + random.below(3) };
    case 11:
      return { kind: 'struct', fields: randomFields(random, depth) };
    case 12:
      return {
        kind: 'map',
        key: { kind: 'plain', name: random.pick(['VARCHAR', 'INTEGER']), args: [] },
        value: randomNativeType(random, depth - 1),
      };
    case 13:
      return { kind: 'union', fields: randomFields(random, depth) };
    default:
      return { kind: 'plain', name: random.pick(PLAIN), args: [] };
  }
}

function randomFields(random: Random, depth: number) {
  const from = random.below(NAMES.length - 3);
  return NAMES.slice(from, from + 1 + random.below(3)).map((name) => ({
    name,
    type: randomNativeType(random, depth - 1),
  }));
}

const VALUES: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['true', 'false'],
  TINYINT: ['-128', '127'],
  USMALLINT: ['0', '65535'],
  INTEGER: ['-2147483648', '2147483647', '7'],
  BIGINT: ["'-9223372036854775808'", '9007199254740993'],
  UHUGEINT: ["'340282366920938463463374607431768211455'", '0'],
  HUGEINT: ["'-170141183460469231731687303715884105728'", '-1'],
  FLOAT: ["'nan'", "'-inf'", '0.1', "'-0.0'"],
  DOUBLE: ["'inf'", '5e-324', '0.1', "'nan'"],
  VARCHAR: ["''", "'short'", "'a text of more than twelve bytes: é😀'", "'twelve bytes'", "'nul ' || chr(0)"],
  BLOB: ["''", "'\\x00\\xFF'", "repeat('\\xAB', 20)"],
  BIT: ["'1'", "'0101'", "'10000000'", "repeat('110', 50)"],
  DATE: ["'infinity'", "'2024-02-29'", "'5877642-06-25 (BC)'"],
  TIME: ["'00:00:00'", "'24:00:00'"],
  TIME_NS: ["'23:59:59.999999999'"],
  'TIME WITH TIME ZONE': ["'12:34:56.5+05:30'", "'24:00:00-15:59:59'", "'00:00:00+15:59:59'"],
  TIMESTAMP: ["'-infinity'", "'1969-12-31 23:59:59.999999'", "'290309-12-22 (BC) 00:00:00'"],
  TIMESTAMP_S: ["'2024-01-01 00:00:01'", "'infinity'"],
  TIMESTAMP_MS: ["'2024-01-01 00:00:00.001'"],
  TIMESTAMP_NS: ["'2024-01-01 00:00:00.000000001'"],
  'TIMESTAMP WITH TIME ZONE': ["'2024-02-29 12:00:00+05:30'", "'infinity'"],
  INTERVAL: ["'1 year 2 months 3 days -4 hours 5.000001 seconds'", "'0 days'", "'-2147483647 months'"],
  UUID: ["'123e4567-e89b-12d3-a456-426614174000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
  JSON: [`'{"a": [1, null]}'`, "'null'"],
};

/** A value of the type as SQL that casts itself; NULL now and then, at every level. */
export function randomValueSql(
  random: Random,
  type: NativeType,
  typeSql: string,
  print: (type: NativeType) => string,
): string {
  if (random.below(5) === 0) return `NULL::${typeSql}`;
  const value = (inner: NativeType) => randomValueSql(random, inner, print(inner), print);
  const some = (inner: NativeType, count: number) =>
    Array.from({ length: count }, () => value(inner)).join(', ');
  switch (type.kind) {
    case 'plain':
      return type.name === 'DECIMAL'
        ? `(${random.pick(['0', '1.5', '-99', '12'])})::${typeSql}`
        : `(${random.pick(VALUES[type.name])})::${typeSql}`;
    case 'enum':
      return `'${random.pick(type.labels).replaceAll("'", "''")}'::${typeSql}`;
    case 'list':
      return `[${some(type.element, type.size ?? random.below(4))}]::${typeSql}`;
    case 'struct': {
      const fields = type.fields.map(
        (field) => `"${field.name.replaceAll('"', '""')}" := ${value(field.type)}`,
      );
      return `struct_pack(${fields.join(', ')})::${typeSql}`;
    }
    case 'map': {
      const count = random.below(4);
      const keys =
        type.key.kind === 'plain' && type.key.name === 'INTEGER'
          ? [1, -5, 70000]
          : ["''", "'k'", "'a key of many bytes'"];
      return `map([${keys.slice(0, count).join(', ')}], [${some(type.value, count)}])::${typeSql}`;
    }
    case 'union': {
      const member = random.pick(type.fields);
      return `union_value("${member.name.replaceAll('"', '""')}" := ${value(member.type)})::${typeSql}`;
    }
  }
}
