// Records that enter a table unlooked at are the very ones that SQLite would have made of their values.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { Batch } from '../../../../src/batch/batch.ts';
import { HeapBuilder, Nulls } from '../../../../src/batch/builder.ts';
import type { ImagePayload } from '../../../../src/batch/chunk.ts';
import { ANY_CHILD_TYPES, type Column, fixedColumn } from '../../../../src/batch/column.ts';
import { encodeImage } from '../../../../src/dialect/sqlite/codec/page-encode.ts';
import { imageTable } from '../../../../src/dialect/sqlite/image-table.ts';
import { AttachedImage } from '../../../../src/dialect/sqlite/image-target.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { type Random, seeded } from '../../../fuzz/random-values.ts';
import { folder } from './files.ts';

const INTEGERS = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  -129n,
  32768n,
  -8388609n,
  2n ** 31n,
  2n ** 47n - 1n,
  2n ** 47n,
].concat([-(2n ** 47n), -(2n ** 47n) - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]);
const REALS = [0, -0, 1, 0.5, -1, 48, 1.25e300, 140737488355327, 140737488355328, -140737488355328]
  .concat([-140737488355329, 2 ** 53, 2 ** 63 - 1024, 1024 - 2 ** 63, 2 ** 63, -(2 ** 63)])
  .concat([Number.POSITIVE_INFINITY, 4294967296, -2147483649, 5e-324]);
const DATES = ['1998-02-09', '2024-02-29 12:00:00', '23:59:59.5', 'infinity', 'abc', '1-', 'x'.repeat(200)];
const TEXTS = [
  ...DATES,
  '',
  '12',
  ' 12 ',
  '1e3',
  '-',
  '0x10',
  '1_000',
  'NaN',
  '1.50',
  '1.0\0',
  '\u0663',
  '.',
];
const BLOBS = ['', '12', '\0\0', 'abc'];

type Kind = 'int' | 'real' | 'date' | 'text' | 'binary' | 'bool';
const KINDS: readonly Kind[] = ['int', 'real', 'date', 'text', 'binary', 'bool'];

/** A column of a kind, some of its values NULL. */
function column(kind: Kind, rowCount: number, nullable: boolean, random: Random): Column {
  const nulls = new Nulls(rowCount);
  for (let row = 0; row < rowCount; row++) if (nullable && random(4) === 0) nulls.set(row);
  const isNull = (row: number) =>
    nulls.validity !== null && (nulls.validity[row >> 3] & (1 << (row & 7))) === 0;
  const pick = <T>(from: readonly T[]) => from[random(from.length)];
  const fixed = (type: LogicalType, data: Uint8Array<ArrayBuffer>) =>
    fixedColumn(type, rowCount, data, nulls.validity, nulls.count);
  if (kind === 'int') {
    const values = BigInt64Array.from({ length: rowCount }, (_, row) => (isNull(row) ? 0n : pick(INTEGERS)));
    return fixed({ kind: 'int', bits: 64, signed: true }, new Uint8Array(values.buffer));
  }
  if (kind === 'real') {
    const values = Float64Array.from({ length: rowCount }, (_, row) => (isNull(row) ? 0 : pick(REALS)));
    return fixed({ kind: 'float', bits: 64 }, new Uint8Array(values.buffer));
  }
  if (kind === 'bool') {
    const bits = new Uint8Array(((rowCount + 63) >> 6) << 3);
    for (let row = 0; row < rowCount; row++) bits[row >> 3] |= (isNull(row) ? 0 : random(2)) << (row & 7);
    return fixed({ kind: 'bool' }, bits);
  }
  const heap = new HeapBuilder(rowCount, 16);
  const pool = { date: DATES, text: TEXTS, binary: BLOBS }[kind];
  for (let row = 0; row < rowCount; row++) {
    const bytes = isNull(row) ? new Uint8Array(0) : new TextEncoder().encode(pick(pool));
    heap.copy(row, bytes, 0, bytes.byteLength);
  }
  return heap.finish({ kind: kind === 'binary' ? 'binary' : 'text' }, rowCount, nulls);
}

function anyColumn(rowCount: number, random: Random): Column {
  const typeIds = Uint8Array.from({ length: rowCount }, () => random(4));
  const counts = [0, 0, 0, 0];
  const offsets = Int32Array.from(typeIds, (id) => counts[id]++);
  const kinds = ['int', 'real', 'text', 'binary'] as const;
  const children = ANY_CHILD_TYPES.map((_, id) => column(kinds[id], counts[id], false, random));
  const data = new Uint8Array(0);
  return {
    type: { kind: 'any' },
    length: rowCount,
    nullCount: 0,
    validity: null,
    data,
    offsets,
    typeIds,
    children,
  };
}

function rowidColumn(rowCount: number, random: Random): Column {
  let last = BigInt(random(200));
  const values = BigInt64Array.from({ length: rowCount }, () => {
    last += 1n + BigInt(random(5) === 0 ? random(2 ** 31) ** 2 % 2 ** 40 : 0);
    return last;
  });
  return fixedColumn(
    { kind: 'int', bits: 64, signed: true },
    rowCount,
    new Uint8Array(values.buffer),
    null,
    0,
  );
}

const TYPES = ['INTEGER', 'BIGINT', 'DECIMAL(15,2)', 'REAL', 'DOUBLE', 'DATE', 'TEXT', 'BLOB', '', 'BOOLEAN'];
const STRICT_TYPES = ['INT', 'INTEGER', 'REAL', 'TEXT', 'BLOB', 'ANY'];

