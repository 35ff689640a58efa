// Runs that reject rows and end too early: at any instant each row of a committed chunk is in its table or among the rejects, once,
// and a run that is carried on ends as one that was never killed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { REJECT_FAILPOINTS } from '../../src/errors/failpoint.ts';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import { assertLedgerAgrees, settle } from '../support/fault-checks.ts';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 200_000;
const LATE_ROWS = 20_000;
/** One row in so many is bad. */
const EVERY = 500;

suite('rejects of runs that end too early', () => {
  const folder = temporaryFolder({ after });
  const place = emptyPlaces({ before, after });
  const source = `duckdb:${join(folder, 'source.duckdb')}`;

  before(async () => {
    await runStatements(source, [
      'CREATE TABLE big (id INTEGER PRIMARY KEY, x DOUBLE, label VARCHAR)',
      `INSERT INTO big SELECT i, CASE WHEN i % ${EVERY} = 0 THEN 'nan'::DOUBLE ELSE i END,
         CASE WHEN i % ${EVERY} = 0 THEN 'a' || chr(0) ELSE 'label ' || i END FROM range(1, ${ROWS + 1}) r(i)`,
    ]);
  });

  for (const target of ['sqlite', 'postgres'] as const) {
    test(`${target}: killed and carried on: source = target + rejects, each line once`, async () => {
      for (const millis of [60, 250]) {
        const to = await place(target);
        const file = join(folder, `${target}-${millis}.jsonl`);
        const args = [
          ...['migrate', source, to, '--on-error', 'skip', '--rejects', file, '--batch-size', '2000'],
          ...['--json', '--verbose'],
        ];
        const run = startFerrow(args);
        await run.saw(/-> .*1 table/);
        await setTimeout(millis + Math.random() * 100);
        run.child.kill('SIGKILL');
        const { status } = await run.ended;
        assert.ok(status === 4 || !existsSync(file), 'no half a file');
        if (status !== 4) {
          const isThere = await assertAgree(to, target);
          // On a slow machine it may not have come to the ledger: then nothing is there, and the same command begins anew.
          const resumed = await ferrowHere(isThere ? ['resume', to, '--json'] : args);
          assert.equal(resumed.status, 4, resumed.stdout + resumed.stderr);
          const [table] = documentOf(resumed).tableResults;
          assert.deepEqual(
            [table.sourceRows, table.migratedRows, table.rejectedRows],
            [ROWS, ROWS - ROWS / EVERY, ROWS / EVERY],
          );
        }
        assertEachOnce(file);
        await assertRest(to);
        rmSync(file);
      }
    });
  }

  for (const target of ['sqlite', 'postgres'] as const)
    for (const [strategy, step] of [
      ['blue-green', 'group.committed:kill'],
      ['blue-green', 'table.finished:kill'],
      ['transactional', 'group.written:kill'],
      ['transactional', 'table.finished:kill'],
    ])
      test(`${target}, ${strategy}: killed at ${step} and carried on, each reject is there once`, async () => {
        const to = await place(target);
        await runStatements(to, [
          'CREATE TABLE big (id INTEGER PRIMARY KEY, x DOUBLE PRECISION, label TEXT)',
          "INSERT INTO big VALUES (0, 0, 'old')",
        ]);
        const file = join(folder, `${target}-${strategy}-${step}.jsonl`);
        const args = [
          ...[
            'migrate',
            source,
            to,
            '--on-error',
            'skip',
            '--rejects',
            file,
            '--batch-size',
            '2000',
            '--json',
          ],
          ...['--strategy', strategy, ...(strategy === 'transactional' ? ['--if-exists', 'replace'] : [])],
        ];
        const killed = await ferrow(args, { FERROW_FAILPOINT: step });
        assert.equal(killed.status, null, killed.stdout + killed.stderr);
        assert.ok(!existsSync(file), 'no half a file');
        if (strategy === 'blue-green') {
          const early = await ferrowHere(['retry-rejects', to]);
          assert.deepEqual(
            [early.status, /no rejected rows are kept/.test(early.stderr)],
            [2, true],
            early.stderr,
          );
        }
        const resumed = await ferrowHere(['resume', to, '--json']);
        // What is one transaction may have left nothing to carry on.
        const isGone = documentOf(resumed).error?.code === 'E_NO_SUCH_RUN';
        const ended = isGone ? await ferrowHere(args) : resumed;
        assert.equal(ended.status, 4, ended.stdout + ended.stderr);
        assertEachOnce(file);
        await assertRest(to);
        const kept = `SELECT count(*), count(DISTINCT row_key) FROM ${own(target, 'rejects')}`;
        assert.deepEqual(await queryText(to, kept), [[String(ROWS / EVERY), String(ROWS / EVERY)]]);
      });

  for (const target of ENGINES)
    test(`${target}: killed as rows are taken out that only the end of the load refuses, and carried on`, async () => {
      const loose = `sqlite:${join(folder, `loose-${target}.db`)}`;
      await runStatements(loose, [
        'PRAGMA ignore_check_constraints = ON',
        'CREATE TABLE big (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), label TEXT)',
        `INSERT INTO big WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${LATE_ROWS})
           SELECT i, CASE WHEN i % ${EVERY} = 0 THEN -i ELSE i END, 'label ' || i FROM c`,
      ]);
      const found: unknown[] = [];
      for (const step of [null, ...REJECT_FAILPOINTS]) {
        const to = await place(target);
        const file = join(folder, `late-${target}.jsonl`);
        const args = ['migrate', loose, to, '--on-error', 'skip', '--rejects', file, '--json'];
        const first = await ferrow(args, step === null ? {} : { FERROW_FAILPOINT: `${step}:kill` });
        assert.equal(first.status, step === null ? 4 : null, first.stdout + first.stderr);
        if (step !== null) {
          const resumed = await ferrowHere(['resume', to, '--json']);
          assert.equal(resumed.status, 4, resumed.stdout + resumed.stderr);
        }
        const rows = await queryText(to, 'SELECT count(*), sum(id), sum(n) FROM big');
        const lines = readFileSync(file, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => {
            const { run: _run, ...said } = JSON.parse(line) as Record<string, unknown>;
            return said;
          });
        found.push({ rows, lines });
        assert.equal(lines.length, LATE_ROWS / EVERY);
        await assert.rejects(
          runStatements(to, ['INSERT INTO big VALUES (0, -1, NULL)']),
          /check|constraint/i,
        );
        rmSync(file);
      }
      assert.deepEqual(found[1], found[0], 'as if it had not been killed');
      assert.deepEqual(found[2], found[0]);
    });

  test('a sync that was killed: what it left out of a table that stands is kept, and named by the next', async () => {
    const from = `duckdb:${join(folder, 'syncing.duckdb')}`;
    await runStatements(from, [
      'CREATE TABLE a (id INTEGER PRIMARY KEY, x DOUBLE, label VARCHAR)',
      `INSERT INTO a VALUES (1, 1.5, 'one'), (2, 'nan', 'two' || chr(0)), (3, 2.5, 'three')`,
      'CREATE TABLE b AS FROM a',
      'ALTER TABLE b ADD PRIMARY KEY (id)',
    ]);
    for (const target of ['sqlite', 'postgres'] as const) {
      const to = await place(target);
      const file = join(folder, `sync-${target}.jsonl`);
      const args = ['sync', from, to, '--watermark', 'id', '--on-error', 'skip', '--rejects', file, '--json'];
      const killed = await ferrow(args, { FERROW_FAILPOINT: 'table.finished:kill' });
      assert.equal(killed.status, null, killed.stdout + killed.stderr);
      const again = await ferrowHere(args);
      assert.equal(again.status, 4, again.stdout + again.stderr);
      const waiting = documentOf(again).warnings.filter(({ code }) => code === 'W_REJECTS_WAIT');
      assert.equal(waiting.length, 1, again.stdout);
      const listed = await ferrowHere(['runs', to, '--json']);
      const { runs } = JSON.parse(listed.stdout) as { runs: { rejectedRows: number; next: string }[] };
      assert.deepEqual(
        runs.map(({ rejectedRows, next }) => [rejectedRows, next.startsWith('ferrow retry-rejects TARGET ')]),
        [
          [1, true],
          [1, true],
        ],
      );
      const retry = ['retry-rejects', to, '--allow', 'nan=null', '--allow', 'nul=strip', '--json'];
      for (const { next } of runs) {
        const retried = await ferrowHere([...retry, next.split(' ').at(-1) ?? '']);
        assert.equal(retried.status, 0, retried.stdout + retried.stderr);
      }
      for (const table of ['a', 'b'])
        assert.deepEqual(await queryText(to, `SELECT count(*) FROM ${table}`), [['3']], table);
    }
  });
});

