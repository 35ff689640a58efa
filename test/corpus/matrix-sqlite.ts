// SQLite's declared types with every storage class, and what DuckDB and PostgreSQL must make of them. Pure data.
import { column, type MatrixColumn, number, numbers, type There, value, values } from './matrix.ts';

const both = (duckdb: string, postgres: string): There => ({ duckdb, postgres });
const MIN = '(-9223372036854775807 - 1)';
const MAX = '9223372036854775807';
const least = number('-9223372036854775808', {}, MIN);

/** SQLite's mixed columns: a union in DuckDB, refused by PostgreSQL. */
const MIXED = both('UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB)', 'E_MIXED_STORAGE');
const mixed = (sql: string, duckdb: string) => ({ sql, there: { duckdb } });

const NUMBERS: readonly MatrixColumn[] = [
  column('t_bigint', 'BIGINT', both('BIGINT', 'bigint'), [least, ...numbers('0', '9007199254740993', MAX)]),
  column('t_integer', 'INTEGER', both('BIGINT', 'bigint'), numbers('-2147483648', '2147483647')),
  column('t_integer_wide', 'INTEGER', both('BIGINT', 'bigint'), [least, ...numbers('5', MAX)]),
  column('t_int', 'INT', both('BIGINT', 'bigint'), numbers('1', '-1')),
  column('t_smallint', 'SMALLINT', both('SMALLINT', 'smallint'), numbers('-32768', '32767')),
  column('t_tinyint', 'TINYINT', both('TINYINT', 'smallint'), numbers('-128', '127')),
  column('t_unsigned', 'UNSIGNED BIG INT', both('BIGINT', 'bigint'), numbers('0', MAX)),
  column('t_real', 'REAL', both('DOUBLE', 'double precision'), [
    number('0.1'),
    number('1.7976931348623157e+308'),
    number('5e-324'),
    number('Infinity', { duckdb: 'inf' }, '9e999'),
    number('5', { duckdb: '5.0' }, '5'),
  ]),
  column('t_float', 'FLOAT', both('DOUBLE', 'double precision'), numbers('2.5')),
  column('t_double', 'DOUBLE PRECISION', both('DOUBLE', 'double precision'), numbers('2.5')),
  column('t_decimal', 'DECIMAL(10,2)', both('DECIMAL(10,2)', 'numeric(10,2)'), [
    number('12.50', {}, '12.5'),
    number('-99999999.99'),
    number('5.00', {}, '5'),
  ]),
  column('t_decimal_fine', 'DECIMAL(10,2)', both('DOUBLE', 'double precision'), [
    number('1.25'),
    number('1.255'),
  ]),
  column('t_numeric', 'NUMERIC', both('DOUBLE', 'double precision'), [
    number('1.5'),
    number('5', { duckdb: '5.0' }),
  ]),
  column('t_decimal_text', 'DECIMAL_TEXT(20,4)', both('DECIMAL(20,4)', 'numeric(20,4)'), [
    ...values('9999999999999999.9999', '-0.0001'),
  ]),
  column('t_boolean', 'BOOLEAN', both('BOOLEAN', 'boolean'), [
    number('true', {}, '1'),
    number('false', {}, '0'),
  ]),
  column('t_boolean_numbers', 'BOOLEAN', both('BIGINT', 'bigint'), numbers('0', '7')),
  column('t_boolean_text', 'BOOLEAN', both('VARCHAR', 'text'), values('true', 'no')),
];