interface Case {
  readonly sql: string;
  readonly batch: Batch;
  readonly names: readonly string[];
}

function randomCase(random: Random): Case {
  const strict = random(3) === 0;
  const rowCount = 1 + random(random(4) === 0 ? 3000 : 40);
  const withKey = random(2) === 0;
  const columns: Column[] = withKey ? [rowidColumn(rowCount, random)] : [];
  const items = withKey ? [`"id" INTEGER PRIMARY KEY${random(3) === 0 ? ' AUTOINCREMENT' : ''}`] : [];
  const width = 1 + random(3);
  for (let at = 0; at < width; at++) {
    const types = strict ? STRICT_TYPES : TYPES;
    const type = types[random(types.length)];
    const notNull = random(4) === 0;
    const kind = random(KINDS.length + 1);
    columns.push(
      kind === KINDS.length
        ? anyColumn(rowCount, random)
        : column(KINDS[kind], rowCount, random(3) === 0, random),
    );
    const extra = random(4) === 0 ? ` DEFAULT 7 CHECK ("v${at}" <> 'never')` : '';
    items.push(`"v${at}" ${type}${notNull ? ' NOT NULL' : ''}${extra}`);
  }
  const names = [...(withKey ? ['id'] : []), ...Array.from({ length: width }, (_, at) => `v${at}`)];
  const fields = names.map((name, at) => ({ name, type: columns[at].type }));
  const sql = `CREATE TABLE "_ferrow_test_1" (${items.join(', ')})${strict ? ' STRICT' : ''}`;
  return { sql, names, batch: { fields, columns, rowCount } };
}

/** A table as SQLite has it after the image: each value with its class, and the bytes of all records. */
function arrived(path: string, { sql, names }: Case, image: (db: Database.Database) => ImagePayload) {
  const db = new Database(path);
  try {
    db.pragma('ignore_check_constraints = ON');
    db.exec(sql);
    const attached = new AttachedImage(db, 'image', { table: '_ferrow_test_1', columns: names }, image(db));
    attached.insertAll();
    // A second chunk finds a table that is not empty.
    if (!names.includes('id')) attached.insertAll();
    attached.detach();
    assert.deepEqual(db.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    const cells = names.map((name) => `typeof("${name}"), quote("${name}")`).join(', ');
    const rows = db.prepare(`SELECT rowid, ${cells} FROM _ferrow_test_1`).raw().safeIntegers().all();
    const bytes = db.prepare("SELECT sum(payload) FROM dbstat WHERE name = '_ferrow_test_1'").pluck().get();
    const sequence = sql.includes('AUTOINCREMENT')
      ? db.prepare('SELECT * FROM sqlite_sequence').raw().all()
      : [];
    return { rows, bytes, sequence };
  } finally {
    db.close();
  }
}

function tableOf(db: Database.Database, { names }: Case) {
  const table = { name: '_ferrow_test_1', schema: null };
  const columns = names.map((name) => ({ name, wire: { kind: 'text' } as const }));
  return imageTable(db, { staging: table, columns } as never);
}

test('verbatim images leave what SQLite makes of the values', (context) => {
  const random = seeded(20261126);
  const place = folder(context);
  let verbatim = 0;
  for (let run = 0; run < 600; run++) {
    const one = randomCase(random);
    const fast = new Database(':memory:');
    fast.exec(one.sql);
    const payload = encodeImage(one.batch, tableOf(fast, one));
    fast.close();
    if (!payload.verbatim) continue;
    verbatim++;
    const ours = arrived(join(place, `${run}.db`), one, () => payload);
    const theirs = arrived(join(place, `${run}-plain.db`), one, () => encodeImage(one.batch, null));
    assert.deepEqual(ours, theirs, one.sql);
    assert.ok(readdirSync(place).every((name) => !name.includes('image')));
  }
  assert.ok(verbatim > 100, `${verbatim} of 600 were verbatim`);
});

test('keys that do not ascend, and tables with indexes, go through SQLite', (context) => {
  const ids = (values: readonly bigint[]): Batch => {
    const data = new Uint8Array(BigInt64Array.from(values).buffer);
    const type = { kind: 'int', bits: 64, signed: true } as const;
    return {
      fields: [{ name: 'id', type }],
      columns: [fixedColumn(type, values.length, data, null, 0)],
      rowCount: values.length,
    };
  };
  const db = new Database(join(folder(context), 'a.db'));
  context.after(() => db.close());
  const one = { sql: '', names: ['id'], batch: ids([1n]) };
  db.exec('CREATE TABLE _ferrow_test_1 (id INTEGER PRIMARY KEY)');
  const table = tableOf(db, one);
  assert.ok(table);
  assert.equal(encodeImage(ids([0n, 3n, 2n ** 53n - 1n]), table).verbatim, true);
  for (const bad of [
    [2n, 1n],
    [1n, 1n],
    [-1n, 1n],
    [1n, 2n ** 53n],
  ])
    assert.equal(encodeImage(ids(bad), table).verbatim, false);
  for (const sql of [
    '(id INT PRIMARY KEY)',
    '(id INTEGER UNIQUE)',
    '(id INTEGER PRIMARY KEY) WITHOUT ROWID',
    '(id, b AS (id))',
    '(x)',
  ]) {
    db.exec(`DROP TABLE _ferrow_test_1; CREATE TABLE _ferrow_test_1 ${sql}`);
    assert.equal(tableOf(db, one), null, sql);
  }
});
