// Newer types as Arrow and back: any tree of types, slices, IPC, and Arrow from elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { fromRecordBatch, toRecordBatch } from '../../../src/batch/arrow.ts';
import type { Batch } from '../../../src/batch/batch.ts';
import { transferList } from '../../../src/batch/chunk.ts';
import { checkColumn } from '../../../src/batch/column.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { columnOfPlain, PLAIN_COLUMNS, type Plain } from '../../corpus/nested-columns.ts';
import { anyTyped, MOOD, plainOf, rowsOf } from '../coerce/random-types.ts';

const batchOf = (type: LogicalType, rows: readonly Plain[], name = 'c'): Batch => ({
  fields: [{ name, type }],
  columns: [columnOfPlain(type, rows)],
  rowCount: rows.length,
});

test('any type out and back, through IPC, and as a slice', () => {
  fc.assert(
    fc.property(rowsOf(anyTyped), fc.nat(6), fc.nat(6), ({ type, rows }, from, count) => {
      const batch = batchOf(type, rows);
      const plain = plainOf(batch.columns[0]);
      const back = fromRecordBatch(toRecordBatch(batch));
      assert.deepEqual(back.fields, batch.fields);
      assert.deepEqual(plainOf(back.columns[0]), plain);
      const bytes = arrow.tableToIPC(new arrow.Table([toRecordBatch(batch)]), 'stream');
      const [read] = arrow.tableFromIPC(bytes).batches;
      if (rows.length > 0) {
        const again = fromRecordBatch(read);
        assert.deepEqual(again.fields, batch.fields);
        assert.deepEqual(plainOf(again.columns[0]), plain);
      }
      const sliced = fromRecordBatch(toRecordBatch(batch).slice(from, from + count));
      assert.deepEqual(plainOf(sliced.columns[0]), plain.slice(from, from + count));
    }),
    { seed: 20261122, numRuns: 300 },
  );
});

test('batches of one stream share the dictionary of an enum', () => {
  const first = toRecordBatch(batchOf(MOOD, ['sad', null, '日']));
  const second = toRecordBatch(batchOf(MOOD, ['']));
  assert.equal(first.data.children[0].dictionary, second.data.children[0].dictionary);
  const bytes = arrow.tableToIPC(new arrow.Table([first, second]), 'stream');
  const { batches } = arrow.tableFromIPC(bytes);
  assert.deepEqual(
    batches.map((each) => textsOf(fromRecordBatch(each).columns[0])),
    [['sad', null, '日'], ['']],
  );
  assert.equal(first.getChild('c')?.get(0), 'sad');
});

test('extension names and apache-arrow’s own view', () => {
  const names = new Map(
    PLAIN_COLUMNS.map(({ name, type, values }) => {
      const { schema } = toRecordBatch(batchOf(type, values, name));
      return [name, schema.fields[0].metadata.get('ARROW:extension:name')];
    }),
  );
  assert.equal(names.get('p_timetz'), 'arrow.opaque');
  assert.equal(names.get('p_bit'), 'arrow.opaque');
  assert.equal(names.get('p_interval'), 'ferrow.interval');
  assert.equal(names.get('p_enum'), 'ferrow.enum');
  const list: LogicalType = { kind: 'list', element: { kind: 'int', bits: 32, signed: true } };
  const vector = toRecordBatch(batchOf(list, [['1', null], null, []])).getChild('c');
  assert.deepEqual([...(vector?.get(0) ?? [])], [1, null]);
  assert.equal(vector?.get(1), null);
});

/** A batch of one column, made of Arrow data as it is. */
function foreign(data: arrow.Data): Batch {
  const field = new arrow.Field('x', data.type, true);
  const struct = arrow.makeData({ type: new arrow.Struct([field]), length: data.length, children: [data] });
  return fromRecordBatch(new arrow.RecordBatch(new arrow.Schema([field]), struct));
}

const textData = (texts: readonly string[]) =>
  arrow.makeData({
    type: new arrow.Utf8(),
    length: texts.length,
    nullCount: 0,
    valueOffsets: Int32Array.from([0, ...texts.map((_, at) => texts.slice(0, at + 1).join('').length)]),
    data: new TextEncoder().encode(texts.join('')),
  });

test('Arrow from elsewhere: dictionaries, large text, its own intervals', () => {
  const dictionary = new arrow.Vector([textData(['x', 'yy'])]);
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8());
  const nullBitmap = Uint8Array.of(0b1011);
  const indexes = arrow.makeData({
    type,
    length: 4,
    nullCount: 1,
    nullBitmap,
    data: Int8Array.of(1, 0, 99, 1),
    dictionary,
  });
  const batch = foreign(indexes);
  assert.deepEqual(batch.fields[0].type, { kind: 'text' });
  assert.deepEqual(textsOf(batch.columns[0]), ['yy', 'x', null, 'yy']);
  const wild = arrow.makeData({ type, length: 1, nullCount: 0, data: Int8Array.of(2), dictionary });
  assert.throws(
    () => foreign(wild),
    (error) => error instanceof FerrowError && error.code === 'E_CORRUPT',
  );
  const large = arrow.makeData({
    type: new arrow.LargeUtf8(),
    length: 2,
    nullCount: 0,
    valueOffsets: BigInt64Array.of(1n, 2n, 4n),
    data: new TextEncoder().encode('_abc'),
  });
  assert.deepEqual(textsOf(foreign(large).columns[0]), ['a', 'bc']);
  const interval = (data: Int32Array, unit: arrow.Interval) =>
    foreign(arrow.makeData({ type: unit, length: 1, nullCount: 0, data })).columns[0];
  const nano = new arrow.IntervalMonthDayNano();
  assert.deepEqual(textsOf(interval(Int32Array.of(1, 2, 4000, 0), nano)), ['P1M2DT0.000004S']);
  assert.deepEqual(textsOf(interval(Int32Array.of(0, 0, -4000, -1), nano)), ['PT-0.000004S']);
  assert.throws(
    () => interval(Int32Array.of(0, 0, 1, 0), nano),
    (error) => error instanceof FerrowError && error.code === 'E_TIME_PRECISION',
  );
  assert.deepEqual(textsOf(interval(Int32Array.of(1, -2), new arrow.IntervalDayTime())), ['P1DT-0.002S']);
  assert.deepEqual(textsOf(interval(Int32Array.of(-14), new arrow.IntervalYearMonth())), ['P-1Y-2M']);
});

