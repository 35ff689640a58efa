// When two pieces of SQL count as the same in schema compare. Pure; each text is read by the engine's own words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from '../../../src/dialect/dialect.ts';
import { postgres } from '../../../src/dialect/postgres/index.ts';
import { sqlite } from '../../../src/dialect/sqlite/index.ts';
import { columnDifferences, tableDifferences } from '../../../src/transfer/compare-table.ts';
import { sameDefault, sameTree } from '../../../src/transfer/same-meaning.ts';
import type { IndexSchema, TableSchema } from '../../../src/types/schema.ts';
import { columnSchema as column, tableSchema as table } from '../../support/schemas.ts';

async function understood(dialect: Dialect, ...tables: TableSchema[]): Promise<readonly TableSchema[]> {
  const { defaultSchema } = dialect.quirks;
  const schema = await dialect.ddl.understand({
    engine: dialect.name,
    defaultSchema,
    tables,
    views: [],
    types: [],
    others: [],
  });
  return schema.tables;
}

const checked = (expression: string) =>
  table('t', [column('a', 'integer'), column('b', 'text')], {
    schema: 'public',
    checks: [{ name: null, expression }],
  });

test('checks are the same if they say the same, however the server prints them', async () => {
  const differences = async (ours: string, theirs: string) => {
    const [one, other] = await understood(postgres, checked(ours), checked(theirs));
    return tableDifferences(one, other, postgres);
  };
  assert.deepEqual(
    await differences('a > 0 AND (a < 10 AND b IS NOT NULL)', '((a > 0) AND (a < 10) AND (b IS NOT NULL))'),
    [],
  );
  assert.deepEqual(await differences("b IN ('x', 'y')", "(b = ANY (ARRAY['x'::text, 'y'::text]))"), []);
  assert.equal((await differences('a > 0', '(a >= 0)')).length, 2);
  assert.equal((await differences("b = 'x'", "(b = 'X'::text)")).length, 2);
});

test('indexes compare by parts, direction and condition; a name is no difference', async () => {
  const index = (facts: Partial<IndexSchema>): TableSchema => ({
    ...checked('a > 0'),
    schema: null,
    indexes: [
      {
        name: 'i',
        unique: false,
        parts: [{ column: 'a', expression: null, descending: false, collation: null }],
        where: null,
        method: 'btree',
        plain: true,
        definition: '',
        ...facts,
      },
    ],
  });
  const same = async (ours: Partial<IndexSchema>, theirs: Partial<IndexSchema>) => {
    const [one, other] = await understood(sqlite, index(ours), index(theirs));
    return tableDifferences(one, other, sqlite).length === 0;
  };
  const down = { parts: [{ column: 'a', expression: null, descending: true, collation: null }] };
  assert.ok(await same({}, { name: 'another' }));
  assert.ok(!(await same({}, down)));
  assert.ok(!(await same({}, { unique: true })));
  assert.ok(await same({ where: 'a > 5' }, { where: '("a" > 5)' }));
  assert.ok(!(await same({ where: 'a > 5' }, { where: 'a > 6' })));
  assert.ok(!(await same({ where: 'a > 5' }, {})));
});

test('a view that an engine sorts within a frame is the view itself', () => {
  const inner = {
    node: 'query',
    with: [],
    body: { node: 'set', left: 1 },
    order: [],
    limit: null,
    offset: null,
  };
  const columns = [{ name: 'a' }];
  const key = (relation: string | null) => [{ expression: { node: 'column', relation, name: 'a' } }];
  const framed = {
    ...inner,
    body: {
      node: 'select',
      distinct: false,
      outputs: [{ name: 'a', expression: { node: 'column', relation: 'sorted', name: 'a' } }],
      from: { node: 'derived', alias: 'sorted', query: { ...inner, columns } },
      where: null,
      groupBy: [],
      having: null,
    },
    order: key('sorted'),
    columns,
  };
  assert.ok(sameTree({ ...inner, order: key(null), columns }, framed));
  assert.ok(!sameTree({ ...inner, columns }, framed));
  // Engines that take "A" and "a" for one name write either.
  const lower = { ...framed, body: { ...framed.body, outputs: [{ ...framed.body.outputs[0], name: 'A' }] } };
  assert.ok(sameTree({ ...inner, order: key(null), columns }, lower));
});

test('columns: defaults, numbering, collation, comment', () => {
  const at = table('t', []);
  const differences = (ours: object, theirs: object, sameEngine = true) =>
    columnDifferences(column('c', 'text', ours), column('c', 'text', theirs), at, sameEngine).length;
  const yes = { kind: 'bool' as const, value: true, sql: 'true' };
  assert.ok(sameDefault(yes, { kind: 'number', value: '1', sql: '1' }));
  assert.equal(differences({ default: yes }, {}), 1);
  assert.equal(differences({ collation: 'C' }, {}), 1);
  assert.equal(differences({ comment: 'x' }, { comment: 'x' }), 0);
  assert.equal(differences({ nullable: false }, {}), 1);
  const serial = { identity: { kind: 'serial' as const } };
  assert.equal(differences(serial, { identity: { kind: 'always' as const } }), 1);
  assert.equal(differences(serial, { identity: { kind: 'rowid' as const } }, false), 0);
  assert.equal(differences({}, { identity: { kind: 'rowid' as const } }, false), 0);
  assert.equal(differences(serial, {}, false), 1);
});
