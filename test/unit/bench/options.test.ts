// The bench's command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../../../bench/options.ts';
import { reasonIn } from '../../../bench/rivals/environment.ts';
import { RIVALS, rivalsOf } from '../../../bench/rivals/rivals.ts';

test('a full run is nine pairs over five shapes, three rounds, with every rival', () => {
  const { what, pairs, tables, rounds, rivals, seed } = parseOptions([]);
  assert.deepEqual([what, pairs.length, rounds, rivals.length, seed], ['pairs', 9, 3, RIVALS.length, 0]);
  assert.deepEqual(
    tables.map(({ shape }) => shape.name),
    ['lineitem', 'narrow', 'wide', 'text', 'nulls'],
  );
});

test('a quick run is one round of one small table, with everything else', () => {
  const { pairs, tables, rounds, rivals } = parseOptions(['--quick']);
  assert.deepEqual([pairs.length, tables.length, rounds, rivals.length], [9, 1, 1, RIVALS.length]);
});

test('sizes, seed, shapes, pairs and rivals are chosen by option', () => {
  const options = parseOptions(
    '--shapes text,nulls --rows 500 --seed 7 --pairs sqlite:duckdb --rivals adbc,duckdb --rounds 2'.split(
      ' ',
    ),
  );
  assert.deepEqual(
    options.tables.map(({ shape, rows, seed }) => [shape.name, rows, seed]),
    [
      ['text', 500, 7],
      ['nulls', 500, 7],
    ],
  );
  assert.deepEqual(options.pairs, [{ source: 'sqlite', target: 'duckdb' }]);
  assert.deepEqual(
    options.rivals.map(({ name }) => name),
    ['DuckDB extensions', 'ADBC'],
  );
  assert.deepEqual(parseOptions(['--growth', '--rows', '10,20']).growth.rows, [10, 20]);
  assert.deepEqual(parseOptions(['--rivals', 'none']).rivals, []);
});

test('growth is measured alone, and at the end of a full run', () => {
  const sizes = [100_000, 1_000_000, 10_000_000, 30_000_000];
  assert.deepEqual(parseOptions([]).growth.rows, sizes);
  assert.deepEqual(parseOptions(['--growth', '--pairs', 'duckdb:sqlite']).growth, {
    pairs: [{ source: 'duckdb', target: 'sqlite' }],
    rows: sizes,
  });
  assert.deepEqual(parseOptions(['--quick']).growth.rows, []);
});

test('what makes no sense is refused', () => {
  assert.throws(() => parseOptions(['--rows', 'many']), /--rows takes whole numbers from 1 on, not many/);
  assert.throws(() => parseOptions(['--pairs', 'mysql:sqlite']), /unknown pair mysql:sqlite/);
  assert.throws(() => parseOptions(['--shapes', 'round']), /unknown shape round/);
  assert.throws(() => parseOptions(['--rivals', 'nobody']), /no rival is named like nobody/);
  assert.throws(() => parseOptions(['--fast']), /--fast/);
});

test('every pair has a rival from outside, and a rival only pairs it can do', () => {
  for (const { source, target } of parseOptions([]).pairs) {
    const names = rivalsOf({ source, target }, RIVALS).map(({ name }) => name);
    assert.ok(names.includes('DuckDB extensions'), `${source} to ${target}`);
    assert.equal(names.includes('sqlite3 -csv | psql'), source === 'sqlite' && target === 'postgres');
  }
});

test('the reason of a failure is its last line, without colours', () => {
  const stderr = 'Traceback\n  File "x"\n\u001b[31mImportError: no module\u001b[0m\n[notice] a new pip\n\n';
  assert.equal(reasonIn(stderr), 'ImportError: no module');
});