const ints = (...values: number[]) =>
  arrow.makeData({
    type: new arrow.Int32(),
    length: values.length,
    nullCount: 0,
    data: Int32Array.from(values),
  });
const intField = new arrow.Field('item', new arrow.Int32(), true);

test('Arrow from elsewhere: lists, structs and unions with rubbish under their NULLs', () => {
  const nullBitmap = Uint8Array.of(0b101);
  const lists = arrow.makeData({
    type: new arrow.List(intField),
    length: 3,
    nullCount: 1,
    nullBitmap,
    valueOffsets: Int32Array.of(1, 2, 4, 5),
    child: ints(0, 1, 2, 3, 4, 5),
  });
  const list = foreign(lists);
  assert.deepEqual(plainOf(list.columns[0]), [['1'], null, ['4']]);
  assert.equal(list.columns[0].children?.[0].length, 2);
  const fixed = arrow.makeData({
    type: new arrow.FixedSizeList(2, intField),
    length: 3,
    nullCount: 1,
    nullBitmap,
    child: ints(0, 1, 2, 3, 4, 5),
  });
  assert.deepEqual(plainOf(foreign(fixed).columns[0]), [['0', '1'], null, ['4', '5']]);
  const structs = arrow.makeData({
    type: new arrow.Struct([new arrow.Field('a', new arrow.Int32(), true)]),
    length: 3,
    nullCount: 1,
    nullBitmap,
    children: [ints(7, 8, 9)],
  });
  const struct = foreign(structs).columns[0];
  assert.deepEqual(plainOf(struct), [['7'], null, ['9']]);
  assert.equal(new Int32Array(struct.children?.[0].data.buffer ?? new ArrayBuffer(0))[1], 0);
  const members = [
    new arrow.Field('i', new arrow.Int32(), true),
    new arrow.Field('t', new arrow.Utf8(), true),
  ];
  const dense = arrow.makeData({
    type: new arrow.DenseUnion([5, 9], members),
    length: 3,
    typeIds: Int8Array.of(5, 9, 5),
    valueOffsets: Int32Array.of(1, 0, 0),
    children: [ints(10, 20), textData(['x'])],
  });
  const union = foreign(dense);
  assert.deepEqual(plainOf(union.columns[0]), [
    ['0', '20'],
    ['1', 'x'],
    ['0', '10'],
  ]);
  const sparse = arrow.makeData({
    type: new arrow.SparseUnion([0, 1], members),
    length: 2,
    typeIds: Int8Array.of(0, 1),
    children: [ints(10, 20), textData(['x', 'y'])],
  });
  assert.deepEqual(plainOf(foreign(sparse).columns[0]), [
    ['0', '10'],
    ['1', 'y'],
  ]);
});

test('offsets and numbers that leave what they point into are refused', () => {
  const corrupt = (data: arrow.Data) =>
    assert.throws(
      () => foreign(data),
      (error) => error instanceof FerrowError && error.code === 'E_CORRUPT',
    );
  for (const valueOffsets of [
    Int32Array.of(0, 9),
    Int32Array.of(2, 1),
    Int32Array.of(-1, 1),
    Int32Array.of(0),
  ]) {
    corrupt(
      arrow.makeData({
        type: new arrow.List(intField),
        length: 1,
        nullCount: 0,
        valueOffsets,
        child: ints(1, 2),
      }),
    );
  }
  corrupt(
    arrow.makeData({
      type: new arrow.FixedSizeList(2, intField),
      length: 2,
      nullCount: 0,
      child: ints(1, 2),
    }),
  );
  const members = [new arrow.Field('i', new arrow.Int32(), true)];
  const dense = (typeIds: Int8Array, valueOffsets: Int32Array) =>
    arrow.makeData({
      type: new arrow.DenseUnion([0], members),
      length: 1,
      typeIds,
      valueOffsets,
      children: [ints(1)],
    });
  corrupt(dense(Int8Array.of(3), Int32Array.of(0)));
  corrupt(dense(Int8Array.of(0), Int32Array.of(7)));
  const enums = columnOf(MOOD, ['sad']);
  new Uint32Array(enums.data.buffer)[0] = 77;
  assert.throws(() => checkColumn(enums, 'mood'), /no label/);
});

test('a transfer list has the buffers of children', () => {
  const column = columnOfPlain({ kind: 'list', element: { kind: 'text' } }, [['a', 'b'], null]);
  const buffers = transferList({ form: 'columns', columns: [column] });
  assert.ok(buffers.includes(column.children?.[0].data.buffer as ArrayBuffer));
  assert.ok(buffers.includes(column.children?.[0].offsets?.buffer as ArrayBuffer));
  const moved = structuredClone(column, { transfer: buffers });
  assert.deepEqual(plainOf(moved), [['a', 'b'], null]);
});
