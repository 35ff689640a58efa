import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSql } from '../../../../src/dialect/postgres/default-sql.ts';
import { parseDefault } from '../../../../src/dialect/postgres/defaults.ts';
import { postgresTypes } from '../../../../src/dialect/postgres/types.ts';
import { stagedAs } from '../../../../src/dialect/postgres/write-types.ts';
import { type LogicalType, typeName } from '../../../../src/types/logical-type.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
import type { Policies } from '../../../../src/types/policy.ts';
import type { ColumnSchema } from '../../../../src/types/schema.ts';

const CROSS = { sameEngine: false, policies: {} };
const SAME = { sameEngine: true, policies: {} };

function column(
  nativeType: string,
  facts: Record<string, string | number | boolean | null> = {},
): ColumnSchema {
  return {
    name: 'c',
    nativeType,
    typeFacts: { type: nativeType, builtIn: true, typeKind: 'b', category: 'U', typmod: -1, ...facts },
    nullable: true,
    default: null,
    identity: null,
    generated: null,
    collation: null,
    comment: null,
  };
}

/** A column that no catalog has seen. */
const spelled = (nativeType: string): ColumnSchema => ({ ...column(nativeType), typeFacts: undefined });

const numeric = (precision: number, scale: number) =>
  column(`numeric(${precision},${scale})`, {
    type: 'numeric',
    typmod: ((precision << 16) | (scale & 0x7ff)) + 4,
  });

function readName(source: ColumnSchema, context: { sameEngine: boolean; policies: object } = CROSS): string {
  const type = postgresTypes.read(source, null, context);
  if (isRefusal(type)) return type.refused;
  const { select } = type;
  const as = typeof select === 'string' ? select : 'cast' in select ? select.cast : select.expression;
  return `${typeName(type.wire)}${as === 'native' ? '' : ` as ${as}`}`;
}

test('reading for another engine', () => {
  assert.equal(readName(numeric(10, 2)), 'decimal(10,2)');
  assert.equal(readName(numeric(5, -2)), 'decimal(7,0)');
  assert.equal(readName(numeric(2, 5)), 'decimal(5,5)');
  assert.equal(readName(numeric(50, 2)), 'numeric');
  assert.equal(readName(column('numeric')), 'numeric');
  assert.equal(readName(column('oid')), 'uint32');
  assert.equal(readName(column('varchar(7)', { type: 'varchar', typmod: 11 })), 'text(7)');
  assert.equal(readName(column('character(3)', { type: 'bpchar', typmod: 7 })), 'char(3)');
  assert.equal(
    readName(column('timestamp(3) without time zone', { type: 'timestamp', typmod: 3 })),
    'timestamp[us]',
  );
  assert.equal(readName(column('public.citext', { type: 'citext', builtIn: false })), 'text');
  assert.equal(readName(column('jsonb')), 'json (binary)');
  assert.equal(readName(column('inet')), 'text as text');
  assert.equal(readName(column('xml')), 'text as text');
  assert.equal(readName(column('int4range', { typeKind: 'r' })), 'text as text');
  assert.equal(readName(column('interval')), 'interval');
  assert.equal(readName(spelled('money')), 'decimal(19,2) as numeric(19,2)');
  assert.equal(readName(spelled('bit(3)')), 'bit(3)');
  assert.equal(readName(spelled('bit')), 'bit(1)');
  assert.equal(readName(spelled('numeric(10,2)[]')), 'decimal(10,2)[]');
  assert.equal(readName(spelled('inet[]')), 'text[] as text[]');
  assert.equal(readName(spelled('public.mood')), 'E_UNSUPPORTED_TYPE');
  assert.deepEqual(postgresTypes.probes(column('numeric'), {}), ['numeric']);
  assert.deepEqual(postgresTypes.probes(numeric(10, 2), {}), []);
  assert.deepEqual(postgresTypes.probes(spelled('inet[]'), {}), ['array-shape']);
  assert.deepEqual(postgresTypes.probes(column('date'), {}), []);
  assert.deepEqual(postgresTypes.probes(column('date'), { bad_dates: 'text' }), ['temporal-range']);
});

