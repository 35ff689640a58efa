// Every type from server to server, judged by the servers' own text: as it is, and by canonical types as if another engine
// stood between. What can't be is refused by name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { SourceEngine, TargetEngine } from '../../../../src/dialect/dialect.ts';
import { postgres } from '../../../../src/dialect/postgres/index.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
import type { TableSchema } from '../../../../src/types/schema.ts';
import { renderValue } from '../../../golden/render.ts';
import { type PostgresServer, runSql, startPostgres } from '../../../support/postgres.ts';
import { carry, ONLY_HERE, OWN_TYPES, SETUP, shownType, TYPES, wayOf } from './every-type.ts';

let server: PostgresServer;
let from: string;
let source: SourceEngine;
let tables: readonly TableSchema[];
let runs = 0;

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

before(async () => {
  server = await startPostgres();
  from = await server.createDatabase();
  const all = [...TYPES, ...ONLY_HERE];
  await runSql(
    from,
    ...SETUP,
    ...OWN_TYPES,
    ...all.flatMap(([type, values], at) => [
      `CREATE TABLE t${at} (id int PRIMARY KEY, v ${type})`,
      `INSERT INTO t${at} VALUES (0, NULL), ${values.map((value, row) => `(${row + 1}, ${quoted(value)})`).join(', ')}`,
    ]),
  );
  source = await postgres.openSource(postgres.locate(from, {}), { connections: 1 });
  tables = (await source.catalog([])).tables;
});
after(async () => {
  await source.close();
  await server.stop();
});

const tableOf = (name: string) => tables.find((table) => table.name === name) as TableSchema;

async function openTarget(url: string): Promise<{ target: TargetEngine; runId: string }> {
  const target = await postgres.openTarget(postgres.locate(url, {}), { connections: 2, readOnly: false });
  const runId = `run-${++runs}`;
  await target.beginRun({
    runId,
    epoch: 1,
    state: 'copying',
    planHash: 'h',
    source: 's',
    target: 't',
    snapshotId: null,
    startedAt: '2024-01-01T00:00:00Z',
    version: '0',
  });
  return { target, runId };
}

