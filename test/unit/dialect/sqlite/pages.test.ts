// The file's own pages against SQLite: both ways give equal columns, damaged pages end in an error that names the
// page, and an image that Ferrow made is a database that SQLite finds whole.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Batch } from '../../../../src/batch/batch.ts';
import { sqliteCodec } from '../../../../src/dialect/sqlite/codec/index.ts';
import { decodePages } from '../../../../src/dialect/sqlite/codec/page-decode.ts';
import { encodeImage } from '../../../../src/dialect/sqlite/codec/page-encode.ts';
import { addPages, findingsOf, judgesOf } from '../../../../src/dialect/sqlite/codec/page-evidence.ts';
import { openReading } from '../../../../src/dialect/sqlite/connect.ts';
import { catalogOf } from '../../../../src/dialect/sqlite/handle.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import { firstDifference, PageWay } from '../../../../src/dialect/sqlite/page-way.ts';
import { type RowRange, WHOLE } from '../../../../src/dialect/sqlite/row-pages.ts';
import { TableCursor } from '../../../../src/dialect/sqlite/row-source.ts';
import { type Digest, digestBatch } from '../../../../src/digest/digest.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import type { Probe } from '../../../../src/types/evidence.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { database, folder, requestOf } from './files.ts';

const ANY: LogicalType = { kind: 'any' };
const INT64: LogicalType = { kind: 'int', bits: 64, signed: true };
const FLOAT64: LogicalType = { kind: 'float', bits: 64 };
const TEXT: LogicalType = { kind: 'text' };
const BLOB: LogicalType = { kind: 'binary' };

/** Every row of the range by both ways, in the sizes of batch given; fails where they differ. */
function bothWays(
  path: string,
  table: string,
  wires: Record<string, LogicalType>,
  { batchRows = 1000, range = WHOLE }: { batchRows?: number; range?: RowRange } = {},
): number {
  const connection = openReading(sqlite.locate(path, {}) as never, true);
  const way = new PageWay(connection);
  try {
    const found = catalogOf(connection).tables.find(({ name }) => name === table);
    assert.ok(found);
    const request = { ...requestOf(found, wires), batchRows };
    const fields = request.columns.map(({ name, wire }) => ({ name, type: wire }));
    const fast = way.open(request, range);
    assert.ok(fast, `the pages were not used: ${JSON.stringify(way.disagreements)}`);
    const plain = new TableCursor(
      connection,
      { ...request, batchRows: 1 << 30, batchBytes: 1 << 30 },
      range,
      0,
    );
    const expected = plain.next();
    plain.close();
    const batches: Batch[] = [];
    for (let chunk = fast.next(); chunk; chunk = fast.next()) {
      assert.ok(chunk.rowCount <= batchRows);
      assert.equal(chunk.seq, batches.length);
      const batch = sqliteCodec.decode(chunk.payload, chunk.rowCount, fields);
      for (const oneZero of [false, true]) {
        const counted = fields.map((_, at) => ({ skipped: at === 1, oneZero }));
        const digest: Digest | null | undefined = sqliteCodec.digestRows?.(
          chunk.payload,
          chunk.rowCount,
          fields,
          counted,
        );
        const expected = digestBatch(batch, counted);
        assert.deepEqual(digest, expected, 'a digest without columns is that of the columns');
      }
      batches.push(batch);
    }
    const rows = batches.reduce((sum, { rowCount }) => sum + rowCount, 0);
    assert.equal(rows, expected?.rowCount ?? 0);
    if (!expected) return rows;
    // One batch of all rows, whatever the size of the chunks was: made again by one chunk.
    const again = way.open({ ...request, batchRows: 1 << 30, batchBytes: 1 << 30 }, range)?.next();
    assert.ok(again);
    const whole = sqliteCodec.decode(again.payload, again.rowCount, fields);
    assert.equal(
      firstDifference(sqliteCodec.decode(expected.payload, expected.rowCount, fields), whole),
      null,
    );
    return rows;
  } finally {
    connection.close();
    way.close();
  }
}

