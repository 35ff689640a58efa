// Rows by their keys: the conditions that find them again, some thousand at a time. Values are read for keys that are shown or
// asked for, never for all rows.
import { ANY_CHILD_TYPES, type Column } from '../batch/column.ts';
import { cellText } from '../coerce/cell-text.ts';
import type { Ddl } from '../dialect/dialect.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { TableSchema } from '../types/schema.ts';

/** A key: where it stands in columns of its own database's types. */
export interface KeyPlace {
  readonly columns: readonly Column[];
  readonly row: number;
}

/** SQL that meets exactly the rows with these keys. Of mixed storage classes each key goes by its own. */
export function keysCondition(
  ddl: Ddl,
  table: TableSchema,
  names: readonly string[],
  places: readonly KeyPlace[],
): string {
  const groups = new Map<string, { types: readonly LogicalType[]; keys: (string | null)[][] }>();
  for (const { columns, row } of places) {
    const types = columns.map((column) => typeAt(column, row));
    const kinds = types.map((type) => type.kind).join();
    const group = groups.get(kinds) ?? { types, keys: [] };
    groups.set(kinds, group);
    group.keys.push(columns.map((column) => cellText(column, row, true)));
  }
  const conditions = [...groups.values()].map(({ types, keys }) =>
    ddl.keyCondition(table, names, types, keys),
  );
  if (conditions.length === 1) return conditions[0];
  return conditions.length === 0 ? '1 = 0' : conditions.map((condition) => `(${condition})`).join(' OR ');
}

function typeAt({ type, typeIds }: Column, row: number): LogicalType {
  return type.kind === 'any' ? ANY_CHILD_TYPES[typeIds?.[row] ?? 0] : type;
}
