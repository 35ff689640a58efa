// What is not carried, said to people: the thing by its name, beside its table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notCarriedWarnings, otherWarnings } from '../../../src/transfer/warnings.ts';
import type { DatabaseSchema, NotCarried } from '../../../src/types/schema.ts';

function message(object: NotCarried['object'], name: string, instead?: string): string {
  const notCarried: NotCarried[] = [
    { table: 't', object, name, reason: 'why', ...(instead ? { instead } : {}) },
  ];
  return notCarriedWarnings({ notCarried })[0].message;
}

test('one thing and several', () => {
  assert.equal(message('index', 'by_name'), 'index by_name is not carried: why');
  assert.equal(message('check', 't_check'), 'check t_check is not carried: why');
  assert.equal(message('comment', 'comment of v'), 'comment of v is not carried: why');
  assert.equal(message('comment', '1 comment'), '1 comment is not carried: why');
  assert.equal(message('comment', '4 comments'), '4 comments are not carried: why');
  assert.equal(message('index', 'long', 'as lo'), 'index long is carried as lo: why');
});

test('what hangs on a table is named beside the table that it hangs on', () => {
  const entry = (schema: string, name: string, displayName: string) => ({
    table: { schema, name },
    displayName,
  });
  const selected = [entry('public', 'log', 'log'), entry('app', 'log', 'app.log')];
  const other = (kind: 'trigger' | 'function', table: string | null) => ({
    schema: 'app',
    name: 'noted',
    kind,
    table,
    definition: null,
  });
  const catalog = {
    engine: 'postgres',
    defaultSchema: 'public',
    tables: [],
    views: [],
    types: [],
    others: [other('trigger', 'log'), other('function', null)],
  } as unknown as DatabaseSchema;
  const found = otherWarnings(catalog, selected as never, { tables: [] } as never, [], 'sqlite');
  assert.deepEqual(
    found.map(({ table, name }) => [table, name]),
    [
      ['app.log', 'noted'],
      [null, 'app.noted'],
    ],
  );
});
