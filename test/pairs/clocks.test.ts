// Defaults that ask a clock: SQLite's shows UTC, those of the others the zone of their session, and each goes on to show that.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseMigrator } from '../../src/index.ts';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { emptyPlaces } from '../support/places.ts';

const TOKYO = "SET timezone = 'Asia/Tokyo'";
const HOURS_AHEAD = 9;

const TABLE = (now: string, today: string) =>
  `CREATE TABLE t (id INTEGER PRIMARY KEY, made TIMESTAMP DEFAULT ${now}, day DATE DEFAULT ${today}, moment TIMESTAMPTZ DEFAULT ${now})`;

describe('clocks', () => {
  const place = emptyPlaces({ before, after });

  async function moved(from: string, engine: EngineName): Promise<string> {
    const to = await place(engine);
    await using migrator = new DatabaseMigrator(from, to);
    const { error, warnings } = await migrator.migrateAllTables();
    assert.deepEqual([error, warnings], [null, []]);
    return to;
  }

  /** Hours by which what a new row gets is ahead of UTC. */
  async function hoursAhead(url: string): Promise<number> {
    await runStatements(url, [TOKYO, 'INSERT INTO t (id) VALUES (1)']);
    const [[made, day]] = await queryText(url, 'SELECT made, day FROM t');
    await runStatements(url, ['DELETE FROM t']);
    const hours = (Date.parse(`${made.replace(' ', 'T')}Z`) - Date.now()) / 3_600_000;
    assert.equal(day, made.slice(0, 10));
    return Math.round(hours) || 0;
  }

  async function defaultsOf(url: string): Promise<string[]> {
    return (await queryText(url, "SELECT dflt_value FROM pragma_table_info('t') WHERE name <> 'id'")).flat();
  }

  for (const engine of ['duckdb', 'postgres'] as const) {
    test(`UTC, from SQLite to ${engine} and home`, async () => {
      const from = await place('sqlite');
      await runStatements(from, [TABLE('CURRENT_TIMESTAMP', 'CURRENT_DATE')]);
      const to = await moved(from, engine);
      assert.equal(await hoursAhead(to), 0);
      const other = await moved(to, engine === 'duckdb' ? 'postgres' : 'duckdb');
      assert.equal(await hoursAhead(other), 0);
      const [made, day] = await defaultsOf(await moved(other, 'sqlite'));
      assert.deepEqual([made, day], ['CURRENT_TIMESTAMP', 'CURRENT_DATE']);
    });

    test(`the session's zone, from ${engine} to the others`, async () => {
      const from = await place(engine);
      await runStatements(from, [TABLE('now()', 'current_date')]);
      assert.equal(await hoursAhead(from), HOURS_AHEAD);
      const other = await moved(from, engine === 'duckdb' ? 'postgres' : 'duckdb');
      assert.equal(await hoursAhead(other), HOURS_AHEAD);
      const lite = await moved(other, 'sqlite');
      const [made, day, moment] = await defaultsOf(lite);
      assert.deepEqual([made, day], ["datetime('now', 'localtime')", "date('now', 'localtime')"]);
      assert.match(moment, /^strftime\(.*\+00:00', 'now'\)$/);
      assert.equal(await hoursAhead(await moved(lite, engine)), HOURS_AHEAD);
    });
  }
});
