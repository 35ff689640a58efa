// Every edge value of the corpus as a key: the condition for a row's own key must find that row and no other, by each
// engine's own SQL. And what stands in a key must stay in its literal.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cellText } from '../../src/coerce/cell-text.ts';
import { CODECS } from '../../src/dialect/codecs.ts';
import type { Dialect, SourceEngine } from '../../src/dialect/dialect.ts';
import { loadDialect } from '../../src/dialect/registry.ts';
import { DatabaseFactory } from '../../src/index.ts';
import { openSource } from '../../src/threads/engine-host.ts';
import type { LogicalType } from '../../src/types/logical-type.ts';
import { isRefusal } from '../../src/types/mapping.ts';
import type { TableSchema } from '../../src/types/schema.ts';
import { EDGE_COLUMNS, edgeValuesIn } from '../corpus/edge-values.ts';
import { runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

/** Kinds that `=` takes for equal though they read otherwise: 0 and -0, 1.0 and 1.00, a month and 30 days. */
const EQUAL_TEXTS = new Set(['float', 'decimal', 'numeric', 'interval']);
const NO_KEYS = new Set(['any', 'opaque', 'list', 'map', 'struct', 'union']);

interface Cells {
  readonly type: LogicalType;
  readonly texts: readonly (string | null)[];
}

describe('keys as conditions', () => {
  const place = emptyPlaces({ before, after });

  for (const engine of ENGINES) {
    test(`${engine}: each edge value finds its own row`, async () => {
      const url = await place(engine);
      const columns = EDGE_COLUMNS.filter((column) => column.ddl[engine] !== undefined);
      await runStatements(
        url,
        columns.flatMap((column) => [
          `CREATE TABLE "${column.name}" (id INTEGER, v ${column.ddl[engine]})`,
          ...edgeValuesIn(column, engine).map(
            (value, at) => `INSERT INTO "${column.name}" VALUES (${at}, ${value[engine]})`,
          ),
        ]),
      );
      const wrong = await withSource(url, async (source, dialect, tables) => {
        assert.equal(tables.length, columns.length);
        const found: string[] = [];
        for (const table of tables) found.push(...(await wrongKeys(source, dialect, table)));
        return found;
      });
      assert.deepEqual(wrong, []);
    });

    test(`${engine}: what stands in a key stays in its literal`, async () => {
      const url = await place(engine);
      const texts = [
        "a'b",
        "'' OR 1=1 --",
        "\\' OR 1=1 --",
        'a;DROP TABLE t',
        '"',
        '/*',
        'é\u{1F600}',
        '',
        ' ',
        '$1',
        '%',
      ];
      await runStatements(url, [
        'CREATE TABLE t (id INTEGER, v VARCHAR(40))',
        ...texts.map((text, at) => `INSERT INTO t VALUES (${at}, '${text.replaceAll("'", "''")}')`),
      ]);
      await withSource(url, async (source, dialect, [table]) => {
        for (const text of texts) {
          const where = dialect.ddl.keyCondition(table, ['v'], [{ kind: 'text' }], [[text]]);
          assert.equal(await source.countRows(table, where), 1, text);
        }
        const pairs = texts.map((text, at) => [String(at), text]);
        const types: LogicalType[] = [{ kind: 'int', bits: 32, signed: true }, { kind: 'text' }];
        const all = dialect.ddl.keyCondition(table, ['id', 'v'], types, pairs);
        assert.equal(await source.countRows(table, all), texts.length);
        const shifted = pairs.map(([, text], at) => [String(at + 1), text]);
        const none = dialect.ddl.keyCondition(table, ['id', 'v'], types, shifted);
        assert.equal(await source.countRows(table, none), 0);
        assert.equal(
          await source.countRows(table, dialect.ddl.keyCondition(table, ['v'], [types[1]], [])),
          0,
        );
      });
    });

    test(`${engine}: NULL parts, and five thousand keys at once`, async () => {
      const url = await place(engine);
      const row = (at: number) => `(${at}, ${at % 3 === 0 ? 'NULL' : at % 7}, 'x${at}')`;
      const rows = Array.from({ length: 6000 }, (_, at) => row(at));
      await runStatements(url, [
        'CREATE TABLE t (a BIGINT, b BIGINT, c VARCHAR(40))',
        ...[0, 2000, 4000].map((at) => `INSERT INTO t VALUES ${rows.slice(at, at + 2000).join(', ')}`),
      ]);
      await withSource(url, async (source, dialect, [table]) => {
        const int: LogicalType = { kind: 'int', bits: 64, signed: true };
        const keys = Array.from({ length: 5000 }, (_, at) => [
          String(at),
          at % 3 === 0 ? null : String(at % 7),
          `x${at}`,
        ]);
        const types = [int, int, { kind: 'text' } as const];
        const where = dialect.ddl.keyCondition(table, ['a', 'b', 'c'], types, keys);
        assert.equal(await source.countRows(table, where), 5000);
        const single = dialect.ddl.keyCondition(
          table,
          ['a'],
          [int],
          keys.map(([a]) => [a]),
        );
        assert.equal(await source.countRows(table, single), 5000);
        const nulls = dialect.ddl.keyCondition(table, ['b'], [int], [[null]]);
        assert.equal(await source.countRows(table, nulls), 2000);
      });
    });
  }

  test('duckdb: integers of every width, at their ends; a key that the column has no room for has no row', async () => {
    for (const signed of [true, false])
      for (const bits of [8, 16, 32, 64, 128] as const) {
        const name = `${signed ? '' : 'U'}${{ 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT', 128: 'HUGEINT' }[bits]}`;
        const max = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
        const values = [0n, 1n, max - 1n, max, ...(signed ? [-1n, -max, -max - 1n] : [])];
        // The least HUGEINT is no literal.
        const held = values.filter((value) => value !== -(2n ** 127n));
        const url = await place('duckdb');
        await runStatements(url, [
          `CREATE TABLE t (v ${name})`,
          ...held.map((value) => `INSERT INTO t VALUES (CAST('${value}' AS ${name}))`),
        ]);
        const type: LogicalType = { kind: 'int', bits, signed };
        await withSource(url, async (source, dialect, [table]) => {
          const count = (keys: readonly bigint[]) =>
            source.countRows(
              table,
              dialect.ddl.keyCondition(
                table,
                ['v'],
                [type],
                keys.map((key) => [String(key)]),
              ),
            );
          for (const value of held) assert.equal(await count([value]), 1, `${name} ${value}`);
          assert.equal(await count(held), held.length, name);
          for (const wide of [2n ** 9n, 10n ** 17n, 10n ** 18n, 2n ** 130n, -(2n ** 130n), -200n]) {
            const wanted = held.includes(wide) ? 1 : 0;
            assert.equal(await count([wide]), wanted, `${name} ${wide}`);
            assert.equal(await count([...held, wide]), held.length, `${name} with ${wide}`);
          }
        });
      }
  });

  test('a column whose collation ignores case is compared by bytes', async () => {
    const texts = ['abc', 'ABC', 'Abc'];
    const rows = texts.map((text) => `INSERT INTO t VALUES ('${text}')`);
    const ways = {
      sqlite: ['CREATE TABLE t (v TEXT COLLATE NOCASE)'],
      duckdb: ['CREATE TABLE t (v VARCHAR COLLATE NOCASE)'],
      postgres: [
        `CREATE COLLATION plain (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
        'CREATE TABLE t (v text COLLATE plain)',
      ],
    };
    for (const engine of ENGINES) {
      const url = await place(engine);
      await runStatements(url, [...ways[engine], ...rows]);
      await withSource(url, async (source, dialect, [table]) => {
        for (const text of texts) {
          const where = dialect.ddl.keyCondition(table, ['v'], [{ kind: 'text' }], [[text]]);
          assert.equal(await source.countRows(table, where), 1, `${engine} ${text}`);
        }
      });
    }
  });

  test('PostgreSQL: a key longer or finer than the column finds nothing; a label that the type lacks, neither', async () => {
    const url = await place('postgres');
    await runStatements(url, [
      `CREATE TYPE mood AS ENUM ('sad', 'ok')`,
      'CREATE DOMAIN small AS integer CHECK (VALUE < 10)',
      'CREATE TABLE t (v varchar(3), n numeric(4,1), s timestamp(0), m mood, d small, b bit(3))',
      `INSERT INTO t VALUES ('abc', 1.5, '2020-01-01 00:00:01', 'ok', 5, B'101')`,
    ]);
    await withSource(url, async (source, dialect, [table]) => {
      const count = async (column: string, type: LogicalType, text: string) =>
        source.countRows(table, dialect.ddl.keyCondition(table, [column], [type], [[text]]));
      const text: LogicalType = { kind: 'text' };
      assert.deepEqual([await count('v', text, 'abc'), await count('v', text, 'abcd')], [1, 0]);
      const numeric: LogicalType = { kind: 'numeric' };
      assert.deepEqual([await count('n', numeric, '1.50'), await count('n', numeric, '1.46')], [1, 0]);
      const time: LogicalType = { kind: 'timestamp', unit: 'us', zone: false };
      assert.equal(await count('s', time, '2020-01-01 00:00:01'), 1);
      assert.equal(await count('s', time, '2020-01-01 00:00:00.9'), 0);
      assert.deepEqual([await count('m', text, 'ok'), await count('m', text, 'glad')], [1, 0]);
      const int: LogicalType = { kind: 'int', bits: 32, signed: true };
      assert.deepEqual([await count('d', int, '5'), await count('d', int, '99')], [1, 0]);
      assert.deepEqual(
        [await count('b', { kind: 'bit' }, '101'), await count('b', { kind: 'bit' }, '10')],
        [1, 0],
      );
    });
  });
});

async function withSource<T>(
  url: string,
  work: (source: SourceEngine, dialect: Dialect, tables: readonly TableSchema[]) => Promise<T>,
): Promise<T> {
  const location = await DatabaseFactory.create(url).locate();
  const dialect = await loadDialect(location.engine);
  const source = await openSource(location, { connections: 1 });
  try {
    return await work(source, dialect, (await source.catalog([])).tables);
  } finally {
    await source.close();
  }
}

/** What each key found, where that isn't one row. */
async function wrongKeys(source: SourceEngine, dialect: Dialect, table: TableSchema): Promise<string[]> {
  const { type, texts } = await cellsOf(source, dialect, table);
  const wrong: string[] = [];
  if (NO_KEYS.has(type.kind)) {
    assert.throws(() => dialect.ddl.keyCondition(table, ['v'], [type], [['x']]), /can't be said in SQL/);
    return wrong;
  }
  for (const text of texts) {
    const where = dialect.ddl.keyCondition(table, ['v'], [type], [[text]]);
    const count = await source.countRows(table, where);
    const same = texts.filter((each) => each === text).length;
    if (count === same || (EQUAL_TEXTS.has(type.kind) && count > same)) continue;
    wrong.push(`${table.name} ${text}: ${count} by ${where}`);
  }
  return wrong;
}

async function cellsOf(source: SourceEngine, dialect: Dialect, table: TableSchema): Promise<Cells> {
  const column = table.columns[1];
  const probes = dialect.types.probes(column, {});
  const [evidence] =
    probes.length > 0
      ? await source.prescan({ table, where: null, columns: [{ name: 'v', probes }] })
      : [null];
  const read = dialect.types.read(column, evidence, { sameEngine: false, policies: {} });
  if (isRefusal(read)) return { type: { kind: 'any' }, texts: [] };
  const { wire, select } = read;
  const request = {
    table,
    columns: [{ name: 'v', wire, select }],
    where: null,
    batchRows: 1000,
    batchBytes: 1 << 20,
  };
  const texts: (string | null)[] = [];
  for (const partition of await source.partitions(request, 1)) {
    const cursor = await source.openCursor(request, partition);
    for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
      const batch = CODECS[dialect.name].decode(chunk.payload, chunk.rowCount, [{ name: 'v', type: wire }]);
      for (let row = 0; row < chunk.rowCount; row++) texts.push(cellText(batch.columns[0], row, true));
    }
    await source.closeCursor(cursor);
  }
  return { type: wire, texts };
}
