// A default of another engine -> SQL of PostgreSQL for a column of a given type, or null where there is none. Pure.
// Whatever is given back is taken by CREATE TABLE: literals are checked against the column's type first.
import type { DefaultValue } from '../../types/schema.ts';
import { literal } from './names.ts';

type Family =
  | 'number'
  | 'bool'
  | 'text'
  | 'bytea'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'uuid'
  | 'json';

function familyOf(nativeType: string): Family | null {
  const type = nativeType.toLowerCase();
  if (/^(smallint|integer|bigint|numeric|real|double precision|int[248]|float[48])\b/.test(type))
    return 'number';
  if (/^(text|varchar|character|char|citext|name)\b/.test(type)) return 'text';
  if (/^bool/.test(type)) return 'bool';
  if (type.startsWith('timestamp'))
    return /with time zone|timestamptz/.test(type) ? 'timestamptz' : 'timestamp';
  if (type.startsWith('time')) return 'time';
  if (type === 'date' || type === 'bytea' || type === 'uuid') return type;
  if (type === 'json' || type === 'jsonb') return 'json';
  return null;
}

const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const DATE = '\\d{4}-(0[1-9]|1[0-2])-([0-2]\\d|3[01])';
const TIME = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?';
const ZONE = '(Z|[+-]\\d\\d(:?\\d\\d)?)?';

const TEXT_FORMS: Readonly<Record<'date' | 'time' | 'timestamp' | 'timestamptz' | 'uuid', RegExp>> = {
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`),
  timestamp: new RegExp(`^${DATE}([ T]${TIME})?$`),
  timestamptz: new RegExp(`^${DATE}([ T]${TIME}${ZONE})?$`),
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

/** `nativeType` is the column's type in PostgreSQL. */
export function defaultSql(value: DefaultValue, nativeType: string): string | null {
  const family = familyOf(nativeType);
  switch (value.kind) {
    case 'null':
      return 'NULL';
    case 'bool':
      if (family === 'bool') return String(value.value);
      if (family === 'number') return value.value ? '1' : '0';
      return family === 'text' ? literal(String(value.value)) : null;
    case 'number':
      return numberSql(value.value, family);
    case 'text':
      return textSql(value.value, family);
    case 'blob':
      return family === 'bytea' && /^([0-9a-f]{2})*$/.test(value.hex) ? `'\\x${value.hex}'::bytea` : null;
    case 'now':
      return nowSql(value, family);
    case 'uuid':
      if (family === 'uuid') return 'gen_random_uuid()';
      return family === 'text' ? 'gen_random_uuid()::text' : null;
    default:
      return null;
  }
}

function numberSql(value: string, family: Family | null): string | null {
  if (!NUMBER.test(value)) return null;
  if (family === 'number') return value;
  if (family === 'text') return literal(value);
  if (family === 'bool' && (value === '0' || value === '1')) return value === '1' ? 'true' : 'false';
  return null;
}

function textSql(value: string, family: Family | null): string | null {
  if (value.includes('\0')) return null;
  switch (family) {
    case 'text':
      return literal(value);
    case 'number':
      return NUMBER.test(value) ? value : null;
    case 'bool':
      if (/^(true|t|1)$/i.test(value)) return 'true';
      return /^(false|f|0)$/i.test(value) ? 'false' : null;
    case 'json':
      return isJson(value) ? literal(value) : null;
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'uuid':
      return TEXT_FORMS[family].test(value) ? literal(value) : null;
    default:
      return null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function nowSql(
  { what, clock }: Extract<DefaultValue, { kind: 'now' }>,
  family: Family | null,
): string | null {
  const isLocal = clock === 'session';
  const now = isLocal ? 'LOCALTIMESTAMP' : "(now() AT TIME ZONE 'utc')";
  switch (family) {
    case 'timestamptz':
      return 'now()';
    case 'timestamp':
      return what === 'time' ? null : now;
    case 'date':
      return what === 'time' ? null : isLocal ? 'CURRENT_DATE' : `${now}::date`;
    case 'time':
      return what === 'date' ? null : isLocal ? 'LOCALTIME(0)' : `${now}::time(0)`;
    case 'text': {
      const form = { date: 'YYYY-MM-DD', time: 'HH24:MI:SS', timestamp: 'YYYY-MM-DD HH24:MI:SS' }[what];
      return `to_char(${now}, '${form}')`;
    }
    default:
      return null;
  }
}
