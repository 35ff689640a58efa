// COPY rows digested as they are: the same as by way of columns, and never more than the bytes hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCopy } from '../../../../src/dialect/postgres/codec/copy-decode.ts';
import { digestCopy } from '../../../../src/dialect/postgres/codec/copy-digest.ts';
import { encodeCopy } from '../../../../src/dialect/postgres/codec/copy-encode.ts';
import { digestBatch, sameDigest } from '../../../../src/digest/digest.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import { randomBatch, seeded } from './random.ts';

const COUNTED = { skipped: false, oneZero: false };

test('the digest is that of the same cells as a batch of bytes', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const batch = randomBatch(seed, 40);
    const bytes = encodeCopy(batch);
    const columns = batch.fields.map((_, at) => ({ ...COUNTED, skipped: at % 5 === 3 }));
    const fields = batch.fields.map(({ name }) => ({ name, type: { kind: 'binary' } as const }));
    const expected = digestBatch(decodeCopy(bytes, batch.rowCount, fields), columns);
    const found = digestCopy(bytes, batch.rowCount, columns);
    assert.ok(sameDigest(found, expected), `seed ${seed}`);
  }
});

test('one bit that is turned in a cell is seen, and truncated or bent lengths end in a FerrowError', () => {
  const batch = randomBatch(7, 20);
  const bytes = encodeCopy(batch);
  const columns = batch.fields.map(() => COUNTED);
  const whole = digestCopy(bytes, batch.rowCount, columns);
  const next = seeded(11);
  const random = (below: number) => Math.floor(next() * below);
  for (let turn = 0; turn < 500; turn++) {
    const bent = bytes.slice(0, turn % 3 === 0 ? random(bytes.length) : bytes.length);
    if (bent.length === bytes.length) bent[random(bent.length)] ^= 1 << random(8);
    try {
      assert.ok(!sameDigest(digestCopy(bent, batch.rowCount, columns), whole));
    } catch (error) {
      assert.ok(error instanceof FerrowError && error.code === 'E_CORRUPT', String(error));
    }
  }
});
