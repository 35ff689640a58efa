// Types that SQLite has none for: the names under which they stand, what SQLite makes of their values, and the way back.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { affinityOf } from '../../../../src/dialect/sqlite/affinity.ts';
import { isOfForm } from '../../../../src/dialect/sqlite/codec/text-forms.ts';
import { TEXT_TYPE_NAMES } from '../../../../src/dialect/sqlite/declared-names.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import { type LogicalType, typeName } from '../../../../src/types/logical-type.ts';
import { type CreateType, isRefusal, type ReadType } from '../../../../src/types/mapping.ts';
import type { Policies } from '../../../../src/types/policy.ts';
import type { ColumnSchema } from '../../../../src/types/schema.ts';
import { database, folder, loadFor, query, RUN, requestOf, source, tableOf, target } from './files.ts';

const AWAY = { sameEngine: false, policies: {} };

function columnOf(nativeType: string, more: Partial<ColumnSchema> = {}): ColumnSchema {
  const none = { default: null, identity: null, generated: null, collation: null, comment: null };
  return { name: 'c', nativeType, nullable: true, ...none, ...more };
}

function created(logical: LogicalType, nativeType = 'x'): CreateType {
  const type = sqlite.types.create(logical, columnOf(nativeType), null, AWAY);
  if (isRefusal(type)) throw new Error(type.reason);
  return type;
}

/** Every canonical type, with a text of it that looks as numeric as it can. */
const TEXT_TYPES: readonly (readonly [LogicalType, string])[] = [
  [{ kind: 'decimal', precision: 38, scale: 2 }, '1.10'],
  [{ kind: 'int', bits: 128, signed: true }, '170141183460469231731687303715884105727'],
  [{ kind: 'int', bits: 64, signed: false }, '18446744073709551615'],
  [{ kind: 'numeric' }, '1.10'],
  [{ kind: 'text' }, ' 7 '],
  [{ kind: 'text', maxChars: 9 }, '1e3'],
  [{ kind: 'text', maxChars: 9, fixed: true }, '1e3      '],
  [{ kind: 'json' }, '1.10'],
  [{ kind: 'list', element: { kind: 'text' } }, '[]'],
  [{ kind: 'struct', fields: [] }, '{}'],
  [{ kind: 'map', key: { kind: 'text' }, value: { kind: 'text' } }, '{}'],
  [{ kind: 'union', members: [] }, '{}'],
  [{ kind: 'bit' }, '0101'],
  [{ kind: 'bit', length: 4 }, '0101'],
  [{ kind: 'enum', name: 'e', labels: ['1.0', '2'] }, '1.0'],
  [{ kind: 'uuid' }, '12345678-1234-1234-1234-123456789012'],
  [{ kind: 'date' }, '2024-01-02'],
  [{ kind: 'date' }, 'infinity'],
  [{ kind: 'time', unit: 'us' }, '12:00:00'],
  [{ kind: 'time', unit: 'ns' }, '12:00:00.000000001'],
  [{ kind: 'timetz' }, '12:00:00+05:30'],
  [{ kind: 'interval' }, 'PT0S'],
  [{ kind: 'interval' }, 'infinity'],
  [{ kind: 'timestamp', unit: 's', zone: false }, '2024-01-02 12:00:00'],
  [{ kind: 'timestamp', unit: 'ms', zone: false }, '-infinity'],
  [{ kind: 'timestamp', unit: 'us', zone: false }, '2024-01-02 12:00:00'],
  [{ kind: 'timestamp', unit: 'ns', zone: false }, '2024-01-02 12:00:00'],
  [{ kind: 'timestamp', unit: 'us', zone: true }, '2024-01-02 12:00:00+00:00'],
];

