import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../../src/batch/batch.ts';
import { fixedColumn, variableColumn } from '../../../../src/batch/column.ts';
import { decodeCopy } from '../../../../src/dialect/postgres/codec/copy-decode.ts';
import { encodeCopy } from '../../../../src/dialect/postgres/codec/copy-encode.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { renderValue } from '../../../golden/render.ts';
import { CODEC_TYPES, randomBatch, seeded } from './random.ts';

function rendered(batch: Batch): (string | null)[][] {
  return batch.columns.map((column) =>
    Array.from({ length: batch.rowCount }, (_, row) => renderValue(column, row)),
  );
}

test('random batches of every type survive encode and decode', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const batch = randomBatch(seed, seed % 7 === 0 ? 1 : 40);
    const again = decodeCopy(encodeCopy(batch), batch.rowCount, batch.fields);
    assert.deepEqual(rendered(again), rendered(batch), `seed ${seed}`);
    again.columns.forEach((column) => {
      assert.equal(column.data.byteLength, column.data.buffer.byteLength);
    });
  }
});

test('a batch of no rows and a batch of no columns', () => {
  const none = randomBatch(3, 0);
  assert.equal(encodeCopy(none).length, 0);
  assert.equal(decodeCopy(new Uint8Array(0), 0, none.fields).rowCount, 0);
  const bare = { fields: [], columns: [], rowCount: 3 };
  assert.deepEqual([...encodeCopy(bare)], [0, 0, 0, 0, 0, 0]);
  assert.equal(decodeCopy(encodeCopy(bare), 3, []).rowCount, 3);
});

test('truncated and bent bytes end in a FerrowError or a batch, never otherwise', () => {
  let refused = 0;
  for (let seed = 100; seed < 115; seed++) {
    const batch = randomBatch(seed, 12);
    const bytes = encodeCopy(batch);
    const random = seeded(seed);
    for (let round = 0; round < 150; round++) {
      const bent = bytes.slice(0, round % 3 === 0 ? Math.floor(random() * bytes.length) : bytes.length);
      for (let flips = round % 4; flips > 0 && bent.length > 0; flips--)
        bent[Math.floor(random() * bent.length)] ^= 1 << Math.floor(random() * 8);
      try {
        decodeCopy(bent, 12, batch.fields);
      } catch (error) {
        assert.ok(error instanceof FerrowError, String(error));
        refused++;
      }
    }
  }
  assert.ok(refused > 500);
});

test('a row count beyond the bytes allocates nothing', () => {
  const fields = randomBatch(1, 1).fields;
  assert.throws(() => decodeCopy(new Uint8Array(100), 2 ** 40, fields), /can not hold/);
  assert.throws(() => decodeCopy(new Uint8Array(100), -1, fields), FerrowError);
});

test('specials of numeric are loud in a decimal column, with their row', () => {
  const text = Buffer.from('1NaN');
  const numeric: LogicalType = { kind: 'numeric' };
  const column = variableColumn(numeric, 2, new Int32Array([0, 1, 4]), new Uint8Array(text), null, 0);
  const bytes = encodeCopy({ fields: [{ name: 'n', type: numeric }], columns: [column], rowCount: 2 });
  const fields = [{ name: 'n', type: { kind: 'decimal', precision: 10, scale: 2 } as const }];
  assert.throws(
    () => decodeCopy(bytes, 2, fields),
    (error: FerrowError) => error.code === 'E_NUMERIC_SPECIAL' && error.place.row?.['#'] === '1',
  );
});

test('the encoder refuses what the server would change or can not hold', () => {
  const bytesOf = (type: LogicalType, data: Uint8Array<ArrayBuffer>) =>
    encodeCopy({
      fields: [{ name: 'c', type }],
      columns: [fixedColumn(type, 1, data, null, 0)],
      rowCount: 1,
    });
  const int64 = (value: bigint) => new Uint8Array(new BigInt64Array([value]).buffer);
  const refused = (type: LogicalType, data: Uint8Array<ArrayBuffer>, code: string) =>
    assert.throws(
      () => bytesOf(type, data),
      (error: FerrowError) => error.code === code,
      `${type.kind} ${code}`,
    );
  refused({ kind: 'time', unit: 'us' }, int64(86400000001n), 'E_TIME_RANGE');
  refused({ kind: 'time', unit: 'us' }, int64(-1n), 'E_TIME_RANGE');
  refused({ kind: 'timestamp', unit: 'us', zone: false }, int64(-9223372036854775808n), 'E_TIMESTAMP_RANGE');
  refused({ kind: 'timestamp', unit: 's', zone: false }, int64(9223372036854775806n), 'E_TIMESTAMP_RANGE');
  refused({ kind: 'timestamp', unit: 'ns', zone: false }, int64(0n), 'E_INTERNAL');
  refused({ kind: 'date' }, new Uint8Array(new Int32Array([-2440589]).buffer), 'E_DATE_RANGE');
  refused({ kind: 'int', bits: 8, signed: true }, new Uint8Array(8), 'E_INTERNAL');
  const wide = new Uint8Array(16).fill(0xff);
  wide[15] = 0x7f;
  refused({ kind: 'decimal', precision: 38, scale: 0 }, wide, 'E_DECIMAL_SCALE');
  const corrupt = variableColumn({ kind: 'text' }, 1, new Int32Array([0, 9]), new Uint8Array(2), null, 0);
  assert.throws(
    () => encodeCopy({ fields: [{ name: 'c', type: { kind: 'text' } }], columns: [corrupt], rowCount: 1 }),
    (error: FerrowError) => error.code === 'E_CORRUPT',
  );
});

test('decimal text that is none is refused', () => {
  const type: LogicalType = { kind: 'numeric' };
  for (const text of ['', '-', '.', '1e5', '0x10', 'nan', '1.2.3', ' 1', '1 ']) {
    const column = variableColumn(
      type,
      1,
      new Int32Array([0, text.length]),
      new Uint8Array(Buffer.from(text)),
      null,
      0,
    );
    assert.throws(
      () => encodeCopy({ fields: [{ name: 'n', type }], columns: [column], rowCount: 1 }),
      (error: FerrowError) => error.code === 'E_INVALID_NUMBER',
      text,
    );
  }
  const long = Buffer.from('9'.repeat(131073));
  const column = variableColumn(type, 1, new Int32Array([0, long.length]), new Uint8Array(long), null, 0);
  assert.throws(
    () => encodeCopy({ fields: [{ name: 'n', type }], columns: [column], rowCount: 1 }),
    (error: FerrowError) => error.code === 'E_VALUE_TOO_LARGE',
  );
});

test('every codec type has a round trip of its own', () => {
  for (const type of CODEC_TYPES) {
    const batch = randomBatch(7, 200, [type]);
    assert.deepEqual(rendered(decodeCopy(encodeCopy(batch), 200, batch.fields)), rendered(batch));
  }
});
