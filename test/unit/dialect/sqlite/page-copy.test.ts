// Leaf pages that become an image as they are: the same rows arrive as by columns, and no page is taken over that
// decoding would refuse.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import type { ImagePayload, ImageTable, PagesPayload } from '../../../../src/batch/chunk.ts';
import { sqliteCodec } from '../../../../src/dialect/sqlite/codec/index.ts';
import { openReading } from '../../../../src/dialect/sqlite/connect.ts';
import { catalogOf } from '../../../../src/dialect/sqlite/handle.ts';
import { imageTable } from '../../../../src/dialect/sqlite/image-table.ts';
import { AttachedImage } from '../../../../src/dialect/sqlite/image-target.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import { PageWay } from '../../../../src/dialect/sqlite/page-way.ts';
import { WHOLE } from '../../../../src/dialect/sqlite/row-pages.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { type Random, seeded } from '../../../fuzz/random-values.ts';
import { database, folder, requestOf } from './files.ts';

const STAGING = '_ferrow_test_1';

interface Chunk {
  readonly payload: PagesPayload;
  readonly rowCount: number;
}

interface Read {
  readonly chunks: readonly Chunk[];
  readonly fields: readonly { readonly name: string; readonly type: LogicalType }[];
}

/** The table's pages, in chunks of so many rows. */
function pagesOf(path: string, batchRows: number): Read {
  const connection = openReading(sqlite.locate(path, {}) as never, true);
  const way = new PageWay(connection);
  try {
    const [table] = catalogOf(connection).tables;
    const wires = Object.fromEntries(
      table.columns.map(({ name, typeFacts }): [string, LogicalType] => [
        name,
        typeFacts?.['rowidAlias'] === true ? { kind: 'int', bits: 64, signed: true } : { kind: 'any' },
      ]),
    );
    const request = { ...requestOf(table, wires), batchRows };
    const cursor = way.open(request, WHOLE);
    assert.ok(cursor);
    const chunks: Chunk[] = [];
    for (let chunk = cursor.next(); chunk; chunk = cursor.next())
      chunks.push({ payload: chunk.payload as PagesPayload, rowCount: chunk.rowCount });
    return { chunks, fields: request.columns.map(({ name, wire }) => ({ name, type: wire })) };
  } finally {
    connection.close();
    way.close();
  }
}

const carry = (
  { payload, rowCount }: Chunk,
  fields: Read['fields'],
  table: ImageTable | null,
): ImagePayload | null => sqliteCodec.carry?.(payload, rowCount, fields, { form: 'image', table }) as never;

/** A table like the source's in a file of its own. */
function like(context: TestContext, sql: string) {
  const db = new Database(join(folder(context), 'target.db'));
  context.after(() => db.close());
  db.pragma('synchronous = OFF');
  db.exec(sql.replace('CREATE TABLE t', `CREATE TABLE ${STAGING}`));
  const columns = db.pragma(`table_info(${STAGING})`) as { name: string }[];
  const load = { staging: { schema: null, name: STAGING }, columns };
  return { db, names: columns.map(({ name }) => name), table: imageTable(db, load as never) };
}

const TYPES = ['INTEGER', 'DECIMAL(15,2)', 'REAL', 'DATE', 'TEXT', 'BLOB', ''];

function cell(random: Random): bigint | number | string | Buffer | null {
  switch (random(9)) {
    case 0:
      return null;
    case 1:
      return BigInt(random(300)) - 150n;
    case 2:
      return BigInt.asIntN(64, BigInt(random(2 ** 31)) ** 3n);
    case 3:
      return random(1000);
    case 4:
      return random(100000) / 100;
    case 5:
      return ['1998-02-09', '12', 'abc', '', 'é€'][random(5)];
    case 6:
      return Buffer.alloc(random(20), 7);
    case 7:
      return random(10) === 0 ? 'long '.repeat(random(3000)) : 'x';
    default:
      return 'prose of some letters'.slice(0, random(22));
  }
}

function sourceOf(context: TestContext, random: Random, pageBytes: number) {
  const withKey = random(2) === 0;
  const width = 1 + random(5);
  const items = Array.from({ length: width }, (_, at) => `v${at} ${TYPES[random(TYPES.length)]}`);
  if (withKey) items.splice(random(width + 1), 0, 'id INTEGER PRIMARY KEY');
  const sql = `CREATE TABLE t (${items.join(', ')})`;
  const path = database(context, `PRAGMA page_size = ${pageBytes}; ${sql}`, (db) => {
    const names = Array.from({ length: width }, (_, at) => `v${at}`);
    const insert = db.prepare(`INSERT INTO t (rowid, ${names}) VALUES (?, ${names.map(() => '?')})`);
    const rowCount = random(3) === 0 ? 1 + random(5) : 700;
    db.transaction(() => {
      let rowid = BigInt(random(3));
      for (let row = 0; row < rowCount; row++) {
        rowid += 1n + BigInt(random(8) === 0 ? random(2 ** 20) : 0);
        insert.run(rowid, ...(names.map(() => cell(random)) as never[]));
      }
    })();
    db.exec('DELETE FROM t WHERE rowid % 7 = 3 AND rowid > 9');
  });
  return { sql, path, withKey };
}

