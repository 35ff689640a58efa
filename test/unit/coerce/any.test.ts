// SQLite's mixed columns to and from columns of one type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clearBit, newBitmap } from '../../../src/batch/bitmap.ts';
import { ANY_CHILD_TYPES, ANY_CLASSES, type Column, checkColumn } from '../../../src/batch/column.ts';
import { runCheck } from '../../../src/coerce/check.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import {
  ANY,
  BINARY,
  BOOL,
  collector,
  convert,
  convertColumn,
  decimal,
  float,
  int,
  JSON_TYPE,
  NUMERIC,
  TEXT,
  timestamp,
  UUID,
} from './run.ts';

type Value = readonly ['integer' | 'real' | 'text' | 'blob', string] | null;

/** A dense union of values. */
function anyOf(values: readonly Value[]): Column {
  const lists: string[][] = [[], [], [], []];
  const typeIds = new Uint8Array(values.length);
  const offsets = new Int32Array(values.length);
  const validity = newBitmap(values.length, true);
  values.forEach((value, row) => {
    if (value === null) {
      clearBit(validity, row);
      return;
    }
    typeIds[row] = ANY_CLASSES.indexOf(value[0]);
    offsets[row] = lists[typeIds[row]].push(value[1]) - 1;
  });
  const children = ANY_CHILD_TYPES.map((type, id) => ({ ...columnOf(type, lists[id]), validity: null }));
  const nullCount = values.filter((value) => value === null).length;
  const column = {
    type: ANY,
    length: values.length,
    nullCount,
    validity: nullCount ? validity : null,
    data: new Uint8Array(0),
    offsets,
    typeIds,
    children,
  };
  checkColumn(column, 'any');
  return column;
}

const MIXED: Value[] = [
  ['integer', '7'],
  null,
  ['real', '5'],
  ['text', 'x'],
  ['blob', '\\x00ff'],
  ['integer', '-9223372036854775808'],
];

test('a column of one class becomes that type; the first of another class is named', () => {
  const got = convertColumn(anyOf(MIXED), int(64));
  assert.deepEqual(got.texts, ['7', null, null, null, null, '-9223372036854775808']);
  assert.deepEqual(got.refused, ['2 E_MIXED_STORAGE', '3 E_MIXED_STORAGE', '4 E_MIXED_STORAGE']);
  assert.deepEqual(got.values, ['5', 'x', '\\x00ff']);
  assert.deepEqual(convertColumn(anyOf(MIXED), BINARY).texts, [null, null, null, null, '\\x00ff', null]);
  assert.deepEqual(convertColumn(anyOf(MIXED), TEXT).texts, [null, null, null, 'x', null, null]);
});

test('mixed=text: numbers as text, blobs still refused', () => {
  const got = convertColumn(anyOf(MIXED), TEXT, { mixed: 'text' });
  assert.deepEqual(got.texts, ['7', null, '5.0', 'x', null, '-9223372036854775808']);
  assert.deepEqual(got.refused, ['4 E_MIXED_STORAGE']);
  assert.deepEqual(got.used, { mixed: 3 });
});

test('numbers: integers and reals together', () => {
  const numbers = anyOf([['integer', '5'], ['real', '0.25'], null, ['integer', '9007199254740993']]);
  const floats = convertColumn(numbers, float(64));
  assert.deepEqual(floats.texts, ['5', '0.25', null, null]);
  assert.deepEqual(floats.refused, ['3 E_INT_RANGE']);
  assert.deepEqual(convertColumn(numbers, decimal(18, 2)).texts, [
    '5.00',
    '0.25',
    null,
    '9007199254740993.00',
  ]);
  assert.deepEqual(convertColumn(numbers, decimal(18, 1)).refused, ['1 E_DECIMAL_SCALE']);
  assert.deepEqual(convertColumn(numbers, NUMERIC).texts, ['5', '0.25', null, '9007199254740993']);
  assert.deepEqual(
    convertColumn(
      anyOf([
        ['integer', '1'],
        ['integer', '0'],
        ['integer', '2'],
      ]),
      BOOL,
    ).refused,
    ['2 E_BOOLEAN_DOMAIN'],
  );
  const special = anyOf([
    ['text', '12.50'],
    ['real', 'Infinity'],
    ['text', 'NaN'],
  ]);
  assert.deepEqual(convertColumn(special, NUMERIC).texts, ['12.50', 'Infinity', 'NaN']);
});

