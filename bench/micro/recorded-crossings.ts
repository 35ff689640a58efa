// Crossings as they really are: a run of Ferrow in this process, of which the first chunks are kept on their way to
// the workers, with the plan's spec for them.

import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { CrossingPool } from '../../src/threads/crossing-pool.ts';
import type { CrossingTask } from '../../src/threads/messages.ts';

/** Chunks kept of a run: enough that none is odd. */
const CHUNKS_MAX = 8;

/** Empty where the pair needs no crossing: chunks pass through as they are. */
export async function recordCrossings(source: string, target: string): Promise<CrossingTask[]> {
  const tasks: CrossingTask[] = [];
  const cross = CrossingPool.prototype.cross;
  CrossingPool.prototype.cross = function (task, signal) {
    // The buffers leave this thread: a copy stays.
    if (tasks.length < CHUNKS_MAX) tasks.push(structuredClone(task));
    return cross.call(this, task, signal);
  };
  try {
    await using migrator = new DatabaseMigrator(
      DatabaseFactory.create(source),
      DatabaseFactory.create(target),
    );
    const report = await migrator.migrateAllTables({ ifExists: 'replace' });
    if (!report.success) throw new Error(report.error?.message);
  } finally {
    CrossingPool.prototype.cross = cross;
  }
  return tasks;
}