const rowsOf = (db: Database.Database, table: string, names: readonly string[], withKey: boolean) => {
  const cells = names.map((name) => `typeof("${name}"), quote("${name}")`).join(', ');
  const rowid = withKey ? 'rowid, ' : '';
  return db.prepare(`SELECT ${rowid}${cells} FROM ${table} ORDER BY rowid`).raw().safeIntegers().all();
};

for (const pageBytes of [512, 1024, 4096, 65536]) {
  test(`pages of ${pageBytes} bytes arrive as they are`, (context) => {
    const random = seeded(pageBytes);
    let copied = 0;
    for (let run = 0; run < 24; run++) {
      const { sql, path, withKey } = sourceOf(context, random, pageBytes);
      const { db, names, table } = like(context, sql);
      const { chunks, fields } = pagesOf(path, [1 << 20, 100, 7][random(3)]);
      for (const chunk of chunks) {
        const image = carry(chunk, fields, table);
        if (image !== null) copied++;
        const twin = sqliteCodec.encode(sqliteCodec.decode(chunk.payload, chunk.rowCount, fields), {
          form: 'image',
          table,
        });
        const target = { table: STAGING, columns: names };
        const attached = new AttachedImage(db, 'image', target, image ?? (twin as ImagePayload));
        assert.equal(attached.insertAll(), chunk.rowCount);
        attached.detach();
      }
      const source = new Database(path);
      assert.deepEqual(rowsOf(db, STAGING, names, withKey), rowsOf(source, 't', names, withKey), sql);
      source.close();
      assert.deepEqual(db.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    }
    assert.ok(copied > 20, `${copied} chunks were copied`);
  });
}

test('what the target would store otherwise, or refuse, is not copied', (context) => {
  const cases: [string, string, string][] = [
    ['(a REAL)', '(a NUMERIC)', '1.5'],
    ['(a)', '(a NUMERIC)', "'12'"],
    ['(a)', '(a INTEGER)', '3.0'],
    ['(a)', '(a TEXT)', '7'],
    ['(a)', '(a NOT NULL)', 'NULL'],
    ['(a INTEGER PRIMARY KEY)', '(a INTEGER)', '5'],
    ['(a INTEGER)', '(a INTEGER PRIMARY KEY)', '5'],
    ['(a)', '(a, b)', '5'],
    ['(a)', '(a INTEGER) STRICT', "'x'"],
    ['(a)', '(a BLOB) STRICT', '5'],
    ['(a)', '(a REAL) STRICT', '5'],
  ];
  for (const [from, into, value] of cases) {
    const path = database(context, `CREATE TABLE t ${from}; INSERT INTO t VALUES (${value})`);
    const { chunks, fields } = pagesOf(path, 100);
    assert.ok(like(context, `CREATE TABLE t ${into}`).table);
    assert.equal(carry(chunks[0], fields, like(context, `CREATE TABLE t ${into}`).table), null, from + into);
  }
  const added = database(
    context,
    'CREATE TABLE t (a); INSERT INTO t VALUES (1); ALTER TABLE t ADD b DEFAULT 4',
  );
  const { chunks, fields } = pagesOf(added, 100);
  assert.equal(carry(chunks[0], fields, like(context, 'CREATE TABLE t (a, b DEFAULT 5)').table), null);
  assert.equal(carry(chunks[0], fields, null), null);
});

test('no damaged page is copied that decoding refuses', (context) => {
  const random = seeded(7);
  let refused = 0;
  for (let run = 0; run < 12; run++) {
    const { sql, path } = sourceOf(context, random, 512);
    const { table } = like(context, sql);
    const { chunks, fields } = pagesOf(path, 1 << 20);
    for (let bend = 0; bend < 150; bend++) {
      const bytes = chunks[0].payload.bytes.slice();
      for (let flips = 1 + random(3); flips > 0; flips--) bytes[random(bytes.byteLength)] = random(256);
      const bent = { ...chunks[0], payload: { ...chunks[0].payload, bytes } };
      try {
        sqliteCodec.decode(bent.payload, bent.rowCount, fields);
      } catch (error) {
        assert.ok(error instanceof FerrowError);
        refused++;
        assert.equal(carry(bent, fields, table), null);
        continue;
      }
      carry(bent, fields, table);
    }
  }
  assert.ok(refused > 100, `${refused} were refused`);
});
