// Syncs that are killed, at each named step and at seeded instants: rows and watermark are those before or those after, and the
// next sync ends as if nothing had happened.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { FAILPOINTS } from '../../src/errors/failpoint.ts';
import { startFerrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import { assertNothingLeft, settle } from '../support/fault-checks.ts';
import { ENGINES, faultPlaces } from '../support/fault-places.ts';
import { runAndStop, SMALL_CHUNKS, type Stop, said } from '../support/fault-runs.ts';
import { asking, runStatements } from '../support/judge.ts';
import { seeded } from '../support/seeded.ts';

const ROWS = 6_000;
const INSTANTS = 5;

suite('syncs that are killed', () => {
  const places = faultPlaces({ before, after }, []);

  for (const [at, engine] of ENGINES.entries())
    test(`${engine}: rows and watermark as before or as after; the next sync ends as an undisturbed one`, async () => {
      const source = await places.empty('sqlite');
      const target = await places.empty(engine);
      await runStatements(source, [
        'CREATE TABLE item (id INTEGER PRIMARY KEY, label TEXT, changed INTEGER)',
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
         INSERT INTO item SELECT i, 'label ' || i, i FROM n`,
      ]);
      const options = ['--watermark', 'changed', '--deletes', '--json', '--verbose', ...SMALL_CHUNKS];
      const sync = ['sync', source, target, ...options];
      let mark = ROWS;
      /** Some thousand rows are changed, some are new, some are gone. */
      const change = () => {
        // Above all that is there, the rows of the last change too.
        mark += 2 * ROWS;
        return runStatements(source, [
          `UPDATE item SET label = label || '+', changed = ${mark} + id WHERE id % 3 = 0`,
          `INSERT INTO item SELECT max(id) + 1, 'new', ${mark + 1} FROM item`,
          'DELETE FROM item WHERE id = (SELECT min(id) FROM item)',
        ]);
      };
      const undisturbed = async () => {
        await change();
        const run = startFerrow(sync);
        await run.saw(/-> .*\d+ tables?/);
        const began = performance.now();
        const ended = await run.ended;
        assert.equal(ended.status, 0, said(ended));
        assert.equal(await itemsOf(target), await itemsOf(source));
        return performance.now() - began;
      };
      await undisturbed();
      const millis = await undisturbed();
      const random = seeded(at);
      const stops: Stop[] = [
        ...FAILPOINTS.map((name) => ({ failpoint: `${name}:kill` })),
        ...Array.from(
          { length: INSTANTS },
          (): Stop => ({ afterMillis: random() * millis, signal: 'SIGKILL' }),
        ),
      ];
      let kills = 0;
      for (const stop of stops) {
        const what = `${engine}, ${JSON.stringify(stop)}`;
        const old = [await itemsOf(target), await watermarkOf(target)];
        await change();
        const { ended } = await runAndStop(sync, stop, target, what);
        if (ended.status === null) kills++;
        else assert.equal(ended.status, 0, said(ended));
        await settle(target);
        const [items, watermark] = [await itemsOf(target), await watermarkOf(target)];
        // The rows that are deleted in DuckDB go in transactions of their own, behind the others.
        if (watermark === old[1]) assert.equal(items, old[0], what);
        else if (engine !== 'duckdb') assert.equal(items, await itemsOf(source), what);
        const next = await ferrowHere(sync);
        assert.equal(next.status, 0, `${what}: ${said(next)}`);
        assert.equal(await itemsOf(target), await itemsOf(source), what);
        await assertNothingLeft(target, what);
      }
      assert.ok(kills >= FAILPOINTS.length, `${kills} of ${stops.length} were killed`);
    });
});

const itemsOf = (url: string) =>
  asking(url, async (ask) => {
    const rows = await ask('SELECT id, label, changed FROM item ORDER BY id');
    return `${rows.length} rows ${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`;
  });

const watermarkOf = (url: string) =>
  asking(url, async (ask) => {
    const table = url.startsWith('sqlite:') ? '_ferrow_watermarks' : '_ferrow.watermarks';
    return JSON.stringify(await ask(`SELECT value FROM ${table}`));
  });
