// GROUP BY: every output must follow from the group. SQLite lets others stand, and takes them from any row. Pure.
import type { Expression } from '../types/expression.ts';
import type { From } from './from-clause.ts';
import { notKnown } from './not-known.ts';

export function hasAggregate(value: unknown): boolean {
  return find(value, (node) => node.node === 'aggregate' && node.over === null) !== null;
}

type Found = { node: string; over?: unknown; relation?: unknown; name?: unknown };

/** The first node within that fits; queries within are looked into as well. */
function find(value: unknown, fits: (node: Found) => boolean): Found | null {
  if (Array.isArray(value)) {
    for (const part of value) {
      const found = find(part, fits);
      if (found) return found;
    }
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const node = value as Found;
  if (typeof node.node === 'string') {
    if (node.node === 'query') return null;
    if (fits(node)) return node;
  }
  return find(Object.values(value), fits);
}

/** @throws NotKnown for a column that differs within a group */
export function checkGrouped(
  values: readonly Expression[],
  keys: readonly Expression[],
  from: From | null,
): void {
  const grouped = new Set(keys.map((key) => JSON.stringify(key)));
  const aliases = new Set((from?.relations ?? []).map(({ alias }) => alias));
  const check = (value: unknown): void => {
    if (Array.isArray(value)) for (const part of value) check(part);
    else if (typeof value === 'object' && value !== null) {
      const node = value as Found;
      if (grouped.has(JSON.stringify(value))) return;
      if (node.node === 'aggregate' && node.over === null) return;
      if (node.node === 'column' && aliases.has(String(node.relation))) {
        notKnown(`the column ${String(node.name)}, which is not in GROUP BY`);
      }
      for (const part of Object.values(value)) check(part);
    }
  };
  check(values);
}