test('a policy for NaN reads decimals so that NaN can be told apart', () => {
  const type = postgresTypes.read(numeric(10, 2), null, { sameEngine: false, policies: { nan: 'null' } });
  assert.ok(!isRefusal(type));
  assert.deepEqual([typeName(type.wire), typeName(type.logical)], ['numeric', 'decimal(10,2)']);
});

test('a policy for enums reads their labels, inside arrays too', () => {
  const mood = { name: 'mood', schema: 'public', kind: 'enum', native: 'public.mood', labels: ['sad'] };
  const array = { name: '_mood', schema: 'public', kind: 'array', native: 'public.mood[]', inner: mood };
  const asText = { sameEngine: false, policies: { enum: 'text' } };
  for (const [tree, usual, allowed] of [
    [mood, "enum('sad')", 'text'],
    [array, "enum('sad')[]", 'text[]'],
  ] as const) {
    const source = { ...column(tree.native), typeFacts: { type: tree.name, tree } };
    assert.equal(readName(source), usual);
    assert.equal(readName(source, asText), allowed);
  }
});

test('a copy to PostgreSQL keeps what is stored', () => {
  assert.equal(readName(column('interval'), SAME), 'interval (bytes of postgres)');
  assert.equal(readName(spelled('integer[]'), SAME), 'integer[] (bytes of postgres)');
  assert.equal(readName(spelled('money'), SAME), 'money of 2 decimals (bytes of postgres)');
  assert.equal(readName(spelled('money[]'), SAME), 'money[] of 2 decimals (bytes of postgres)');
  assert.equal(readName(spelled('xml[]'), SAME), 'text as text');
  assert.equal(readName(spelled('regclass'), SAME), 'text as text');
  assert.equal(readName(numeric(50, 2), SAME), 'numeric(50,2) (bytes of postgres)');
  assert.equal(readName(column('time(3)', { type: 'time', typmod: 3 }), SAME), 'time(3) (bytes of postgres)');
  assert.equal(readName(column('timestamp(3)', { type: 'timestamp', typmod: 3 }), SAME), 'timestamp[ms]');
  const needs = [
    {
      schema: 'public',
      name: 'email',
      kind: 'domain',
      nativeType: 'text',
      nullable: true,
      defaultSql: null,
      collation: null,
      checks: [],
    },
  ] as const;
  const domain = { ...column('public.email', { type: 'text', domainOver: 'text' }), needs };
  const made = postgresTypes.create({ kind: 'text' }, domain, null, SAME);
  assert.ok(!isRefusal(made));
  assert.deepEqual([made.nativeType, made.verdict, made.needs], ['public.email', 'exact', needs]);
});

