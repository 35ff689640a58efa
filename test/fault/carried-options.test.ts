// Runs with options of their own, killed and carried on: what the options ask for holds for the run as a whole. And the document
// that carries a plan from one process to another loses nothing of it.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { documentText, parseDocument } from '../../src/transfer/run-document.ts';
import { documentOf, ferrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import { assertLedgerAgrees, assertNothingLeft, ledgerOf } from '../support/fault-checks.ts';
import { ENGINES, faultPlaces, PAIRS } from '../support/fault-places.ts';
import { migrateArgs, resumeArgs, said } from '../support/fault-runs.ts';
import { contentOfAll, series } from '../support/fault-source.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { assertAddsUp } from '../support/partitions.ts';

const KILLED = { FERROW_FAILPOINT: 'group.committed:kill@4' };

suite('options of a run that is carried on', () => {
  const places = faultPlaces({ before, after });

  for (const [from, to] of PAIRS)
    test(`${from} to ${to}: --verify full counts the chunks of all attempts`, async () => {
      const pair = await places.pair(from, to, '--verify', 'full');
      const killed = await ferrow(migrateArgs(pair), KILLED);
      assert.equal(killed.status, null, said(killed));
      const resumed = await ferrowHere(resumeArgs(pair));
      assert.equal(resumed.status, 0, said(resumed));
      for (const table of documentOf(resumed).tableResults) {
        assert.equal(table.verified, 'full', table.tableName);
        // A table that stood before the run was carried on is not read again.
        if (table.sourceHash !== undefined)
          assertAddsUp(table.sourcePartitions, table.sourceRows, table.sourceHash, table.tableName);
      }
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
      await assertNothingLeft(pair.target, 'verified');
    });

  for (const engine of ENGINES)
    test(`${engine}: --where, --columns and --rename hold when the run is carried on`, async () => {
      const what = ['--tables', 'parents', '--where', 'id > 5000', '--columns', 'id,label'];
      const pair = await places.pair('sqlite', engine, ...what, '--rename', 'parents=kin');
      const killed = await ferrow(migrateArgs(pair), { FERROW_FAILPOINT: 'group.committed:kill' });
      assert.equal(killed.status, null, said(killed));
      const resumed = await ferrowHere(resumeArgs(pair));
      assert.equal(resumed.status, 0, said(resumed));
      const sql = 'SELECT count(*), min(id), max(id), count(DISTINCT label) FROM kin';
      assert.deepEqual(await queryText(pair.target, sql), [['15000', '5001', '20000', '15000']]);
      assert.deepEqual((await queryText(pair.target, 'SELECT * FROM kin LIMIT 1'))[0].length, 2);
      await assertNothingLeft(pair.target, 'options');
    });

  test('foreign keys that wait for other tables are validated by whoever ends the run', async () => {
    const pair = { source: await places.empty('sqlite'), target: await places.empty('postgres') };
    const rows = 'VALUES (1, 2), (2, 1), (3, NULL)';
    await runStatements(pair.source, [
      'CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER)',
      'CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER)',
      ...['a', 'b'].map((table) => `INSERT INTO ${table} ${rows}`),
    ]);
    const validated = "SELECT conname, convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
    await runStatements(pair.target, [
      'CREATE TABLE a (id bigint PRIMARY KEY, b bigint)',
      'CREATE TABLE b (id bigint PRIMARY KEY, a bigint CONSTRAINT to_a REFERENCES a)',
      'ALTER TABLE a ADD CONSTRAINT to_b FOREIGN KEY (b) REFERENCES b',
    ]);
    const append = ['--data-only'];
    const killed = await ferrow(migrateArgs({ ...pair, more: append }), {
      FERROW_FAILPOINT: 'table.finished:kill@1',
    });
    assert.equal(killed.status, null, said(killed));
    const open = (await queryText(pair.target, validated)).filter(([, is]) => is !== 't' && is !== 'true');
    assert.ok(open.length > 0, 'a table waits for the other');
    const again = await ferrow(resumeArgs(pair), { FERROW_FAILPOINT: 'run.finishing:kill' });
    assert.equal(again.status, null, said(again));
    const resumed = await ferrowHere(resumeArgs(pair));
    assert.equal(resumed.status, 0, said(resumed));
    const states = (await queryText(pair.target, validated)).map(([name, is]) => [name, is.startsWith('t')]);
    assert.deepEqual(states, [
      ['to_a', true],
      ['to_b', true],
    ]);
    assert.deepEqual(await queryText(pair.target, 'SELECT count(*) FROM _ferrow.waiting_keys'), [['0']]);
    assert.deepEqual(await queryText(pair.target, 'SELECT count(*) FROM a'), [['3']]);
  });

  for (const engine of ENGINES)
    test(`postgres to ${engine}: killed within a table that is read in several ranges of blocks`, async () => {
      const source = await places.server.createDatabase();
      // Four rows to a block: 39 MiB, which are cut.
      await runStatements(source, [
        'CREATE TABLE large (id int, filling text)',
        'ALTER TABLE large ALTER filling SET STORAGE PLAIN',
        `INSERT INTO large SELECT i, repeat(md5(i::text), 55) FROM ${series('postgres', 20_000)}`,
      ]);
      const pair = { source, target: await places.empty(engine) };
      for (const step of ['group.committed:kill@2', 'group.written:kill']) {
        const begun = (await ledgerOf(pair.target)) !== null;
        const killed = await ferrow(begun ? resumeArgs(pair) : migrateArgs(pair), {
          FERROW_FAILPOINT: step,
        });
        assert.equal(killed.status, null, said(killed));
        const ledger = await assertLedgerAgrees(pair.target, step);
        assert.ok(ledger?.chunks.every(({ partition }) => partition.startsWith('blocks-')));
      }
      const resumed = await ferrowHere(resumeArgs(pair));
      assert.equal(resumed.status, 0, said(resumed));
      const sql = 'SELECT count(*), count(DISTINCT id), sum(length(filling)) FROM large';
      assert.deepEqual(await queryText(pair.target, sql), await queryText(source, sql));
      await assertNothingLeft(pair.target, 'ranges of blocks');
      const end = await ledgerOf(pair.target);
      assert.ok(new Set(end?.chunks.map(({ partition }) => partition)).size > 1);
    });
});

test('a run’s document comes back as it was, whatever values the plan holds', () => {
  const odd = {
    big: 2n ** 70n,
    negative: -(2n ** 63n),
    zero: -0,
    nan: Number.NaN,
    infinite: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    text: '\u0000\ud800 "$bigint" \u2028',
    nested: [{ list: [1n, null] }, null],
  };
  const document = {
    command: 'migrate',
    source: 'sqlite:a.db',
    options: odd,
    planHash: '',
    tables: [],
    views: [],
  };
  const parsed = parseDocument(documentText(document as never), 'run') as unknown as { options: typeof odd };
  assert.deepEqual(parsed.options, odd);
  assert.ok(Object.is(parsed.options.zero, -0));
});
