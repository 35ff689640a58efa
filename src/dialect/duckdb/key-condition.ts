// Keys as conditions in DuckDB's SQL. Pure.
//
// A literal is cast to the column's own type. Where it has no room for the value the cast gives NULL, which equals nothing:
// such a key has no row there.
import {
  beforeChrist,
  hexDigits,
  type Key,
  type KeyPart,
  keyCondition,
  noLiteral,
} from '../../sql/key-condition.ts';
import { type LogicalType, typeName } from '../../types/logical-type.ts';
import type { TableSchema } from '../../types/schema.ts';
import { parseType, printType } from './native-type.ts';
import { literal, quote } from './sql-text.ts';

export function duckdbKeyCondition(
  table: TableSchema,
  columns: readonly string[],
  types: readonly LogicalType[],
  keys: readonly Key[],
): string {
  return keyCondition(columns, types, keys, {
    quote,
    part: (column, type) => partOf(table, column, type),
    rows: (rows) => rows.join(', '),
  });
}

function partOf(table: TableSchema, name: string, type: LogicalType): KeyPart {
  const found = table.columns.find((column) => column.name === name);
  const native = parseType(found?.nativeType ?? '');
  const column = quote(name);
  // By its text: a label that the type lacks is no value of it.
  if (native?.kind === 'enum' || type.kind === 'enum') return { column: `${column}::VARCHAR`, literal };
  if (native === null || native.kind !== 'plain')
    return { column, literal: () => noLiteral(name, typeName(type)) };
  const cast = (text: string) => `TRY_CAST(${text} AS ${printType(native)})`;
  switch (type.kind) {
    case 'int':
      return { column, literal: (text) => (isShort(text, printType(native)) ? text : cast(literal(text))) };
    case 'binary':
      return { column, literal: (text) => cast(`unhex('${hexDigits(text)}')`) };
    case 'date':
    case 'timestamp':
      return { column, literal: (text) => cast(literal(dated(text))) };
    case 'interval':
      return { column, literal: intervalLiteral };
    case 'text': {
      const hasCollation = (found?.collation ?? null) !== null;
      return {
        column,
        literal: (text) => cast(literal(text)),
        ...(hasCollation ? { exact: `CAST(${column} AS BLOB)` } : {}),
      };
    }
    case 'any':
    case 'opaque':
    case 'list':
    case 'struct':
    case 'map':
    case 'union':
      return { column, literal: () => noLiteral(name, typeName(type)) };
    default:
      return { column, literal: (text) => cast(literal(text)) };
  }
}

const INTEGERS = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;

/**
 * A number that DuckDB compares exactly with a column of that type as it stands: a fifth of the SQL of a cast, which bounds how many keys
 * a statement has.
 */
function isShort(text: string, native: string): boolean {
  return /^\d{1,18}$/.test(text) && INTEGERS.test(native);
}

function dated(text: string): string {
  const found = beforeChrist(text);
  return found ? `${found.date} (BC)${found.rest}` : text;
}

/** DuckDB reads no ISO 8601 durations, but makes intervals of their parts. */
function intervalLiteral(text: string): string {
  const found =
    /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?$/.exec(
      text,
    );
  if (!found) return 'CAST(NULL AS INTERVAL)';
  const [years, months, days, hours, minutes, minus, seconds, fraction] = found.slice(1);
  const whole = BigInt(years ?? 0) * 12n + BigInt(months ?? 0);
  const micros = BigInt(seconds ?? 0) * 1_000_000n + BigInt((fraction ?? '').padEnd(6, '0'));
  const time =
    (BigInt(hours ?? 0) * 3600n + BigInt(minutes ?? 0) * 60n) * 1_000_000n +
    (minus === '-' ? -micros : micros);
  return `(to_months(${whole}) + to_days(${days ?? 0}) + to_microseconds(${time}))`;
}
