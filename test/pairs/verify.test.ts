// `--verify full` over all nine pairs: equal digests where all is well; a value that is bent on its way into the target, behind
// everything that Ferrow looks at, is found, and so is one that is bent before Ferrow sees it. The corpus and the matrices of types run with it too.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Chunk, transferList } from '../../src/batch/chunk.ts';
import { Database, type TableResult } from '../../src/index.ts';
import { analyse } from '../../src/transfer/analyse.ts';
import { Load } from '../../src/transfer/load.ts';
import { parseOptions } from '../../src/transfer/options.ts';
import { TransferEmitter } from '../../src/transfer/request.ts';
import { withSession } from '../../src/transfer/session.ts';
import { overlaid } from '../../src/transfer/tune-scratch.ts';
import { newWork } from '../../src/transfer/work.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

const ROWS = 1000;
/** 0x12345678. */
const MAGIC = 305_419_896;

describe('a full verification', () => {
  const place = emptyPlaces({ before, after });

  for (const source of ENGINES) {
    for (const target of ENGINES) {
      test(`${source} to ${target}`, async () => {
        const from = await place(source);
        const values = Array.from(
          { length: ROWS },
          (_, at) => `(${at}, ${at * 0.5}, 'needle ${at}', ${at === 7 ? MAGIC : at})`,
        );
        await runStatements(from, [
          'CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, half DOUBLE PRECISION, name TEXT, big INTEGER)',
          `INSERT INTO t VALUES ${values.join(', ')}`,
        ]);
        for (const plainIo of [false, true]) {
          const well = await move(from, await place(target), plainIo, {});
          assert.deepEqual([well.success, well.verified, well.error], [true, 'full', null]);
          assert.match(String(well.sourceHash), /^[0-9a-f]{16}$/);
          assert.equal(well.targetHash, well.sourceHash);

          const to = await place(target);
          const ill = await move(from, to, plainIo, { write: bentText });
          assert.deepEqual(
            [ill.success, ill.error?.code, ill.error?.column],
            [false, 'E_CONTENT_MISMATCH', 'name'],
          );
          assert.equal(ill.sourceHash, well.sourceHash);
          assert.notEqual(ill.targetHash, ill.sourceHash);
          assert.match(String(ill.error?.message), /1000 rows were written, 1000 are there/);
          await assert.rejects(queryText(to, 'SELECT * FROM t'), 'it never gets its name');

          // From DuckDB to DuckDB rows are in no chunk: DuckDB itself says what it read and what it holds.
          const isReferred = !plainIo && source === 'duckdb' && target === 'duckdb';
          if (!isReferred) {
            const sampled = await move(from, await place(target), plainIo, { write: bentText }, 'sample');
            assert.deepEqual(
              [sampled.success, sampled.error?.code, sampled.error?.column],
              [false, 'E_CONTENT_MISMATCH', 'name'],
            );
            assert.match(
              String(sampled.error?.message),
              / is needle \d+ in the source and Needle \d+ in the target/,
            );
            assert.deepEqual(Object.keys(sampled.error?.row ?? {}), ['id']);
          }

          const misread = await move(from, await place(target), plainIo, { next: bentNumber });
          assert.deepEqual(
            [misread.success, misread.error?.code, misread.error?.column],
            [false, 'E_CONTENT_MISMATCH', 'big'],
          );
          if (isReferred) continue;
          assert.equal(misread.targetHash, misread.sourceHash, 'what was read wrong was written right');
          assert.match(
            String(misread.error?.message),
            /own SQL the (largest value is 305419896|sum of integers and bytes is \d+) in the source/,
          );
        }
      });
    }
  }
});

/** The first `needle` of a chunk becomes a `Needle`. */
function bentText(chunk: Chunk): Chunk {
  return (
    bentReference(chunk, '"name"', `replace("name", 'needle 9', 'Needle 9')`) ??
    bent(chunk, [Buffer.from('needle')], 'N'.charCodeAt(0))
  );
}

/** The magic number, whichever way round its bytes stand, becomes one with 0x11 in place of 0x12. */
function bentNumber(chunk: Chunk): Chunk {
  const bigEndian = Buffer.from(MAGIC.toString(16), 'hex');
  return (
    bentReference(chunk, '"big"', `CAST(if("big" = ${MAGIC}, 7, "big") AS INTEGER)`) ??
    bent(chunk, [bigEndian, Buffer.from(bigEndian).reverse()], 0x11)
  );
}

/** Other values in place of a column's; null for a chunk that holds rows. */
function bentReference(chunk: Chunk, column: string, instead: string): Chunk | null {
  const { payload } = chunk;
  if (payload.form !== 'reference') return null;
  const select = payload.select.map((each) => (each === column ? instead : each));
  return { ...chunk, payload: { ...payload, select } };
}

/** Puts `byte` where the first of the needles begins; where its most significant byte is, if it is the other way round. */
function bent(chunk: Chunk, [forward, backward]: readonly Buffer[], byte: number): Chunk {
  for (const buffer of transferList(chunk.payload)) {
    const bytes = Buffer.from(buffer);
    const at = bytes.indexOf(forward);
    const end = backward === undefined ? -1 : bytes.indexOf(backward);
    if (at < 0 && end < 0) continue;
    bytes[at >= 0 ? at : end + backward.length - 1] = byte;
    return chunk;
  }
  throw new Error('nothing in the chunk to bend');
}

/** A migration whose chunks pass `next` before Ferrow sees them, and `write` when they have left it for the target. */
async function move(
  from: string,
  to: string,
  plainIo: boolean,
  faults: { readonly write?: (chunk: Chunk) => Chunk; readonly next?: (chunk: Chunk) => Chunk },
  verify: 'full' | 'sample' = 'full',
): Promise<TableResult> {
  const request = {
    command: 'migrate',
    source: new Database(from, {}),
    target: new Database(to, {}),
    options: parseOptions({ verify, plainIo }),
    signal: new AbortController().signal,
    events: new TransferEmitter(),
  };
  return withSession(request, false, async (session) => {
    const analysis = await analyse(session, request, `run-${Math.random()}`);
    const [source, target] = [session.source.engine, session.target.engine];
    const write: typeof target.write = (writer, chunk, entry) =>
      target.write(writer, faults.write?.(chunk) ?? chunk, entry);
    const next: typeof source.next = async (cursor) => {
      const chunk = await source.next(cursor);
      return chunk && (faults.next?.(chunk) ?? chunk);
    };
    const faulty = {
      pool: session.pool,
      source: { ...session.source, engine: overlaid(source, { next }) },
      target: { ...session.target, engine: overlaid(target, { write }) },
    };
    const startedAt = new Date().toISOString();
    const work = await newWork(faulty, request, analysis, startedAt);
    const load = new Load(faulty, request, work);
    const { runId, epoch, planHash, document } = work;
    const ends = { source: from, target: to, snapshotId: null };
    await load.run({ runId, epoch, state: 'copying', planHash, ...ends, startedAt, version: '0', document });
    return load.tables[0].result();
  });
}
