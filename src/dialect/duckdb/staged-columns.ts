// The columns of staging tables, and what becomes of them when the rows take their place. Pure.
import { type LogicalType, sameType } from '../../types/logical-type.ts';
import type { TableLoad } from '../dialect.ts';
import { type NativeType, parseType } from './native-type.ts';
import { quote } from './sql-text.ts';
import { nativeOf, selectedAs, wireOf } from './wire-types.ts';

/**
 * The type a staging column has: what the appender takes for this wire type. Differs from the final type only
 * where that has no vectors of its own that could be trusted with what arrives: DuckDB casts when the rows take
 * their place (BIGNUM from text, GEOMETRY from well-known binary, VARIANT from JSON).
 */
export function stagingType(nativeType: string, wire: LogicalType): string {
  const tree = parseType(nativeType);
  const own = wireOf(nativeType);
  if (!tree || !own) return nativeOf(wire) ?? nativeType;
  if (isGeometry(tree)) return 'BLOB';
  const selected = selectedAs(tree);
  if (sameType(own, wire)) return selected ?? nativeType;
  if (own.kind === 'text' && wire.kind === 'numeric') return nativeType;
  return nativeOf(wire) ?? nativeType;
}

/** SQL of the staged columns as their table holds them. Casts are DuckDB's own to add. */
export function arrivedColumns(load: TableLoad): string {
  return load.columns.map(({ name }) => arrived(load, name, '')).join(', ');
}

/** One of them, in the type of its table, for comparing. `from`: `staged.` */
export function arrivedColumn(load: TableLoad, name: string, from = ''): string {
  const native = load.table.columns.find((column) => column.name === name)?.nativeType ?? '';
  const wire = load.columns.find((column) => column.name === name)?.wire;
  const own = wire === undefined || stagingType(native, wire) === native || isGeometry(parseType(native));
  return own ? arrived(load, name, from) : `CAST(${from}${quote(name)} AS ${native})`;
}

function arrived(load: TableLoad, name: string, from: string): string {
  const native = load.table.columns.find((column) => column.name === name)?.nativeType ?? '';
  return isGeometry(parseType(native)) ? `ST_GeomFromWKB(${from}${quote(name)})` : `${from}${quote(name)}`;
}

export const isGeometry = (type: NativeType | null): boolean =>
  type?.kind === 'plain' && type.name === 'GEOMETRY';