/** Every value as the server prints it, and the column's type. */
async function contents(url: string, table: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') });
  await client.connect();
  try {
    const sql = `SELECT id, v::text AS v, pg_typeof(v)::text AS typ, format_type(a.atttypid, a.atttypmod) AS type
      FROM ${table}, pg_attribute a WHERE a.attrelid = '${table}'::regclass AND a.attname = 'v' ORDER BY id`;
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

for (const how of ['same', 'home'] as const) {
  const title = how === 'same' ? 'as they are' : 'by canonical types';
  test(`every type, from server to server, ${title}`, async (t) => {
    const to = await server.createDatabase();
    await runSql(to, ...SETUP);
    const { target, runId } = await openTarget(to);
    try {
      const list = how === 'same' ? [...TYPES, ...ONLY_HERE] : TYPES;
      for (const [at, [type]] of list.entries()) {
        await t.test(type, async () => {
          const name = `t${at}`;
          const way = await wayOf(source, tableOf(name), how);
          if (how === 'home') assert.equal(shownType(way.read[1]), TYPES[at][2]);
          await target.prepare([way.load]);
          await carry(source, target, way, runId);
          assert.deepEqual(await contents(to, name), await contents(from, name));
        });
      }
      const made = await target.catalog(['*']);
      const wanted = await source.catalog(['*']);
      assert.deepEqual(made.types, wanted.types);
    } finally {
      await target.close();
    }
  });
}

test('every type is appended to a table that stands', async (t) => {
  for (const how of ['same', 'home'] as const) {
    const to = await server.createDatabase();
    await runSql(
      to,
      ...SETUP,
      ...OWN_TYPES,
      ...TYPES.map(([type], at) => `CREATE TABLE t${at} (id int PRIMARY KEY, v ${type})`),
    );
    const { target, runId } = await openTarget(to);
    try {
      const existing = (await target.catalog([])).tables;
      for (const [at, [type]] of TYPES.entries()) {
        await t.test(`${type} ${how}`, async () => {
          const name = `t${at}`;
          const stands = existing.find((table) => table.name === name) as TableSchema;
          const way = await wayOf(source, tableOf(name), how, { mode: 'append', existing: stands });
          await target.prepare([way.load]);
          await carry(source, target, way, runId);
          assert.deepEqual(await contents(to, name), await contents(from, name));
        });
      }
    } finally {
      await target.close();
    }
  }
});

test('types of unknown extensions are refused to other engines, and row types of tables everywhere', async () => {
  const isbn = tableOf(`t${TYPES.length}`).columns[1];
  const refused = postgres.types.read(isbn, null, { sameEngine: false, policies: {} });
  assert.ok(isRefusal(refused));
  assert.match(refused.reason, /isbn13 of the extension isn/);
  assert.match(refused.hint ?? '', /cast it to text in a view/);
  const url = await server.createDatabase();
  await runSql(url, 'CREATE TABLE a (x int)', 'CREATE TABLE b (v a)');
  const other = await postgres.openSource(postgres.locate(url, {}), { connections: 1 });
  try {
    const { columns } = (await other.catalog([])).tables[1];
    const row = postgres.types.read(columns[0], null, { sameEngine: true, policies: {} });
    assert.ok(isRefusal(row));
    const struct = postgres.types.read(columns[0], null, { sameEngine: false, policies: {} });
    assert.ok(!isRefusal(struct) && struct.wire.kind === 'struct');
  } finally {
    await other.close();
  }
});

test('arrays of other shapes, by policy', async () => {
  const url = await server.createDatabase();
  await runSql(
    url,
    'CREATE TABLE arrays (id int PRIMARY KEY, v int[], w int[], i inet[])',
    `INSERT INTO arrays VALUES (1, '{1,2}', '{}', '{::1}'), (2, '{{1},{2}}', '[0:1]={5,6}', '[3:3]={10.0.0.1}'), (3, NULL, NULL, NULL)`,
  );
  const odd = await postgres.openSource(postgres.locate(url, {}), { connections: 1 });
  const to = await server.createDatabase();
  const { target, runId } = await openTarget(to);
  try {
    const [table] = (await odd.catalog([])).tables;
    const columns = table.columns.map((column) => ({
      name: column.name,
      probes: postgres.types.probes(column, {}),
    }));
    const evidence = await odd.prescan({ table, where: null, columns });
    assert.deepEqual(evidence[1].firstOffending?.row, { id: '2' });
    assert.equal(evidence[1].firstOffending?.value, '{{1},{2}}');
    const read = (at: number, policies: object) => {
      const type = postgres.types.read(table.columns[at], evidence[at], { sameEngine: false, policies });
      return isRefusal(type) ? type.refused : shownType(type);
    };
    assert.equal(read(1, {}), 'E_ARRAY_SHAPE');
    assert.equal(read(1, { pg_arrays: 'rebase' }), 'E_ARRAY_SHAPE');
    assert.equal(read(1, { pg_arrays: 'nested' }), 'json');
    assert.equal(read(1, { pg_arrays: 'pg_text' }), 'text');
    assert.equal(read(2, {}), 'E_ARRAY_SHAPE');
    assert.equal(read(2, { pg_arrays: 'rebase' }), 'int32[]');
    assert.equal(read(3, { pg_arrays: 'rebase' }), 'text[]');
    const rebased = { ...table, columns: [table.columns[0], table.columns[2], table.columns[3]] };
    const policies = { pg_arrays: 'rebase' } as const;
    const way = await wayOf(odd, rebased, 'home', { policies });
    await target.prepare([way.load]);
    await carry(odd, target, way, runId, policies);
    const [{ rows }] = await runSql(to, 'SELECT w::text, i::text FROM arrays ORDER BY id');
    assert.deepEqual(rows, [
      { w: '{}', i: '{::1}' },
      { w: '{5,6}', i: '{10.0.0.1}' },
      { w: null, i: null },
    ]);
    const texts = await wayOf(odd, { ...table, name: 'arrays' }, 'home', {
      policies: { pg_arrays: 'pg_text' },
      mode: 'replace',
    });
    await target.prepare([texts.load]);
    await carry(odd, target, texts, runId);
    const sql = 'SELECT v::text, w::text, i::text FROM arrays ORDER BY id';
    const [[there], [here]] = [await runSql(to, sql), await runSql(url, sql)];
    assert.deepEqual(there.rows, here.rows);
  } finally {
    await target.close();
    await odd.close();
  }
});

test('a cast that would change a value or has no such value is loud, with its row', async () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ['inet', 'text', 'no address', /no address' is no inet/],
    ['int4range', 'text', '[1,4]', /int4range does not hold '\[1,4\]'/],
    ['time(0)', 'time', '12:00:00.5', /does not hold '12:00:00.5'/],
    ['numeric(50,1)', 'numeric', '1.25', /does not hold '1.25'/],
    ['interval year', 'interval', '1 mon', /interval year does not hold/],
    ['"char"', 'text', 'ab', /does not hold 'ab'/],
  ];
  for (const mode of ['append', 'create'] as const) {
    for (const [type, staged, value, said] of cases) {
      const url = await server.createDatabase();
      await runSql(
        url,
        `CREATE TABLE bad (id int PRIMARY KEY, v ${staged})`,
        `INSERT INTO bad VALUES (1, NULL), (7, '${value}')`,
      );
      const to = await server.createDatabase();
      await runSql(to, `CREATE TABLE bad (id int PRIMARY KEY, v ${type})`);
      const bad = await postgres.openSource(postgres.locate(url, {}), { connections: 1 });
      const { target, runId } = await openTarget(to);
      try {
        const [table] = (await bad.catalog([])).tables;
        const [existing] = (await target.catalog([])).tables;
        if (mode === 'create') await runSql(to, 'DROP TABLE bad');
        const way = await wayOf(bad, table, 'home', { mode, existing });
        await target.prepare([way.load]);
        await assert.rejects(carry(bad, target, way, runId), (error) => {
          assert.ok(error instanceof FerrowError);
          assert.equal(error.code, 'E_INVALID_VALUE');
          assert.match(error.message, said);
          assert.deepEqual(error.place.row, { id: '7' });
          return true;
        });
      } finally {
        await target.close();
        await bad.close();
      }
    }
  }
});

test('a sample holds what no list and no count from 1970 can, as text', async () => {
  const url = await server.createDatabase();
  await runSql(
    url,
    'CREATE TABLE odd (v int[], t timestamp, d date)',
    `INSERT INTO odd VALUES ('[0:1]={5,6}', '294276-12-31', '5874897-12-31'), ('{1}', 'infinity', '4714-11-24 BC')`,
  );
  const odd = await postgres.openSource(postgres.locate(url, {}), { connections: 1 });
  try {
    const [table] = (await odd.catalog([])).tables;
    const batch = await odd.sample(table, 5);
    assert.equal(renderValue(batch.columns[0], 0), '[0:1]={5,6}');
    assert.equal(renderValue(batch.columns[1], 0), '294276-12-31 00:00:00');
    const policies = { bad_dates: 'text' } as const;
    const columns = table.columns.map((column) => ({
      name: column.name,
      probes: postgres.types.probes(column, policies),
    }));
    const [, t, d] = await odd.prescan({ table, where: null, columns });
    assert.deepEqual(t.temporalRange, { min: '9224317929600000000', max: '9224317929600000000' });
    assert.deepEqual(d.temporalRange, { min: '-2440588', max: '2145042905' });
    const read = postgres.types.read(table.columns[1], t, { sameEngine: false, policies });
    assert.ok(!isRefusal(read) && read.wire.kind === 'text');
    const date = postgres.types.read(table.columns[2], d, { sameEngine: false, policies });
    assert.ok(!isRefusal(date) && date.wire.kind === 'date');
  } finally {
    await odd.close();
  }
});
