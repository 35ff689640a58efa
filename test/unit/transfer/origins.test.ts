// The way home: what is remembered of columns, and the types they get back. Pure; no database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeOf, originsOf } from '../../../src/transfer/origins.ts';
import type { ColumnOrigin } from '../../../src/types/schema.ts';
import { columnSchema as column } from '../../support/schemas.ts';

const POSTGRES: ColumnOrigin = { engine: 'postgres', nativeType: 'numeric(40,2)', typeFacts: { typmod: 1 } };
const DUCKDB: ColumnOrigin = { engine: 'duckdb', nativeType: 'VARCHAR', origin: POSTGRES };

test('the nearest origin of an engine counts', () => {
  const wandered = column('c', 'TEXT', { origin: DUCKDB });
  assert.equal(homeOf(wandered, 'duckdb')?.nativeType, 'VARCHAR');
  assert.equal(homeOf(wandered, 'postgres')?.nativeType, 'numeric(40,2)');
  assert.equal(homeOf(wandered, 'sqlite'), null);
  assert.equal(homeOf(column('c', 'TEXT'), 'postgres'), null);
});

test('what a column was is remembered with what it was before, each engine once', () => {
  const source = column('c', 'NUMERIC_TEXT', { origin: DUCKDB, collation: 'NOCASE' });
  const made = column('c', 'numeric(40,2)');
  assert.deepEqual(originsOf([{ source, made }], 'sqlite', 'postgres'), [
    {
      column: 'c',
      made: 'numeric(40,2)',
      origin: {
        engine: 'sqlite',
        nativeType: 'NUMERIC_TEXT',
        collation: 'NOCASE',
        origin: { engine: 'duckdb', nativeType: 'VARCHAR' },
      },
    },
  ]);
});

test('a copy to the same engine only passes on what was there', () => {
  const made = column('c', 'TEXT');
  assert.deepEqual(originsOf([{ source: column('c', 'TEXT'), made }], 'sqlite', 'sqlite'), []);
  const [kept] = originsOf([{ source: column('c', 'TEXT', { origin: DUCKDB }), made }], 'sqlite', 'sqlite');
  assert.deepEqual(kept.origin, DUCKDB);
  assert.equal(JSON.stringify(kept).includes('sqlite'), false);
});
