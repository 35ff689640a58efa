// A disk that is full in the middle of a run, and has room again when it is carried on. The disk is a small tmpfs, which takes
// root on Linux; elsewhere the size of files is limited, and the test says so.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { BIN, documentOf, type Ended, ferrow } from '../cli/run-bin.ts';
import { assertLedgerAgrees, assertNothingLeft } from '../support/fault-checks.ts';
import { ENGINES } from '../support/fault-places.ts';
import { resumeArgs, said } from '../support/fault-runs.ts';
import { series } from '../support/fault-source.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TABLES = ['first', 'second', 'third', 'fourth'];
const SUM = TABLES.map(
  (table) => `SELECT '${table}', count(*), sum(id), sum(length(filling)) FROM ${table}`,
).join(' UNION ALL ');
/** The tables take 24 MB. */
const SMALL = '18m';

suite('a disk that is full', () => {
  const folder = temporaryFolder({ after });
  const source = `sqlite:${join(folder, 'source.db')}`;
  let server: PostgresServer;

  before(async () => {
    server = await startPostgres();
    await runStatements(
      source,
      TABLES.flatMap((table) => [
        `CREATE TABLE "${table}" (id INTEGER PRIMARY KEY, filling TEXT)`,
        `INSERT INTO "${table}" SELECT i, hex(randomblob(300)) FROM ${series('sqlite', 10_000)}`,
      ]),
    );
  });
  after(() => server.stop());

  /** A disk of its own, gone with the test; null where none can be mounted. */
  function mountDisk(context: TestContext, disk: string): { resize(size: string): void } | null {
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL}`, 'tmpfs', disk]).status !== 0) return null;
    // What the server still has open there does not matter any more.
    context.after(() => execFileSync('umount', ['-l', disk]));
    return { resize: (size) => execFileSync('mount', ['-o', `remount,size=${size}`, disk]) };
  }

  /** Where the server may put a table that the disk holds. */
  async function placeOf(engine: (typeof ENGINES)[number], disk: string): Promise<string> {
    const own = join(disk, engine);
    mkdirSync(own);
    if (engine !== 'postgres') return `${engine}:${join(own, `db.${engine}`)}`;
    const [{ rows }] = await runSql(server.url, 'SHOW data_directory');
    const { uid, gid } = statSync(rows[0].data_directory);
    // The temporary folder is its maker's alone.
    chmodSync(dirname(disk), 0o755);
    chownSync(own, uid, gid);
    await runSql(server.url, `CREATE TABLESPACE small LOCATION '${own}'`);
    const target = await server.createDatabase();
    await runSql(
      target,
      `ALTER DATABASE "${new URL(target).pathname.slice(1)}" SET default_tablespace = 'small'`,
    );
    return target;
  }

  /** By a limit on the size of files: SQLite and DuckDB keep everything in one. */
  function runLimited(args: readonly string[]): Ended {
    const script = `trap '' XFSZ; ulimit -f ${18 * 1024}; exec "$0" "$@"`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, BIN, ...args], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  for (const engine of ENGINES)
    test(`${engine}: the run ends with a clear error and is carried on when there is room`, async (context: TestContext) => {
      const disk = join(folder, engine);
      const mounted = mountDisk(context, disk);
      if (!mounted) context.diagnostic('no tmpfs can be mounted here: the size of files is limited instead');
      const target = mounted
        ? await placeOf(engine, disk)
        : `${engine === 'postgres' ? 'sqlite' : engine}:${join(disk, `${engine}.db`)}`;
      const args = ['migrate', source, target, '--json', '--verbose', '--batch-size', '1000'];
      const ended = mounted ? await ferrow(args) : runLimited(args);
      assert.notEqual(ended.status, 0, said(ended));
      const { error, warnings } = documentOf(ended);
      if (mounted) {
        assert.equal(error?.code, 'E_DISK_FULL', said(ended));
        mounted.resize('200m');
      }
      await assertLedgerAgrees(target, engine);
      const isResumable = warnings.some(({ code }) => code === 'W_RESUMABLE');
      const again = await ferrow(isResumable ? resumeArgs({ source, target }) : args);
      assert.equal(again.status, 0, said(again));
      assert.ok(isResumable, `nothing was kept: ${said(ended)}`);
      assert.deepEqual(
        (await queryText(target, SUM)).map(digits).sort(),
        (await queryText(source, SUM)).map(digits).sort(),
      );
      await assertNothingLeft(target, engine);
    });
});

const digits = (row: readonly string[]) => row.join(' ');
