// Names of kept tables, which swap a rollback is about, and changes of SQLite's own record of a schema.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withIndexName, withReferences } from '../../../src/dialect/sqlite/schema-text.ts';
import { oldName, rowsToUndo, type SwapRow } from '../../../src/dialect/swap.ts';

describe('names of kept tables', () => {
  test('the name and a suffix, where that fits', () => {
    assert.equal(oldName('Album'), 'Album_ferrow_old');
    assert.equal(oldName('a'.repeat(52), 63), `${'a'.repeat(52)}_ferrow_old`);
  });

  test('else its beginning and a hash: short enough, never half a character, another for each name', () => {
    for (const name of ['a'.repeat(53), 'ü'.repeat(31), '🚢'.repeat(15)]) {
      const old = oldName(name, 63);
      assert.ok(Buffer.byteLength(old) <= 63);
      assert.equal(Buffer.from(old).toString(), old);
      assert.match(old, /_[0-9a-f]{8}_ferrow_old$/);
    }
    assert.notEqual(oldName(`${'a'.repeat(60)}b`, 63), oldName(`${'a'.repeat(60)}c`, 63));
  });
});

describe('which swap a rollback is about', () => {
  const row = (
    runId: string,
    name: string,
    undoes: string | null = null,
    undoneBy: string | null = null,
  ): SwapRow => ({
    runId,
    undoes,
    undoneBy,
    schema: null,
    name,
    oldName: `${name}_ferrow_old`,
    note: '',
  });
  const ids = (rows: readonly SwapRow[], run: string | null) =>
    rowsToUndo(rows, run).map((each) => `${each.runId} ${each.name}`);
  const nothing = (rows: readonly SwapRow[], run: string | null, message: RegExp) =>
    assert.throws(
      () => rowsToUndo(rows, run),
      (error: { code: string; message: string; hint: string }) => {
        assert.equal(error.code, 'E_NOTHING_TO_ROLL_BACK');
        assert.match(`${error.message} ${error.hint}`, message);
        return true;
      },
    );

  test('the last run, with all of its tables, or the one whose id begins so', () => {
    const rows = [row('aa', 't'), row('bb', 'u'), row('bb', 'v')];
    assert.deepEqual(ids(rows, null), ['bb u', 'bb v']);
    assert.deepEqual(ids(rows, 'a'), ['aa t']);
    nothing(rows, 'c', /the last one is bb/);
    nothing([], null, /no blue-green run/);
    assert.throws(() => rowsToUndo([row('ab', 't'), row('ac', 'u')], 'a'), { code: 'E_USAGE' });
  });

  test('not one that was put back already, nor one that another stands upon', () => {
    const undone = [row('aa', 't', null, 'bb'), row('bb', 't', 'aa', 'cc'), row('cc', 't', 'bb')];
    nothing(undone, null, /put back already.*ferrow rollback TARGET cc/);
    assert.deepEqual(ids(undone, 'cc'), ['cc t']);
    nothing([row('aa', 't'), row('bb', 't')], 'aa', /swapped again after run aa, by bb/);
    nothing([row('aa', 't'), row('bb', 't', null, 'cc'), row('cc', 't', 'bb')], 'aa', /by cc/);
  });
});

describe('SQLite’s record of a schema', () => {
  test('the name of an index, however it is written', () => {
    assert.equal(withIndexName('CREATE INDEX a ON t (b)', 'c"d'), 'CREATE INDEX "c""d" ON t (b)');
    assert.equal(
      withIndexName('CREATE UNIQUE INDEX /* a */ [a b] ON "a b" ("a b") WHERE x > \'a b\'', 'c'),
      'CREATE UNIQUE INDEX /* a */ "c" ON "a b" ("a b") WHERE x > \'a b\'',
    );
  });

  test('the tables that foreign keys name, and nothing that only looks like it', () => {
    assert.equal(
      withReferences(
        'CREATE TABLE t (a REFERENCES p, "references" DEFAULT \'REFERENCES q\', FOREIGN KEY (a) references `q r` (x) -- REFERENCES s\n)',
        (table) => `${table}_old`,
      ),
      'CREATE TABLE t (a REFERENCES "p_old", "references" DEFAULT \'REFERENCES q\', FOREIGN KEY (a) references "q r_old" (x) -- REFERENCES s\n)',
    );
  });
});
