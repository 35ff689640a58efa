// Understands SQLite's column defaults, and writes defaults of any engine in SQLite's words. Pure.
import type { DefaultValue } from '../../types/schema.ts';
import { affinityOf, parseDeclared } from './affinity.ts';
import { TemporalProbe } from './codec/temporal-probe.ts';
import { isOfForm } from './codec/text-forms.ts';
import { BOOLEAN_NAMES, FORM_NAMES, TEMPORAL_NAMES } from './declared-names.ts';
import { SqlSyntaxError, type Token, tokenize } from './tokens.ts';

/** `sql` is dflt_value as table_xinfo gives it: parentheses around an expression are already gone. */
export function parseDefault(sql: string): DefaultValue {
  let tokens: Token[];
  try {
    tokens = tokenize(sql);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return { kind: 'expression', sql: `(${sql})` };
    throw error;
  }
  while (tokens.length > 2 && tokens[0].value === '(' && tokens.at(-1)?.value === ')') {
    tokens = tokens.slice(1, -1);
  }
  if (tokens.map(({ value }) => value).join(' ') === UUID_TOKENS) return { kind: 'uuid', sql: `(${sql})` };
  const call = sql.replace(/^\(+|\)+$/g, '').replace(/^\w+/, (name) => name.toLowerCase());
  const now = readNow(call.replace(/,\s*/, ', '));
  if (now) return { kind: 'now', ...now, sql: `(${sql})` };
  const sign = tokens.length === 2 && tokens[0].kind === 'symbol' ? tokens[0].value : '';
  if (sign === '-' || sign === '+') tokens = tokens.slice(1);
  if (tokens.length === 1) {
    const value = literal(tokens[0], sign === '-' ? '-' : '', sql);
    if (value && (sign === '' || value.kind === 'number')) return value;
  }
  return { kind: 'expression', sql: `(${sql})` };
}

/** A random UUID of version 4, in lower case. */
const UUID_SQL =
  "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || " +
  "substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";
const UUID_TOKENS = tokenize(UUID_SQL)
  .map(({ value }) => value)
  .join(' ');

/** Calls that say CURRENT_…, without their last parenthesis. Those with +00:00 are what Ferrow itself writes. */
const NOW: Readonly<Record<string, 'date' | 'time' | 'timestamp'>> = {
  "datetime('now'": 'timestamp',
  'datetime(': 'timestamp',
  "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now'": 'timestamp',
  "strftime('%Y-%m-%d %H:%M:%S', 'now'": 'timestamp',
  "strftime('%H:%M:%S+00:00', 'now'": 'time',
  "date('now'": 'date',
  'date(': 'date',
  "time('now'": 'time',
  'time(': 'time',
};

const LOCAL = /^(datetime|date|time)\('now', 'localtime'$/;

function readNow(call: string): { what: 'date' | 'time' | 'timestamp'; clock?: 'session' } | null {
  const local = LOCAL.exec(call);
  const what = NOW[local ? `${local[1]}(` : call];
  return what ? { what, ...(local ? { clock: 'session' } : {}) } : null;
}

function literal(token: Token, sign: string, sql: string): DefaultValue | null {
  switch (token.kind) {
    case 'number':
      return { kind: 'number', value: sign + decimalText(token.value), sql };
    case 'blob':
      return { kind: 'blob', hex: token.value, sql };
    case 'string':
    case 'quoted':
      return { kind: 'text', value: token.value, sql };
    case 'word':
      return KEYWORDS[token.keyword]?.(sql) ?? { kind: 'text', value: token.value, sql };
    default:
      return null;
  }
}

const KEYWORDS: Readonly<Record<string, (sql: string) => DefaultValue>> = {
  NULL: (sql) => ({ kind: 'null', sql }),
  TRUE: (sql) => ({ kind: 'bool', value: true, sql }),
  FALSE: (sql) => ({ kind: 'bool', value: false, sql }),
  CURRENT_TIMESTAMP: (sql) => ({ kind: 'now', what: 'timestamp', sql }),
  CURRENT_DATE: (sql) => ({ kind: 'now', what: 'date', sql }),
  CURRENT_TIME: (sql) => ({ kind: 'now', what: 'time', sql }),
};

/** Hexadecimal integers are 64-bit two's complement. */
function decimalText(text: string): string {
  if (!/^0x/i.test(text)) return text.replaceAll('_', '');
  return BigInt.asIntN(64, BigInt(text)).toString();
}

/** The default in SQLite's words, or null where it has none. `nativeType` is the target column's. */
export function renderDefault(value: DefaultValue, nativeType: string, fromSqlite: boolean): string | null {
  if (fromSqlite) return value.sql === '' ? null : value.sql;
  switch (value.kind) {
    case 'null':
      return 'NULL';
    case 'bool':
      return value.value ? '1' : '0';
    case 'number':
      return /^[-+]?[0-9.eE+-]+$/.test(value.value) ? value.value : null;
    case 'text':
      return renderText(value.value, nativeType);
    case 'uuid':
      return nativeType.toUpperCase() === 'UUID' ? `(${UUID_SQL})` : null;
    case 'blob':
      return `x'${value.hex}'`;
    case 'now':
      if (nativeType.toUpperCase() === 'TIMESTAMPTZ') return "(strftime('%Y-%m-%d %H:%M:%S+00:00', 'now'))";
      if (nativeType.toUpperCase() === 'TIMETZ') return "(strftime('%H:%M:%S+00:00', 'now'))";
      return value.clock === 'session'
        ? `(${value.what === 'timestamp' ? 'datetime' : value.what}('now', 'localtime'))`
        : `CURRENT_${value.what.toUpperCase()}`;
    default:
      return null;
  }
}

/** A text default must be of the form in which the column's values stand. */
function renderText(text: string, nativeType: string): string | null {
  const { name } = parseDeclared(nativeType);
  // NaN and Infinity of other engines' numbers would be texts here.
  if (/^(float|double|real|decimal|numeric)/i.test(name) && !name.endsWith('_TEXT')) return null;
  if (text.includes('\0')) return null;
  const form = Object.hasOwn(FORM_NAMES, name) ? FORM_NAMES[name] : null;
  if (form !== null) return isOfForm(form, text) ? quoted(text) : null;
  if (affinityOf(nativeType) === 'integer' || BOOLEAN_NAMES.has(name)) return null;
  const temporal = Object.hasOwn(TEMPORAL_NAMES, name) ? TEMPORAL_NAMES[name] : null;
  if (temporal === null) return quoted(text);
  // PostgreSQL writes the offset of UTC as +00.
  const own = temporal.kind === 'timestamp' && temporal.zone ? text.replace(/\+00$/, '+00:00') : text;
  const probe = new TemporalProbe();
  if (!probe.add(own)) return null;
  const { kind, format } = probe.finish();
  const zone = temporal.kind === 'timestamp' && temporal.zone ? '+00:00' : '';
  const infinite = kind === null;
  const isSame = kind === temporal.kind && format?.zone === zone;
  const fitting = isSame && (kind === 'date' || kind === 'time' || format?.separator === ' ');
  // As short as can be.
  const plain = !/\.[0-9]*0(\+|$)/.test(own);
  return infinite || (fitting && plain) ? quoted(own) : null;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
