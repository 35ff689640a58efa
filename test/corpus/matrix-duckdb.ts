// DuckDB's types with their edge values, and what SQLite and PostgreSQL must make of them. Pure data.
import { column, type MatrixColumn, number, numbers, quotedText, value, values } from './matrix.ts';

const integers = (name: string, type: string, sqlite: string, postgres: string, ...texts: string[]) =>
  column(name, type, { sqlite, postgres }, numbers(...texts));
const bigger = (name: string, type: string, sqlite: string, postgres: string, ...texts: string[]) =>
  column(name, type, { sqlite, postgres }, values(...texts));

const HUGE_MAX = '170141183460469231731687303715884105727';
const UHUGE_MAX = '340282366920938463463374607431768211455';

const NUMBERS: readonly MatrixColumn[] = [
  column('t_boolean', 'BOOLEAN', { sqlite: 'BOOLEAN', postgres: 'boolean' }, [
    number('true', { sqlite: '1' }),
    number('false', { sqlite: '0' }),
  ]),
  integers('t_tinyint', 'TINYINT', 'TINYINT', 'smallint', '-128', '127'),
  integers('t_smallint', 'SMALLINT', 'SMALLINT', 'smallint', '-32768', '32767'),
  integers('t_integer', 'INTEGER', 'INTEGER', 'integer', '-2147483648', '2147483647'),
  integers('t_bigint', 'BIGINT', 'BIGINT', 'bigint', '-9223372036854775808', '9223372036854775807'),
  integers('t_utinyint', 'UTINYINT', 'UTINYINT', 'smallint', '0', '255'),
  integers('t_usmallint', 'USMALLINT', 'USMALLINT', 'integer', '0', '65535'),
  integers('t_uinteger', 'UINTEGER', 'UINTEGER', 'bigint', '0', '4294967295'),
  bigger('t_ubigint', 'UBIGINT', 'DECIMAL_TEXT(20,0)', 'numeric(20,0)', '0', '18446744073709551615'),
  bigger(
    't_hugeint',
    'HUGEINT',
    'DECIMAL_TEXT(39,0)',
    'numeric(39,0)',
    `-${HUGE_MAX.slice(0, -1)}8`,
    HUGE_MAX,
  ),
  bigger('t_uhugeint', 'UHUGEINT', 'DECIMAL_TEXT(39,0)', 'numeric(39,0)', '0', UHUGE_MAX),
  bigger('t_bignum', 'BIGNUM', 'NUMERIC_TEXT', 'numeric', '0', '-1', '255', '-256', `-${'9'.repeat(60)}`),
  bigger('t_bignum_long', 'BIGNUM', 'NUMERIC_TEXT', 'numeric', `1${'0'.repeat(500)}`, `-1${'0'.repeat(500)}`),
  column(
    't_decimal_1',
    'DECIMAL(1,0)',
    { sqlite: 'DECIMAL(1,0)', postgres: 'numeric(1,0)' },
    numbers('-9', '0', '9'),
  ),
  column('t_decimal_4_2', 'DECIMAL(4,2)', { sqlite: 'DECIMAL(4,2)', postgres: 'numeric(4,2)' }, [
    ...numbers('-99.99', '99.99'),
    number('1.50', { sqlite: '1.5' }),
  ]),
  column('t_decimal_9_4', 'DECIMAL(9,4)', { sqlite: 'DECIMAL(9,4)', postgres: 'numeric(9,4)' }, [
    ...numbers('-99999.9999', '0.0001'),
  ]),
  bigger(
    't_decimal_18_6',
    'DECIMAL(18,6)',
    'DECIMAL_TEXT(18,6)',
    'numeric(18,6)',
    '-999999999999.999999',
    '0.000001',
  ),
  bigger(
    't_decimal_38_10',
    'DECIMAL(38,10)',
    'DECIMAL_TEXT(38,10)',
    'numeric(38,10)',
    `-${'9'.repeat(28)}.${'9'.repeat(10)}`,
  ),
  bigger('t_decimal_38_38', 'DECIMAL(38,38)', 'DECIMAL_TEXT(38,38)', 'numeric(38,38)', `0.${'9'.repeat(38)}`),
  bigger(
    't_decimal_38_0',
    'DECIMAL(38,0)',
    'DECIMAL_TEXT(38,0)',
    'numeric(38,0)',
    '9'.repeat(38),
    `-${'9'.repeat(38)}`,
  ),
  column('t_float', 'FLOAT', { sqlite: 'REAL4', postgres: 'real' }, [
    number('1.5'),
    number('0.1', { sqlite: '0.10000000149011612' }),
    number('NaN', { sqlite: 'E_NAN_UNSUPPORTED' }, "'nan'"),
    number('Infinity', { sqlite: 'Infinity' }, "'inf'"),
    number('-0', { sqlite: '0.0' }, "'-0.0'"),
  ]),
  column('t_double', 'DOUBLE', { sqlite: 'DOUBLE', postgres: 'double precision' }, [
    ...numbers('0.1', '1.7976931348623157e+308', '5e-324'),
    number('NaN', { sqlite: 'E_NAN_UNSUPPORTED' }, "'nan'"),
    number('-Infinity', { sqlite: '-Infinity' }, "'-inf'"),
    number('-0', { sqlite: '0.0' }, "'-0.0'"),
  ]),
];

