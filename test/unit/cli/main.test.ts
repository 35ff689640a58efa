import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../../src/errors/codes.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import type { Report } from '../../../src/transfer/report.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { fakeIo, reportOf } from './fake-io.ts';

const DATABASES = 'a.db b.duckdb';

function failed(code: ErrorCode, changes: Partial<Report> = {}): Report {
  const error = new FerrowError(code, `it is ${code}`).toWire();
  const [album] = reportOf().tableResults;
  return reportOf({
    success: false,
    error,
    successfulTables: 0,
    failedTables: 1,
    tableResults: [{ ...album, success: false, error, verified: null }],
    ...changes,
  });
}

test('exit statuses follow from what happened', async () => {
  const cases: [Report, number][] = [
    [reportOf(), 0],
    [failed('E_TABLE_EXISTS'), 1],
    [failed('E_UNREACHABLE'), 1],
    [failed('E_INT_RANGE'), 1],
    [failed('E_DISK_FULL'), 1],
    [failed('E_INTERNAL'), 1],
    [failed('E_NO_SUCH_TABLE'), 2],
    [failed('E_COUNT_MISMATCH'), 3],
    [failed('E_CANCELLED'), 130],
    [reportOf({ tableResults: [{ ...reportOf().tableResults[0], rejectedRows: 2 }] }), 4],
    // Several failures: the gravest decides.
    [failed('E_COUNT_MISMATCH', { refusals: [new FerrowError('E_UNSUPPORTED_TYPE', 'no').toWire()] }), 1],
  ];
  for (const [report, expected] of cases) {
    const { status } = await fakeIo({ transfer: async () => report }).run(`migrate ${DATABASES} --quiet`);
    assert.equal(status, expected, report.error?.code);
    const thrown = report.error === null ? null : FerrowError.fromWire(report.error);
    if (thrown !== null && report.refusals.length === 0) {
      const again = fakeIo({ transfer: () => Promise.reject(thrown) });
      assert.equal((await again.run(`migrate ${DATABASES}`)).status, expected, `thrown ${thrown.code}`);
    }
  }
});

test('wrong usage: status 2, a plain error and a hint on stderr, nothing on stdout', async () => {
  for (const line of [
    '',
    'nope',
    `migrate ${DATABASES} --nope`,
    'migrate',
    `migrate ${DATABASES} --workers x`,
  ]) {
    const { status, stdout, stderr } = await fakeIo().run(line);
    assert.equal(status, 2, line);
    assert.equal(stdout, '', line);
    assert.match(stderr, /^error E_USAGE: .+\n {2}hint: .+\n$/, line);
  }
  assert.equal((await fakeIo().run(`migrate ${DATABASES} --config /nope.yaml`)).status, 2);
  assert.equal((await fakeIo().run('migrate mysql://h/d b.db')).status, 2);
});

test('--json gives one document, in success, failure and wrong usage', async () => {
  const lines: [string, () => Promise<Report>, number, string | null][] = [
    [`migrate ${DATABASES} --json`, async () => reportOf(), 0, null],
    [`migrate ${DATABASES} --json`, async () => failed('E_TABLE_EXISTS'), 1, 'E_TABLE_EXISTS'],
    [`migrate ${DATABASES} --json`, () => Promise.reject(new FerrowError('E_AUTH', 'no')), 1, 'E_AUTH'],
    [`migrate ${DATABASES} --json`, () => Promise.reject(new TypeError('oops')), 1, 'E_INTERNAL'],
    ['migrate --json --nope', async () => reportOf(), 2, 'E_USAGE'],
    ['--json', async () => reportOf(), 2, 'E_USAGE'],
  ];
  for (const [line, transfer, expected, code] of lines) {
    const { status, stdout, stderr } = await fakeIo({ transfer }).run(line);
    assert.equal(status, expected);
    const document = JSON.parse(stdout) as Report;
    assert.equal(document.error?.code ?? null, code);
    assert.equal(document.success, code === null);
    assert.ok(Array.isArray(document.tableResults) && typeof document.elapsedSeconds === 'number');
    if (code !== null) assert.match(stderr, new RegExp(code));
  }
  const byEnvironment = await fakeIo({ transfer: async () => reportOf() }).run(`migrate ${DATABASES}`, {
    FERROW_JSON: '1',
  });
  assert.equal((JSON.parse(byEnvironment.stdout) as Report).totalMigratedRows, 347);
});

test('the request that reaches the engine', async () => {
  let seen: unknown;
  const io = fakeIo({
    transfer: async (request) => {
      seen = [request.command, request.source.engine, request.target.engine, request.options.dryRun];
      return reportOf();
    },
  });
  await io.run(`plan ${DATABASES}`);
  assert.deepEqual(seen, ['plan', 'sqlite', 'duckdb', true]);
});

