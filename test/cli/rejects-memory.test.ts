// Many rows are rejected by the end of a load: what is kept of them goes from table to table and into the file, and never stands in
// memory. When they did, these took 465 MiB in SQLite and 762 in DuckDB; now it is 221 and 282.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, suite, test } from 'node:test';
import { runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { documentOf, startFerrow, watchPeak } from './run-bin.ts';

const BAD = 100_000;
const PEAK_MIB_MAX = 380;

suite('memory of rejected rows', () => {
  const folder = temporaryFolder({ after });

  for (const target of ['sqlite', 'duckdb'] as const)
    test(`sqlite to ${target}: bounded, however many are rejected`, async () => {
      const from = join(folder, `${target}-source.sqlite`);
      await runStatements(from, [
        'PRAGMA ignore_check_constraints = ON',
        'CREATE TABLE late (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), name TEXT)',
        `INSERT INTO late WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${BAD})
           SELECT i, -i, 'name of ' || i FROM c`,
      ]);
      const rejects = join(folder, `${target}.jsonl`);
      const run = startFerrow([
        ...['migrate', from, join(folder, `to.${target}`), '--on-error', 'skip'],
        ...['--rejects', rejects, '--json'],
      ]);
      const peak = watchPeak(run);
      const ended = await run.ended;
      const peakMib = peak();
      assert.equal(ended.status, 4, ended.stderr);
      assert.equal(documentOf(ended).tableResults[0].rejectedRows, BAD);
      const keys = new Set<string>();
      for await (const line of createInterface(createReadStream(rejects)))
        keys.add((JSON.parse(line) as { key: { id: string } }).key.id);
      assert.equal(keys.size, BAD);
      if (process.platform === 'linux')
        assert.ok(peakMib > 0 && peakMib < PEAK_MIB_MAX, `${peakMib.toFixed(0)} MiB`);
    });
});
