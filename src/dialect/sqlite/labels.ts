// Enums in SQLite: a TEXT column with a CHECK that lists the labels. The column carries the labels as a fact, and the
// CHECK is printed from them and known again by its text. Pure.
import type { LogicalType } from '../../types/logical-type.ts';
import type { ColumnSchema, UserType } from '../../types/schema.ts';
import { literal, quote } from './sql-names.ts';

/** More are not checked: the list would be read for every row. */
const LABELS_MAX = 1000;

/** The enum that the column stands for, if it does. */
export function labelsOf(column: ColumnSchema): (LogicalType & { kind: 'enum' }) | null {
  const labels = column.typeFacts?.['labels'];
  const name = column.typeFacts?.['enumName'];
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) return null;
  return { kind: 'enum', name: typeof name === 'string' ? name : null, labels };
}

/** `"mood" IN ('sad', 'happy')`; null where no list can say it. */
export function labelsCheck(column: string, labels: readonly string[]): string | null {
  if (labels.length === 0 || labels.length > LABELS_MAX) return null;
  if (labels.some((label) => label.includes('\0'))) return null;
  return `${quote(column)} IN (${labels.map(literal).join(', ')})`;
}

/** An enum as a type that a SQLite column needs; no schema, unlike the types of other engines. */
export function enumType(name: string, labels: readonly string[]): UserType {
  return { kind: 'enum', schema: null, name, labels };
}

/** The column with its labels as facts, if `create` said that it needs them. */
export function withLabels(column: ColumnSchema): ColumnSchema {
  const { needs, ...plain } = column;
  const found = needs?.find((type) => type.kind === 'enum' && type.schema === null);
  if (found?.kind !== 'enum') return plain;
  return { ...plain, typeFacts: { ...plain.typeFacts, labels: found.labels, enumName: found.name } };
}
