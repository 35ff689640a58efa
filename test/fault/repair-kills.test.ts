// A repair that is killed leaves the target between two ranges, each of them whole or not there at all, and running it again
// makes the two equal. Unique values move from rows that go to rows that come; parents go and come with their children.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FAILPOINTS } from '../../src/errors/failpoint.ts';
import type { RepairReport } from '../../src/transfer/repair.ts';
import type { RunsReport } from '../../src/transfer/runs.ts';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import { assertLedgerAgrees, assertNothingLeft, settle } from '../support/fault-checks.ts';
import { ENGINES, faultPlaces } from '../support/fault-places.ts';
import { said } from '../support/fault-runs.ts';
import { series } from '../support/fault-source.ts';
import { engineOfUrl, queryText, runStatements } from '../support/judge.ts';
import { seeded } from '../support/seeded.ts';

const KILLS = Number(process.env['FERROW_KILLS'] ?? 3);
const SEED = Number(process.env['FERROW_SEED'] ?? 1);

/** Rows that differ: some that are too much, some that are missing, all others changed. Ranges are of 5,000 keys. */
const [EXTRA, MISSING, CHANGED] = [2000, 2500, 22_500];
const RANGE = 5000;
const ALL = EXTRA + MISSING + CHANGED;

suite('a repair that is killed', () => {
  const places = faultPlaces({ before, after }, []);
  let source: string;

  before(async () => {
    source = await places.empty('sqlite');
    const items = series('sqlite', MISSING + CHANGED);
    const families = series('sqlite', 100);
    await runStatements(source, [
      'CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT UNIQUE, label TEXT)',
      `INSERT INTO item SELECT i, 'code ' || i, 'label ' || i FROM ${items}`,
      'CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)',
      `INSERT INTO parent SELECT i, 'parent ' || i FROM ${families}`,
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id))',
      `INSERT INTO child SELECT i, i FROM ${families}`,
    ]);
  });

  /** Equal to the source but for what is to be repaired. */
  const broken = async (engine: (typeof ENGINES)[number]): Promise<string> => {
    const target = await places.empty(engine);
    const moved = await ferrowHere(['migrate', source, target, '--json']);
    assert.equal(moved.status, 0, said(moved));
    await runStatements(target, [
      `DELETE FROM item WHERE id <= ${MISSING}`,
      "UPDATE item SET label = 'other'",
      `INSERT INTO item SELECT 100000 + i, 'code ' || i, 'too much' FROM ${series(engineOfUrl(target), EXTRA)}`,
    ]);
    await runStatements(target, ['DELETE FROM child WHERE id <= 10']);
    await runStatements(target, [
      'DELETE FROM parent WHERE id <= 10',
      `INSERT INTO parent SELECT 1000 + i, 'too much' FROM ${series(engineOfUrl(target), 20)}`,
      `INSERT INTO child SELECT 1000 + i, 1000 + i FROM ${series(engineOfUrl(target), 20)}`,
    ]);
    return target;
  };

  /** Of tables that refer to each other deletes and puts may be two transactions. */
  const assertBetweenRanges = async (target: string, what: string) => {
    await assertLedgerAgrees(target, what);
    await settle(target);
    const number = async (sql: string) => Number((await queryText(target, sql))[0][0]);
    const gone = EXTRA - (await number('SELECT count(*) FROM item WHERE id > 100000'));
    const come = await number(`SELECT count(*) FROM item WHERE id <= ${MISSING}`);
    const changed = await number(
      `SELECT count(*) FROM item WHERE id > ${MISSING} AND id <= 100000 AND label = 'label ' || id`,
    );
    const done = gone + come + changed;
    assert.ok(done % RANGE === 0 || done === ALL, `${what}: ${gone} gone, ${come} come, ${changed} changed`);
    for (const table of ['parent', 'child']) {
      const extra = await number(`SELECT count(*) FROM ${table} WHERE id > 1000`);
      const there = await number(`SELECT count(*) FROM ${table} WHERE id <= 10`);
      assert.ok([0, 20].includes(extra) && [0, 10].includes(there), `${what}: ${table} ${extra} ${there}`);
    }
    return done;
  };

  const assertRepaired = async (target: string, what: string) => {
    const ended = await ferrowHere(['repair', source, target, '--json']);
    assert.equal(ended.status, 0, `${what}: ${said(ended)}`);
    const report = JSON.parse(ended.stdout) as RepairReport;
    assert.equal(report.verification?.success, true);
    for (const [table, columns] of Object.entries({
      item: 'id, code, label',
      parent: 'id, name',
      child: 'id, parent',
    })) {
      const sql = `SELECT ${columns} FROM ${table} ORDER BY id`;
      assert.deepEqual(await queryText(target, sql), await queryText(source, sql), `${what}: ${table}`);
    }
    await assertLedgerAgrees(target, what);
    await assertNothingLeft(target, what);
    const open = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated";
    if (engineOfUrl(target) === 'postgres') assert.deepEqual(await queryText(target, open), [], what);
    return report;
  };

  for (const engine of ENGINES) {
    test(`${engine}: killed at each named step, the target is between ranges; then repaired`, async () => {
      const target = await broken(engine);
      let before = 0;
      for (const name of FAILPOINTS) {
        const ended = await ferrow(['repair', source, target], { FERROW_FAILPOINT: `${name}:kill` });
        assert.equal(ended.status, null, `${name} was not passed: ${said(ended)}`);
        const done = await assertBetweenRanges(target, `${engine}, ${name}`);
        assert.ok(done >= before, `${name}: ${done} after ${before}`);
        before = done;
      }
      const resumed = await ferrowHere(['resume', target, '--json']);
      assert.equal(documentOf(resumed).error?.code, 'E_NOT_RESUMABLE', said(resumed));
      const listed = await ferrowHere(['runs', target, '--json']);
      const nexts = (JSON.parse(listed.stdout) as RunsReport).runs.map(({ next }) => next);
      assert.deepEqual([...new Set(nexts)], [null], said(listed));
      assert.ok(before > 0 && before < ALL, `${before} were done`);
      const report = await assertRepaired(target, engine);
      const [item] = report.tables.filter(({ tableName }) => tableName === 'item');
      assert.equal(item.changedRows + item.missingRows + item.extraRows, ALL - before);
    });

    test(`${engine}: killed at seeded instants, the target is between ranges; then repaired`, async () => {
      const target = await broken(engine);
      const random = seeded(SEED * 1000 + ENGINES.indexOf(engine));
      for (let kill = 0; kill < KILLS; kill++) {
        const run = startFerrow(['repair', source, target, '--verbose']);
        await run.saw(/comparing item/).catch(() => {});
        const millis = random() * 2500;
        await setTimeout(millis);
        run.child.kill('SIGKILL');
        await run.ended;
        await assertBetweenRanges(target, `${engine}, seed ${SEED}, kill ${kill}, ${millis} ms`);
      }
      await assertRepaired(target, engine);
    });
  }
});
