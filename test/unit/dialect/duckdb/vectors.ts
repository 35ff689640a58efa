// Vectors by hand for the tests of the codec.
import assert from 'node:assert/strict';
import type { VectorColumn } from '../../../../src/batch/chunk.ts';
import { duckdbCodec } from '../../../../src/dialect/duckdb/codec/index.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';

export const bytes = (...values: number[]) => new Uint8Array(values);
export const vector = (data: Uint8Array<ArrayBuffer>, more: Partial<VectorColumn> = {}): VectorColumn => ({
  data,
  offsets: null,
  validity: null,
  children: null,
  ...more,
});
export const decode = (column: VectorColumn, type: LogicalType, rows: number) =>
  duckdbCodec.decode({ form: 'vectors', columns: [column] }, rows, [{ name: 'c', type }]);
export const again = (column: VectorColumn, type: LogicalType, rows: number) => {
  const payload = duckdbCodec.encode(decode(column, type, rows));
  return payload.form === 'vectors' ? payload.columns[0] : assert.fail(payload.form);
};
