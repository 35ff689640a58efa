// Bad input, through the command line: each case has its exit status, its code, a hint, and leaves the target as
// it was. A password that serves as a canary must turn up nowhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { documentOf, type Ended, ferrow } from './run-bin.ts';
import { ferrowHere } from './run-here.ts';

const CANARY = 'c4nary-Passw0rd';

interface Case {
  readonly args: readonly string[];
  readonly status: number;
  readonly code: string;
  readonly says: RegExp;
}

function judge({ args, status, code, says }: Case, ended: Ended): void {
  const { error } = documentOf(ended);
  const told = `${args.join(' ')}: ${ended.stdout}${ended.stderr}`;
  assert.deepEqual([ended.status, error?.code], [status, code], told);
  assert.match(`${error?.message} ${error?.hint}`, says);
  assert.ok((error?.hint ?? '').length > 0, told);
  assert.ok(!told.replace(args.join(' '), '').includes(CANARY), 'the password is shown');
}

/** One after another: two runs that make one target file at the same time may leave it empty behind. */
async function check(cases: readonly Case[]): Promise<void> {
  for (const [at, each] of cases.entries()) {
    const run = at === 0 ? ferrow : ferrowHere;
    judge(each, await run(['migrate', ...each.args, '--json', '--quiet']));
  }
}

