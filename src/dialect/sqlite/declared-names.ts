// The declared type names that mean more to Ferrow than SQLite's affinity: those people use, and those it
// writes itself, which say on the way home what a column was. Pure.
import type { LogicalType, TemporalFormat } from '../../types/logical-type.ts';
import type { TextForm } from './codec/text-forms.ts';

const int = (bits: 8 | 16 | 32 | 64, signed = true): LogicalType & { kind: 'int' } => ({
  kind: 'int',
  bits,
  signed,
});

/** Integer names narrower than SQLite's own 64 bits; every other name with INT in it holds 64. */
export const NARROW_INTEGERS: Readonly<Record<string, LogicalType & { kind: 'int' }>> = {
  TINYINT: int(8),
  SMALLINT: int(16),
  INT2: int(16),
  MEDIUMINT: int(32),
  INT4: int(32),
  UTINYINT: int(8, false),
  USMALLINT: int(16, false),
  UINTEGER: int(32, false),
};

export const INT64: LogicalType & { kind: 'int' } = int(64);
export const FLOAT64: LogicalType = { kind: 'float', bits: 64 };
export const TEXT: LogicalType = { kind: 'text' };
export const BINARY: LogicalType = { kind: 'binary' };
export const ANY: LogicalType = { kind: 'any' };

/** How Ferrow writes dates and times into SQLite. */
export const FORMAT: TemporalFormat = { separator: ' ', fractionDigits: 'shortest', zone: '' };
export const FORMAT_UTC: TemporalFormat = { ...FORMAT, zone: '+00:00' };

/** Names whose text may be dates and times, with what a column without values is taken for. */
export const TEMPORAL_NAMES: Readonly<Record<string, LogicalType>> = {
  DATE: { kind: 'date' },
  TIME: { kind: 'time', unit: 'us' },
  TIME_NS: { kind: 'time', unit: 'ns' },
  DATETIME: { kind: 'timestamp', unit: 'us', zone: false },
  TIMESTAMP: { kind: 'timestamp', unit: 'us', zone: false },
  TIMESTAMP_S: { kind: 'timestamp', unit: 's', zone: false },
  TIMESTAMP_MS: { kind: 'timestamp', unit: 'ms', zone: false },
  TIMESTAMP_NS: { kind: 'timestamp', unit: 'ns', zone: false },
  TIMESTAMPTZ: { kind: 'timestamp', unit: 'us', zone: true },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamp', unit: 'us', zone: true },
  'TIMESTAMP WITHOUT TIME ZONE': { kind: 'timestamp', unit: 'us', zone: false },
};

export const BOOLEAN_NAMES = new Set(['BOOLEAN', 'BOOL']);
export const UUID_NAMES = new Set(['UUID', 'GUID', 'UNIQUEIDENTIFIER']);
export const JSON_NAMES = new Set(['JSON', 'JSON_TEXT', 'JSONB']);
export const DECIMAL_NAMES = new Set(['DECIMAL', 'NUMERIC', 'DEC']);
export const DECIMAL_TEXT_NAMES = new Set(['DECIMAL_TEXT', 'NUMERIC_TEXT']);
/** Names of text that has a form of its own. */
export const FORM_NAMES: Readonly<Record<string, TextForm>> = {
  TIMETZ: 'timetz',
  'TIME WITH TIME ZONE': 'timetz',
  INTERVAL: 'interval',
  BIT_TEXT: 'bit',
  VARBIT_TEXT: 'bit',
};
export const SINGLE_NAMES = new Set(['REAL4', 'FLOAT4']);
/** Names whose parameter is a length that SQLite does not enforce. */
export const SIZED_TEXT_NAMES = new Set([
  ...['VARCHAR', 'CHAR', 'NVARCHAR', 'NCHAR', 'CHARACTER', 'CHARACTER VARYING', 'VARYING CHARACTER'],
  ...['VARCHAR2', 'NVARCHAR2', 'NATIVE CHARACTER', 'NATIONAL VARCHAR', 'NATIONAL CHARACTER'],
]);

/** The longest varchar(n) that others know. */
export const SIZED_TEXT_CHARS_MAX = 10_485_760;
/** An IEEE double keeps so many decimal digits. */
export const DOUBLE_DIGITS = 15;
export const DECIMAL_DIGITS_MAX = 38;
/** SQLITE_MAX_LENGTH. */
export const VALUE_BYTES_MAX = 1_000_000_000;

/**
 * Types of other engines whose values are text here, under a name that tells a person what they are. None holds INT,
 * which would make numbers of them, and all hold TEXT, which keeps them as they are.
 */
const TEXT_NAMES: Readonly<Record<string, string>> = {
  citext: 'CITEXT',
  name: 'NAME_TEXT',
  xml: 'XML_TEXT',
  inet: 'INET_TEXT',
  cidr: 'CIDR_TEXT',
  macaddr: 'MACADDR_TEXT',
  macaddr8: 'MACADDR8_TEXT',
  int4range: 'RANGE_TEXT',
  int8range: 'RANGE_TEXT',
  numrange: 'NUMRANGE_TEXT',
  daterange: 'DATERANGE_TEXT',
  tsrange: 'TSRANGE_TEXT',
  tstzrange: 'TSTZRANGE_TEXT',
  int4multirange: 'MULTIRANGE_TEXT',
  int8multirange: 'MULTIRANGE_TEXT',
  nummultirange: 'NUMMULTIRANGE_TEXT',
  datemultirange: 'DATEMULTIRANGE_TEXT',
  tsmultirange: 'TSMULTIRANGE_TEXT',
  tstzmultirange: 'TSTZMULTIRANGE_TEXT',
  tsvector: 'TSVECTOR_TEXT',
  tsquery: 'TSQUERY_TEXT',
  jsonpath: 'JSONPATH_TEXT',
  ltree: 'LTREE_TEXT',
  lquery: 'LQUERY_TEXT',
  ltxtquery: 'LTXTQUERY_TEXT',
  cube: 'CUBE_TEXT',
  pg_lsn: 'PG_LSN_TEXT',
  txid_snapshot: 'SNAPSHOT_TEXT',
  pg_snapshot: 'SNAPSHOT_TEXT',
  point: 'GEOMETRIC_TEXT',
  line: 'LINE_TEXT',
  lseg: 'LSEG_TEXT',
  box: 'BOX_TEXT',
  path: 'PATH_TEXT',
  polygon: 'POLYGON_TEXT',
  circle: 'CIRCLE_TEXT',
};

/** The declared type of a text column that comes from a column of `nativeType` of another engine. */
export function textNameOf(nativeType: string): string {
  const bare = nativeType.toLowerCase().replace(/^.*\./, '').replaceAll('"', '');
  return Object.hasOwn(TEXT_NAMES, bare) ? TEXT_NAMES[bare] : 'TEXT';
}

/** All of them, for the test of what SQLite makes of their values. */
export const TEXT_TYPE_NAMES: readonly string[] = [...new Set(Object.values(TEXT_NAMES))];
