// `--verify full` over all nine pairs: equal digests where all is well, and a value that is bent on its way into the
// target, behind everything that Ferrow looks at, is found. The corpus and the matrices of types run with it too.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Chunk, transferList } from '../../src/batch/chunk.ts';
import { Database, type TableResult } from '../../src/index.ts';
import { analyse } from '../../src/transfer/analyse.ts';
import { Load } from '../../src/transfer/load.ts';
import { parseOptions } from '../../src/transfer/options.ts';
import { TransferEmitter } from '../../src/transfer/request.ts';
import { withSession } from '../../src/transfer/session.ts';
import { overlaid } from '../../src/transfer/tune-scratch.ts';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ENGINES: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];
const SUFFIX = { sqlite: 'db', duckdb: 'duckdb' } as const;
const ROWS = 1000;

describe('a full verification', () => {
  let server: PostgresServer;
  const folder = temporaryFolder({ after });
  let places = 0;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  const place = async (engine: EngineName) =>
    engine === 'postgres'
      ? server.createDatabase()
      : `${engine}:${join(folder, `${++places}.${SUFFIX[engine]}`)}`;

  for (const source of ENGINES) {
    for (const target of ENGINES) {
      test(`${source} to ${target}`, async () => {
        const from = await place(source);
        const values = Array.from({ length: ROWS }, (_, at) => `(${at}, ${at * 0.5}, 'needle ${at}')`);
        await runStatements(from, [
          'CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, half DOUBLE PRECISION, name TEXT)',
          `INSERT INTO t VALUES ${values.join(', ')}`,
        ]);
        for (const plainIo of [false, true]) {
          const well = await move(from, await place(target), plainIo, (chunk) => chunk);
          assert.deepEqual([well.success, well.verified, well.error], [true, 'full', null]);
          assert.match(String(well.sourceHash), /^[0-9a-f]{16}$/);
          assert.equal(well.targetHash, well.sourceHash);

          const to = await place(target);
          const ill = await move(from, to, plainIo, bent);
          assert.deepEqual(
            [ill.success, ill.error?.code, ill.error?.column],
            [false, 'E_CONTENT_MISMATCH', 'name'],
          );
          assert.equal(ill.sourceHash, well.sourceHash);
          assert.notEqual(ill.targetHash, ill.sourceHash);
          assert.match(String(ill.error?.message), /1000 rows were written, 1000 are there/);
          await assert.rejects(queryText(to, 'SELECT * FROM t'), 'it never gets its name');
        }
      });
    }
  }
});

/** The first `needle` of a chunk becomes a `Needle`. */
function bent(chunk: Chunk): Chunk {
  for (const buffer of transferList(chunk.payload)) {
    const bytes = Buffer.from(buffer);
    const at = bytes.indexOf('needle');
    if (at >= 0) {
      bytes.write('N', at);
      return chunk;
    }
  }
  throw new Error('no needle in the chunk');
}

/** A migration whose chunks pass `change` when they have left Ferrow for the target. */
async function move(
  from: string,
  to: string,
  plainIo: boolean,
  change: (chunk: Chunk) => Chunk,
): Promise<TableResult> {
  const request = {
    command: 'migrate',
    source: new Database(from, {}),
    target: new Database(to, {}),
    options: parseOptions({ verify: 'full', plainIo }),
    signal: new AbortController().signal,
    events: new TransferEmitter(),
  };
  return withSession(request, false, async (session) => {
    const { engine } = session.target;
    const analysis = await analyse(session, request, `run-${Math.random()}`);
    const write: typeof engine.write = (writer, chunk, entry) => engine.write(writer, change(chunk), entry);
    const target = { ...session.target, engine: overlaid(engine, { write }) };
    const load = new Load({ ...session, target }, request, analysis);
    await load.run({
      runId: analysis.runId,
      epoch: 1,
      state: 'copying',
      planHash: analysis.plan.hash,
      source: from,
      target: to,
      snapshotId: null,
      startedAt: new Date().toISOString(),
      version: '0',
    });
    return load.tables[0].result();
  });
}
