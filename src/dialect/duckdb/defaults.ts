// Column defaults of DuckDB: the catalog's text -> what it means, and back to text. Pure.
import type { DefaultValue } from '../../types/schema.ts';
import { literal, readLiteral, readQualified, splitTopLevel, stripParentheses } from './sql-text.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const NOW: Readonly<Record<string, 'date' | 'time' | 'timestamp'>> = {
  current_timestamp: 'timestamp',
  'now()': 'timestamp',
  'get_current_timestamp()': 'timestamp',
  'transaction_timestamp()': 'timestamp',
  localtimestamp: 'timestamp',
  'current_localtimestamp()': 'timestamp',
  current_date: 'date',
  'current_date()': 'date',
  'today()': 'date',
  current_time: 'time',
  'get_current_time()': 'time',
  localtime: 'time',
  'current_localtime()': 'time',
};

/** Reads `duckdb_columns().column_default`: `CAST('t' AS BOOLEAN)`, `'it''s'`, `nextval('sq')`, `(1 + 2)`. */
export function parseDefault(sql: string, nativeType: string): DefaultValue {
  const text = stripParentheses(sql);
  const cast = readCast(text);
  const inner = cast?.value ?? text;
  const type = (cast?.type ?? nativeType).toUpperCase();
  if (/^null$/i.test(inner)) return { sql, kind: 'null' };
  const value = readLiteral(inner);
  if (value !== null) return literalDefault(sql, value, type);
  if (NUMBER.test(inner)) return { sql, kind: 'number', value: inner };
  if (/^(true|false)$/i.test(inner)) return { sql, kind: 'bool', value: /^t/i.test(inner) };
  const call = inner.toLowerCase();
  const now = readNow(call, cast?.type.toUpperCase() ?? null, nativeType.toUpperCase());
  if (now) return { sql, kind: 'now', ...now };
  if (/^(gen_random_uuid|uuid|uuidv4)\(\)$/.test(call)) return { sql, kind: 'uuid' };
  const sequence = /^nextval\((.*)\)$/is.exec(inner);
  const name = sequence && readLiteral(sequence[1].trim());
  if (name) return { sql, kind: 'sequence', sequence: name };
  return { sql, kind: 'expression' };
}

/** What Ferrow writes for clocks that show UTC; as the catalog prints it. */
const UTC_NOW = /^(main\.)?timezone\('utc', (current_timestamp|now\(\)|get_current_timestamp\(\))\)$/;

function readNow(
  call: string,
  castTo: string | null,
  nativeType: string,
): { what: 'date' | 'time' | 'timestamp'; clock?: 'session' } | null {
  const type = castTo ?? nativeType;
  const what = type === 'DATE' ? 'date' : type === 'TIME' ? 'time' : (NOW[call] ?? 'timestamp');
  if (UTC_NOW.test(call)) return { what };
  if (!(call in NOW)) return null;
  // Of what was cast the instant is not known.
  if (nativeType === 'TIMESTAMP WITH TIME ZONE') return castTo === null ? { what } : null;
  return { what, clock: 'session' };
}

function literalDefault(sql: string, value: string, type: string): DefaultValue {
  if (type === 'BOOLEAN') {
    if (/^(t|true|1|y|yes)$/i.test(value)) return { sql, kind: 'bool', value: true };
    if (/^(f|false|0|n|no)$/i.test(value)) return { sql, kind: 'bool', value: false };
  }
  if (type === 'BLOB') {
    const hex = blobHex(value);
    return hex === null ? { sql, kind: 'expression' } : { sql, kind: 'blob', hex };
  }
  if (
    /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|FLOAT|DOUBLE|BIGNUM)/.test(type) &&
    NUMBER.test(value.trim())
  )
    return { sql, kind: 'number', value: value.trim() };
  return { sql, kind: 'text', value };
}

/** `CAST(x AS t)`, which is how the catalog writes `x::t` too. */
function readCast(text: string): { value: string; type: string } | null {
  const start = /^CAST\(/i.exec(text);
  if (!start) return null;
  const { parts, end } = splitTopLevel(text, start[0].length);
  if (end !== text.length - 1 || parts.length !== 1) return null;
  const as = parts[0].toUpperCase().lastIndexOf(' AS ');
  if (as < 0) return null;
  return {
    value: stripParentheses(parts[0].slice(0, as)),
    type: parts[0]
      .slice(as + 4)
      .trim()
      .replaceAll('"', ''),
  };
}

/** DuckDB's blob text: printable ASCII as it is, other bytes as `\xHH`. */
function blobHex(text: string): string | null {
  let hex = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') {
      const pair = /^\\x([0-9a-f]{2})/i.exec(text.slice(i, i + 4));
      if (!pair) return null;
      hex += pair[1].toLowerCase();
      i += 3;
      continue;
    }
    const code = text.charCodeAt(i);
    if (code > 127) return null;
    hex += code.toString(16).padStart(2, '0');
  }
  return hex;
}

/** What the clock of UTC shows, without its zone. */
const UTC = "(current_timestamp AT TIME ZONE 'UTC')";

/**
 * The default as DuckDB's SQL for a column of this type; null if DuckDB has no words for it.
 * Sequences are written by whoever makes them.
 */
export function renderDefault(value: DefaultValue, nativeType: string): string | null {
  const type = nativeType.toUpperCase();
  switch (value.kind) {
    case 'null':
      return null;
    case 'bool':
      return type === 'BOOLEAN'
        ? String(value.value)
        : /INT/.test(type)
          ? value.value
            ? '1'
            : '0'
          : literal(String(value.value));
    case 'number':
      if (type === 'BOOLEAN') return Number(value.value) === 0 ? 'false' : 'true';
      return NUMBER.test(value.value) ? value.value : null;
    case 'text':
      return type === 'BLOB' ? blobLiteral(Buffer.from(value.value).toString('hex')) : literal(value.value);
    case 'blob':
      return blobLiteral(value.hex);
    case 'now':
      // A time of day with a zone: DuckDB's own clock has none.
      if (/^(VARCHAR|JSON|TIME WITH TIME ZONE|TIMETZ)/.test(type)) return null;
      if (value.clock === 'session' || type === 'TIMESTAMP WITH TIME ZONE' || type === 'TIMESTAMPTZ')
        return `current_${value.what}`;
      return type === 'DATE' || type === 'TIME' ? `CAST(${UTC} AS ${type})` : UTC;
    case 'uuid':
      return 'gen_random_uuid()';
    default:
      return null;
  }
}

function blobLiteral(hex: string): string {
  return `'${hex.replace(/../g, (pair) => `\\x${pair}`)}'::BLOB`;
}

/** `nextval('"schema"."name"')` -> the sequence's place. */
export function sequencePlace(reference: string): { schema: string | null; name: string } {
  return readQualified(reference);
}