test('SQLite keeps the text of every declared type as it is', () => {
  const db = new Database(':memory:');
  for (const [logical, text] of TEXT_TYPES) {
    const { nativeType } = created(logical);
    const [kept] = db
      .exec(`DROP TABLE IF EXISTS t; CREATE TABLE t (c ${nativeType})`)
      .prepare<[string], [string, string]>('INSERT INTO t VALUES (?) RETURNING typeof(c), c')
      .raw()
      .all(text);
    assert.deepEqual(kept, ['text', text], `${typeName(logical)} as ${nativeType}`);
  }
  for (const name of TEXT_TYPE_NAMES) assert.equal(affinityOf(name), 'text', name);
  db.close();
});

test('text of other engines says what it was', () => {
  const nameOf = (nativeType: string) => created({ kind: 'text' }, nativeType).nativeType;
  assert.deepEqual(
    ['text', 'inet', 'public.citext', 'int4range', 'point', 'xml', '"name"', 'VARCHAR', 'a_domain'].map(
      nameOf,
    ),
    ['TEXT', 'INET_TEXT', 'CITEXT', 'RANGE_TEXT', 'GEOMETRIC_TEXT', 'XML_TEXT', 'NAME_TEXT', 'TEXT', 'TEXT'],
  );
});

test('the text forms, and nothing that would print otherwise', () => {
  const good = {
    timetz: ['12:34:56.5+05:30', '24:00:00-15:59:59', '00:00:00+00:00', '01:02:03.000001-00:00:01'],
    interval: [
      ...['PT0S', 'P1Y2M3DT-4H-5M-6.5S', 'P-1Y-2M', 'P5D', 'PT-0.000001S', 'infinity', '-infinity'],
      ...['P178956970Y7M', 'PT2562047788H54.775807S', 'P-178956970Y-8M'],
    ],
    bit: ['', '0', '0101'],
  };
  const bad = {
    timetz: [
      '12:34:56',
      '12:34:56Z',
      '12:34:56.50+00:00',
      '12:34:56-00:00',
      '24:00:01+00:00',
      '12:34:56+16:00',
    ],
    interval: [
      ...[
        '',
        'P',
        'PT',
        'P0D',
        'P1DT',
        'P01D',
        'P12M',
        'P1Y-1M',
        'PT60M',
        'PT60S',
        'PT1.50S',
        '1 day',
        'PT0.0S',
      ],
      ...['P178956970Y8M', 'PT-0S', 'PT1H-1M', 'P1W', 'P2147483648D', 'PT00S'],
    ],
    bit: ['2', '01 01', "B'01'"],
  };
  for (const [form, texts] of Object.entries(good))
    for (const text of texts) assert.ok(isOfForm(form as 'bit', text), `${form} ${text}`);
  for (const [form, texts] of Object.entries(bad))
    for (const text of texts) assert.ok(!isOfForm(form as 'bit', text), `${form} ${text}`);
});

async function readOf(
  context: import('node:test').TestContext,
  type: string,
  values: readonly unknown[],
  policies: Policies = {},
) {
  const fill = (db: Database.Database) => {
    for (const value of values) db.prepare('INSERT INTO t (c) VALUES (?)').run(value);
  };
  const engine = await source(context, database(context, `CREATE TABLE t (c ${type})`, fill));
  const table = await tableOf(engine, 't');
  const [column] = table.columns;
  const probes = sqlite.types.probes(column, policies);
  const [evidence] = await engine.prescan({ table, where: null, columns: [{ name: 'c', probes }] });
  const read = sqlite.types.read(column, evidence, { sameEngine: false, policies });
  return { column, evidence, read };
}

function way(read: ReadType | { refused: string }): string {
  return 'refused' in read ? read.refused : `${typeName(read.wire)} > ${typeName(read.logical)}`;
}

