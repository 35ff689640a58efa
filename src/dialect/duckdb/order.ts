// In which order tables can be made, DuckDB declaring foreign keys only to tables that exist. Pure.
import type { ForeignKeySchema, TableName, TableSchema } from '../../types/schema.ts';

/** DuckDB's names ignore case. */
export const tableKey = (table: TableName): string =>
  `${(table.schema ?? 'main').toLowerCase()}\0${table.name.toLowerCase()}`;

/** The key of the table that a foreign key of `table` points at. */
export const parentKeyOf = (table: TableName, key: ForeignKeySchema): string =>
  tableKey({ schema: key.references.schema ?? table.schema, name: key.references.name });

/**
 * Parents before children. In a cycle one table has to go before a parent of its: that key can't be declared.
 */
export function parentsFirst<T extends TableSchema>(tables: readonly T[]): T[] {
  const byKey = new Map(tables.map((table) => [tableKey(table), table]));
  const state = new Map<string, 'open' | 'done'>();
  const order: T[] = [];
  // An explicit stack: chains of foreign keys may be longer than the call stack is deep.
  for (const root of tables) {
    const stack: { table: T; next: number }[] = [{ table: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const key = tableKey(top.table);
      if (top.next === 0 && state.has(key)) {
        stack.pop();
        continue;
      }
      state.set(key, state.get(key) ?? 'open');
      const parents = top.table.foreignKeys;
      if (top.next < parents.length) {
        const foreignKey = parents[top.next++];
        const parentKey = parentKeyOf(top.table, foreignKey);
        const parent = byKey.get(parentKey);
        if (parent && !state.has(parentKey)) stack.push({ table: parent, next: 0 });
        continue;
      }
      state.set(key, 'done');
      order.push(top.table);
      stack.pop();
    }
  }
  return order;
}
