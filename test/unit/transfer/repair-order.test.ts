// Tables that refer to each other are repaired one after the other, parents first; others at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableDifference } from '../../../src/transfer/repair-collect.ts';
import { parentsFirst, unrelated } from '../../../src/transfer/repair-order.ts';

const table = (name: string, ...parents: string[]) => {
  const foreignKeys = parents.map((parent) => ({ references: { schema: null, name: parent } }));
  return { table: { standing: { schema: null, name, foreignKeys } } as unknown as TableDifference };
};
const names = (all: readonly { table: TableDifference }[]) => all.map((each) => each.table.standing?.name);

test('parents come before children, circles as they come', () => {
  const all = [table('item', 'order'), table('order', 'customer'), table('customer'), table('log')];
  assert.deepEqual(names(parentsFirst(all)), ['customer', 'order', 'item', 'log']);
  assert.deepEqual(names(parentsFirst([table('a', 'b'), table('b', 'a')])), ['b', 'a']);
});

test('of tables that refer to each other only the first goes, also of one that refers to itself', () => {
  const all = [table('customer'), table('order', 'customer'), table('node', 'node'), table('log', 'order')];
  assert.deepEqual(names(unrelated(all)), ['customer', 'node', 'log']);
});
