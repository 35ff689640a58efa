// `ferrow tune` without databases: what it is told, what it prints, what it writes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tuneChart } from '../../../src/cli/tune-chart.ts';
import { tunePage } from '../../../src/cli/tune-page.ts';
import { fixedAxesOf } from '../../../src/cli/tune-words.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import type { TuneRequest } from '../../../src/transfer/tune.ts';
import { type TuneReport, tuneReport, unmeasuredReport } from '../../../src/transfer/tune-report.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { fakeIo } from './fake-io.ts';

const standard = { batchSize: 9000, workers: 1, connections: 2 };
const better = { batchSize: 18_000, workers: 1, connections: 4 };
const out = { batchSize: 1000, workers: 1, connections: 2 };

const outcome = {
  source: 'sqlite:a.db',
  target: 'postgres://me:***@h/d',
  tableName: 'a<b',
  tableRows: 2_000_000,
  seconds: 12.3,
  budgetSeconds: 20,
  axes: { batchSize: [1000, 9000, 18_000], workers: [1], connections: [2, 4] },
  idle: ['workers'] as const,
  standard,
  warnings: [],
};

function measured(): TuneReport {
  return tuneReport({
    ...outcome,
    trials: [
      { setting: standard, round: 1, rows: 1000, seconds: 0.1 },
      { setting: better, round: 1, rows: 1000, seconds: 0.08 },
      { setting: out, round: 1, rows: 1000, seconds: 0.2 },
      { setting: standard, round: 2, rows: 4000, seconds: 0.4 },
      { setting: better, round: 2, rows: 4000, seconds: 0.2 },
      { setting: standard, round: 2, rows: 4000, seconds: 0.5 },
      { setting: better, round: 2, rows: 4000, seconds: 0.25 },
    ],
  });
}

const line = 'tune a.db postgres://h/d';

test('the report: medians of the last round, the recommendation and why', () => {
  const report = measured();
  assert.deepEqual(
    report.settings.map(({ batchSize, runs, finalist, rowsPerSecond }) => [
      batchSize,
      runs,
      finalist,
      rowsPerSecond.median,
    ]),
    [
      [18_000, 2, true, 18_000],
      [9000, 2, true, 9000],
      [1000, 1, false, 5000],
    ],
  );
  assert.deepEqual(report.recommended, better);
  assert.equal(report.because, 'the fastest, 2.00 times as fast as the defaults');
  assert.equal(report.sampleRows, 4000);
  assert.deepEqual(report.warnings, []);
  const wild = [
    { setting: standard, round: 1, rows: 1000, seconds: 0.1 },
    { setting: standard, round: 1, rows: 1000, seconds: 0.2 },
  ];
  assert.deepEqual(
    tuneReport({ ...outcome, trials: wild }).warnings.map(({ code }) => code),
    ['W_NOISY'],
  );
});

test('a setting that was not varied is told with the reason', () => {
  const words = (idle: TuneReport['idle']) => fixedAxesOf({ ...measured(), idle });
  assert.equal(words(['workers']), 'not varied, since it makes no difference here: workers');
  assert.equal(words([]), 'not varied, since the budget is short: workers');
});

test('what the command is told', async () => {
  const told: TuneRequest[] = [];
  const tune = async (request: TuneRequest) => {
    told.push(request);
    return measured();
  };
  await fakeIo({ tune }).run(`${line} --table Track --budget 20 --plain-io`);
  await fakeIo({ tune }).run(line, { FERROW_TABLE: 'Album' });
  assert.deepEqual(
    told.map(({ table, budgetSeconds, options }) => [table, budgetSeconds, options.plainIo]),
    [
      ['Track', 20, true],
      ['Album', 60, false],
    ],
  );
  for (const wrong of ['--budget 0', '--budget soon', '--tables x', '--batch-size 5', '--table']) {
    assert.equal((await fakeIo().run(`${line} ${wrong}`)).status, 2, wrong);
  }
});

