// What is written from a result: the README's table, the report, the sentence on what limits a pair.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htmlReport } from '../../../bench/report/html.ts';
import { limitOf } from '../../../bench/report/limits.ts';
import { BEGIN, END, readmeTable, withTable } from '../../../bench/report/readme.ts';
import { benchResult, ferrowTimes, pairRun, rivalRound } from './results.ts';

const RIVALS = [
  rivalRound('a | b', { wallSeconds: 4, verdict: 'type', findings: [{ kind: 'type', text: 'x: double' }] }),
  rivalRound('quick', {
    wallSeconds: 0.1,
    verdict: 'wrong',
    findings: [{ kind: 'wrong', text: 'x: <sum>' }],
  }),
];
const PAIR = pairRun([
  { floor: 1, ferrow: ferrowTimes(2), rivals: RIVALS },
  { floor: 1, ferrow: ferrowTimes(2.5), rivals: RIVALS },
]);

test('the README gets the fastest valid rival, the ratios, the machine and the day', () => {
  const table = readmeTable(benchResult(PAIR));
  assert.match(
    table,
    /\| SQLite → PostgreSQL \| 444 \| 100 \| 2\.25 \(2\.00–2\.50\) \| 2\.00 \| a \\\| b: 1\.80 \(1\.60–2\.00\), in other types \|/,
  );
  assert.match(table, /1,000 rows .* 26 November 2026, 2 cores \(A CPU\), 1,024 MiB, .*Ferrow 0\.1\.0/);
});

test('only what stands between the marks is replaced', () => {
  const text = `before\n${BEGIN}\nold\n${END}\nafter\n`;
  assert.equal(withTable(text, 'new'), `before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`);
  assert.throws(() => withTable('no marks', 'new'), /no marks/);
});

test('the report stands alone, says what was not run and escapes what rivals say', () => {
  const html = htmlReport(benchResult(PAIR));
  assert.doesNotMatch(html, /<script|https?:\/\/(?!www\.w3\.org)/);
  assert.match(html, /not run: no &lt;network&gt;/);
  assert.match(html, /wrong: x: &lt;sum&gt;/);
  assert.match(html, /class="missed">2\.00</, 'the time of a full verification, beside its goal');
  assert.match(html, /<svg/);
});

test('what limits a pair: whose CPU it is, and whether the cores are busy', () => {
  const text = limitOf(PAIR, 2);
  assert.match(text, /^The server takes most of the CPU: PostgreSQL 2\.80 s \(72 %\), Ferrow 1\.10 s/);
  assert.match(text, /2 cores are busy 98 % of the time: CPU is the limit/);
  assert.match(text, /write 0\.90 s, decode 0\.40 s, read 0\.20 s/);
  assert.match(text, /Rows move for 1\.50 s of 2\.00 s; .* 0\.50 s/);
});

test('where cores are idle the busiest thread is named', () => {
  const profile = {
    ...PAIR.profile,
    serverCpuSeconds: 0.1,
    threads: [{ name: 'MainThread', cpuSeconds: 1.9 }],
  };
  assert.match(limitOf({ ...PAIR, profile }, 2), /The others wait for the main thread, which is busy 95 %/);
});
