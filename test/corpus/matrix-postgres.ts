// PostgreSQL's types with their edge values, and what SQLite and DuckDB must make of them. Pure data.
import { column, type MatrixColumn, number, numbers, quotedText, value, values } from './matrix.ts';

/** The same text column elsewhere: `X_TEXT` in SQLite, VARCHAR in DuckDB. */
const asText = (sqlite: string) => ({ sqlite, duckdb: 'VARCHAR' });
const NOWHERE = { sqlite: 'E_UNSUPPORTED_TYPE', duckdb: 'E_UNSUPPORTED_TYPE' };

const NUMBERS: readonly MatrixColumn[] = [
  column('t_boolean', 'boolean', { sqlite: 'BOOLEAN', duckdb: 'BOOLEAN' }, [
    number('true', { sqlite: '1' }),
    number('false', { sqlite: '0' }),
  ]),
  column('t_int2', 'smallint', { sqlite: 'SMALLINT', duckdb: 'SMALLINT' }, numbers('-32768', '0', '32767')),
  column(
    't_int4',
    'integer',
    { sqlite: 'INTEGER', duckdb: 'INTEGER' },
    numbers('-2147483648', '-1', '2147483647'),
  ),
  column('t_int8', 'bigint', { sqlite: 'BIGINT', duckdb: 'BIGINT' }, [
    number('-9223372036854775808', {}, "'-9223372036854775808'"),
    ...numbers('9007199254740993', '9223372036854775807'),
  ]),
  column('t_oid', 'oid', { sqlite: 'UINTEGER', duckdb: 'UINTEGER' }, numbers('0', '4294967295')),
  column('t_xid', 'xid', { sqlite: 'UINTEGER', duckdb: 'UINTEGER' }, [
    number('3', {}, "'3'"),
    number('4294967295', {}, "'4294967295'"),
  ]),
  column('t_xid8', 'xid8', { sqlite: 'DECIMAL_TEXT(20,0)', duckdb: 'UBIGINT' }, [
    ...values('0', '18446744073709551615'),
  ]),
  column('t_real', 'real', { sqlite: 'REAL4', duckdb: 'FLOAT' }, [
    number('1.5'),
    number('0.1', { sqlite: '0.10000000149011612' }),
    number('3.4028235e+38', { sqlite: '3.4028234663852886e+38' }),
    number('1e-45', { duckdb: '1e-45', sqlite: '1.401298464324817e-45' }),
    number('-0', { duckdb: '-0.0', sqlite: '0.0' }, "'-0'"),
    number('NaN', { duckdb: 'nan', sqlite: 'E_NAN_UNSUPPORTED' }, "'NaN'"),
    number('Infinity', { duckdb: 'inf', sqlite: 'Infinity' }, "'Infinity'"),
    number('-Infinity', { duckdb: '-inf', sqlite: '-Infinity' }, "'-Infinity'"),
  ]),
  column('t_double', 'double precision', { sqlite: 'DOUBLE', duckdb: 'DOUBLE' }, [
    number('0.1'),
    number('0.30000000000000004'),
    number('1.7976931348623157e+308'),
    number('5e-324'),
    number('-0', { duckdb: '-0.0', sqlite: '0.0' }, "'-0'"),
    number('NaN', { duckdb: 'nan', sqlite: 'E_NAN_UNSUPPORTED' }, "'NaN'"),
    number('Infinity', { duckdb: 'inf', sqlite: 'Infinity' }, "'Infinity'"),
    number('-Infinity', { duckdb: '-inf', sqlite: '-Infinity' }, "'-Infinity'"),
  ]),
  column('t_numeric_10_2', 'numeric(10,2)', { sqlite: 'DECIMAL(10,2)', duckdb: 'DECIMAL(10,2)' }, [
    number('12.50', { sqlite: '12.5' }),
    number('0.00', { sqlite: '0' }),
    number('-99999999.99'),
    number('0.01'),
  ]),
  column('t_numeric_10_2_nan', 'numeric(10,2)', { sqlite: 'DECIMAL(10,2)', duckdb: 'DECIMAL(10,2)' }, [
    number('12.50', { sqlite: '12.5' }),
    value('NaN', { sqlite: 'E_NUMERIC_SPECIAL', duckdb: 'E_NUMERIC_SPECIAL' }),
  ]),
  column(
    't_numeric_20_4',
    'numeric(20,4)',
    { sqlite: 'DECIMAL_TEXT(20,4)', duckdb: 'DECIMAL(20,4)' },
    values('9999999999999999.9999', '-0.0001', '0.0000'),
  ),
  column(
    't_numeric_38_38',
    'numeric(38,38)',
    { sqlite: 'DECIMAL_TEXT(38,38)', duckdb: 'DECIMAL(38,38)' },
    [`0.${'9'.repeat(38)}`, `-0.${'0'.repeat(37)}1`].map((text) =>
      // DuckDB leaves the zero before the point out where the scale takes all digits.
      value(text, { duckdb: text.replace('0.', '.') }),
    ),
  ),
  column(
    't_numeric_38_0',
    'numeric(38,0)',
    { sqlite: 'DECIMAL_TEXT(38,0)', duckdb: 'DECIMAL(38,0)' },
    values('9'.repeat(38), `-${'9'.repeat(38)}`),
  ),
  column('t_numeric_60_30', 'numeric(60,30)', { sqlite: 'NUMERIC_TEXT', duckdb: 'VARCHAR' }, [
    ...values(`${'9'.repeat(30)}.${'9'.repeat(30)}`, `-0.${'0'.repeat(29)}1`),
  ]),
  column('t_numeric_negative', 'numeric(3,-2)', { sqlite: 'DECIMAL(5,0)', duckdb: 'DECIMAL(5,0)' }, [
    ...numbers('99900', '-100', '0'),
  ]),
  column('t_numeric_below', 'numeric(2,5)', { sqlite: 'DECIMAL(5,5)', duckdb: 'DECIMAL(5,5)' }, [
    number('0.00099', { duckdb: '.00099' }),
    number('-0.00001', { duckdb: '-.00001' }),
  ]),
  column('t_numeric', 'numeric', { sqlite: 'NUMERIC_TEXT', duckdb: 'VARCHAR' }, [
    ...values('0', '1.10', '-0.00012', `1${'0'.repeat(200)}`, `0.${'0'.repeat(99)}1`),
    ...values('NaN', 'Infinity', '-Infinity'),
  ]),
  column('t_numeric_small', 'numeric', { sqlite: 'NUMERIC', duckdb: 'DECIMAL(18,3)' }, [
    ...numbers('123456789012.345', '1.512', '-0.001'),
  ]),
  column(
    't_numeric_scales',
    'numeric',
    { sqlite: 'NUMERIC', duckdb: 'DECIMAL(18,3)' },
    [number('0.125'), number('1.5', { duckdb: '1.500' }), number('-7', { duckdb: '-7.000' })],
    { notHome: { duckdb: 'a DECIMAL has one scale for all values: 1.5 comes home as 1.500' } },
  ),
  column('t_money', 'money', { sqlite: 'DECIMAL_TEXT(19,2)', duckdb: 'DECIMAL(19,2)' }, [
    value('12.34'),
    value('-0.01'),
    value('92233720368547758.07'),
    value('-92233720368547758.08'),
  ]),
];