test('text classes become dates, uuids and json', () => {
  const stamps = anyOf([
    ['text', '2024-01-01 00:00:00'],
    ['integer', '0'],
    ['text', 'soon'],
  ]);
  const got = convertColumn(stamps, timestamp('us'));
  assert.deepEqual(got.refused, ['2 E_INVALID_DATE', '1 E_MIXED_STORAGE']);
  assert.deepEqual(convertColumn(stamps, timestamp('us'), { sqlite_datetime: 'unix_s' }).texts, [
    '2024-01-01 00:00:00',
    '1970-01-01 00:00:00',
    null,
  ]);
  assert.deepEqual(
    convertColumn(
      anyOf([
        ['text', '{}'],
        ['text', '{'],
      ]),
      JSON_TYPE,
    ).refused,
    ['1 E_INVALID_JSON'],
  );
  assert.deepEqual(convertColumn(anyOf([['text', 'x'], null]), UUID).refused, ['0 E_INVALID_UUID']);
});

test('one type becomes any and comes back', () => {
  const cases: [LogicalType, (string | null)[], string][] = [
    [int(32), ['1', null, '-5'], 'integer'],
    [int(64), ['9223372036854775807', null], 'integer'],
    [float(64), [null, '0.1', '-0', 'NaN'], 'real'],
    [TEXT, ['', null, 'ä', 'b'], 'text'],
    [BINARY, ['\\x', '\\x00', null], 'blob'],
    [BOOL, ['true', null, 'false'], 'integer'],
    [decimal(20, 2), ['1.50', null], 'text'],
    [NUMERIC, [null, '1.5'], 'text'],
    [timestamp('us', true), ['2024-01-01 00:00:00+00:00', null], 'text'],
    [UUID, ['550e8400-e29b-41d4-a716-446655440000', null], 'text'],
  ];
  for (const [type, texts, storage] of cases) {
    const there = convert(type, ANY, texts);
    const classes = new Set(
      texts.flatMap((text, row) =>
        text === null ? [] : [ANY_CLASSES[(there.column.typeIds as Uint8Array)[row]]],
      ),
    );
    assert.deepEqual([...classes], [storage]);
    assert.deepEqual(convertColumn(there.column, type).texts, texts);
  }
  assert.deepEqual(convert(int(64, false), ANY, ['18446744073709551615']).refused, ['0 E_INT_RANGE']);
});

test('nan=text: NaN stands as text among reals', () => {
  const got = convert(float(64), ANY, ['1', 'NaN', null, '-0', 'NaN'], { nan: 'text' });
  assert.deepEqual(got.texts, ['1', 'NaN', null, '-0', 'NaN']);
  assert.deepEqual(got.used, { nan: 2 });
  const typeIds = got.column.typeIds as Uint8Array;
  assert.deepEqual([typeIds[0], typeIds[1], typeIds[3], typeIds[4]], [1, 2, 1, 2]);
  assert.equal(got.column.nullCount, 1);
});

test('checks look into the classes they concern and name the rows', () => {
  const column = anyOf([
    ['integer', '1'],
    ['text', 'a\0'],
    null,
    ['blob', '\\x00'],
    ['text', 'fine'],
    ['real', 'NaN'],
  ]);
  const { sink, refused } = collector();
  const clean = runCheck({ kind: 'noNul' }, column, sink, {});
  assert.deepEqual(refused, ['1 E_NUL_IN_TEXT']);
  assert.deepEqual(textsOf(clean), ['1', null, null, '\\x00', 'fine', 'NaN']);
  const stripped = runCheck({ kind: 'noNul' }, column, sink, { nul: 'strip' });
  assert.deepEqual(textsOf(stripped), ['1', 'a', null, '\\x00', 'fine', 'NaN']);
  assert.deepEqual(textsOf(runCheck({ kind: 'noNan' }, column, sink, { nan: 'null' })).at(-1), null);
  assert.deepEqual(refused.length, 1);
});
