import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSql } from '../../../../src/dialect/postgres/default-sql.ts';
import { parseDefault } from '../../../../src/dialect/postgres/defaults.ts';
import { postgresTypes } from '../../../../src/dialect/postgres/types.ts';
import { type LogicalType, typeName } from '../../../../src/types/logical-type.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
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

const numeric = (precision: number, scale: number) =>
  column(`numeric(${precision},${scale})`, {
    type: 'numeric',
    typmod: ((precision << 16) | (scale & 0x7ff)) + 4,
  });

function readName(source: ColumnSchema, context: { sameEngine: boolean; policies: object } = CROSS): string {
  const type = postgresTypes.read(source, null, context);
  return isRefusal(type) ? type.refused : `${typeName(type.wire)}${type.select === 'text' ? ' as text' : ''}`;
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
  for (const type of ['interval', 'money', 'timetz', 'bit(3)', 'integer[]', 'public.mood'])
    assert.equal(readName(column(type)), 'E_UNSUPPORTED_TYPE', type);
  assert.deepEqual(postgresTypes.probes(column('numeric')), ['numeric']);
  assert.deepEqual(postgresTypes.probes(numeric(10, 2)), []);
});

test('a policy for NaN reads decimals so that NaN can be told apart', () => {
  const type = postgresTypes.read(numeric(10, 2), null, { sameEngine: false, policies: { nan: 'null' } });
  assert.ok(!isRefusal(type));
  assert.deepEqual([typeName(type.wire), typeName(type.logical)], ['numeric', 'decimal(10,2)']);
});

test('a copy to PostgreSQL keeps what is stored', () => {
  assert.equal(readName(column('interval'), SAME), 'interval (bytes of postgres)');
  assert.equal(
    readName(column('integer[]', { category: 'A', elementBuiltIn: true }), SAME),
    'integer[] (bytes of postgres)',
  );
  assert.equal(
    readName(column('mood[]', { category: 'A', elementBuiltIn: false }), SAME),
    'E_UNSUPPORTED_TYPE',
  );
  assert.equal(
    readName(column('public.mood', { builtIn: false, typeKind: 'e' }), SAME),
    'E_UNSUPPORTED_TYPE',
  );
  assert.equal(readName(numeric(50, 2), SAME), 'numeric(50,2) (bytes of postgres)');
  assert.equal(readName(column('time(3)', { type: 'time', typmod: 3 }), SAME), 'time(3) (bytes of postgres)');
  assert.equal(readName(column('timestamp(3)', { type: 'timestamp', typmod: 3 }), SAME), 'timestamp[ms]');
  const domain = column('public.email', { type: 'varchar', typmod: 54, domainOver: 'character varying(50)' });
  const made = postgresTypes.create({ kind: 'text', maxChars: 50 }, domain, null, SAME);
  assert.ok(!isRefusal(made));
  assert.deepEqual([made.nativeType, made.verdict], ['character varying(50)', 'widened']);
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
  assert.equal(made({ kind: 'opaque', engine: 'duckdb', nativeType: 'BIT' }), 'E_UNSUPPORTED_TYPE');
});

test('existing columns that would round in silence take only their own kind', () => {
  const written = (target: ColumnSchema) => {
    const type = postgresTypes.write(target);
    return isRefusal(type) ? type.refused : typeName(type.wire);
  };
  assert.equal(written(column('time(0)', { type: 'time', typmod: 0 })), 'time(0) (bytes of postgres)');
  assert.equal(written(column('timestamp(0)', { type: 'timestamp', typmod: 0 })), 'timestamp[s]');
  assert.equal(written(numeric(40, 3)), 'numeric(40,3) (bytes of postgres)');
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
  assert.equal(parsed('CURRENT_TIMESTAMP', 'timestamp'), 'now timestamp');
  assert.equal(parsed('CURRENT_DATE', 'date'), 'now date');
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
