import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseArgs } from '../../../src/cli/args.ts';
import { makeRequest } from '../../../src/cli/request.ts';
import { expandVariables } from '../../../src/transfer/url-variables.ts';
import { temporaryFolder } from '../../support/temporary.ts';

async function request(line: string, env: Record<string, string> = {}) {
  const invocation = parseArgs(line.split(' ').filter(Boolean), '');
  return invocation.kind === 'command' ? makeRequest(invocation, env, () => {}) : assert.fail(line);
}

test('command line beats environment beats file beats defaults', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'f.yaml');
  writeFileSync(
    file,
    'batchSize: 1\nconnections: 3\nworkers: 5\ntables: [a]\nindexes: false\nquiet: true\nsource: s.db\n',
  );
  const env = {
    FERROW_BATCH_SIZE: '2',
    FERROW_CONNECTIONS: '4',
    FERROW_TABLES: 'b',
    FERROW_TARGET_URL: 't.db',
  };
  const { source, target, options, output } = await request(
    `migrate --config ${file} --batch-size 3 --tables c,d`,
    env,
  );
  assert.deepEqual([source, target], ['s.db', 't.db']);
  assert.deepEqual([options.batchSize, options.connections, options.workers], [3, 4, 5]);
  assert.deepEqual(options.tables, ['c', 'd']);
  assert.deepEqual([options.indexes, options.foreignKeys, options.verify], [false, true, 'count']);
  assert.deepEqual([output.quiet, output.json, output.metricsPort], [true, false, null]);
  assert.equal((await request('migrate a b', { FERROW_CONFIG: file })).options.batchSize, 1);
});

test('the environment: twins, negated twins, NO_COLOR, empty means unset', async () => {
  const { options, output } = await request('migrate a b', {
    FERROW_NO_FOREIGN_KEYS: '1',
    FERROW_RENAME: 'x=y',
    FERROW_DRY_RUN: 'true',
    FERROW_METRICS_PORT: '0',
    FERROW_BATCH_SIZE: '',
    NO_COLOR: '1',
  });
  assert.deepEqual([options.foreignKeys, options.rename, options.dryRun], [false, { x: 'y' }, true]);
  assert.deepEqual([options.batchSize, output.metricsPort, output.color], [undefined, 0, false]);
  await assert.rejects(request('migrate a b', { FERROW_BATCH_SIZE: 'many' }), {
    message: /^FERROW_BATCH_SIZE/,
  });
  // A twin of an option that the command does not have is not its business.
  assert.equal((await request('doctor a b', { FERROW_WHERE: 'x' })).options.where, undefined);
});

test('plan is a dry run', async () => {
  assert.equal((await request('plan a b')).options.dryRun, true);
  assert.equal((await request('migrate a b')).options.dryRun, false);
});

test('one database named: the other comes from outside, or it is an error', async () => {
  const both = { FERROW_SOURCE_URL: 's.db', FERROW_TARGET_URL: 't.db' };
  const ends = async (line: string, env: Record<string, string>) => {
    const { source, target } = await request(line, env);
    return [source, target];
  };
  assert.deepEqual(await ends('migrate', both), ['s.db', 't.db']);
  assert.deepEqual(await ends('migrate x y', both), ['x', 'y']);
  assert.deepEqual(await ends('migrate x', { FERROW_SOURCE_URL: 's.db' }), ['s.db', 'x']);
  assert.deepEqual(await ends('migrate x', { FERROW_TARGET_URL: 't.db' }), ['x', 't.db']);
  await assert.rejects(request('migrate x', both), { code: 'E_USAGE', message: /name both/ });
  await assert.rejects(request('migrate x'), { code: 'E_USAGE', message: /TARGET is missing/ });
  await assert.rejects(request('migrate'), { code: 'E_USAGE', message: /SOURCE and TARGET are missing/ });
  await assert.rejects(request('migrate', { FERROW_SOURCE_URL: 's' }), { message: /TARGET is missing/ });
  const invocation = parseArgs(['migrate', '', 'x'], '');
  assert.ok(invocation.kind === 'command');
  await assert.rejects(
    makeRequest(invocation, {}, () => {}),
    { code: 'E_USAGE', message: /empty/ },
  );
});

test('options that contradict each other', async () => {
  await assert.rejects(request('migrate a b --quiet --verbose'), { code: 'E_USAGE' });
  await assert.rejects(request('migrate a b --schema-only --data-only'), { code: 'E_USAGE' });
  const message = /--on-error skip/;
  for (const idle of ['--rejects r.jsonl', '--max-rejects 0', '--quarantine'])
    for (const more of ['', ' --on-error fail'])
      await assert.rejects(request(`migrate a b ${idle}${more}`), { code: 'E_USAGE', message });
  await assert.rejects(request('sync a b', { FERROW_REJECTS: 'r.jsonl' }), { code: 'E_USAGE', message });
  for (const line of ['migrate a b --on-error skip', 'retry-rejects b', 'resume b'])
    assert.equal((await request(`${line} --rejects r.jsonl`)).options.rejects, 'r.jsonl');
  await assert.rejects(request('migrate a b --allow nan=maybe'), { code: 'E_USAGE', message: /--allow nan/ });
});

test('variables in URLs', async () => {
  const env = { NAME: 'app', PASS: 'p@s/s:w%rd#{}', CODED: 'a%40b', WHOLE: 'postgres://u:x@h/d', EMPTY: '' };
  const expand = (url: string) => expandVariables(url, env, 'source');
  assert.equal(expand(`sqlite:\${NAME}.db`), 'sqlite:app.db');
  assert.equal(expand(`\${WHOLE}`), 'postgres://u:x@h/d');
  const url = expand(`postgres://me:\${PASS}@host/\${NAME}`);
  assert.equal(decodeURIComponent(new URL(url).password), env.PASS);
  assert.equal(new URL(url).pathname, '/app');
  assert.equal(expand(`postgres://me:\${CODED}@host/db`), 'postgres://me:a%40b@host/db');
  assert.equal(expand(`x\${EMPTY}y`), 'xy');
  assert.throws(() => expand(`postgres://\${NOPE}@h`), { code: 'E_URL', message: /NOPE, which is not set/ });
  assert.throws(() => expand(`\${}`), { code: 'E_URL' });
});

test('every URL is made known before it is looked at', async () => {
  const invocation = parseArgs(['migrate', `postgres://u:\${P}@h/d`, 'x.db'], '');
  assert.ok(invocation.kind === 'command');
  const learnt: string[] = [];
  await makeRequest(invocation, { P: 'secret' }, (url) => learnt.push(url));
  assert.ok(learnt.includes('postgres://u:secret@h/d'));
});