/** A small generator of numbers from a seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function randomCell(next: () => number): bigint | number | string | Buffer | null {
  const pick = Math.floor(next() * 12);
  if (pick === 0) return null;
  if (pick < 5) {
    const bits = BigInt(Math.floor(next() * 64));
    const value = (BigInt(Math.floor(next() * 2 ** 32)) << 32n) | BigInt(Math.floor(next() * 2 ** 32));
    return BigInt.asIntN(64, value) >> bits;
  }
  if (pick < 7) return (next() - 0.5) * 10 ** Math.floor(next() * 30);
  const length = Math.floor(next() ** 6 * 9000);
  if (pick < 10)
    return 'aä€🚢'
      .repeat(Math.ceil(length / 4))
      .slice(0, length)
      .toWellFormed();
  return Buffer.alloc(length, Math.floor(next() * 256));
}

for (const pageBytes of [512, 1024, 4096, 65536]) {
  test(`any values in pages of ${pageBytes} bytes, with overflow, gaps and deleted rows`, (context) => {
    const next = random(pageBytes);
    const path = database(context, `PRAGMA page_size = ${pageBytes}; CREATE TABLE t (a, b, c, d)`, (db) => {
      const insert = db.prepare('INSERT INTO t (rowid, a, b, c, d) VALUES (?, ?, ?, ?, ?)');
      db.transaction(() => {
        let rowid = -(2n ** 63n);
        for (let row = 0; row < 900; row++) {
          insert.run(rowid, ...([0, 1, 2, 3].map(() => randomCell(next)) as never[]));
          rowid += row < 5 ? 2n ** 60n : BigInt(1 + Math.floor(next() * 1000));
        }
      })();
      db.exec('DELETE FROM t WHERE abs(random()) % 5 = 0');
    });
    const wires = { a: ANY, b: ANY, c: ANY, d: ANY };
    for (const batchRows of [7, 100, 1 << 20]) bothWays(path, 't', wires, { batchRows });
    for (const range of [
      { from: 0n, to: 2n ** 62n },
      { from: -(2n ** 63n), to: -(2n ** 63n) },
      { from: 5n, to: 4n },
    ])
      bothWays(path, 't', wires, { range, batchRows: 50 });
  });
}

test('each class in a column of its own, rowid aliases, REAL affinity, columns that were added later', (context) => {
  const path = database(
    context,
    `CREATE TABLE t (i INTEGER, id INTEGER PRIMARY KEY, r REAL, s TEXT, z BLOB, twice AS (i * 2), kept AS (i + 1) STORED);
     WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5000)
     INSERT INTO t (i, id, r, s, z) SELECT (x - 2500) * x * x * x, x * 3 - 7, x / 4.0, 'row ' || x, zeroblob(x % 9) FROM n;
     UPDATE t SET i = NULL, r = NULL, s = NULL, z = NULL WHERE id % 7 = 0;
     ALTER TABLE t ADD COLUMN n1 INTEGER DEFAULT -5;
     ALTER TABLE t ADD COLUMN n2 TEXT DEFAULT 'it''s';
     ALTER TABLE t ADD COLUMN n3 REAL DEFAULT 3;
     ALTER TABLE t ADD COLUMN n4;
     INSERT INTO t (id, n4) VALUES (100000, x'00'), (100001, NULL);`,
  );
  const rows = bothWays(path, 't', {
    s: TEXT,
    i: INT64,
    id: INT64,
    r: FLOAT64,
    z: BLOB,
    kept: INT64,
    n1: INT64,
    n2: TEXT,
    n3: FLOAT64,
    n4: ANY,
  });
  assert.equal(rows, 5002);
});

test('narrow integers, booleans and decimals by both ways', (context) => {
  const path = database(
    context,
    `CREATE TABLE t (b BOOLEAN, s SMALLINT, u UINTEGER, d DECIMAL(15, 2), e DECIMAL(18, 4));
     WITH RECURSIVE n (x) AS (SELECT -3000 UNION ALL SELECT x + 1 FROM n WHERE x < 3000)
     INSERT INTO t SELECT x & 1, x, x + 4294964000, x * 123456789 / 100.0, x / 8.0 FROM n;`,
  );
  bothWays(path, 't', {
    b: { kind: 'bool' },
    s: { kind: 'int', bits: 16, signed: true },
    u: { kind: 'int', bits: 32, signed: false },
    d: { kind: 'decimal', precision: 15, scale: 2 },
    e: { kind: 'decimal', precision: 18, scale: 4 },
  });
});

test('the prescan finds the same in the pages as SQLite does in the rows', async (context) => {
  const next = random(11);
  const path = database(
    context,
    `CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, s TEXT, x, d DATE, ts TIMESTAMP, n DECIMAL(12, 3), q DECIMAL_TEXT(30, 2),
       u UUID, f FLOAT4, tz TIMETZ, late INTEGER DEFAULT 7)`,
    (db) => {
      const insert = db.prepare(`INSERT INTO t VALUES (${Array.from({ length: 13 }, () => '?').join(', ')})`);
      const two = (value: number) => String(1 + Math.floor(value)).padStart(2, '0');
      db.transaction(() => {
        for (let row = 0; row < 6000; row++) {
          const date = `20${two(next() * 80)}-${two(next() * 11)}-${two(next() * 27)}`;
          const texts = ['', 'plain', 'ünï', `nul\0in`, 'x'.repeat(next() * 300), null];
          insert.run(
            row + 1,
            BigInt(Math.floor((next() - 0.5) * 2 ** 60)),
            row % 3 === 0 ? row : next() * 1e9,
            texts[Math.floor(next() * 6)],
            row > 5000 ? (randomCell(next) as never) : row,
            row === 5900 ? '2024-02-30' : date,
            `${date} 10:00:${two(next() * 50)}`,
            Math.round(next() * 1e8) / 1000,
            `${row}.25`,
            '12345678-1234-1234-1234-1234567890ab',
            Math.fround(next()),
            '10:00:00+02:00',
            row % 10 === 0 ? null : row & 1,
          );
        }
      })();
      db.exec("INSERT INTO t (id, s) VALUES (-5, CAST(x'61ff' AS TEXT))");
    },
  );
  const evidence = await Promise.all(
    [false, true].map(async (plainIo) => {
      const engine = await sqlite.openSource(sqlite.locate(path, {}), { connections: 1, plainIo });
      const [table] = (await engine.catalog([])).tables;
      const policies = { empty_as_null: 'null', bad_dates: 'null' } as const;
      const columns = [{}, policies].flatMap((given) =>
        table.columns.map((column) => ({ name: column.name, probes: sqlite.types.probes(column, given) })),
      );
      const asked = columns.filter(({ probes }) => probes.length > 0);
      const half = asked.length / 2;
      const found = [];
      for (const part of [asked.slice(0, half), asked.slice(half)])
        found.push(...(await engine.prescan({ table, where: null, columns: part })));
      await engine.close();
      return found;
    }),
  );
  assert.deepEqual(evidence[0], evidence[1]);
  assert.ok(evidence[0].length > 20);
});

test('what is found in pieces of a table is put together to what one look finds, or one look is asked for', (context) => {
  const formats = [
    (n: number) => `2024-01-${String(1 + (n % 31)).padStart(2, '0')}`,
    (n: number) => `2024-01-02 03:04:${String(n % 60).padStart(2, '0')}`,
    (n: number) => `2024-01-02 03:04:05${n % 10 === 0 ? '' : `.${n % 10}`}`,
    (n: number) => `2024-01-02 03:04:05.${n % 10}0`,
    (n: number) => (n % 50 === 7 ? 'infinity' : `10:00:${String(n % 60).padStart(2, '0')}`),
    (n: number) => (n % 50 === 7 ? '-infinity' : '2024-02-29'),
    (n: number) => (n % 190 === 77 ? 'no date' : '2024-02-29T01:00:00Z'),
  ];
  const numbers = [
    (n: number) => BigInt(n * n),
    (n: number) => n / 8,
    (n: number) => `${n}.50`,
    (n: number) => (n % 170 === 60 ? 'N/A' : n % 2 ? n / 4 : `${n}00.125`),
    (n: number) => (n === 300 ? 1e300 : n % 3 ? 'NaN' : -n),
  ];
  const texts = [
    () => '',
    (n: number) => 'é'.repeat(n % 40),
    (n: number) => (n > 350 ? 'x\0y' : 'plain'),
    () => '12345678-1234-1234-1234-1234567890ab',
    (n: number) => (n % 100 === 99 ? 'P1D and more' : `P${1 + (n % 9)}D`),
    (n: number) => '01'.repeat(n % 5),
    (n: number) => Buffer.alloc(n % 7),
  ];
  const PROBES: readonly Probe[][] = [
    ['storage'],
    ['storage', 'temporal'],
    ['storage', 'temporal', 'bad-dates', 'empty-as-null'],
    ['storage', 'numeric', 'single'],
    ['storage', 'decimal-text'],
    ['storage', 'uuid', 'empty-as-null'],
    ['storage', 'interval'],
    ['storage', 'bit'],
  ];
  const next = random(5);
  let together = 0;
  let apart = 0;
  for (let round = 0; round < 30; round++) {
    const makers = [...formats, ...numbers, ...texts];
    // Mostly of one make, so that a column often is what it declares.
    const main = makers[Math.floor(next() * makers.length)];
    const other = makers[Math.floor(next() * makers.length)];
    const from = Math.floor(next() * 800);
    const path = database(context, 'CREATE TABLE t (v)', (db) => {
      const insert = db.prepare('INSERT INTO t VALUES (?)');
      db.transaction(() => {
        for (let n = 0; n < 400; n++) insert.run(next() < 0.1 ? null : n > from ? other(n) : main(n));
      })();
    });
    const connection = openReading(sqlite.locate(path, {}) as never, true);
    const way = new PageWay(connection);
    const [table] = catalogOf(connection).tables;
    const request = { ...requestOf(table, { v: ANY }), batchRows: 1 + Math.floor(next() * 90) };
    for (const probes of PROBES) {
      const whole = judgesOf([probes]);
      const joined = judgesOf([probes]);
      let fits = true;
      const chunks = way.open(request, WHOLE);
      for (let chunk = chunks?.next(); chunk; chunk = chunks?.next()) {
        assert.ok(chunk.payload.form === 'pages');
        addPages(chunk.payload, chunk.rowCount, whole);
        const [found] = structuredClone(findingsOf(chunk.payload, chunk.rowCount, [probes]));
        fits &&= joined[0].append(found);
      }
      if (fits) {
        together++;
        assert.deepEqual(joined[0].finish(), whole[0].finish(), `round ${round}, ${probes}`);
      } else {
        apart++;
        assert.ok(probes.includes('temporal'), 'only dates depend on the ones before');
      }
    }
    connection.close();
    way.close();
  }
  assert.ok(together > 200 && apart > 2, `${together} together, ${apart} apart`);
});

test('tables without rows, and of one page', (context) => {
  const path = database(context, 'CREATE TABLE none (a); CREATE TABLE one (a); INSERT INTO one VALUES (1)');
  assert.equal(bothWays(path, 'one', { a: ANY }), 1);
  assert.equal(bothWays(path, 'none', { a: ANY }), 0);
});

test('what pages can not serve goes the plain way', (context) => {
  const path = database(
    context,
    `PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x');`,
  );
  const other = database(
    context,
    `CREATE TABLE w (a TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO w VALUES ('x'); CREATE TABLE v (a, b AS (a));`,
  );
  const refused = (file: string, table: string, column: string, where: string | null = null) => {
    const connection = openReading(sqlite.locate(file, {}) as never, true);
    const way = new PageWay(connection);
    const found = catalogOf(connection).tables.find(({ name }) => name === table);
    assert.ok(found);
    const cursor = way.open({ ...requestOf(found, { [column]: ANY }), where }, WHOLE);
    connection.close();
    way.close();
    return cursor === null;
  };
  assert.ok(refused(path, 't', 'a'));
  assert.ok(refused(other, 'w', 'a'));
  assert.ok(refused(other, 'v', 'b'));
  assert.ok(refused(other, 'v', 'a', 'a > 1'));
});

test('a log with rows in it keeps the pages from being used', (context) => {
  const path = join(folder(context), 'wal.db');
  const writer = new Database(path);
  context.after(() => void writer.close());
  writer.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)`);
  const connection = openReading(sqlite.locate(path, {}) as never, true);
  const way = new PageWay(connection);
  const table = catalogOf(connection).tables[0];
  assert.equal(way.open(requestOf(table, { a: ANY }), WHOLE), null);
  connection.close();
  way.close();
});

for (const mode of ['WAL', 'DELETE']) {
  test(`pages stay those of the snapshot while others write and checkpoint (${mode})`, (context) => {
    const path = join(folder(context), 'live.db');
    const writer = new Database(path, { timeout: 50 });
    context.after(() => void writer.close());
    writer.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (a, b TEXT);
      WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5000) INSERT INTO t SELECT x, 'before ' || x FROM n;
      PRAGMA wal_checkpoint(TRUNCATE)`);
    const connection = openReading(sqlite.locate(path, {}) as never, true);
    const way = new PageWay(connection);
    const table = catalogOf(connection).tables[0];
    const cursor = way.open({ ...requestOf(table, { a: INT64, b: TEXT }), batchRows: 500 }, WHOLE);
    assert.ok(cursor, JSON.stringify(way.disagreements));
    const fields = [
      { name: 'a', type: INT64 },
      { name: 'b', type: TEXT },
    ];
    let rows = 0;
    let refused = 0;
    for (let chunk = cursor.next(); chunk; chunk = cursor.next()) {
      try {
        writer.exec(
          `UPDATE t SET b = 'after'; INSERT INTO t VALUES (9999, 'new'); DELETE FROM t WHERE a % 3 = 0`,
        );
        writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // With a rollback journal the read transaction keeps every writer out.
        refused++;
      }
      const batch = sqliteCodec.decode(chunk.payload, chunk.rowCount, fields);
      const text = Buffer.from(batch.columns[1].data).toString();
      assert.ok(text.startsWith(`before ${rows + 1}before`), text.slice(0, 40));
      assert.ok(!text.includes('after') && !text.includes('new'));
      rows += chunk.rowCount;
    }
    assert.equal(rows, 5000);
    assert.equal(refused > 0, mode === 'DELETE');
    connection.close();
    way.close();
    if (mode === 'WAL')
      assert.equal(writer.prepare(`SELECT count(*) FROM t WHERE b = 'after'`).pluck().get(), 3334);
  });
}

test('bent bytes end in an error that names the page, or in other values, never in a crash', (context) => {
  const next = random(7);
  const path = database(context, 'PRAGMA page_size = 1024; CREATE TABLE t (a, b)', (db) => {
    const insert = db.prepare('INSERT INTO t VALUES (?, ?)');
    for (let row = 0; row < 400; row++) insert.run(randomCell(next) as never, randomCell(next) as never);
  });
  const good = readFileSync(path);
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const bent = Buffer.from(good);
    const flips = 1 + Math.floor(next() * 8);
    // Most near the beginning of a page, where its header and pointers are.
    const place = () =>
      Math.floor(1 + next() * (bent.length / 1024 - 1)) * 1024 + Math.floor(next() ** 5 * 1024);
    for (let i = 0; i < flips; i++) bent[place()] = Math.floor(next() * 256);
    const file = join(folder(context), 'bent.db');
    writeFileSync(file, bent);
    try {
      readByPages(file);
    } catch (error) {
      assert.ok(error instanceof FerrowError, String(error));
      refused++;
    }
  }
  assert.ok(refused > 50, `${refused} of 400 were noticed`);
});

/** Reads all pages of table t without the comparison with SQLite. */
function readByPages(path: string): void {
  const connection = openReading(sqlite.locate(path, {}) as never, true);
  const way = new PageWay(connection);
  try {
    const table = catalogOf(connection).tables[0];
    const request = requestOf(table, { a: ANY, b: ANY });
    const cursor = way.openUnchecked(request, WHOLE);
    assert.ok(cursor);
    for (let chunk = cursor.next(); chunk; chunk = cursor.next()) {
      assert.equal(chunk.payload.form, 'pages');
      if (chunk.payload.form === 'pages')
        decodePages(chunk.payload, chunk.rowCount, [
          { name: 'a', type: ANY },
          { name: 'b', type: ANY },
        ]);
    }
  } finally {
    connection.close();
    way.close();
  }
}

