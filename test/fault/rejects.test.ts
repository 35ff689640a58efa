// Runs that reject rows and end too early: at any instant each row of a committed chunk is in its table or among the rejects, once,
// and a run that is carried on ends as one that was never killed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { emptyPlaces } from '../support/places.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 200_000;
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
        const run = startFerrow([
          ...['migrate', source, to, '--on-error', 'skip', '--rejects', file, '--batch-size', '2000'],
          ...['--json', '--verbose'],
        ]);
        await run.saw(/-> .*1 table/);
        await setTimeout(millis + Math.random() * 100);
        run.child.kill('SIGKILL');
        const { status } = await run.ended;
        assert.ok(status === 4 || !existsSync(file), 'no half a file');
        if (status !== 4) {
          await agree(to, target);
          const resumed = await ferrow(['resume', to, '--json']);
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
      ['transactional', 'group.written:kill'],
      ['transactional', 'table.finished:kill'],
    ])
      test(`${target}, ${strategy}: killed at ${step} and carried on, each reject is there once`, async () => {
        const to = await place(target);
        await runStatements(to, [
          'CREATE TABLE big (id INTEGER PRIMARY KEY, x DOUBLE PRECISION, label TEXT)',
          "INSERT INTO big VALUES (0, 0, 'old')",
        ]);
        const file = join(folder, `${target}-${step}.jsonl`);
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
        const resumed = await ferrow(['resume', to, '--json']);
        // What is one transaction may have left nothing to carry on.
        const isGone = documentOf(resumed).error?.code === 'E_NO_SUCH_RUN';
        const ended = isGone ? await ferrow(args) : resumed;
        assert.equal(ended.status, 4, ended.stdout + ended.stderr);
        assertEachOnce(file);
        await assertRest(to);
        const kept = `SELECT count(*), count(DISTINCT row_key) FROM ${own(target, 'rejects')}`;
        assert.deepEqual(await queryText(to, kept), [[String(ROWS / EVERY), String(ROWS / EVERY)]]);
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

/** The ledger, the staged rows and the rejects of a run that was killed say the same. */
async function agree(url: string, engine: EngineName): Promise<void> {
  if (engine === 'sqlite') await runStatements(url, ['SELECT 1']);
  const chunks = await queryText(url, `SELECT "rows", note FROM ${own(engine, 'chunks')} ORDER BY seq`).catch(
    () => [],
  );
  const [staging] = await queryText(url, `SELECT staging_name FROM ${own(engine, 'tables')}`).catch(() => []);
  if (!staging) return;
  const rows = chunks.reduce((sum, [count]) => sum + Number(count), 0);
  const rejected = chunks.reduce(
    (sum, [, note]) => sum + (Number(/"rejected":(\d+)/.exec(note)?.[1]) || 0),
    0,
  );
  assert.deepEqual(await queryText(url, `SELECT count(*) FROM "${staging[0]}"`), [[String(rows)]]);
  const kept = `SELECT count(*), count(DISTINCT row_key) FROM ${own(engine, 'rejects')}`;
  assert.deepEqual(await queryText(url, kept), [[String(rejected), String(rejected)]]);
  const both = `SELECT count(*) FROM "${staging[0]}" s JOIN ${own(engine, 'rejects')} r ON r.row_key = '{"id":"' || s.id || '"}'`;
  assert.deepEqual(await queryText(url, both), [['0']]);
}