test('text on stdout, rounds on stderr', async () => {
  const tune = async ({ events }: TuneRequest) => {
    const trial = { table: 'a<b', ...standard, rounds: 2, settings: 3, rows: 1000, seconds: 0.1 };
    for (const round of [1, 1, 2]) events.emit('trial', { ...trial, round });
    return measured();
  };
  const { status, stdout, stderr } = await fakeIo({ tune }).run(line);
  assert.equal(status, 0);
  assert.match(stdout, /a<b: 3 settings over up to 4,000 of 2,000,000 rows/);
  assert.match(stdout, /18,000 +1 +4 +18,000 +16,000 +20,000 +2 +█{24} +recommended\n/);
  assert.match(stdout, /9,000 +1 +2 +9,000 .* █{12} +default\n/);
  assert.match(stdout, /not varied, since it makes no difference here: workers/);
  assert.match(stdout, /recommended: batch size 18,000, 1 worker, 4 connections; the fastest, 2\.00 times/);
  assert.equal(
    stderr,
    'round 1 of 2: 3 settings, about 1,000 rows each\nfinals: 3 settings, about 1,000 rows each\n',
  );
  const quiet = await fakeIo({ tune }).run(`${line} --quiet`);
  assert.deepEqual([quiet.stdout, quiet.stderr], ['', '']);
});

test('--json is one document, in success and failure', async () => {
  const good = await fakeIo({ tune: async () => measured() }).run(`${line} --json`);
  const document = JSON.parse(good.stdout);
  assert.deepEqual(
    [document.command, document.success, document.error, document.tableName, document.recommended],
    ['tune', true, null, 'a<b', better],
  );
  assert.deepEqual([document.outputFile, document.configFile], [null, null]);
  const refused = new FerrowError('E_NO_SUCH_TABLE', 'the source has no table "x"');
  const bad = await fakeIo({ tune: () => Promise.reject(refused) }).run(`${line} --json`);
  const failure = JSON.parse(bad.stdout);
  assert.deepEqual(
    [bad.status, failure.command, failure.success, failure.error.code],
    [2, 'tune', false, 'E_NO_SUCH_TABLE'],
  );
});

test('--write changes the numbers that make a difference, --output draws', async (context) => {
  const folder = temporaryFolder(context);
  const config = join(folder, 'ferrow.yaml');
  const page = join(folder, 'tune.html');
  writeFileSync(config, '# mine\nworkers: 7 # so be it\nbatchSize: 1 # a guess\n');
  const io = fakeIo({ tune: async () => measured() });
  const { status, stderr } = await io.run(`${line} --write ${config} --output ${page}`);
  assert.equal(status, 0, stderr);
  assert.equal(
    readFileSync(config, 'utf8'),
    '# mine\nworkers: 7 # so be it\nbatchSize: 18000 # a guess\nconnections: 4\n',
  );
  assert.match(stderr, new RegExp(`written: ${page}\nwritten: ${config}\n`));
  const html = readFileSync(page, 'utf8');
  assert.match(html, /<svg[\s\S]*18,000 rows, 1 w, 4 c[\s\S]*<\/svg>/);
  assert.match(html, /a&#60;b/);
  assert.doesNotMatch(html, /<script|<link|src=|a<b/);
});

test('files that could not be written in the end are refused before anything is measured', async (context) => {
  const folder = temporaryFolder(context);
  const broken = join(folder, 'broken.yaml');
  writeFileSync(broken, 'nope: [\n');
  for (const [option, code] of [
    [`--output ${folder}/none/t.html`, 'E_USAGE'],
    [`--output ${folder}`, 'E_USAGE'],
    [`--write ${folder}/none/f.yaml`, 'E_USAGE'],
    [`--write ${broken}`, 'E_CONFIG'],
  ]) {
    const { status, stderr } = await fakeIo().run(`${line} ${option}`);
    assert.equal(status, 2, stderr);
    assert.match(stderr, new RegExp(code));
  }
  assert.equal(readFileSync(broken, 'utf8'), 'nope: [\n');
});

test('where nothing could be measured, nothing is written to the configuration', async (context) => {
  const config = join(temporaryFolder(context), 'f.yaml');
  const report = unmeasuredReport({ ...outcome, trials: [] }, 'the table is empty');
  const { status, stdout } = await fakeIo({ tune: async () => report }).run(`${line} --write ${config}`);
  assert.equal(status, 0);
  assert.match(stdout, /recommended: the defaults \(.*\); the table is empty/);
  assert.ok(!existsSync(config));
});

test('the page says how to get a chart where none could be drawn, and the chart is SVG alone', async () => {
  const report = measured();
  const facts = { machine: 'a machine', at: 'now' };
  assert.match(tunePage(report, { ...facts, chart: null }), /install the package echarts/);
  const chart = await tuneChart(report);
  assert.match(chart ?? '', /^<svg [\s\S]*<\/svg>\s*$/);
  assert.ok(tunePage(report, { ...facts, chart }).includes(chart ?? 'none'));
});
