// A password as a canary: whatever is done with it, in success and in failure, it stands nowhere in what Ferrow says, writes to
// files or keeps in a target.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { documentOf, type Ended, ferrow } from '../cli/run-bin.ts';
import { said } from '../support/fault-runs.ts';
import { runStatements } from '../support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const SECRET = 'canary-7f3a';
const KILLED = { FERROW_FAILPOINT: 'group.committed:kill' };

suite('passwords', () => {
  const rights = temporaryFolder({ after });
  const folder = temporaryFolder({ after });
  const file = (name: string) => join(folder, name);
  let server: PostgresServer;

  before(async () => {
    const hba = join(rights, 'hba.conf');
    writeFileSync(hba, 'host all ferrow all trust\nhost all canary all scram-sha-256\n');
    // The server may run as another user.
    chmodSync(rights, 0o755);
    server = await startPostgres({ hba_file: hba });
    await runSql(server.url, `CREATE ROLE canary LOGIN SUPERUSER PASSWORD '${SECRET}'`);
    for (const engine of ['sqlite', 'duckdb']) await makeItems(`${engine}:${file(`source.${engine}`)}`);
  });
  after(() => server.stop());

  const secretUrl = (url: string) => url.replace('ferrow@', `canary:${SECRET}@`);
  const wrong = (url: string) => url.replace(SECRET, `${SECRET}-wrong`);

  function assertSilent({ stdout, stderr }: Ended, what: string): void {
    assert.ok(!`${stdout}${stderr}`.includes(SECRET), `${what}: ${stdout}${stderr}`);
    for (const name of readdirSync(folder))
      assert.ok(!readFileSync(file(name)).includes(SECRET), `${what}: ${name}`);
  }

  const pairs: [string, () => Promise<[from: string, to: string]>][] = [
    ['PostgreSQL to SQLite', async () => [await filled(), `sqlite:${file('a.db')}`]],
    ['PostgreSQL to DuckDB', async () => [await filled(), `duckdb:${file('a.duckdb')}`]],
    ['PostgreSQL to PostgreSQL', async () => [await filled(), await empty()]],
    ['SQLite to PostgreSQL', async () => [`sqlite:${file('source.sqlite')}`, await empty()]],
    ['DuckDB to PostgreSQL', async () => [`duckdb:${file('source.duckdb')}`, await empty()]],
  ];
  const empty = async () => secretUrl(await server.createDatabase());
  const filled = async () => {
    const url = await server.createDatabase();
    await makeItems(url);
    return secretUrl(url);
  };

  for (const [name, urls] of pairs)
    test(`${name}: a password is nowhere, in success and in failure`, async () => {
      const [from, to] = await urls();
      const report = (command: string) => ['--output', file(`${command}.html`)];
      const rejects = ['--on-error', 'skip', '--rejects', file('rejects.jsonl')];
      const steps: [string[], (number | null)[], Record<string, string>?][] = [
        [['plan', from, to], [0]],
        [['migrate', from, to, '--json', '--verbose', '--batch-size', '100', ...rejects], [null], KILLED],
        [['runs', to], [0]],
        // The ledger does not have the password of the source.
        [['resume', to, '--json', '--verbose'], [0], { PGPASSWORD: SECRET }],
        [
          ['verify', from, to, '--json', ...report('verify')],
          [0, 1],
        ],
        [
          ['repair', from, to, '--json', ...report('repair')],
          [0, 1],
        ],
        [['sync', from, to, '--watermark', 'id', '--json'], [0]],
        [
          ['doctor', from, to],
          [0, 1],
        ],
        [['tune', from, to, '--budget', '5', '--json', ...report('tune')], [0]],
        [
          ['migrate', from, to, '--json', '--verbose'],
          [1, 2],
        ],
      ];
      for (const [args, statuses, env] of steps) {
        const ended = await ferrow(args, env);
        assert.ok(statuses.includes(ended.status), `${args[0]}: ${said(ended)}`);
        assertSilent(ended, args[0]);
      }
      for (const command of ['migrate', 'verify', 'repair', 'tune']) {
        const ended = await ferrow(
          [command, wrong(from), wrong(to), '--json', '--verbose'].slice(0, command === 'migrate' ? 5 : 4),
        );
        assert.equal(documentOf(ended).error?.code, 'E_AUTH', said(ended));
        assertSilent(ended, `${command}, wrong password`);
      }
      if (to.includes(SECRET)) await assertNotKept(to);
    });

  async function assertNotKept(url: string): Promise<void> {
    const plain = url.replace(`canary:${SECRET}@`, 'ferrow@');
    const [{ rows: tables }] = await runSql(
      plain,
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '_ferrow'",
    );
    assert.ok(tables.length > 3);
    for (const { name } of tables) {
      const [{ rows }] = await runSql(plain, `SELECT to_json(t)::text AS text FROM _ferrow.${name} t`);
      for (const { text } of rows) assert.ok(!text.includes(SECRET), `${name}: ${text}`);
    }
  }
});

const makeItems = (url: string) =>
  runStatements(url, [
    'CREATE TABLE item (id INTEGER PRIMARY KEY, label TEXT)',
    `INSERT INTO item WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
     SELECT i, 'label ' || i FROM n`,
  ]);