const TEXTS: readonly MatrixColumn[] = [
  column('t_text', 'TEXT', both('VARCHAR', 'text'), [
    ...values('', "it's", 'back\\slash', '1e3', 'ä€𝄞'),
    { sql: "'nul' || char(0) || 'inside'", there: { postgres: 'E_NUL_IN_TEXT', duckdb: 'nul\0inside' } },
    value('x'.repeat(5000)),
  ]),
  column('t_varchar', 'NVARCHAR(10)', both('VARCHAR', 'character varying(10)'), values('ten chars!', '')),
  column('t_varchar_long', 'VARCHAR(3)', both('VARCHAR', 'text'), values('longer than three')),
  column('t_clob', 'CLOB', both('VARCHAR', 'text'), values('x')),
  column('t_text_mixed', 'TEXT', MIXED, [mixed("'a'", 'a'), mixed("x'00ff'", '\\x00\\xFF')]),
  column('t_invalid_utf8', 'TEXT', both('E_INVALID_UTF8', 'E_INVALID_UTF8'), [
    { sql: "CAST(x'c328' AS TEXT)", there: {} },
    value('fine'),
  ]),
  column('t_blob', 'BLOB', both('BLOB', 'bytea'), [
    { sql: "x''", there: { duckdb: '', postgres: '\\x' } },
    { sql: "x'00ff41'", there: { duckdb: '\\x00\\xFFA', postgres: '\\x00ff41' } },
  ]),
  column('t_untyped_text', '', both('VARCHAR', 'text'), values('only text')),
  column('t_untyped_integers', '', both('BIGINT', 'bigint'), numbers('1', MAX)),
  column('t_untyped_mixed', '', MIXED, [
    mixed('5', '5'),
    mixed('5.0', '5.0'),
    mixed("'5'", '5'),
    mixed("x'35'", '5'),
    mixed(MIN, '-9223372036854775808'),
  ]),
  column('t_integer_mixed', 'INTEGER', MIXED, [mixed('5', '5'), mixed("'five'", 'five')]),
  column('t_json', 'JSON_TEXT', both('JSON', 'json'), values('{"a":1,"a":2}', ' [ 1 ] ')),
  column('t_json_broken', 'JSON', both('VARCHAR', 'text'), values('{"a":1}', '{broken')),
  column('t_uuid', 'UUID', both('UUID', 'uuid'), values('80000000-0000-0000-0000-000000000001')),
  column('t_uuid_upper', 'UUID', both('VARCHAR', 'text'), values('80000000-0000-0000-0000-00000000000A')),
  column('t_unknown', 'WHATEVER', both('VARCHAR', 'text'), values('free', 'text')),
];

const TIMES: readonly MatrixColumn[] = [
  column('t_date', 'DATE', both('DATE', 'date'), [
    ...values('2024-02-29', '0001-01-01', '9999-12-31', 'infinity'),
    value('-0043-03-15', { duckdb: '0044-03-15 (BC)', postgres: '0044-03-15 BC' }),
  ]),
  column('t_date_invalid', 'DATE', both('VARCHAR', 'text'), values('2024-02-28', '2024-02-30')),
  column('t_datetime', 'DATETIME', both('TIMESTAMP', 'timestamp without time zone'), [
    ...values('2024-02-29 12:34:56', '1969-12-31 23:59:59'),
  ]),
  column('t_datetime_t', 'DATETIME', both('TIMESTAMP', 'timestamp without time zone'), [
    value('2024-02-29T12:34:56', { duckdb: '2024-02-29 12:34:56', postgres: '2024-02-29 12:34:56' }),
  ]),
  column('t_datetime_z', 'TIMESTAMP', both('TIMESTAMP WITH TIME ZONE', 'timestamp with time zone'), [
    value('2024-02-29T12:34:56Z', { duckdb: '2024-02-29 12:34:56+00', postgres: '2024-02-29 12:34:56+00' }),
  ]),
  column('t_datetime_formats', 'DATETIME', both('VARCHAR', 'text'), [
    ...values('2024-02-29 12:34:56', '2024-02-29'),
  ]),
  column('t_epoch', 'DATETIME', both('BIGINT', 'bigint'), numbers('1709210096', '0')),
  column('t_julian', 'DATETIME', both('DOUBLE', 'double precision'), numbers('2460370.02425926')),
  column('t_time', 'TIME', both('TIME', 'time without time zone'), values('12:34:56.5', '00:00:00')),
];

export const SQLITE_MATRIX: readonly MatrixColumn[] = [...NUMBERS, ...TEXTS, ...TIMES];
