// Child process: one run through the built library, and where its time went, as JSON: seconds of each stage, and
// when rows began and ended to move.   node profiled-ferrow.ts SOURCE TARGET
import { resolve } from 'node:path';
import type { Stage } from '../../src/metrics/events.ts';
import type { RunTimes } from './profile.ts';

const LIBRARY = resolve(import.meta.dirname, '../../dist/index.js');
const { DatabaseFactory, DatabaseMigrator }: typeof import('../../src/index.ts') = await import(LIBRARY);

const [source, target] = process.argv.slice(2);
const stageSeconds: Partial<Record<Stage, number>> = {};
let firstRead: number | null = null;
let lastCommit = 0;

await using migrator = new DatabaseMigrator(DatabaseFactory.create(source), DatabaseFactory.create(target));
migrator.on('read', ({ seconds }) => {
  firstRead ??= performance.now() / 1000 - seconds;
});
migrator.on('batch', ({ seconds }) => {
  lastCommit = performance.now() / 1000;
  for (const [stage, took] of Object.entries(seconds) as [Stage, number][]) {
    stageSeconds[stage] = (stageSeconds[stage] ?? 0) + took;
  }
});
const report = await migrator.migrateAllTables({ ifExists: 'replace' });
if (!report.success) throw new Error(report.error?.message);
const times: RunTimes = {
  stageSeconds,
  beforeRowsSeconds: firstRead ?? lastCommit,
  movingSeconds: lastCommit - (firstRead ?? lastCommit),
};
process.stdout.write(JSON.stringify(times));
