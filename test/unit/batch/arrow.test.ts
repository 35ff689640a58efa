// Batches as apache-arrow record batches and back: the corpus, slices, IPC, and Arrow from elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arrow from 'apache-arrow';
import { fromRecordBatch, toRecordBatch } from '../../../src/batch/arrow.ts';
import type { Batch } from '../../../src/batch/batch.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { EDGE_COLUMNS } from '../../corpus/edge-values.ts';
import { collector } from '../coerce/run.ts';

function corpusBatch(): Batch {
  const rowCount = Math.max(...EDGE_COLUMNS.map(({ values }) => values.length));
  const columns = EDGE_COLUMNS.map(({ type, values }) =>
    columnOf(
      type,
      Array.from({ length: rowCount }, (_, row) => values[row]?.text ?? null),
    ),
  );
  const fields = EDGE_COLUMNS.map(({ name, type }) => ({ name, type }));
  const toAny = findConversion({ kind: 'text' }, { kind: 'any' }, {})?.make();
  const text = columns[fields.findIndex(({ name }) => name === 'c_text')];
  assert.ok(toAny);
  return {
    fields: [...fields, { name: 'c_any', type: { kind: 'any' } }],
    columns: [...columns, toAny(text, collector().sink)],
    rowCount,
  };
}

const texts = (batch: Batch) => batch.columns.map(textsOf);

test('a batch goes out without a copy and comes back as it was', () => {
  const batch = corpusBatch();
  const wrapped = toRecordBatch(batch);
  assert.equal(wrapped.numRows, batch.rowCount);
  batch.columns.forEach((column, index) => {
    if (column.type.kind !== 'any')
      assert.equal(wrapped.data.children[index].values.buffer, column.data.buffer);
  });
  const back = fromRecordBatch(wrapped);
  assert.deepEqual(back.fields, batch.fields);
  assert.deepEqual(texts(back), texts(batch));
});

test('through IPC, and as slices', () => {
  const batch = corpusBatch();
  const bytes = arrow.tableToIPC(new arrow.Table([toRecordBatch(batch)]), 'stream');
  const [read] = arrow.tableFromIPC(bytes).batches;
  const back = fromRecordBatch(read);
  assert.deepEqual(back.fields, batch.fields);
  assert.deepEqual(texts(back), texts(batch));
  for (const column of back.columns) assert.equal(column.data.byteOffset, 0);
  const sliced = fromRecordBatch(toRecordBatch(batch).slice(3, 11));
  assert.deepEqual(
    texts(sliced),
    texts(batch).map((column) => column.slice(3, 11)),
  );
});

test('extension names are those that DuckDB and others know', () => {
  const { schema } = toRecordBatch(corpusBatch());
  const extension = (name: string) =>
    schema.fields.find((field) => field.name === name)?.metadata.get('ARROW:extension:name');
  assert.equal(extension('c_uuid'), 'arrow.uuid');
  assert.equal(extension('c_json'), 'arrow.json');
  assert.equal(extension('c_numeric'), 'ferrow.numeric');
  assert.equal(extension('c_int128'), 'arrow.opaque');
  assert.equal(extension('c_any'), 'ferrow.sqlite_any');
});

test('apache-arrow reads the values', () => {
  const wrapped = toRecordBatch(corpusBatch());
  assert.equal(wrapped.getChild('c_int32')?.get(0), -2147483648);
  assert.equal(wrapped.getChild('c_text')?.get(2), 'a');
  assert.equal(wrapped.getChild('c_bool')?.get(1), false);
  assert.equal(wrapped.getChild('c_bool')?.get(2), null);
  assert.equal(wrapped.getChild('c_any')?.get(2), 'a');
});

test('Arrow from elsewhere, with rubbish under its NULLs', () => {
  const table = arrow.tableFromArrays({
    number: Int32Array.of(1, 2, 3),
    float: Float64Array.of(0.5, -0, Number.NaN),
  });
  const batch = fromRecordBatch(table.batches[0]);
  assert.deepEqual(texts(batch), [
    ['1', '2', '3'],
    ['0.5', '-0', 'NaN'],
  ]);
  const nulls = Uint8Array.of(0b101);
  const data = arrow.makeData({
    type: new arrow.Int32(),
    length: 3,
    nullCount: 1,
    nullBitmap: nulls,
    data: Int32Array.of(1, 77, 3),
  });
  const heap = arrow.makeData({
    type: new arrow.Utf8(),
    length: 3,
    nullCount: 1,
    nullBitmap: nulls,
    valueOffsets: Int32Array.of(0, 1, 5, 6),
    data: new TextEncoder().encode('ajunkb'),
  });
  const schema = new arrow.Schema([
    new arrow.Field('i', new arrow.Int32(), true),
    new arrow.Field('t', new arrow.Utf8(), true),
  ]);
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length: 3, children: [data, heap] });
  const back = fromRecordBatch(new arrow.RecordBatch(schema, struct));
  assert.deepEqual(texts(back), [
    ['1', null, '3'],
    ['a', null, 'b'],
  ]);
  assert.equal(new Int32Array(back.columns[0].data.buffer)[1], 0);
  assert.equal(back.columns[1].offsets?.[3], 2);
});

test('types that Ferrow does not carry are refused by name', () => {
  const table = new arrow.Table({ half: arrow.vectorFromArray([1, 2], new arrow.Float16()) });
  assert.throws(
    () => fromRecordBatch(table.batches[0]),
    (error) =>
      error instanceof FerrowError && error.code === 'E_UNSUPPORTED_TYPE' && /half/.test(error.message),
  );
});

test('metadata that contradicts the Arrow type is not believed', () => {
  const metadata = new Map([['ferrow:type', '{"kind":"date"}']]);
  const field = new arrow.Field('x', new arrow.Int32(), true, metadata);
  const data = arrow.makeData({ type: new arrow.Int32(), length: 1, nullCount: 0, data: Int32Array.of(5) });
  const struct = arrow.makeData({ type: new arrow.Struct([field]), length: 1, children: [data] });
  const batch = fromRecordBatch(new arrow.RecordBatch(new arrow.Schema([field]), struct));
  assert.deepEqual(batch.fields[0].type, { kind: 'int', bits: 32, signed: true });
});

test('offsets that leave their heap are refused', () => {
  const field = new arrow.Field('t', new arrow.Utf8(), true);
  for (const valueOffsets of [Int32Array.of(0, 9), Int32Array.of(3, 1), Int32Array.of(-1, 1)]) {
    const heap = arrow.makeData({
      type: new arrow.Utf8(),
      length: 1,
      nullCount: 0,
      valueOffsets,
      data: Uint8Array.of(97, 98, 99, 100),
    });
    const struct = arrow.makeData({ type: new arrow.Struct([field]), length: 1, children: [heap] });
    assert.throws(
      () => fromRecordBatch(new arrow.RecordBatch(new arrow.Schema([field]), struct)),
      (error) => error instanceof FerrowError && error.code === 'E_CORRUPT',
    );
  }
});
