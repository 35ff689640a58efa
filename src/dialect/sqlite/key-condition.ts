// Keys as conditions in SQLite's SQL. Pure.
//
// A value compares by its storage class, so a literal has the class that the column holds: what a wire type stands as. Text
// with a NUL comes from its bytes, since a statement ends at a NUL. Doubles come from integers: SQLite's own reading of
// decimals may be off by the last bit.
import { FerrowError } from '../../errors/ferrow-error.ts';
import {
  hexDigits,
  integerText,
  type Key,
  type KeyPart,
  keyCondition,
  noLiteral,
} from '../../sql/key-condition.ts';
import { type LogicalType, typeName } from '../../types/logical-type.ts';
import type { TableSchema } from '../../types/schema.ts';
import { affinityOf } from './affinity.ts';
import { quote } from './sql-names.ts';

export function sqliteKeyCondition(
  table: TableSchema,
  columns: readonly string[],
  types: readonly LogicalType[],
  keys: readonly Key[],
): string {
  return keyCondition(columns, types, keys, {
    quote,
    part: (column, type) => partOf(table, column, type),
    rows: (rows) => `VALUES ${rows.join(', ')}`,
  });
}

function partOf(table: TableSchema, name: string, type: LogicalType): KeyPart {
  const found = table.columns.find((column) => column.name === name);
  const affinity = affinityOf(found?.nativeType ?? '');
  const part: KeyPart = { column: quote(name), literal: literalOf(name, type, affinity === 'text') };
  const hasCollation = (found?.collation ?? null) !== null;
  return hasCollation ? { ...part, exact: `${quote(name)} COLLATE BINARY` } : part;
}

function literalOf(column: string, type: LogicalType, isText: boolean): (text: string) => string {
  switch (type.kind) {
    case 'bool':
      return (text) => (isText ? textLiteral(text) : text === 'true' ? '1' : '0');
    case 'int':
      // Wider ones stand as text, as everything does in a column that makes texts of numbers.
      return type.bits === 128 || (type.bits === 64 && !type.signed)
        ? (text) => textLiteral(integerText(text))
        : (text) => integerLiteral(integerText(text));
    case 'float':
      return doubleLiteral;
    case 'decimal':
      return isText ? textLiteral : doubleLiteral;
    case 'binary':
      return (text) => `x'${hexDigits(text)}'`;
    case 'any':
    case 'opaque':
    case 'list':
    case 'struct':
    case 'map':
    case 'union':
      return () => noLiteral(column, typeName(type));
    default:
      return textLiteral;
  }
}

function textLiteral(text: string): string {
  if (text.includes('\0')) return `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`;
  return `'${text.replaceAll("'", "''")}'`;
}

/** The smallest integer has no literal: its digits alone are one more than the largest. */
function integerLiteral(digits: string): string {
  return BigInt(digits) === -(2n ** 63n) ? '(-9223372036854775807 - 1)' : digits;
}

const TWO_62 = '4611686018427387904.0';

/** m * 2^e, each step exact. Numbers without a fraction are integers, which compare by value. */
export function doubleLiteral(text: string): string {
  const value = Number(text.replace(/^(-?)inf.*$/i, '$1Infinity'));
  if (text.trim() === '' || Number.isNaN(value))
    throw new FerrowError('E_INTERNAL', 'a key that is no number came for a column of numbers');
  if (!Number.isFinite(value)) return value > 0 ? '9e999' : '-9e999';
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  let mantissa = value;
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  while (!Number.isSafeInteger(mantissa)) {
    mantissa /= 2;
    exponent++;
  }
  let sql = `${mantissa} * 1.0`;
  const by = exponent < 0 ? '/' : '*';
  for (let left = Math.abs(exponent); left > 0; left -= 62)
    sql += ` ${by} ${left >= 62 ? TWO_62 : `${2n ** BigInt(left)}.0`}`;
  return `(${sql})`;
}