test('declared names come back where every value is of their form', async (context) => {
  const cases: [string, unknown[], string][] = [
    ['TIMETZ', ['12:00:00+01:00', null], 'text > timetz'],
    ['TIMETZ', ['12:00:00+01:00', 'noon'], 'text > text'],
    ['TIMETZ', [], 'text > timetz'],
    ['INTERVAL', ['P1D'], 'text > interval'],
    ['INTERVAL', ['1 day'], 'text > text'],
    ['INTERVAL', [], 'text > interval'],
    ['INTERVAL', [5n], 'int64 > int64'],
    ['BIT_TEXT(4)', ['0101', '1111'], 'text > bit(4)'],
    ['BIT_TEXT(4)', ['0101', '1'], 'text > bit'],
    ['VARBIT_TEXT', ['0101'], 'text > bit'],
    ['BIT_TEXT(3)', [], 'text > bit(3)'],
    ['INET_TEXT', ['::1'], 'text > text'],
    ['JSON_TEXT', ['[1]'], 'json > json'],
  ];
  for (const [type, values, expected] of cases) {
    const { read } = await readOf(context, type, values);
    assert.equal(way(read), expected, `${type} ${values.join()}`);
  }
  const { evidence } = await readOf(context, 'TIMETZ', ['12:00:00+01:00', 'noon']);
  assert.deepEqual(evidence.firstOffending, {
    what: 'text that is no timetz',
    row: { rowid: '2' },
    value: 'noon',
  });
});

test('empty_as_null: empty texts are no values', async (context) => {
  const empty: Policies = { empty_as_null: 'null' };
  const cases: [string, unknown[], string, string][] = [
    ['INTEGER', [1n, ''], 'any > any', 'any > int64'],
    ['DATE', ['2024-01-01', ''], 'text > text', 'text > date'],
    ['DATE', ['', ''], 'text > text', 'text > date'],
    ['BLOB', [Buffer.from('a'), ''], 'any > any', 'any > binary'],
    ['UUID', ['12345678-1234-1234-1234-123456789012', ''], 'text > text', 'text > uuid'],
    ['TEXT', ['a', ''], 'text > text', 'text > text'],
    ['REAL', [1.5, 'x', ''], 'any > any', 'any > any'],
    ['JSON', ['[1]', ''], 'text > text', 'text > json'],
    ['DECIMAL_TEXT(20,2)', ['1.50', ''], 'text > text', 'text > decimal(20,2)'],
    ['INTERVAL', ['P1D', ''], 'text > text', 'text > interval'],
  ];
  for (const [type, values, without, with_] of cases) {
    assert.equal(way((await readOf(context, type, values)).read), without, type);
    assert.equal(way((await readOf(context, type, values, empty)).read), with_, type);
  }
});

test('bad_dates=null: a column of dates may hold texts that are none', async (context) => {
  const values = ['2024-01-01', '2024-02-30', 'soon'];
  assert.equal(way((await readOf(context, 'DATE', values)).read), 'text > text');
  const { read, evidence } = await readOf(context, 'DATE', values, { bad_dates: 'null' });
  assert.equal(way(read), 'text > date');
  assert.equal(evidence.temporal?.badCount, 2);
  // Two formats are two formats: valid dates are never thrown away.
  const two = await readOf(context, 'DATETIME', ['2024-01-01', '2024-01-01 00:00:00'], { bad_dates: 'null' });
  assert.equal(way(two.read), 'text > text');
});

test('text that is no UTF-8 among other classes is refused before the run', async (context) => {
  const engine = await source(
    context,
    database(context, `CREATE TABLE t (c); INSERT INTO t VALUES (1), (CAST(x'ff' AS TEXT))`),
  );
  const table = await tableOf(engine, 't');
  const columns = [{ name: 'c', probes: sqlite.types.probes(table.columns[0], {}) }];
  const [evidence] = await engine.prescan({ table, where: null, columns });
  const read = (policies: Policies) =>
    sqlite.types.read(table.columns[0], evidence, { sameEngine: false, policies });
  assert.equal(way(read({}) as ReadType), 'E_INVALID_UTF8');
  assert.equal(way(read({ invalid_utf8: 'replace' }) as ReadType), 'any > any');
});

