import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Chunk } from '../../../src/batch/chunk.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import { type CrossingOptions, crossingStage } from '../../../src/stream/crossing-stage.ts';
import type { CrossingPool } from '../../../src/threads/crossing-pool.ts';
import type { Crossed, CrossingSpec } from '../../../src/threads/messages.ts';

const spec: CrossingSpec = {
  id: '1',
  source: 'sqlite',
  target: 'sqlite',
  form: 'columns',
  columns: [],
  keyColumns: [],
};
const chunkOf = (seq: number): Chunk => ({
  seq,
  rowCount: 1,
  byteLength: 1,
  payload: { form: 'columns', columns: [] },
});
const crossed: Crossed = {
  payload: { form: 'columns', columns: [] },
  digest: null,
  refused: [],
  refusedCount: 0,
  rejects: [],
  uses: [],
  seconds: { decode: 0, coerce: 0, encode: 0 },
};

function optionsWith(workers: number, cross: () => Promise<Crossed>): CrossingOptions {
  const pool = { workers, cross } as unknown as CrossingPool;
  return { pool, spec, untouched: false, table: 't', signal: new AbortController().signal };
}

test('a crossed chunk goes on though the next one waits for it to be committed', async () => {
  let committed: () => void = () => {};
  async function* reader(): AsyncGenerator<Chunk> {
    for (let seq = 0; seq < 3; seq++) {
      const isCommitted = new Promise<void>((resolve) => {
        committed = resolve;
      });
      yield chunkOf(seq);
      await isCommitted;
    }
  }
  const seqs: number[] = [];
  for await (const { chunk } of crossingStage(optionsWith(8, async () => crossed))(reader())) {
    seqs.push(chunk.seq);
    committed();
  }
  assert.deepEqual(seqs, [0, 1, 2]);
});

test('chunks come out in the order they came, whichever is crossed first', async () => {
  async function* reader(): AsyncGenerator<Chunk> {
    for (let seq = 0; seq < 5; seq++) yield chunkOf(seq);
  }
  let wait = 50;
  const cross = async () => {
    wait -= 10;
    await new Promise((resolve) => setTimeout(resolve, wait));
    return crossed;
  };
  const seqs: number[] = [];
  for await (const { chunk } of crossingStage(optionsWith(3, cross))(reader())) seqs.push(chunk.seq);
  assert.deepEqual(seqs, [0, 1, 2, 3, 4]);
});

test('a crossing that fails ends the stage though the reader hangs', async () => {
  async function* reader(): AsyncGenerator<Chunk> {
    yield chunkOf(0);
    await new Promise(() => {});
  }
  const fail = async () => Promise.reject(new FerrowError('E_INT_RANGE', 'too large'));
  const stage = crossingStage(optionsWith(2, fail))(reader());
  await assert.rejects(stage.next(), { code: 'E_INT_RANGE' });
});

test('untouched chunks pass in the form that the target takes, and are crossed in any other', async () => {
  const columns = chunkOf(0);
  const image: Chunk = {
    ...chunkOf(1),
    payload: { form: 'image', bytes: new Uint8Array(1), verbatim: false },
  };
  async function* reader(): AsyncGenerator<Chunk> {
    yield columns;
    yield image;
  }
  let crossings = 0;
  const cross = async () => {
    crossings++;
    return crossed;
  };
  const options = { ...optionsWith(1, cross), untouched: true };
  const passed: boolean[] = [];
  for await (const out of crossingStage(options)(reader())) passed.push(out.crossed === null);
  assert.deepEqual(passed, [true, false]);
  assert.equal(crossings, 1);
});

test('a reference passes by, without the rows that are committed', async () => {
  const payload = {
    form: 'reference',
    table: { schema: null, name: 't' },
    select: ['a'],
    from: 0,
    to: 10,
    skipRows: 0,
    byteLength: 80,
  } as const;
  async function* reader(): AsyncGenerator<Chunk> {
    yield { seq: 0, rowCount: 10, byteLength: 80, payload, skipRows: 4 };
  }
  const cross = () => assert.fail('there is nothing to cross');
  for await (const { chunk, gateBytes } of crossingStage(optionsWith(1, cross))(reader())) {
    assert.equal(gateBytes, 80);
    assert.equal(chunk.rowCount, 6);
    assert.deepEqual(chunk.payload, { ...payload, skipRows: 4 });
  }
});