const TEXTS: readonly MatrixColumn[] = [
  column('t_text', 'text', { sqlite: 'TEXT', duckdb: 'VARCHAR' }, [
    ...values('', ' ', "it's", 'back\\slash', '0101', '1e3', 'äöü€𝄞', '  padded  ', 'NULL'),
    value('x'.repeat(5000)),
  ]),
  column('t_varchar', 'character varying(10)', { sqlite: 'VARCHAR(10)', duckdb: 'VARCHAR' }, [
    ...values('', 'ten chars!', '𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞', 'trailing  '),
  ]),
  column('t_char', 'character(5)', { sqlite: 'CHAR(5)', duckdb: 'VARCHAR' }, [
    ...values('ab   ', '     ', 'abcde', 'äöü€ '),
  ]),
  column('t_one_char', '"char"', asText('TEXT'), values('a', '', '~')),
  column('t_name', 'name', asText('NAME_TEXT'), values('', 'pg_class', 'n'.repeat(63))),
  column('t_citext', 'citext', asText('CITEXT'), values('MiXed', '')),
  column('t_xml', 'xml', asText('XML_TEXT'), [
    ...values('<a b="c">é</a>', '<!-- c --><r/>'),
    ...values('<?xml version="1.0" encoding="UTF-8"?><é/>'),
  ]),
  column('t_json', 'json', { sqlite: 'JSON_TEXT', duckdb: 'JSON' }, [
    ...values('{"a":1,"a":2}', ' { "b" : [ 1.0 , 1e2 ] } ', '"\\u0000"', 'null', '""'),
  ]),
  column('t_jsonb', 'jsonb', { sqlite: 'JSON_TEXT', duckdb: 'JSON' }, [
    ...values('{"a": {"b": null}}', '[1, 2.50, "x"]', 'null', '"ä"'),
  ]),
  column('t_bytea', 'bytea', { sqlite: 'BLOB', duckdb: 'BLOB' }, [
    value('\\x', { duckdb: '', sqlite: 'x' }),
    value('\\x00ff41', { duckdb: '\\x00\\xFFA', sqlite: 'x00FF41' }),
  ]),
  column('t_uuid', 'uuid', { sqlite: 'UUID', duckdb: 'UUID' }, [
    ...values('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    ...values('80000000-0000-0000-0000-000000000001'),
  ]),
  column('t_inet', 'inet', asText('INET_TEXT'), [
    // As the cast to text writes them: with the length of the network, always.
    ...values('192.168.1.5/32', '192.168.1.5/24', '::1/128', '2001:db8::/32', '0.0.0.0/0'),
  ]),
  column('t_cidr', 'cidr', asText('CIDR_TEXT'), values('10.0.0.0/8', '2001:db8::/32', '1.2.3.4/32')),
  column('t_macaddr', 'macaddr', asText('MACADDR_TEXT'), values('08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff')),
  column('t_macaddr8', 'macaddr8', asText('MACADDR8_TEXT'), values('08:00:2b:01:02:03:04:05')),
  column('t_bit', 'bit(5)', { sqlite: 'BIT_TEXT(5)', duckdb: 'BIT' }, values('01010', '00000', '11111')),
  column('t_bit_8', 'bit(8)', { sqlite: 'BIT_TEXT(8)', duckdb: 'BIT' }, values('01010101', '10000000')),
  column('t_varbit', 'bit varying', { sqlite: 'VARBIT_TEXT', duckdb: 'BIT' }, [
    ...values('0', '1', '101010101', '1'.repeat(64), '0'.repeat(100)),
    value('', { duckdb: 'E_EMPTY_BIT' }),
  ]),
  column(
    't_enum',
    'mood',
    { sqlite: 'TEXT', duckdb: "ENUM('sad', 'ok', '', 'it''s \"fine\"')" },
    [...values('sad', 'ok', '', 'it\'s "fine"')],
    { setup: [`CREATE TYPE mood AS ENUM ('sad', 'ok', '', 'it''s "fine"')`] },
  ),
];

const TIMES: readonly MatrixColumn[] = [
  column('t_date', 'date', { sqlite: 'DATE', duckdb: 'DATE' }, [
    ...values('2024-02-29', '0001-01-01', '9999-12-31', 'infinity', '-infinity'),
    value('0044-03-15 BC', { duckdb: '0044-03-15 (BC)', sqlite: "'-0043-03-15'" }),
    value('4714-11-24 BC', { duckdb: '4714-11-24 (BC)', sqlite: "'-4713-11-24'" }),
    value('5874897-12-31'),
  ]),
  column('t_time', 'time without time zone', { sqlite: 'TIME', duckdb: 'TIME' }, [
    ...values('00:00:00', '12:34:56.789012', '23:59:59.999999', '24:00:00'),
  ]),
  column('t_time_0', 'time(0) without time zone', { sqlite: 'TIME', duckdb: 'TIME' }, [
    ...values('00:00:00', '23:59:59'),
  ]),
  column('t_timetz', 'time with time zone', { sqlite: 'TIMETZ', duckdb: 'TIME WITH TIME ZONE' }, [
    value('12:00:00+00', { sqlite: "'12:00:00+00:00'" }),
    ...values('12:34:56.5+05:30', '00:00:00.000001-15:59:59', '23:59:59.999999+15:59:59', '01:00:00-03:30'),
    value('24:00:00-01', { sqlite: "'24:00:00-01:00'" }),
  ]),
  column('t_timestamp', 'timestamp without time zone', { sqlite: 'TIMESTAMP', duckdb: 'TIMESTAMP' }, [
    ...values('2024-02-29 12:34:56.789012', '1969-12-31 23:59:59.999999', '0001-01-01 00:00:00'),
    ...values('infinity', '-infinity', '294246-12-31 23:59:59.999999'),
    value('0044-03-15 12:00:00 BC', {
      duckdb: '0044-03-15 (BC) 12:00:00',
      sqlite: "'-0043-03-15 12:00:00'",
    }),
    value('294247-01-10 04:00:54.775807', { duckdb: 'E_TIMESTAMP_RANGE', sqlite: 'E_TIMESTAMP_RANGE' }),
    value('294276-12-31 23:59:59.999999', { duckdb: 'E_TIMESTAMP_RANGE', sqlite: 'E_TIMESTAMP_RANGE' }),
  ]),
  column('t_timestamp_3', 'timestamp(3) without time zone', { sqlite: 'TIMESTAMP', duckdb: 'TIMESTAMP' }, [
    ...values('2024-02-29 12:34:56.789', 'infinity', '1960-01-01 00:00:00.5'),
  ]),
  column(
    't_timestamptz',
    'timestamp with time zone',
    { sqlite: 'TIMESTAMPTZ', duckdb: 'TIMESTAMP WITH TIME ZONE' },
    [
      value('2024-02-29 12:34:56.789012+00', { sqlite: "'2024-02-29 12:34:56.789012+00:00'" }),
      value('1969-12-31 23:59:59+00', { sqlite: "'1969-12-31 23:59:59+00:00'" }),
      ...values('infinity', '-infinity'),
      value('0044-03-15 12:00:00+00 BC', {
        duckdb: '0044-03-15 (BC) 12:00:00+00',
        sqlite: "'-0043-03-15 12:00:00+00:00'",
      }),
    ],
  ),
  column('t_interval', 'interval', { sqlite: 'INTERVAL', duckdb: 'INTERVAL' }, [
    value('PT0S', { duckdb: '00:00:00' }),
    value('P1Y2M3DT4H5M6.5S', { duckdb: '1 year 2 months 3 days 04:05:06.5' }),
    value('P1Y2M3DT-4H-5M-6.5S', { duckdb: '1 year 2 months 3 days -04:05:06.5' }),
    value('P1M-1D', { duckdb: '1 month -1 day' }),
    value('P-178956970Y-8M', { duckdb: '-178956970 years -8 months' }),
    value('PT2562047788H54.775807S', { duckdb: '2562047788:00:54.775807' }),
    value('infinity', { duckdb: 'E_INTERVAL_INFINITY' }),
    value('-infinity', { duckdb: 'E_INTERVAL_INFINITY' }),
  ]),
];

const list = (text: string, duckdb: string, sqlite: string) =>
  value(text, { duckdb, sqlite: quotedText(sqlite) });

const NESTED: readonly MatrixColumn[] = [
  column('t_int_array', 'integer[]', { sqlite: 'JSON_TEXT', duckdb: 'INTEGER[]' }, [
    list('{1,NULL,3}', '[1, NULL, 3]', '[1,null,3]'),
    list('{}', '[]', '[]'),
    list('{-2147483648}', '[-2147483648]', '[-2147483648]'),
  ]),
  column('t_int_matrix', 'integer[]', { sqlite: 'JSON_TEXT', duckdb: 'INTEGER[][]' }, [
    list('{{1,2},{3,NULL}}', '[[1, 2], [3, NULL]]', '[[1,2],[3,null]]'),
    list('{{5}}', '[[5]]', '[[5]]'),
    list('{}', '[]', '[]'),
  ]),
  column('t_mixed_dimensions', 'integer[]', { sqlite: 'E_ARRAY_SHAPE', duckdb: 'E_ARRAY_SHAPE' }, [
    value('{1,2}'),
    value('{{1,2},{3,4}}'),
  ]),
  column('t_lower_bound', 'integer[]', { sqlite: 'E_ARRAY_SHAPE', duckdb: 'E_ARRAY_SHAPE' }, [
    value('[0:2]={1,2,3}'),
    value('{1}'),
  ]),
  column('t_text_array', 'text[]', { sqlite: 'JSON_TEXT', duckdb: 'VARCHAR[]' }, [
    list(
      `{a,"b,c","say \\"hi\\"","back\\\\slash","NULL",NULL,""}`,
      `[a, 'b,c', 'say "hi"', back\\slash, 'NULL', NULL, '']`,
      `["a","b,c","say \\"hi\\"","back\\\\slash","NULL",null,""]`,
    ),
  ]),
  column('t_varchar_array', 'character varying(3)[]', { sqlite: 'JSON_TEXT', duckdb: 'VARCHAR[]' }, [
    list('{abc,NULL}', '[abc, NULL]', '["abc",null]'),
  ]),
  column('t_numeric_array', 'numeric(10,2)[]', { sqlite: 'JSON_TEXT', duckdb: 'DECIMAL(10,2)[]' }, [
    list('{1.50,-99999999.99,NULL}', '[1.50, -99999999.99, NULL]', '[1.50,-99999999.99,null]'),
  ]),
  column('t_bool_array', 'boolean[]', { sqlite: 'JSON_TEXT', duckdb: 'BOOLEAN[]' }, [
    list('{t,f,NULL}', '[true, false, NULL]', '[true,false,null]'),
  ]),
  column('t_double_array', 'double precision[]', { sqlite: 'JSON_TEXT', duckdb: 'DOUBLE[]' }, [
    list('{0.1,NaN,-Infinity,NULL}', '[0.1, nan, -inf, NULL]', '[0.1,"NaN","-Infinity",null]'),
  ]),
  column('t_date_array', 'date[]', { sqlite: 'JSON_TEXT', duckdb: 'DATE[]' }, [
    list('{2024-02-29,infinity,NULL}', '[2024-02-29, infinity, NULL]', '["2024-02-29","infinity",null]'),
  ]),
  column(
    't_timestamptz_array',
    'timestamp with time zone[]',
    {
      sqlite: 'JSON_TEXT',
      duckdb: 'TIMESTAMP WITH TIME ZONE[]',
    },
    [list('{"2024-02-29 12:00:00+00"}', "['2024-02-29 12:00:00+00']", '["2024-02-29 12:00:00+00:00"]')],
  ),
  column('t_uuid_array', 'uuid[]', { sqlite: 'JSON_TEXT', duckdb: 'UUID[]' }, [
    list(
      '{80000000-0000-0000-0000-000000000001,NULL}',
      '[80000000-0000-0000-0000-000000000001, NULL]',
      '["80000000-0000-0000-0000-000000000001",null]',
    ),
  ]),
  column('t_bytea_array', 'bytea[]', { sqlite: 'JSON_TEXT', duckdb: 'BLOB[]' }, [
    list('{"\\\\x00ff41",NULL}', '[\\x00\\xFFA, NULL]', '["\\\\x00ff41",null]'),
  ]),
  column(
    't_enum_array',
    'colour[]',
    { sqlite: 'JSON_TEXT', duckdb: "ENUM('red', 'blue')[]" },
    [list('{red,NULL,blue}', '[red, NULL, blue]', '["red",null,"blue"]')],
    { setup: [`CREATE TYPE colour AS ENUM ('red', 'blue')`] },
  ),
  column(
    't_composite',
    'spot',
    {
      sqlite: 'JSON_TEXT',
      duckdb: 'STRUCT(x INTEGER, "the label" VARCHAR, "at" DATE)',
    },
    [
      list(
        '(1,"a, ""b""",2024-02-29)',
        `{'x': 1, 'the label': 'a, "b"', 'at': 2024-02-29}`,
        '{"x":1,"the label":"a, \\"b\\"","at":"2024-02-29"}',
      ),
      list('(,,)', "{'x': NULL, 'the label': NULL, 'at': NULL}", '{"x":null,"the label":null,"at":null}'),
      list('(0,"",)', "{'x': 0, 'the label': '', 'at': NULL}", '{"x":0,"the label":"","at":null}'),
    ],
    { setup: [`CREATE TYPE spot AS (x integer, "the label" text, at date)`] },
  ),
  column(
    't_nested_composite',
    'box_of',
    {
      sqlite: 'JSON_TEXT',
      duckdb: 'STRUCT(corner STRUCT(a INTEGER, b NUMERIC_), tags VARCHAR[])'.replace(
        'NUMERIC_',
        'DECIMAL(10,2)',
      ),
    },
    [
      list(
        '("(1,2.50)","{x,NULL}")',
        "{'corner': {'a': 1, 'b': 2.50}, 'tags': [x, NULL]}",
        '{"corner":{"a":1,"b":2.50},"tags":["x",null]}',
      ),
      list(
        '("(,)",)',
        "{'corner': {'a': NULL, 'b': NULL}, 'tags': NULL}",
        '{"corner":{"a":null,"b":null},"tags":null}',
      ),
      list('(,)', "{'corner': NULL, 'tags': NULL}", '{"corner":null,"tags":null}'),
    ],
    {
      setup: [
        'CREATE TYPE corner_of AS (a integer, b numeric(10,2))',
        'CREATE TYPE box_of AS (corner corner_of, tags text[])',
      ],
    },
  ),
  column(
    't_composite_array',
    'pair_of[]',
    {
      sqlite: 'JSON_TEXT',
      duckdb: 'STRUCT(a INTEGER, b VARCHAR)[]',
    },
    [
      list(
        '{"(1,x)",NULL,"(,)"}',
        "[{'a': 1, 'b': x}, NULL, {'a': NULL, 'b': NULL}]",
        '[{"a":1,"b":"x"},null,{"a":null,"b":null}]',
      ),
    ],
    { setup: ['CREATE TYPE pair_of AS (a integer, b text)'] },
  ),
  column('t_hstore', 'hstore', { sqlite: 'JSON_TEXT', duckdb: 'MAP(VARCHAR, VARCHAR)' }, [
    list('"a"=>"1", "b"=>NULL', '{a=1, b=NULL}', '{"a":"1","b":null}'),
    list('', '{}', '{}'),
    list('"it\'s"=>"q\\"q"', `{'it\\'s'='q"q'}`, '{"it\'s":"q\\"q"}'),
  ]),
];

const RANGES: readonly MatrixColumn[] = [
  column('t_int4range', 'int4range', asText('RANGE_TEXT'), values('[1,10)', 'empty', '(,5)', '[7,)', '(,)')),
  column('t_int8range', 'int8range', asText('RANGE_TEXT'), values('[-9223372036854775808,0)')),
  column('t_numrange', 'numrange', asText('NUMRANGE_TEXT'), values('(1.10,2.5]', '[0,0]')),
  column(
    't_daterange',
    'daterange',
    asText('DATERANGE_TEXT'),
    values('[2024-01-01,2024-02-01)', '[2024-01-01,infinity)', '[-infinity,)'),
  ),
  column('t_tsrange', 'tsrange', asText('TSRANGE_TEXT'), [
    ...values('["2024-01-01 00:00:00.5","2024-02-01 00:00:00"]'),
  ]),
  column('t_tstzrange', 'tstzrange', asText('TSTZRANGE_TEXT'), [...values('["2024-01-01 00:00:00+00",)')]),
  column('t_multirange', 'int4multirange', asText('MULTIRANGE_TEXT'), values('{}', '{[1,3),[5,8)}', '{(,)}')),
];

const SERVERS: readonly MatrixColumn[] = [
  column('t_domain', 'positive', { sqlite: 'INTEGER', duckdb: 'INTEGER' }, numbers('1', '2147483647'), {
    setup: ['CREATE DOMAIN positive AS integer CHECK (VALUE > 0)'],
  }),
  column(
    't_domain_over_domain',
    'short_code',
    { sqlite: 'VARCHAR(8)', duckdb: 'VARCHAR' },
    values('abc', 'x'),
    {
      setup: [
        `CREATE DOMAIN code_of AS varchar(8) CHECK (VALUE ~ '^[a-z]+$')`,
        'CREATE DOMAIN short_code AS code_of CHECK (length(VALUE) < 5)',
      ],
    },
  ),
  column(
    't_domain_array',
    'numbers_of',
    { sqlite: 'JSON_TEXT', duckdb: 'INTEGER[]' },
    [list('{1,2}', '[1, 2]', '[1,2]')],
    { setup: ['CREATE DOMAIN numbers_of AS integer[] CHECK (cardinality(VALUE) < 9)'] },
  ),
  column('t_tsvector', 'tsvector', asText('TSVECTOR_TEXT'), values("'cat':3A 'fat':2,4B", '')),
  column('t_tsquery', 'tsquery', asText('TSQUERY_TEXT'), values("'fat' & ( 'rat' | !'cat':*AB )")),
  column('t_point', 'point', asText('GEOMETRIC_TEXT'), values('(1.5,-2)', '(0.1,Infinity)')),
  column('t_line', 'line', asText('LINE_TEXT'), values('{1,-1,0.5}')),
  column('t_lseg', 'lseg', asText('LSEG_TEXT'), values('[(0,0),(1,1)]')),
  column('t_box', 'box', asText('BOX_TEXT'), values('(1,1),(0,0)')),
  column('t_path', 'path', asText('PATH_TEXT'), values('((0,0),(1,1))', '[(0,0),(1,1)]')),
  column('t_polygon', 'polygon', asText('POLYGON_TEXT'), values('((0,0),(1,1),(2,0))')),
  column('t_circle', 'circle', asText('CIRCLE_TEXT'), values('<(0,0),1.5>')),
  column('t_pg_lsn', 'pg_lsn', asText('PG_LSN_TEXT'), values('16/B374D848', '0/0', 'FFFFFFFF/FFFFFFFF')),
  column('t_jsonpath', 'jsonpath', asText('JSONPATH_TEXT'), values('$."a"[*]?(@ > 1)')),
  column('t_ltree', 'ltree', asText('LTREE_TEXT'), values('Top.Science.Astronomy', '')),
  column('t_cube', 'cube', asText('CUBE_TEXT'), values('(1, 2),(3, 4)', '(0.1)')),
  column('t_seg', 'seg', NOWHERE, values('1 .. 2', '~1.5')),
  column('t_isbn', 'isbn', NOWHERE, values('0-393-04002-X')),
];

/** The extensions whose types stand in the matrix. */
export const POSTGRES_EXTENSIONS = ['citext', 'hstore', 'ltree', 'cube', 'seg', 'isn'];

export const POSTGRES_MATRIX: readonly MatrixColumn[] = [
  ...NUMBERS,
  ...TEXTS,
  ...TIMES,
  ...NESTED,
  ...RANGES,
  ...SERVERS,
];