/** Each bad row is a line of the file. */
function assertEachOnce(file: string): void {
  const keys = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Number((JSON.parse(line) as { key: { id: string } }).key.id));
  assert.equal(keys.length, ROWS / EVERY);
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.every((id) => id % EVERY === 0));
}

async function assertRest(url: string): Promise<void> {
  assert.deepEqual(await queryText(url, 'SELECT count(*), count(DISTINCT id) FROM big'), [
    [String(ROWS - ROWS / EVERY), String(ROWS - ROWS / EVERY)],
  ]);
}

const own = (engine: EngineName, table: string) =>
  engine === 'sqlite' ? `_ferrow_${table}` : `_ferrow.${table}`;

/** The ledger, the staged rows and the rejects of a run that was killed say the same. Whether there is such a run. */
async function assertAgree(url: string, engine: EngineName): Promise<boolean> {
  const ledger = await assertLedgerAgrees(url, 'killed');
  if (ledger === null || ledger.tables.length === 0) return ledger !== null;
  await settle(url);
  const [{ staging, state }] = ledger.tables;
  const loaded = state === 'loading' ? staging : 'big';
  const notes = await queryText(url, `SELECT note FROM ${own(engine, 'chunks')}`);
  const rejected = notes.reduce((sum, [note]) => sum + (Number(/"rejected":(\d+)/.exec(note)?.[1]) || 0), 0);
  const kept = `SELECT count(*), count(DISTINCT row_key) FROM ${own(engine, 'rejects')}`;
  assert.deepEqual(await queryText(url, kept), [[String(rejected), String(rejected)]]);
  const both = `SELECT count(*) FROM "${loaded}" s JOIN ${own(engine, 'rejects')} r ON r.row_key = '{"id":"' || s.id || '"}'`;
  assert.deepEqual(await queryText(url, both), [['0']]);
  return true;
}
