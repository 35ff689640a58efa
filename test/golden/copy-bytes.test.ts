// The codec against bytes that a real server made: they decode to what the SQL says, and encode to themselves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeCopy } from '../../src/dialect/postgres/codec/copy-decode.ts';
import { encodeCopy } from '../../src/dialect/postgres/codec/copy-encode.ts';
import { RowCutter } from '../../src/dialect/postgres/codec/row-cut.ts';
import { COPY_CASES } from './copy-cases.ts';
import { renderValue } from './render.ts';

const golden: { cases: Record<string, { sql: string; hex: string }> } = JSON.parse(
  readFileSync(new URL('./copy-bytes.json', import.meta.url), 'utf8'),
);

for (const { name, type, values, expected, oidsMayDiffer } of COPY_CASES) {
  test(`golden COPY bytes: ${name}`, () => {
    const stream = new Uint8Array(Buffer.from(golden.cases[name].hex, 'hex'));
    const cutter = new RowCutter(1);
    assert.equal(cutter.walk(stream, stream.length, 1000, 1 << 20), true);
    assert.equal(cutter.rows, values.length);
    assert.equal(cutter.ended, true);
    const rows = stream.slice(cutter.from, cutter.cut);
    const batch = decodeCopy(rows, cutter.rows, [{ name: 'v', type }]);
    const rendered = values.map((_, row) => renderValue(batch.columns[0], row));
    if (expected) assert.deepEqual(rendered, expected);
    if (oidsMayDiffer) {
      const again = decodeCopy(encodeCopy(batch), cutter.rows, batch.fields);
      assert.deepEqual(
        values.map((_, row) => renderValue(again.columns[0], row)),
        rendered,
      );
      assert.equal(encodeCopy(batch).length, rows.length);
      return;
    }
    assert.equal(Buffer.from(encodeCopy(batch)).toString('hex'), Buffer.from(rows).toString('hex'));
  });
}
