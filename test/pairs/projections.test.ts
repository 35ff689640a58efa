// Some of a table's columns: what speaks of those alone comes along, what speaks of others is listed, and values that the source
// computes from others are carried as values.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseMigrator } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

/** `a` and `size of` stay; `order`, whose name must be quoted, and `e` are left out. */
const CHECKS = {
  kept: ['a > 0', '"size of" < 100', 'a < "size of"'],
  lost: ['"order" >= 0', 'a < e'],
};

describe('a projection', () => {
  const place = emptyPlaces({ before, after });

  for (const engine of ENGINES) {
    test(`within ${engine}: constraints, indexes and computed columns`, async () => {
      const [from, to] = [await place(engine), await place(engine)];
      const checks = [...CHECKS.kept, ...CHECKS.lost].map((check) => `CHECK (${check})`);
      const computed = engine === 'duckdb' ? '' : ', sum INTEGER GENERATED ALWAYS AS (a + e) STORED';
      await runStatements(from, [
        `CREATE TABLE t (a INTEGER, "size of" INTEGER, "order" INTEGER, e INTEGER${computed}, ${checks.join(', ')})`,
        'INSERT INTO t (a, "size of", "order", e) VALUES (1, 2, 3, 4)',
        'CREATE INDEX of_sum ON t ((a + "size of"))',
        ...(engine === 'duckdb' ? [] : ['CREATE INDEX of_few ON t (a) WHERE e = 4']),
      ]);
      const columns = ['a', 'size of', ...(engine === 'duckdb' ? [] : ['sum'])];
      await using migrator = new DatabaseMigrator(from, to);
      const { error, warnings } = await migrator.migrateAllTables({ columns });
      assert.equal(error, null);
      const lost = warnings.filter(({ code }) => code === 'W_NOT_CARRIED').map(({ message }) => message);
      const expected = [
        ...CHECKS.lost.map(() => /^check .* some of its columns are left out/),
        ...(engine === 'duckdb' ? [] : [/^index of_few .* some of its columns are left out/]),
        ...(engine === 'duckdb' ? [] : [/^generated column sum .* its values are carried/]),
      ];
      assert.equal(lost.length, expected.length, lost.join('\n'));
      for (const pattern of expected)
        assert.ok(
          lost.some((line) => pattern.test(line)),
          `${pattern}: ${lost}`,
        );
      const row = engine === 'duckdb' ? ['1', '2'] : ['1', '2', '5'];
      assert.deepEqual(await queryText(to, 'SELECT * FROM t'), [row]);
      for (const [a, size] of [
        [-1, 2],
        [1, 100],
        [5, 4],
      ])
        await assert.rejects(runStatements(to, [`INSERT INTO t (a, "size of") VALUES (${a}, ${size})`]));
      await runStatements(to, ['INSERT INTO t (a, "size of") VALUES (5, 6)']);
      const indexes = {
        sqlite: "SELECT name FROM sqlite_schema WHERE type = 'index'",
        duckdb: 'SELECT index_name FROM duckdb_indexes()',
        postgres: "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
      }[engine];
      assert.deepEqual(await queryText(to, indexes), [['of_sum']]);
    });
  }
});