test('the report for people', async () => {
  const warnings = [{ code: 'W_X', table: 'Album', column: 'a\u001b[31m', message: 'not as it was' }];
  const { stdout, stderr } = await fakeIo({ transfer: async () => reportOf({ warnings }) }).run(
    `migrate ${DATABASES}`,
  );
  assert.match(stdout, /Album\s+347\s+1\s+0\.1 s\s+3,470\s+count\s+ok/);
  assert.match(stdout, /W_X\n {4}Album\.a\\u\{1b\}\[31m: not as it was/);
  assert.match(stdout, /done: 1 table, 347 rows in 1\.5 s/);
  assert.ok(!stdout.includes('\u001b'), 'no colours and no escape sequences away from a terminal');
  assert.equal(stderr, '');
});

test('--quiet leaves only warnings and errors, on stderr', async () => {
  const quiet = await fakeIo({ transfer: async () => reportOf() }).run(`migrate ${DATABASES} --quiet`);
  assert.deepEqual([quiet.stdout, quiet.stderr], ['', '']);
  const wrong = await fakeIo({ transfer: async () => failed('E_INT_RANGE') }).run(`migrate ${DATABASES} -q`);
  assert.equal(wrong.stdout, '');
  assert.match(wrong.stderr, /error E_INT_RANGE: it is E_INT_RANGE\n {2}where: Album\n {2}hint/);
});

test('schema compare: 0 for equal, 3 for different', async () => {
  const table = {
    tableName: 'Album',
    targetName: 'Album',
    sourceExists: true,
    targetExists: true,
    sourceColumns: ['a', 'b'],
    targetColumns: ['b'],
    missingInTarget: ['a'],
    missingInSource: [],
    typeDifferences: [
      {
        column: 'b',
        source: 'INTEGER',
        expected: 'bigint',
        target: 'text',
        verdict: 'exact' as const,
        because: null,
      },
    ],
    notCarried: [],
    differences: ['the primary key is missing in the target'],
    equal: false,
  };
  const view = {
    viewName: 'seen',
    targetName: 'seen',
    sourceExists: true,
    targetExists: false,
    differences: [],
    equal: false,
  };
  const comparison = {
    source: 's',
    target: 't',
    tables: [table],
    views: [view],
    differences: ['type mood is missing in the target'],
    notCarried: [],
    equal: false,
    warnings: [],
  };
  const different = await fakeIo({ compareSchemas: async () => comparison }).run(
    `schema compare ${DATABASES}`,
  );
  assert.equal(different.status, 3);
  assert.match(
    different.stdout,
    /column a is not in the target\n.*is text, expected bigint for INTEGER\n.*primary key/,
  );
  assert.match(different.stdout, /seen {2}view\n {2}not in the target\n\n {2}type mood is missing/);
  assert.match(different.stdout, /1 table and 1 view differ, 0 equal/);
  const json = await fakeIo({ compareSchemas: async () => comparison }).run(
    `schema compare ${DATABASES} --json`,
  );
  const document = JSON.parse(json.stdout);
  assert.deepEqual([document.command, document.success, document.equal], ['schema compare', false, false]);
  const equal = await fakeIo({
    compareSchemas: async () => ({ ...comparison, tables: [], views: [], differences: [], equal: true }),
  }).run(`schema compare ${DATABASES}`);
  assert.equal(equal.status, 0);
});

test('schema script: on stdout, or in a file', async (context) => {
  const folder = temporaryFolder(context);
  const text = 'CREATE TABLE "a:b@c" (x INTEGER);\n';
  const script = { statements: [text.trim()], notCarried: [], text, warnings: [] };
  const commands = { scriptSchema: async () => script };
  assert.equal((await fakeIo(commands).run(`schema script ${DATABASES}`)).stdout, text);
  const file = join(folder, 'out.sql');
  const written = await fakeIo(commands).run(`schema script ${DATABASES} --output ${file}`);
  assert.deepEqual([written.status, written.stdout], [0, '']);
  assert.equal(readFileSync(file, 'utf8'), text);
  const json = await fakeIo(commands).run(`schema script ${DATABASES} --json`);
  assert.deepEqual(JSON.parse(json.stdout).statements, script.statements);
  const nowhere = await fakeIo(commands).run(`schema script ${DATABASES} --output ${folder}/no/out.sql`);
  assert.deepEqual([nowhere.status, existsSync(join(folder, 'no'))], [2, false]);
});

test('doctor: 0 when ready, 1 with problems', async () => {
  const info = {
    engine: 'sqlite',
    version: '3',
    place: '/a',
    facts: {},
    freeBytes: 1024,
    problems: [],
  } as const;
  const doctor = {
    source: info,
    target: info,
    tables: [{ tableName: 'A', rowCount: 5, sizeBytes: 4096, targetExists: true, estimatedSeconds: 0.2 }],
    totalRows: 5,
    totalBytes: 4096,
    estimatedSeconds: 0.2,
    freeBytes: 1024,
    problems: ['the disk is full'],
    warnings: [],
    success: false,
  };
  const ill = await fakeIo({ examine: async () => doctor }).run(`doctor ${DATABASES}`);
  assert.equal(ill.status, 1);
  assert.match(ill.stdout, /A\s+5\s+4\.0 KiB\s+0\.2 s\s+exists/);
  assert.match(ill.stdout, /1 problem\n {2}the disk is full/);
  const well = await fakeIo({
    examine: async () => ({ ...doctor, problems: [], success: true }),
  }).run(`doctor ${DATABASES}`);
  assert.equal(well.status, 0);
});

test('the first SIGINT aborts in good order, the second ends at once', async () => {
  let aborted: unknown;
  const world = fakeIo({
    transfer: ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', async () => {
          aborted = signal.reason;
          world.process.emit('SIGINT');
          await sleep(1);
          resolve(failed('E_CANCELLED'));
        });
        setImmediate(() => world.process.emit('SIGINT'));
      }),
  });
  const { status, stderr, exits } = await world.run(`migrate ${DATABASES}`);
  assert.equal(status, 130);
  assert.ok(aborted instanceof FerrowError && aborted.code === 'E_CANCELLED');
  assert.deepEqual(exits, [130]);
  assert.match(stderr, /interrupted/);
  assert.equal(world.process.listenerCount('SIGINT'), 0);
});

