// A prescan that is shared by threads finds what the engine alone finds.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sqliteCodec } from '../../../src/dialect/sqlite/codec/index.ts';
import { sqlite } from '../../../src/dialect/sqlite/index.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import type { CrossingPool } from '../../../src/threads/crossing-pool.ts';
import type { LookTask } from '../../../src/threads/messages.ts';
import { profileTable } from '../../../src/transfer/profile-table.ts';
import { database } from '../dialect/sqlite/files.ts';

/** A pool of one, on this thread; answers come late and out of order. */
function poolOf(looks: { count: number }, failing = false): CrossingPool {
  const look = async ({ payload, rowCount, probes }: LookTask): Promise<unknown> => {
    const found = sqliteCodec.look?.(payload, rowCount, probes);
    await new Promise((resolve) => setTimeout(resolve, looks.count++ % 2 === 0 ? 5 : 0));
    if (failing && looks.count === 2) throw new FerrowError('E_CORRUPT', 'page 7');
    return structuredClone(found);
  };
  return { workers: 1, look } as unknown as CrossingPool;
}

/** 160,000 rows: ten chunks. From row `from` on the timestamps have a fraction, and the dates are none. */
function opened(context: TestContext, from: number) {
  const path = database(
    context,
    `CREATE TABLE t (i INTEGER, ts TIMESTAMP, d DATE, n DECIMAL(9, 2), s TEXT);
     WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 160000)
     INSERT INTO t SELECT x * 7, '2024-01-02 03:04:05' || iif(x < ${from}, '', '.' || (1 + x % 9)),
       iif(x < ${from}, '2024-01-02', 'soon'), x / 4.0, 'text ' || x FROM n`,
  );
  return sqlite.openSource(sqlite.locate(path, {}), { connections: 1 });
}

for (const from of [1, 70_000, 200_000]) {
  test(`shared and alone find the same (another format from row ${from} on)`, async (context) => {
    const engine = await opened(context, from);
    const [table] = (await engine.catalog([])).tables;
    const columns = table.columns.map((column) => ({
      name: column.name,
      probes: sqlite.types.probes(column, {}),
    }));
    const request = { table, where: null, columns };
    const looks = { count: 0 };
    const source = { engine, dialect: sqlite };
    const { signal } = new AbortController();
    assert.deepEqual(
      await profileTable(source, request, poolOf(looks), signal),
      await engine.prescan(request),
    );
    assert.ok(looks.count >= 2, `${looks.count} chunks were looked into by the pool`);
    await assert.rejects(profileTable(source, request, poolOf({ count: 0 }, true), signal), /page 7/);
    await assert.rejects(profileTable(source, request, poolOf(looks), AbortSignal.abort()), /abort/i);
    assert.deepEqual(await profileTable(source, request, null, signal), await engine.prescan(request));
    await engine.close();
  });
}