suite('bad input', () => {
  const folder = temporaryFolder({ after });
  const at = (name: string) => join(folder, name);
  const sqlite = at('shop.db');
  const duckdb = at('shop.duckdb');
  let server: PostgresServer;
  let postgres: string;

  before(async () => {
    const rows =
      'SELECT i, i FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT i FROM n) numbers';
    const make = [
      'CREATE TABLE customers (id INTEGER PRIMARY KEY, n INTEGER)',
      `INSERT INTO customers ${rows}`,
      'CREATE TABLE victim (id INTEGER PRIMARY KEY)',
      'INSERT INTO victim VALUES (1)',
    ];
    server = await startPostgres();
    postgres = await server.createDatabase();
    for (const url of [`sqlite:${sqlite}`, `duckdb:${duckdb}`, postgres]) {
      await runStatements(url, make);
    }
  });
  after(() => server.stop());

  test('files that are no database of the engine', async () => {
    writeFileSync(at('text.txt'), 'this is text, and no database. '.repeat(500));
    for (const [from, to] of [
      [sqlite, 'half.db'],
      [duckdb, 'half.duckdb'],
    ]) {
      copyFileSync(from, at(to));
      truncateSync(at(to), from === duckdb ? 5000 : Math.floor(statSync(from).size / 2));
    }
    mkdirSync(at('folder'));
    const target = at('never.db');
    const files = readdirSync(folder).length;
    await check([
      { args: [at('shp.db'), target], status: 1, code: 'E_FILE_MISSING', says: /did you mean .*shop\.db/ },
      { args: [at('shp.duckdb'), target], status: 1, code: 'E_FILE_MISSING', says: /did you mean/ },
      { args: [`sqlite:${at('folder')}`, target], status: 1, code: 'E_NOT_A_FILE', says: /directory/ },
      { args: [sqlite, `duckdb:${at('folder')}`], status: 1, code: 'E_NOT_A_FILE', says: /directory/ },
      { args: [sqlite, `duckdb:${sqlite}/x.duckdb`], status: 1, code: 'E_FILE_MISSING', says: /no folder/ },
      {
        args: [`sqlite:${at('text.txt')}`, target],
        status: 1,
        code: 'E_NOT_A_DATABASE',
        says: /not a SQLite/,
      },
      {
        args: [`duckdb:${at('text.txt')}`, target],
        status: 1,
        code: 'E_NOT_A_DATABASE',
        says: /not a DuckDB/,
      },
      { args: [`duckdb:${sqlite}`, target], status: 1, code: 'E_NOT_A_DATABASE', says: /use sqlite:/ },
      { args: [`sqlite:${duckdb}`, target], status: 1, code: 'E_NOT_A_DATABASE', says: /not a SQLite/ },
      { args: [at('half.db'), target], status: 1, code: 'E_NOT_A_DATABASE', says: /truncated or damaged/ },
      { args: [at('half.duckdb'), target], status: 1, code: 'E_NOT_A_DATABASE', says: /truncated, damaged/ },
      {
        args: [sqlite, `sqlite:${at('text.txt')}`],
        status: 1,
        code: 'E_NOT_A_DATABASE',
        says: /not a SQLite/,
      },
    ]);
    assert.deepEqual([existsSync(target), readdirSync(folder).length], [false, files]);
  });

  test('files that may not be read or written', async () => {
    // Root reads everything: then the case runs as nobody.
    const asRoot = process.getuid?.() === 0;
    const locked = at('locked');
    mkdirSync(locked);
    copyFileSync(sqlite, join(locked, 'in.db'));
    copyFileSync(duckdb, join(locked, 'in.duckdb'));
    execFileSync('chmod', ['755', folder]);
    execFileSync('chmod', ['000', locked]);
    const script = `import { DatabaseFactory, DatabaseMigrator } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
      ${asRoot ? 'process.setgid?.(65534); process.setuid?.(65534);' : ''}
      for (const [a, b] of JSON.parse(process.argv[1])) {
        await using migrator = new DatabaseMigrator(DatabaseFactory.create(a), DatabaseFactory.create(b));
        const report = await migrator.migrateAllTables();
        console.log(report.error?.code);
      }`;
    const pairs = [
      [join(locked, 'in.db'), at('a.duckdb')],
      [join(locked, 'in.duckdb'), at('a.db')],
      [postgres, join(locked, 'out.db')],
      [postgres, join(locked, 'out.duckdb')],
      [postgres, at('new.duckdb')],
    ];
    execFileSync('chmod', ['555', folder]);
    try {
      const args = ['--input-type=module', '-e', script, JSON.stringify(pairs)];
      // Without the tests' own hook, which Node does not take beside --input-type.
      const said = execFileSync(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
      assert.deepEqual(
        said.toString().trim().split('\n'),
        pairs.map(() => 'E_FILE_UNREADABLE'),
      );
    } finally {
      execFileSync('chmod', ['755', folder, locked]);
    }
  });

  test('servers, passwords and rights', async () => {
    const [{ rows }] = await runSql(postgres, 'SHOW data_directory');
    const hba = `${rows[0].data_directory}/pg_hba.conf`;
    await runSql(
      postgres,
      `CREATE ROLE guarded LOGIN PASSWORD '${CANARY}'`,
      'CREATE ROLE poor LOGIN',
      'GRANT SELECT ON victim TO poor',
      `COPY (SELECT 'host all guarded 127.0.0.1/32 scram-sha-256' UNION ALL SELECT 'host all all 127.0.0.1/32 trust') TO '${hba}'`,
      'SELECT pg_reload_conf()',
    );
    const as = (account: string, database?: string) => {
      const url = new URL(postgres);
      return `postgres://${account}@${url.host}${database ?? url.pathname}?sslmode=disable`;
    };
    const target = at('rights.db');
    const empty = await server.createDatabase();
    await check([
      { args: [as(`guarded:${CANARY}x`), target], status: 1, code: 'E_AUTH', says: /guarded/ },
      { args: [sqlite, as(`guarded:x${CANARY}`)], status: 1, code: 'E_AUTH', says: /guarded/ },
      { args: [as('guarded'), target], status: 1, code: 'E_AUTH', says: /PGPASSWORD/ },
      {
        args: [as(`guarded:${CANARY}`, '/nowhere'), target],
        status: 1,
        code: 'E_NO_SUCH_DATABASE',
        says: /createdb nowhere/,
      },
      {
        args: [`postgres://u:${CANARY}@127.0.0.1:1/x?sslmode=disable`, target],
        status: 1,
        code: 'E_UNREACHABLE',
        says: /127\.0\.0\.1:1/,
      },
      {
        args: [as('poor'), target],
        status: 1,
        code: 'E_PRIVILEGE',
        says: /GRANT SELECT ON TABLE "public"."customers" TO "poor"/,
      },
      {
        args: [sqlite, as('poor', new URL(empty).pathname)],
        status: 1,
        code: 'E_PRIVILEGE',
        says: /GRANT CREATE ON DATABASE/,
      },
    ]);
    assert.ok(!existsSync(target));
    const some = documentOf(await ferrow(['migrate', as('poor'), target, '--keep-going', '--json']));
    assert.deepEqual([some.successfulTables, some.failedTables, some.error?.table], [1, 1, 'customers']);
    const made = await runSql(empty, "SELECT nspname FROM pg_namespace WHERE nspname = '_ferrow'");
    assert.equal(made[0].rowCount, 0);
  });

  test('names of tables and schemas', async () => {
    const target = at('names.db');
    await check([
      {
        args: [duckdb, target, '--tables', 'custmers'],
        status: 2,
        code: 'E_NO_SUCH_TABLE',
        says: /"customers"/,
      },
      {
        args: [duckdb, target, '--rename', 'customers=victim'],
        status: 1,
        code: 'E_TABLE_NAME_COLLISION',
        says: /"customers" and "victim"/,
      },
      { args: [postgres, target, '--schema', 'nope'], status: 2, code: 'E_USAGE', says: /schema "nope"/ },
      {
        args: [sqlite, postgres, '--tables', 'victim', '--rename', `victim=${'ü'.repeat(32)}`],
        status: 1,
        code: 'E_IDENTIFIER_TOO_LONG',
        says: /64 bytes.*63/,
      },
      { args: [sqlite, duckdb], status: 1, code: 'E_TABLE_EXISTS', says: /--if-exists/ },
    ]);
    assert.ok(!existsSync(target));
  });

  test('a condition is one condition, in every engine', async () => {
    const tricks = [
      '1=1) TO STDOUT; DROP TABLE victim; --',
      '1=1); DROP TABLE victim; --',
      '1=1; DROP TABLE victim',
      'id = 1) OR (1=1',
      '1=1) UNION ALL SELECT id, id FROM victim --',
      '(1=1',
      'nosuch = 1',
    ];
    // A target of its own for each: they run side by side.
    let targets = 0;
    const where = (source: string, condition: string) => [
      source,
      at(`where-${++targets}.db`),
      '--tables',
      'customers',
      '--where',
      condition,
    ];
    const refused = { status: 2, code: 'E_USAGE', says: /where|condition/i };
    await check([
      ...tricks.map((trick) => ({ args: where(sqlite, trick), ...refused })),
      ...tricks.slice(1, 4).map((trick) => ({ args: where(duckdb, trick), ...refused })),
      ...tricks.slice(1, 4).map((trick) => ({ args: where(postgres, trick), ...refused })),
    ]);
    for (let target = 1; target <= targets; target++) assert.ok(!existsSync(at(`where-${target}.db`)));
    for (const url of [`sqlite:${sqlite}`, `duckdb:${duckdb}`, postgres])
      assert.deepEqual(await queryText(url, 'SELECT count(*) FROM victim'), [['1']]);
    const commented = await ferrow(['migrate', ...where(postgres, 'id <= 2 -- two'), '--json']);
    assert.equal(documentOf(commented).totalMigratedRows, 2);
  });

  test('a policy works or is refused', async () => {
    const odd = await server.createDatabase();
    await runSql(
      odd,
      'CREATE TABLE f (id int PRIMARY KEY, v float8)',
      "INSERT INTO f VALUES (1, 1.5), (2, 'NaN')",
      'CREATE TABLE n (id int PRIMARY KEY, v numeric(10, 2))',
      "INSERT INTO n VALUES (7, 'NaN')",
    );
    const into = (table: string, ...more: string[]) => [
      odd,
      at(`policy-${table}.db`),
      '--tables',
      table,
      ...more,
    ];
    await check([
      { args: into('f'), status: 1, code: 'E_NAN_UNSUPPORTED', says: /"f".*"v".*--allow nan=null/ },
      { args: into('n'), status: 1, code: 'E_NUMERIC_SPECIAL', says: /"n".*"v".*--allow nan=null/ },
      {
        args: into('f', '--allow', 'bad_dates=maybe'),
        status: 2,
        code: 'E_USAGE',
        says: /knows: bad_dates=text/,
      },
      { args: into('f', '--allow', 'foo=bar'), status: 2, code: 'E_USAGE', says: /known keys/ },
    ]);
    const refused = documentOf(await ferrow(['migrate', ...into('n'), '--json']));
    assert.deepEqual(refused.error?.row, { id: '7' });
    for (const [policy, held] of [
      ['null', '\\N'],
      ['text', 'NaN'],
    ]) {
      const args = into('f', '--allow', `nan=${policy}`, '--if-exists', 'replace');
      const report = documentOf(await ferrow(['migrate', ...args, '--json']));
      assert.deepEqual(
        [report.success, report.allowedLosses],
        [true, [{ table: 'f', column: 'v', policy: `nan=${policy}`, count: 1 }]],
      );
      assert.deepEqual(await queryText(`sqlite:${at('policy-f.db')}`, 'SELECT v FROM f'), [['1.5'], [held]]);
    }
  });

  test('no columns, too many columns', async () => {
    const bare = await server.createDatabase();
    await runSql(
      bare,
      'CREATE TABLE bare ()',
      'INSERT INTO bare DEFAULT VALUES',
      'INSERT INTO bare DEFAULT VALUES',
    );
    const wide = at('wide.db');
    const names = Array.from({ length: 2000 }, (_, n) => `c${n} INTEGER`);
    await runStatements(`sqlite:${wide}`, [
      `CREATE TABLE wide (${names.join(', ')})`,
      'INSERT INTO wide (c1999) VALUES (7)',
    ]);
    await check([
      { args: [bare, at('bare.db')], status: 1, code: 'E_NO_COLUMNS', says: /"bare".*sqlite/ },
      { args: [bare, at('bare.duckdb')], status: 1, code: 'E_NO_COLUMNS', says: /"bare".*duckdb/ },
      { args: [wide, postgres], status: 1, code: 'E_TOO_MANY_COLUMNS', says: /2000 columns.*1600/ },
    ]);
    const target = await server.createDatabase();
    assert.equal((await ferrow(['migrate', bare, target])).status, 0);
    assert.deepEqual(await queryText(target, 'SELECT count(*) FROM bare'), [['2']]);
    assert.equal((await ferrow(['migrate', wide, at('wide-copy.db')])).status, 0);
    assert.deepEqual(await queryText(`sqlite:${at('wide-copy.db')}`, 'SELECT c1999 FROM wide'), [['7']]);
  });

  test('doctor finds nothing wrong with a target that is not there yet', async () => {
    for (const name of ['unborn.db', 'unborn.duckdb']) {
      const { status, stdout } = await ferrow(['doctor', postgres, at(name)]);
      assert.equal(status, 0, stdout);
      assert.ok(!existsSync(at(name)));
    }
  });
});
