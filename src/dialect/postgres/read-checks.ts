// What reading a column of PostgreSQL must look out for, beside its type. Pure.
import type { LogicalType } from '../../types/logical-type.ts';
import type { Check } from '../../types/mapping.ts';

/** The server vouches for UTF-8, but not in a SQL_ASCII database. */
export function textChecks(wire: LogicalType, sqlAscii: boolean): Check[] {
  const holdsText = ['text', 'json', 'list', 'struct', 'map', 'enum'].includes(wire.kind);
  return sqlAscii && holdsText ? [{ kind: 'utf8' }] : [];
}

/** The same type with numerics of any size where it has decimals; itself where it has none. */
export function withoutDecimals(type: LogicalType): LogicalType {
  return replaced(type, 'decimal', { kind: 'numeric' });
}

/** The same type with text where it has enums, whose values are their labels; itself where it has none. */
export function withoutEnums(type: LogicalType): LogicalType {
  return replaced(type, 'enum', { kind: 'text' });
}

function replaced(type: LogicalType, kind: LogicalType['kind'], by: LogicalType): LogicalType {
  if (type.kind === kind) return by;
  if (type.kind === 'list') {
    const element = replaced(type.element, kind, by);
    return element === type.element ? type : { ...type, element };
  }
  if (type.kind !== 'struct') return type;
  const fields = type.fields.map((field) => ({ ...field, type: replaced(field.type, kind, by) }));
  return fields.every((field, at) => field.type === type.fields[at].type) ? type : { ...type, fields };
}
