// What columns were before they came here: kept beside the ledger, found as long as the column is what Ferrow made.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { TableLoad } from '../../../../src/dialect/dialect.ts';
import type { ColumnOrigin } from '../../../../src/types/schema.ts';
import { database, folder, loadFor, query, RUN, requestOf, source, tableOf, target } from './files.ts';

const ORIGIN: ColumnOrigin = {
  engine: 'postgres',
  nativeType: 'numeric(20,2)',
  typeFacts: { oid: 1700, typmod: 1310726 },
  collation: null,
  origin: { engine: 'duckdb', nativeType: 'HUGEINT' },
};

test('origins are written with the table, and read while the type is the same', async (context) => {
  const from = await source(
    context,
    database(context, 'CREATE TABLE "T ""1" (a DECIMAL_TEXT(20,2), b TEXT)'),
  );
  const request = requestOf(await tableOf(from, 'T "1'), {});
  const path = join(folder(context), 'new.db');
  const finish = async (facts: Partial<TableLoad>) => {
    const engine = await target(context, path);
    await engine.beginRun(RUN);
    const load = loadFor(request, facts);
    await engine.prepare([load]);
    await engine.finishTable(load);
    await engine.endRun('run', 'done');
    await engine.close();
  };
  const originsOf = async () => {
    const engine = await source(context, path);
    const { tables } = await engine.catalog([]);
    await engine.close();
    return tables.map(({ columns }) => columns.map(({ origin }) => origin));
  };
  const sql = (text: string) => {
    const db = new Database(path);
    db.exec(text);
    db.close();
  };
  await finish({ origins: [{ column: 'a', made: 'DECIMAL_TEXT(20,2)', origin: ORIGIN }] });
  assert.deepEqual(await originsOf(), [[ORIGIN, undefined]]);
  assert.deepEqual(query(path, 'SELECT table_name, column_name, made_type FROM _ferrow_columns'), [
    ['T "1', 'a', 'DECIMAL_TEXT(20,2)'],
  ]);

  await finish({ mode: 'append' });
  assert.deepEqual(await originsOf(), [[ORIGIN, undefined]], 'append keeps them');

  sql('DROP TABLE "T ""1"; CREATE TABLE "t ""1" (A TEXT, b)');
  assert.deepEqual(await originsOf(), [[undefined, undefined]], 'it has another type now');
  sql('DROP TABLE "t ""1"; CREATE TABLE "t ""1" (A DECIMAL_TEXT(20,2), b)');
  assert.deepEqual(await originsOf(), [[ORIGIN, undefined]], 'names are the same in any case');

  for (const broken of ["'{'", "'[]'", 'NULL', '\'{"engine":"oracle","nativeType":"x"}\'']) {
    sql(`UPDATE _ferrow_columns SET origin = ${broken}`);
    assert.deepEqual(await originsOf(), [[undefined, undefined]], broken);
  }

  await finish({ mode: 'replace' });
  assert.deepEqual(await originsOf(), [[undefined, undefined]]);
  assert.deepEqual(query(path, 'SELECT * FROM _ferrow_columns'), [], 'replace removes them');
  assert.deepEqual(query(path, 'PRAGMA integrity_check'), [['ok']]);
});

test('a table of the same name that is not Ferrow’s own does no harm', async (context) => {
  const path = database(context, 'CREATE TABLE _ferrow_columns (x); CREATE TABLE t (a)');
  const engine = await source(context, path);
  assert.deepEqual(
    (await engine.catalog([])).tables.map(({ name }) => name),
    ['t'],
  );
});
