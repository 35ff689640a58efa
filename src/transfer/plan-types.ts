// The user types that columns of the target stand on: one definition for each name, and none that the target has
// otherwise. Pure.
import type { Quirks } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { DatabaseSchema, UserType } from '../types/schema.ts';
import { tableKey } from './plan-names.ts';
import type { TablePlan } from './plan-table.ts';

/** Refusals by table, for tables whose columns need a type that can't be. */
export function typeConflicts(
  tables: readonly TablePlan[],
  targetCatalog: DatabaseSchema,
  quirks: Quirks,
): Map<TablePlan, FerrowError[]> {
  const standing = new Map(targetCatalog.types.map((type) => [tableKey(type, quirks), type]));
  const planned = new Map<string, { readonly type: UserType; readonly column: string }>();
  const conflicts = new Map<TablePlan, FerrowError[]>();
  for (const table of tables) {
    if (table.load.mode === 'append') continue;
    const refuse = (message: string, column: string) => {
      const error = new FerrowError('E_TYPE_EXISTS', message, { table: table.displayName, column });
      conflicts.set(table, [...(conflicts.get(table) ?? []), error]);
    };
    for (const { name: column, needs } of table.load.table.columns) {
      const place = `table "${table.displayName}", column "${column}"`;
      for (const type of needs ?? []) {
        const key = tableKey(type, quirks);
        const there = standing.get(key);
        const other = planned.get(key);
        if (there && !sameUserType(there, type)) {
          refuse(
            `${place} needs the type "${type.name}", which the target has with another definition`,
            column,
          );
        } else if (other && !sameUserType(other.type, type)) {
          refuse(`${place} needs a type "${type.name}" other than ${other.column} does`, column);
        } else planned.set(key, { type, column: place });
      }
    }
  }
  return conflicts;
}

/** The same definition; comments count for nothing. */
export function sameUserType(a: UserType, b: UserType): boolean {
  return definition(a) === definition(b);
}

function definition(type: UserType): string {
  switch (type.kind) {
    case 'enum':
      return JSON.stringify(['enum', type.labels]);
    case 'domain': {
      const checks = type.checks.map((check) => check.expression);
      const { nativeType, nullable, defaultSql, collation } = type;
      return JSON.stringify(['domain', nativeType, nullable, defaultSql, collation, checks]);
    }
    case 'composite':
      return JSON.stringify(['composite', type.fields.map(({ name, nativeType }) => [name, nativeType])]);
    case 'other':
      return JSON.stringify(['other', type.definition]);
  }
}