test('what the declared type does not tell goes along for the way home', async (context) => {
  const cases: [string, unknown[], string | undefined][] = [
    ['DATE', ['2024-01-01'], undefined],
    ['DATETIME', ['2024-01-01T00:00:00Z'], 'text'],
    ['DATETIME', [1700000000n], 'int64'],
    ['DATE', [2451545.5], 'float64'],
    ['DATE', ['soon'], 'text'],
    ['JSON', ['{"a":'], 'text'],
    ['BOOLEAN', [5n], 'int64'],
    ['BOOLEAN', [1n], undefined],
    ['INTEGER', ['abc'], 'text'],
    ['NUMERIC', [2n ** 62n], 'int64'],
    ['DECIMAL(10,2)', [1.5], undefined],
    ['', [1n], 'int64'],
    ['TEXT', ['a'], undefined],
  ];
  for (const [type, values, home] of cases) {
    const { read, column } = await readOf(context, type, values);
    assert.ok(!isRefusal(read));
    const facts = read.originFacts;
    assert.equal(facts === undefined, home === undefined, type);
    if (facts === undefined) continue;
    const written = sqlite.types.write({ ...column, typeFacts: { ...column.typeFacts, ...facts } });
    assert.ok(!isRefusal(written));
    assert.equal(typeName(written.wire), home, type);
    if (facts['format']) assert.deepEqual(written.wire, { kind: 'text', format: facts['format'] });
  }
});

test('an enum is text that SQLite checks, and an enum again when it is read', async (context) => {
  const labels = ["it's", '', 'ok, "so"', 'ü'];
  const path = join(folder(context), 'enum.db');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const { needs, nativeType } = created({ kind: 'enum', name: 'mood', labels });
  assert.equal(nativeType, 'TEXT');
  const from = await source(context, database(context, 'CREATE TABLE t (c TEXT)'));
  const table = await tableOf(from, 't');
  const column = columnOf(nativeType, { name: 'the "mood"', ...(needs ? { needs } : {}) });
  const adopted = sqlite.ddl.adopt({ ...table, tableFacts: undefined, columns: [column] }, 'postgres');
  assert.deepEqual(adopted.notCarried, []);
  const load = loadFor(requestOf(table, {}), { table: adopted.table });
  await engine.prepare([load]);
  await engine.finishTable(load);
  await engine.endRun('run', 'done');
  await engine.close();
  const db = new Database(path);
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  for (const label of [...labels, null]) insert.run(label);
  assert.throws(() => insert.run('sad'), /CHECK constraint failed/);
  db.close();

  const again = await source(context, path);
  const read = await tableOf(again, 't');
  assert.deepEqual(read.checks, [], 'it belongs to the type');
  const evidence = { rowCount: 1, nullCount: 0, storage: { integer: 0, real: 0, text: 1, blob: 0 } };
  const type = sqlite.types.read(read.columns[0], evidence, AWAY);
  assert.deepEqual('logical' in type && type.logical, { kind: 'enum', name: 'mood', labels });
  // Between SQLite files the check stays too.
  const [sql] = sqlite.ddl.script([sqlite.ddl.adopt(read, 'sqlite').table], {
    indexes: true,
    foreignKeys: true,
  });
  assert.ok(sql.includes(`CHECK ("the ""mood""" IN ('it''s', '', 'ok, "so"', 'ü'))`), sql);
  await again.close();

  const change = new Database(path);
  change.exec('DROP TABLE t; CREATE TABLE t ("the ""mood""" TEXT)');
  change.close();
  const last = await source(context, path);
  const plain = sqlite.types.read((await tableOf(last, 't')).columns[0], evidence, AWAY);
  assert.equal(way(plain as ReadType), 'text > text', 'nothing checks the labels any more');
  assert.deepEqual(query(path, 'SELECT count(*) FROM t'), [[0n]]);
});
