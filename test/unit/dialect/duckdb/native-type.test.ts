// DuckDB's spelling of types: read, printed, and refused where it is no type. Judged by DuckDB where it can be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NativeType, parseType, printType } from '../../../../src/dialect/duckdb/native-type.ts';
import { nativeOf, wireOf } from '../../../../src/dialect/duckdb/types.ts';
import { sameType } from '../../../../src/types/logical-type.ts';
import { ask, makeFile, newPath } from './files.ts';
import { Random, randomNativeType } from './random-types.ts';

test('a tree for every form', () => {
  const plain = (name: string, ...args: string[]): NativeType => ({ kind: 'plain', name, args });
  const trees: Record<string, NativeType> = {
    INTEGER: plain('INTEGER'),
    ' integer ': plain('INTEGER'),
    'DECIMAL(10,2)': plain('DECIMAL', '10', '2'),
    'TIME WITH TIME ZONE': plain('TIME WITH TIME ZONE'),
    'time  with time zone': plain('TIME WITH TIME ZONE'),
    TIMESTAMPTZ: plain('TIMESTAMP WITH TIME ZONE'),
    '"NULL"': plain('NULL'),
    '"my type"': plain('my type'),
    "GEOMETRY('OGC:CRS84')": plain('GEOMETRY', "'OGC:CRS84'"),
    "ENUM('a', 'it''s', '')": { kind: 'enum', labels: ['a', "it's", ''] },
    'INTEGER[]': { kind: 'list', element: plain('INTEGER'), size: null },
    'INTEGER[][3]': {
      kind: 'list',
      element: { kind: 'list', element: plain('INTEGER'), size: null },
      size: 3,
    },
    'STRUCT("a b" INTEGER, c VARCHAR[], "x""y" TIME WITH TIME ZONE)': {
      kind: 'struct',
      fields: [
        { name: 'a b', type: plain('INTEGER') },
        { name: 'c', type: { kind: 'list', element: plain('VARCHAR'), size: null } },
        { name: 'x"y', type: plain('TIME WITH TIME ZONE') },
      ],
    },
    'MAP(VARCHAR, DECIMAL(4,1))': { kind: 'map', key: plain('VARCHAR'), value: plain('DECIMAL', '4', '1') },
    'UNION(num INTEGER, "a, b" VARCHAR)': {
      kind: 'union',
      fields: [
        { name: 'num', type: plain('INTEGER') },
        { name: 'a, b', type: plain('VARCHAR') },
      ],
    },
  };
  for (const [text, tree] of Object.entries(trees)) assert.deepEqual(parseType(text), tree, text);
});

test('what is no type has no tree', () => {
  const wrong = [
    '',
    ' ',
    'INTEGER[',
    'INTEGER]',
    'INTEGER[0]',
    'INTEGER[-1]',
    'INTEGER[99999999999]',
    'STRUCT()',
    'STRUCT(a)',
    'STRUCT(a INTEGER',
    'STRUCT(a INTEGER,)',
    'STRUCT(INTEGER, VARCHAR)[',
    'MAP(VARCHAR)',
    'MAP(VARCHAR, INTEGER, DATE)',
    'ENUM()',
    "ENUM('a'",
    "ENUM('a)",
    "ENUM('a' 'b')",
    'ENUM(a)',
    '"open',
    'DECIMAL(10,)',
    'DECIMAL(x)',
    'INTEGER INTEGER)',
    'INTEGER; DROP TABLE t',
    `${'STRUCT(a '.repeat(100_000)}INTEGER`,
    `INTEGER${'[]'.repeat(100_000)}`,
  ];
  for (const text of wrong) assert.equal(parseType(text), null, text.slice(0, 40));
});

test('random types: printing and reading again gives the same tree, and so do their canonical types', () => {
  const random = new Random(1);
  for (let round = 0; round < 3000; round++) {
    const tree = randomNativeType(random, 4);
    const text = printType(tree);
    assert.deepEqual(parseType(text), tree, text);
    const wire = wireOf(text);
    assert.ok(wire, text);
    const native = nativeOf(wire);
    assert.ok(native, text);
    const again = wireOf(native);
    assert.ok(again && sameType(wire, again), `${text} -> ${native}`);
  }
});

test('random bytes as types never do worse than null', () => {
  const random = new Random(2);
  const words = [
    'STRUCT',
    '(',
    ')',
    '[',
    ']',
    ',',
    '"',
    "'",
    'a',
    ' ',
    'MAP',
    'UNION',
    'ENUM',
    '3',
    'INTEGER',
    '"" ',
    "''",
  ];
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: random.below(12) }, () => words[random.below(words.length)]).join('');
    const tree = parseType(text);
    if (tree) assert.deepEqual(parseType(printType(tree)), tree, text);
  }
});

test('DuckDB reads what is printed as the type it prints itself', async (context) => {
  const path = newPath(context);
  const random = new Random(3);
  const printed = Array.from({ length: 60 }, () => printType(randomNativeType(random, 3)));
  await makeFile(path, [`CREATE TABLE t (${printed.map((text, at) => `c${at} ${text}`).join(', ')})`]);
  const rows = await ask(
    path,
    "SELECT data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index",
  );
  rows.forEach(([text], at) => {
    assert.deepEqual(parseType(text ?? ''), parseType(printed[at]), printed[at]);
  });
});
