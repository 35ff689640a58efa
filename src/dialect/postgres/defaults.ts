// A column default as the server prints it -> what it means, as far as other engines can have it. Pure.
import type { DefaultValue } from '../../types/schema.ts';

/** A cast such as `::character varying(20)`, `::"char"` or `::text[]`. */
const CAST =
  /^::(?:"[^"]+"|[a-z_][a-z0-9_. ]*)(?:\(\s*\d+(?:\s*,\s*-?\d+)?\s*\))?(?: with(?:out)? time zone)?(\[\])*$/i;
const STRING = /^(E?)'((?:[^']|'')*)'/;
const NUMBER = /^\(?(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\)?/i;

const NOW: Readonly<Record<string, 'date' | 'time' | 'timestamp'>> = {
  'now()': 'timestamp',
  CURRENT_TIMESTAMP: 'timestamp',
  LOCALTIMESTAMP: 'timestamp',
  'transaction_timestamp()': 'timestamp',
  CURRENT_DATE: 'date',
  CURRENT_TIME: 'time',
  LOCALTIME: 'time',
};

/** What Ferrow writes for clocks that show UTC; as the server prints it. */
const UTC_NOW =
  /^(?:\(*now\(\) AT TIME ZONE 'utc'(?:::text)?\)*(?:::[a-z ]+(?:\(0\))?(?: without time zone)?)?|to_char\(\(now\(\) AT TIME ZONE 'utc'(?:::text)?\), '(?:YYYY-MM-DD)?(?: ?HH24:MI:SS)?'(?:::text)?\))$/i;

/** `type` is the column's base type name (`int4`, `bool`, `bytea` …). */
export function parseDefault(sql: string, type: string): DefaultValue {
  const text = sql.trim();
  if (/^NULL(::.*)?$/i.test(text)) return { sql, kind: 'null' };
  const keyword = text.replace(/^\((.*)\)$/s, '$1').replace(/^\((.*)\)(::.*)?$/s, '$1$2');
  const bare = keyword.replace(/::[a-z ]+$/i, '');
  const now = NOW[keyword] ?? NOW[bare] ?? NOW[bare.replace(/\(\d\)$/, '')];
  if (now)
    return {
      sql,
      kind: 'now',
      what: type === 'date' ? 'date' : type.startsWith('timestamp') ? 'timestamp' : now,
      ...(type === 'timestamptz' || type === 'timetz' ? {} : { clock: 'session' }),
    };
  if (UTC_NOW.test(text)) return { sql, kind: 'now', what: utcWhat(text, type) };
  if (/^(pg_catalog\.|public\.)?(gen_random_uuid|uuid_generate_v4)\(\)$/.test(text))
    return { sql, kind: 'uuid' };
  const sequence = /^nextval\('((?:[^']|'')+)'::regclass\)$/.exec(text);
  if (sequence) return { sql, kind: 'sequence', sequence: sequence[1].replaceAll("''", "'") };
  if (/^(true|false)$/i.test(text)) return { sql, kind: 'bool', value: text.toLowerCase() === 'true' };

  const string = STRING.exec(text);
  if (string && isCast(text.slice(string[0].length))) {
    const text = string[2].replaceAll("''", "'");
    // The server writes E'…' for backslashes alone, and doubles them.
    return literal(sql, string[1] === '' ? text : text.replaceAll('\\\\', '\\'), type);
  }
  const number = NUMBER.exec(text);
  if (number && isCast(text.slice(number[0].length))) return { sql, kind: 'number', value: number[1] };
  return { sql, kind: 'expression' };
}

function utcWhat(text: string, type: string): 'date' | 'time' | 'timestamp' {
  if (type === 'date' || type.startsWith('timestamp')) return type === 'date' ? 'date' : 'timestamp';
  if (type.startsWith('time')) return 'time';
  return !text.includes('HH24') ? 'date' : text.includes('YYYY') ? 'timestamp' : 'time';
}

function isCast(rest: string): boolean {
  return rest === '' || CAST.test(rest);
}

/** A quoted literal, whose meaning depends on the column. */
function literal(sql: string, value: string, type: string): DefaultValue {
  if (type === 'bytea') {
    const hex = /^\\x([0-9a-f]*)$/i.exec(value);
    return hex ? { sql, kind: 'blob', hex: hex[1].toLowerCase() } : { sql, kind: 'expression' };
  }
  if (type === 'bool') {
    if (/^(t|true|y|yes|on|1)$/i.test(value)) return { sql, kind: 'bool', value: true };
    if (/^(f|false|n|no|off|0)$/i.test(value)) return { sql, kind: 'bool', value: false };
    return { sql, kind: 'expression' };
  }
  if (/^(int[248]|float[48]|numeric)$/.test(type) && /^-?\d+(\.\d+)?$/.test(value))
    return { sql, kind: 'number', value };
  // 'now'::timestamp and the like are computed when a row comes.
  if (/^(date|time|timestamp)/.test(type) && !/^\d/.test(value)) return { sql, kind: 'expression' };
  return { sql, kind: 'text', value };
}
