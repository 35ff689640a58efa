// What --allow takes, and what it refuses: a choice that is not understood, or contradicts another, is no choice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnPolicies } from '../../../src/transfer/table-options.ts';
import { parsePolicies } from '../../../src/types/policy.ts';

test('policies are read whole', () => {
  assert.deepEqual(parsePolicies(['nan=null', 'mixed=text', 'nan=null', 'empty_as_null']), {
    nan: 'null',
    mixed: 'text',
    empty_as_null: 'null',
  });
  for (const wrong of ['nan', 'nan=', 'nan=maybe', 'nan=null=x', 'NAN=null', '=null', 'other=null'])
    assert.throws(() => parsePolicies([wrong]), { code: 'E_USAGE' }, wrong);
});

test('two policies for one key contradict each other', () => {
  assert.throws(() => parsePolicies(['mixed=text', 'mixed=composite']), /both "text" and "composite"/);
});

test('of run, table and column the narrower one wins', () => {
  const run = { allow: ['mixed=text', 'nan=null'] };
  const table = { allow: ['mixed=composite'], columnOptions: { c: { allow: ['nan=text'] } } };
  assert.deepEqual(columnPolicies(run as never, table as never, 'c'), { mixed: 'composite', nan: 'text' });
  assert.deepEqual(columnPolicies(run as never, table as never, 'd'), { mixed: 'composite', nan: 'null' });
});