test('SIGTERM is an interruption too, whatever the engine then throws', async () => {
  const world = fakeIo({
    transfer: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('socket closed')));
        setImmediate(() => world.process.emit('SIGTERM'));
      }),
  });
  const { status, stdout } = await world.run(`migrate ${DATABASES} --json`);
  assert.equal(status, 130);
  assert.equal((JSON.parse(stdout) as Report).error?.code, 'E_CANCELLED');
});

test('a fault that nobody caught ends the command with a document', async () => {
  const world = fakeIo({
    transfer: () => {
      setImmediate(() => world.process.emit('unhandledRejection', new Error('lost at sea')));
      return new Promise(() => {});
    },
  });
  const { status, stdout } = await world.run(`migrate ${DATABASES} --json`);
  assert.equal(status, 1);
  assert.match((JSON.parse(stdout) as Report).error?.message ?? '', /lost at sea/);
});

test('no output shows a password', async () => {
  const secret = 'hunter2-secret';
  const url = `postgres://me:${secret}@h/db`;
  const throws = () => Promise.reject(new Error(`driver: can not use ${url} or ${secret}`));
  const lines: [string, Record<string, string>][] = [
    [`migrate ${url} b.db --json --verbose`, {}],
    [`migrate ${url} b.db c.db`, {}],
    [`migrate postgres//me:${secret}@h b.db --json`, {}],
    [`migrate me:${secret}@h b.db`, {}],
    [`migrate b.db --nope ${url}`, {}],
    [`${url} b.db --json`, {}],
    ['migrate x.db --json', { FERROW_TARGET_URL: url }],
    [`migrate postgres://me:\${P}@h/db x.db --json --verbose`, { P: secret }],
    ['migrate postgres://me@h/db x.db --json', { PGPASSWORD: secret }],
  ];
  for (const [line, env] of lines) {
    const commands = { transfer: throws, examine: throws };
    const { status, stdout, stderr } = await fakeIo(commands).run(line, env);
    assert.notEqual(status, 0, line);
    assert.ok(!`${stdout}${stderr}`.includes(secret), `${line}: ${stdout}${stderr}`);
  }
});

test('plain progress lines away from a terminal', async () => {
  const tables = [{ table: 'Album', sourceRows: 347 }];
  const ends = {
    source: 'sqlite:a.db',
    target: 'sqlite:b.db',
    sourceEngine: 'sqlite',
    targetEngine: 'sqlite',
  };
  const world = fakeIo({
    transfer: async ({ events }) => {
      events.emit('start', { runId: 'r1', ...ends, tables });
      events.emit('phase', { what: 'building keys of Album', table: 'Album' });
      const done = { rows: 347, rejectedRows: 0, elapsedSeconds: 0.1, error: null };
      events.emit('table', { table: 'Album', success: true, ...done });
      return reportOf();
    },
  });
  const { stderr } = await world.run(`migrate ${DATABASES} --verbose`);
  assert.equal(
    stderr,
    'sqlite:a.db -> sqlite:b.db: 1 table, 347 rows\nbuilding keys of Album\n✓ Album: 347 rows in 0.1 s\n',
  );
});

test('a reader that leaves does not stop a run', async () => {
  const world = fakeIo({
    transfer: async () => {
      world.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return reportOf();
    },
  });
  assert.equal((await world.run(`migrate ${DATABASES}`)).status, 0);
});