test('an image holds what its batch holds, and SQLite finds nothing wrong with it', (context: TestContext) => {
  for (const rowCount of [0, 1, 50, 3000]) {
    const next = random(rowCount + 1);
    const path = database(
      context,
      'CREATE TABLE t (a, b, i INTEGER, r DOUBLE, s TEXT, z BLOB, f BOOLEAN, n SMALLINT)',
      (db) => {
        const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
        db.transaction(() => {
          for (let row = 0; row < rowCount; row++) {
            // Around the length that still stands in a page, and over many pages.
            const lengths: Readonly<Record<number, number>> = {
              1: 32_600,
              2: 32_690,
              3: 32_740,
              41: 150_000,
              42: 1_048_576,
            };
            const long = lengths[row]
              ? 'long '.repeat(lengths[row] / 5 + 1).slice(0, lengths[row])
              : `text ${row}`;
            insert.run(
              randomCell(next) as never,
              randomCell(next) as never,
              BigInt(row) ** 3n,
              row / 8,
              row % 5 === 0 ? null : long,
              Buffer.alloc(row % 70, row),
              row & 1,
              row - 1500,
            );
          }
        })();
      },
    );
    const wires = {
      a: ANY,
      b: ANY,
      i: INT64,
      r: FLOAT64,
      s: TEXT,
      z: BLOB,
      f: { kind: 'bool' as const },
      n: { kind: 'int' as const, bits: 16 as const, signed: true },
    };
    const connection = openReading(sqlite.locate(path, {}) as never, true);
    const table = catalogOf(connection).tables[0];
    const request = { ...requestOf(table, wires), batchRows: 1 << 20, batchBytes: 1 << 30 };
    const cursor = new TableCursor(connection, request, WHOLE, 0);
    const chunk = cursor.next();
    const fields = request.columns.map(({ name, wire }) => ({ name, type: wire }));
    cursor.close();
    connection.close();
    if (!chunk) continue;
    const image = join(folder(context), 'image.db');
    writeFileSync(image, encodeImage(sqliteCodec.decode(chunk.payload, chunk.rowCount, fields), null).bytes);
    const db = new Database(path);
    db.prepare('ATTACH ? AS image').run(image);
    assert.deepEqual(db.pragma('image.integrity_check'), [{ integrity_check: 'ok' }]);
    if (rowCount > 42)
      assert.equal(db.prepare('SELECT max(length(c4)) FROM image.rows').pluck().get(), 1_048_576);
    const columns = (prefix: string, names: string[]) =>
      names.map((name) => `typeof(${prefix}${name}), ${prefix}${name}`).join(', ');
    const ours = columns('', ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']);
    const theirs = columns('', ['a', 'b', 'i', 'r', 's', 'z', 'f', 'n']);
    const differing = db
      .prepare(
        `SELECT count(*) FROM (SELECT rowid, ${ours} FROM image.rows EXCEPT SELECT rowid, ${theirs} FROM main.t)`,
      )
      .pluck()
      .get();
    assert.equal(differing, 0);
    assert.equal(db.prepare('SELECT count(*) FROM image.rows').pluck().get(), rowCount);
    db.close();
  }
});
