// What tests about rejected rows look at: the counts of a report, the lines of a file, what a target keeps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Database, DatabaseMigrator, type Report, type TransferOptionsInput } from '../../src/index.ts';
import type { RejectLine } from '../../src/types/reject-line.ts';
import { type EngineName, queryText } from './judge.ts';

export function openMigrator(from: string, to: string, options: TransferOptionsInput): DatabaseMigrator {
  return new DatabaseMigrator(new Database(from, {}), new Database(to, {}), options);
}

/** Of each table the rows of the source, those that arrived, those that were rejected. */
export function countsOf({ tableResults }: Report): Record<string, number[]> {
  return Object.fromEntries(
    tableResults.map(({ tableName, sourceRows, migratedRows, rejectedRows }) => [
      tableName,
      [sourceRows, migratedRows, rejectedRows],
    ]),
  );
}

export function rejectedOf({ tableResults }: Report): number {
  return tableResults.reduce((sum, { rejectedRows }) => sum + rejectedRows, 0);
}

export function linesOf(path: string): RejectLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.pop(), '', 'each line ends');
  return lines.map((line) => JSON.parse(line) as RejectLine);
}

/** How many rejects the target keeps, and how many with their values. */
export function keptRejects(url: string, engine: EngineName): Promise<string[][]> {
  const table = engine === 'sqlite' ? '_ferrow_rejects' : '_ferrow.rejects';
  return queryText(url, `SELECT count(*), count(value) FROM ${table}`);
}
