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
  if (type.kind === 'decimal') return { kind: 'numeric' };
  if (type.kind === 'list') {
    const element = withoutDecimals(type.element);
    return element === type.element ? type : { ...type, element };
  }
  if (type.kind !== 'struct') return type;
  const fields = type.fields.map((field) => ({ ...field, type: withoutDecimals(field.type) }));
  return fields.every((field, at) => field.type === type.fields[at].type) ? type : { ...type, fields };
}
