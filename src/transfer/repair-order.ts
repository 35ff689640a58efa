// In what order tables that refer to each other are repaired, and which of them may be repaired at once. Pure.
import type { TableDifference } from './repair-collect.ts';

interface Repaired {
  readonly table: Pick<TableDifference, 'standing' | 'source'>;
}

/** In circles, as they come. */
export function parentsFirst<T extends Repaired>(all: readonly T[]): T[] {
  const byKey = new Map(all.map((each) => [keyOf(each.table.standing ?? each.table.source), each]));
  const ordered = new Set<T>();
  const visiting = new Set<T>();
  const visit = (each: T) => {
    if (ordered.has(each) || visiting.has(each)) return;
    visiting.add(each);
    for (const key of parentsOf(each)) {
      const parent = byKey.get(key);
      if (parent) visit(parent);
    }
    ordered.add(each);
  };
  for (const each of all) visit(each);
  return [...ordered];
}

/** The first, and those behind it of which none refers to another. */
export function unrelated<T extends Repaired>(all: readonly T[]): T[] {
  const chosen: T[] = [];
  const refers = (one: T, other: T) =>
    parentsOf(one).includes(keyOf(other.table.standing ?? other.table.source));
  for (const each of all)
    if (!chosen.some((other) => refers(each, other) || refers(other, each))) chosen.push(each);
  return chosen;
}

const keyOf = ({ schema, name }: { readonly schema: string | null; readonly name: string }) =>
  JSON.stringify([schema, name]);

function parentsOf({ table }: Repaired): string[] {
  return (table.standing?.foreignKeys ?? []).map(({ references }) => keyOf(references));
}