const many = (count: number) => Array.from({ length: count }, (_unused, at) => `'l${at}'`).join(', ');

const TEXTS: readonly MatrixColumn[] = [
  column('t_varchar', 'VARCHAR', { sqlite: 'TEXT', postgres: 'text' }, [
    ...values('', "it's", 'back\\slash', '1e3', 'ä€𝄞'),
    value('x'.repeat(5000)),
    { sql: "'nul' || chr(0)", there: { postgres: 'E_NUL_IN_TEXT', sqlite: "'nul\0'" } },
  ]),
  column('t_json', 'JSON', { sqlite: 'JSON_TEXT', postgres: 'json' }, [
    ...values('{"a":1,"a":2}', ' { "b" : [ 1.0 , 1e2 ] } ', '"\\u0000"', 'null'),
  ]),
  column('t_blob', 'BLOB', { sqlite: 'BLOB', postgres: 'bytea' }, [
    { sql: "''::BLOB", there: { postgres: '\\x', sqlite: 'x' } },
    { sql: "'\\x00\\xFFA'::BLOB", there: { postgres: '\\x00ff41', sqlite: 'x00FF41' } },
  ]),
  column('t_uuid', 'UUID', { sqlite: 'UUID', postgres: 'uuid' }, [
    ...values('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    ...values('80000000-0000-0000-0000-000000000001'),
  ]),
  column('t_bit', 'BIT', { sqlite: 'VARBIT_TEXT', postgres: 'bit varying' }, [
    ...values('0', '1', '01010', '11111111', '101010101', '1'.repeat(64), '0'.repeat(100)),
  ]),
  column('t_enum', "ENUM('sad', 'ok', '', 'it''s \"fine\"')", { sqlite: 'TEXT', postgres: 'enum' }, [
    ...values('sad', 'ok', '', 'it\'s "fine"'),
  ]),
  column(
    't_enum_256',
    `ENUM(${many(256)})`,
    { sqlite: 'TEXT', postgres: 'enum' },
    values('l0', 'l254', 'l255'),
  ),
  column(
    't_enum_long',
    `ENUM('${'x'.repeat(64)}', 'a')`,
    { sqlite: 'TEXT', postgres: 'E_ENUM_LABEL_TOO_LONG' },
    [...values('x'.repeat(64), 'a')],
  ),
];

const TIMES: readonly MatrixColumn[] = [
  column('t_date', 'DATE', { sqlite: 'DATE', postgres: 'date' }, [
    ...values('2024-02-29', '0001-01-01', '9999-12-31', 'infinity', '-infinity'),
    { sql: "'0044-03-15 (BC)'", there: { postgres: '0044-03-15 BC', sqlite: "'-0043-03-15'" } },
    { sql: "'5877642-06-25 (BC)'", there: { postgres: 'E_DATE_RANGE', sqlite: "'-5877641-06-25'" } },
    { sql: "'5881580-07-10'", there: { postgres: 'E_DATE_RANGE', sqlite: "'5881580-07-10'" } },
  ]),
  column('t_time', 'TIME', { sqlite: 'TIME', postgres: 'time without time zone' }, [
    ...values('00:00:00', '12:34:56.789012', '23:59:59.999999', '24:00:00'),
  ]),
  column('t_time_ns', 'TIME_NS', { sqlite: 'TIME_NS', postgres: 'time without time zone' }, [
    ...values('00:00:00', '23:59:59.123456'),
    value('12:34:56.123456789', { postgres: 'E_TIME_PRECISION' }),
  ]),
  column('t_timetz', 'TIME WITH TIME ZONE', { sqlite: 'TIMETZ', postgres: 'time with time zone' }, [
    value('12:00:00+00', { sqlite: "'12:00:00+00:00'" }),
    ...values('12:34:56.5+05:30', '00:00:00.000001-15:59:59', '23:59:59.999999+15:59:59'),
  ]),
  column('t_timestamp', 'TIMESTAMP', { sqlite: 'TIMESTAMP', postgres: 'timestamp without time zone' }, [
    ...values('2024-02-29 12:34:56.789012', '1969-12-31 23:59:59.999999', 'infinity', '-infinity'),
    {
      sql: "'290309-12-22 (BC) 00:00:00'",
      there: { postgres: 'E_TIMESTAMP_RANGE', sqlite: "'-290308-12-22 00:00:00'" },
    },
    value('294247-01-10 04:00:54.775806'),
  ]),
  column(
    't_timestamp_s',
    'TIMESTAMP_S',
    { sqlite: 'TIMESTAMP_S', postgres: 'timestamp(0) without time zone' },
    [...values('2024-02-29 12:34:56', '1969-12-31 23:59:59', 'infinity', '-infinity')],
  ),
  column(
    't_timestamp_ms',
    'TIMESTAMP_MS',
    {
      sqlite: 'TIMESTAMP_MS',
      postgres: 'timestamp(3) without time zone',
    },
    [...values('2024-02-29 12:34:56.789', '1969-12-31 23:59:59.999', 'infinity')],
  ),
  column(
    't_timestamp_ns',
    'TIMESTAMP_NS',
    {
      sqlite: 'TIMESTAMP_NS',
      postgres: 'timestamp without time zone',
    },
    [
      ...values('2024-02-29 12:34:56.789012', 'infinity', '-infinity'),
      value('2024-02-29 12:34:56.789012345', { postgres: 'E_TIMESTAMP_PRECISION' }),
      value('1700-01-01 00:00:00.000000001', { postgres: 'E_TIMESTAMP_PRECISION' }),
    ],
  ),
  column(
    't_timestamptz',
    'TIMESTAMP WITH TIME ZONE',
    {
      sqlite: 'TIMESTAMPTZ',
      postgres: 'timestamp with time zone',
    },
    [
      value('2024-02-29 12:34:56.789012+00', { sqlite: "'2024-02-29 12:34:56.789012+00:00'" }),
      ...values('infinity', '-infinity'),
    ],
  ),
  column('t_interval', 'INTERVAL', { sqlite: 'INTERVAL', postgres: 'interval' }, [
    value('PT0S', {}, "'0 days'"),
    value('P1Y2M3DT4H5M6.5S', {}, "'1 year 2 months 3 days 04:05:06.5'"),
    value('P1Y2M3DT-4H-5M-6.5S', {}, "'1 year 2 months 3 days -04:05:06.5'"),
    value('P-178956970Y-8M', {}, 'to_months(-2147483648)'),
    value('PT2562047788H54.775807S', {}, 'to_microseconds(9223372036854775807)'),
  ]),
];

/** JSON in SQLite, the first in PostgreSQL. */
const nested = (sql: string, postgres: string, sqlite: string) => ({
  sql,
  there: { postgres, sqlite: quotedText(sqlite) },
});
const json = (sql: string, text: string) => nested(sql, text, text);
const asJson = { sqlite: 'JSON_TEXT', postgres: 'json' };

const NESTED: readonly MatrixColumn[] = [
  column('t_list', 'INTEGER[]', { sqlite: 'JSON_TEXT', postgres: 'integer[]' }, [
    nested('[1, NULL, 3]', '{1,NULL,3}', '[1,null,3]'),
    nested('[]', '{}', '[]'),
    nested('[NULL]', '{NULL}', '[null]'),
  ]),
  column('t_text_list', 'VARCHAR[]', { sqlite: 'JSON_TEXT', postgres: 'text[]' }, [
    nested(
      `['a', 'b,c', 'say "hi"', 'back\\slash', 'NULL', NULL, '']`,
      `{a,"b,c","say \\"hi\\"","back\\\\slash","NULL",NULL,""}`,
      `["a","b,c","say \\"hi\\"","back\\\\slash","NULL",null,""]`,
    ),
    nested(`['nul' || chr(0)]`, 'E_NUL_IN_TEXT', '["nul\\u0000"]'),
  ]),
  column('t_huge_list', 'HUGEINT[]', { sqlite: 'JSON_TEXT', postgres: 'numeric(39,0)[]' }, [
    nested(`['${HUGE_MAX}'::HUGEINT]`, `{${HUGE_MAX}}`, `[${HUGE_MAX}]`),
  ]),
  column('t_double_list', 'DOUBLE[]', { sqlite: 'JSON_TEXT', postgres: 'double precision[]' }, [
    nested("[0.1, 'nan'::DOUBLE, NULL]", '{0.1,NaN,NULL}', '[0.1,"NaN",null]'),
  ]),
  column('t_blob_list', 'BLOB[]', { sqlite: 'JSON_TEXT', postgres: 'bytea[]' }, [
    nested("['\\x00\\xFFA'::BLOB]", '{"\\\\x00ff41"}', '["\\\\x00ff41"]'),
  ]),
  column('t_list_of_lists', 'INTEGER[][]', asJson, [
    json('[[1, 2], [], NULL, [3]]', '[[1,2],[],null,[3]]'),
    json('[]', '[]'),
    json('[[NULL]]', '[[null]]'),
  ]),
  column('t_array', 'INTEGER[3]', { sqlite: 'JSON_TEXT', postgres: 'integer[]' }, [
    nested('[1, NULL, 3]', '{1,NULL,3}', '[1,null,3]'),
    nested('[NULL, NULL, NULL]', '{NULL,NULL,NULL}', '[null,null,null]'),
  ]),
  column('t_struct', 'STRUCT(a INTEGER, "b c" VARCHAR, d DATE)', asJson, [
    json(`{'a': 1, 'b c': 'x "y"', 'd': DATE '2024-02-29'}`, '{"a":1,"b c":"x \\"y\\"","d":"2024-02-29"}'),
    json(`{'a': NULL, 'b c': NULL, 'd': NULL}`, '{"a":null,"b c":null,"d":null}'),
  ]),
  column('t_nested_struct', 'STRUCT(a STRUCT(b INTEGER[], c MAP(VARCHAR, DECIMAL(5,2))))', asJson, [
    json(`{'a': {'b': [1, NULL], 'c': MAP {'k': 1.50}}}`, '{"a":{"b":[1,null],"c":{"k":1.50}}}'),
    json(`{'a': NULL}`, '{"a":null}'),
    json(`{'a': {'b': NULL, 'c': NULL}}`, '{"a":{"b":null,"c":null}}'),
  ]),
  column('t_map', 'MAP(VARCHAR, INTEGER)', asJson, [
    json(`MAP {'a': 1, 'b': NULL}`, '{"a":1,"b":null}'),
    json('MAP {}', '{}'),
  ]),
  column('t_int_map', 'MAP(INTEGER, VARCHAR)', asJson, [
    json(`MAP {1: 'x', 2: NULL}`, '[[1,"x"],[2,null]]'),
    json('MAP {}', '[]'),
  ]),
  column('t_union', 'UNION(num INTEGER, str VARCHAR)', asJson, [
    json('union_value(num := 1)', '{"num":1}'),
    json("union_value(str := 'x')", '{"str":"x"}'),
    json('union_value(str := NULL::VARCHAR)', '{"str":null}'),
  ]),
  column('t_struct_list', 'STRUCT(a INTEGER, t TIMESTAMP)[]', asJson, [
    json(
      `[{'a': 1, 't': TIMESTAMP '2024-02-29 12:00:00'}, NULL]`,
      '[{"a":1,"t":"2024-02-29 12:00:00"},null]',
    ),
  ]),
  column('t_variant', 'VARIANT', { sqlite: 'E_MIXED_STORAGE', postgres: 'E_MIXED_STORAGE' }, [
    nested("{'a': 1}::VARIANT", '', ''),
    nested('42::VARIANT', '', ''),
  ]),
  column('t_geometry', 'GEOMETRY', { sqlite: 'BLOB', postgres: 'bytea' }, [
    {
      sql: "'POINT (1 2)'::GEOMETRY",
      there: {
        postgres: '\\x0101000000000000000000f03f0000000000000040',
        sqlite: 'x0101000000000000000000F03F0000000000000040',
      },
    },
  ]),
];

export const DUCKDB_MATRIX: readonly MatrixColumn[] = [...NUMBERS, ...TEXTS, ...TIMES, ...NESTED];