test('columns made for other engines', () => {
  const made = (logical: LogicalType, evidence: object | null = null, policies: object = {}) => {
    const type = postgresTypes.create(logical, column(''), evidence as never, {
      sameEngine: false,
      policies,
    });
    return isRefusal(type) ? type.refused : `${type.nativeType} by ${typeName(type.wire)}`;
  };
  assert.equal(made({ kind: 'int', bits: 8, signed: true }), 'smallint by int16');
  assert.equal(made({ kind: 'int', bits: 16, signed: false }), 'integer by int32');
  assert.equal(made({ kind: 'int', bits: 64, signed: false }), 'numeric(20,0) by decimal(20,0)');
  assert.equal(made({ kind: 'int', bits: 128, signed: true }), 'numeric(39,0) by numeric');
  assert.equal(made({ kind: 'timestamp', unit: 'ns', zone: false }), 'timestamp by timestamp[us]');
  assert.equal(
    made({ kind: 'timestamp', unit: 's', zone: true }),
    'timestamp(0) with time zone by timestamp[us, UTC]',
  );
  const text = {
    rowCount: 1,
    nullCount: 0,
    text: { maxChars: 9, maxBytes: 9, nulCount: 0, invalidUtf8Count: 0 },
  };
  assert.equal(made({ kind: 'text', maxChars: 10 }, text), 'varchar(10) by text(10)');
  assert.equal(made({ kind: 'text', maxChars: 8 }, text), 'text by text');
  assert.equal(made({ kind: 'text', maxChars: 8 }), 'text by text');
  assert.equal(made({ kind: 'any' }), 'E_MIXED_STORAGE');
  assert.equal(made({ kind: 'any' }, null, { mixed: 'text' }), 'text by text');
  const blobs = { rowCount: 9, nullCount: 0, storage: { integer: 4, real: 0, text: 4, blob: 1 } };
  assert.equal(made({ kind: 'any' }, blobs, { mixed: 'text' }), 'E_MIXED_STORAGE');
  const hintFor = (policies: Policies, leavesOut = false) => {
    const any = postgresTypes.create({ kind: 'any' }, column(''), blobs, {
      ...CROSS,
      policies,
      leavesOut,
    });
    return isRefusal(any) ? any.hint : any.nativeType;
  };
  for (const policies of [{}, { mixed: 'text' }] as const)
    assert.equal(hintFor(policies), '--allow mixed=composite makes it a type with a field for each class');
  assert.equal(hintFor({ mixed: 'text' }, true), 'text');
  const table = { schema: 'app', name: 'orders' };
  const state: LogicalType = { kind: 'enum', name: null, labels: ['new', 'paid'] };
  const type = postgresTypes.create(state, column(''), null, { ...CROSS, table });
  assert.ok(!isRefusal(type));
  assert.equal(type.nativeType, '"app"."orders_c"');
  assert.deepEqual(type.needs, [{ ...table, name: 'orders_c', kind: 'enum', labels: state.labels }]);
  const long: LogicalType = { ...state, labels: ['x'.repeat(64)] };
  assert.equal(made(long), 'E_ENUM_LABEL_TOO_LONG');
  assert.equal(made(long, null, { enum: 'text' }), 'text by text');
  const list = (element: LogicalType, size?: number): LogicalType =>
    size === undefined ? { kind: 'list', element } : { kind: 'list', element, size };
  assert.equal(made(list({ kind: 'int', bits: 8, signed: true })), 'smallint[] by int16[]');
  assert.equal(made(list({ kind: 'bit', length: 3 }, 2)), 'bit(3)[] by bit(3)[]');
  assert.equal(made(list(state)), '"public"."c_enum"[] by enum(\'new\', \'paid\')[]');
  assert.equal(made(list(list({ kind: 'text' }))), 'json by json');
  assert.equal(made(list({ kind: 'struct', fields: [{ name: 'a', type: state }] })), 'json by json');
  assert.equal(made({ kind: 'map', key: { kind: 'text' }, value: { kind: 'text' } }), 'json by json');
  assert.equal(made({ kind: 'timetz' }), 'time with time zone by timetz');
  assert.equal(made({ kind: 'interval' }), 'interval by interval');
  assert.equal(made({ kind: 'bit' }), 'bit varying by bit');
  assert.match(
    made({ kind: 'any' }, null, { mixed: 'composite' }),
    /^"public"."sqlite_any" by struct\("i" int64/,
  );
  const years = (min: string, max: string) => ({ rowCount: 1, nullCount: 0, temporalRange: { min, max } });
  assert.equal(made({ kind: 'date' }, years('-3000000', '0'), { bad_dates: 'text' }), 'text by text');
  assert.equal(
    made({ kind: 'date' }, years('-2440588', '2145042905'), { bad_dates: 'text' }),
    'date by date',
  );
  const seconds: LogicalType = { kind: 'timestamp', unit: 's', zone: false };
  assert.equal(made(seconds, years('-210866803201', '0'), { bad_dates: 'text' }), 'text by text');
  assert.equal(made({ kind: 'opaque', engine: 'duckdb', nativeType: 'BIT' }), 'E_UNSUPPORTED_TYPE');
});

test('existing columns that would round in silence are staged by a type that does not', () => {
  const written = (target: ColumnSchema) => {
    const type = postgresTypes.write(target);
    return isRefusal(type) ? type.refused : typeName(type.wire);
  };
  assert.equal(written(column('time(0)', { type: 'time', typmod: 0 })), 'time[us]');
  assert.equal(
    stagedAs(column('time(0)', { type: 'time', typmod: 0 }), { kind: 'time', unit: 'us' }),
    'time without time zone',
  );
  assert.equal(written(column('timestamp(0)', { type: 'timestamp', typmod: 0 })), 'timestamp[s]');
  assert.equal(written(numeric(40, 3)), 'numeric');
  assert.equal(stagedAs(numeric(40, 3), { kind: 'numeric' }), 'numeric');
  // Rows of an equal column pass as they are.
  const own: LogicalType = { kind: 'opaque', engine: 'postgres', nativeType: 'numeric(40,3)' };
  const same = postgresTypes.write(numeric(40, 3), own);
  assert.ok(!isRefusal(same));
  assert.deepEqual(same.wire, own);
  assert.equal(stagedAs(numeric(40, 3), own), null);
  assert.equal(written(spelled('inet')), 'text');
  assert.equal(written(spelled('money')), 'decimal(19,2)');
  const deep = postgresTypes.write(spelled('integer[]'), {
    kind: 'list',
    element: { kind: 'list', element: { kind: 'int', bits: 64, signed: true } },
  });
  assert.ok(!isRefusal(deep));
  assert.equal(typeName(deep.wire), 'int32[][]');
  assert.equal(written(numeric(10, 3)), 'decimal(10,3)');
  assert.equal(
    written({ ...column('int4'), generated: { expression: '1', stored: true } }),
    'E_TYPE_MISMATCH',
  );
});

test('defaults as the server prints them', () => {
  const parsed = (sql: string, type: string) => {
    const { sql: _sql, ...rest } = parseDefault(sql, type);
    return Object.values(rest).join(' ');
  };
  assert.equal(parsed("'it''s'::text", 'text'), "text it's");
  assert.equal(parsed("'x'::character varying(20)", 'varchar'), 'text x');
  assert.equal(parsed("'-5'::integer", 'int4'), 'number -5');
  assert.equal(parsed('1.50', 'numeric'), 'number 1.50');
  assert.equal(parsed('(0)::numeric', 'numeric'), 'number 0');
  assert.equal(parsed('true', 'bool'), 'bool true');
  assert.equal(parsed("'\\x00ff'::bytea", 'bytea'), 'blob 00ff');
  assert.equal(parsed('NULL::character varying', 'varchar'), 'null');
  assert.equal(parsed('now()', 'timestamptz'), 'now timestamp');
  assert.equal(parsed('CURRENT_TIMESTAMP', 'timestamp'), 'now timestamp session');
  assert.equal(parsed('CURRENT_DATE', 'date'), 'now date session');
  assert.equal(parsed('LOCALTIME(0)', 'time'), 'now time session');
  assert.equal(parsed('CURRENT_TIME', 'timetz'), 'now time');
  assert.equal(parsed('gen_random_uuid()', 'uuid'), 'uuid');
  assert.equal(parsed("nextval('public.s'::regclass)", 'int4'), 'sequence public.s');
  assert.equal(parsed('(1 + 2)', 'int4'), 'expression');
  assert.equal(parsed("('a'::text || 'b'::text)", 'text'), 'expression');
  assert.equal(parsed("'now'::timestamp", 'timestamp'), 'expression');
  // What Ferrow writes, as the server gives it back.
  const utc = "now() AT TIME ZONE 'utc'::text";
  assert.equal(parsed(`(${utc})`, 'timestamp'), 'now timestamp');
  assert.equal(parsed(`((${utc}))::date`, 'date'), 'now date');
  assert.equal(parsed(`((${utc}))::time(0) without time zone`, 'time'), 'now time');
  assert.equal(parsed(`to_char((${utc}), 'YYYY-MM-DD HH24:MI:SS'::text)`, 'text'), 'now timestamp');
  assert.equal(parsed(`to_char((${utc}), 'HH24:MI:SS'::text)`, 'text'), 'now time');
  assert.equal(parsed(`(${utc} + '1 day'::interval)`, 'timestamp'), 'expression');
});

test('defaults of other engines only where the column can have them', () => {
  const sql = '';
  assert.equal(defaultSql({ sql, kind: 'number', value: '1' }, 'boolean'), 'true');
  assert.equal(defaultSql({ sql, kind: 'text', value: 'abc' }, 'bigint'), null);
  assert.equal(defaultSql({ sql, kind: 'text', value: "it's \\" }, 'text'), "E'it''s \\\\'");
  assert.equal(defaultSql({ sql, kind: 'text', value: '2024-13-01' }, 'date'), null);
  assert.equal(defaultSql({ sql, kind: 'blob', hex: '00ff' }, 'bytea'), "'\\x00ff'::bytea");
  assert.equal(defaultSql({ sql, kind: 'now', what: 'timestamp' }, 'timestamp with time zone'), 'now()');
  assert.equal(defaultSql({ sql, kind: 'expression' }, 'text'), null);
});
