import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import type { Stage, TransferEventMap } from '../../../src/metrics/events.ts';
import { METRICS, OTHER_TABLES, TABLE_LABELS_MAX } from '../../../src/metrics/prometheus.ts';
import type { RunStatusDocument } from '../../../src/metrics/run-status.ts';
import { serveMetrics } from '../../../src/metrics/server.ts';

const ENDS = {
  source: 'sqlite:a.db',
  target: 'postgres://u:***@h/db',
  sourceEngine: 'sqlite',
  targetEngine: 'postgres',
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function fetchRaw(
  port: number,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

function emitRun(events: EventEmitter<TransferEventMap>): void {
  const tables = [
    { table: 'Album', sourceRows: 400 },
    { table: 'we"ird\n<b>', sourceRows: null },
  ];
  events.emit('start', { runId: 'r1', ...ENDS, tables });
  const seconds: Partial<Record<Stage, number>> = {
    decode: 0.01,
    coerce: 0,
    encode: 0.01,
    write: 0.2,
    commit: 0.02,
  };
  events.emit('read', { table: 'Album', rows: 300, bytes: 3000, seconds: 0.1 });
  const batch = { table: 'Album', rows: 100, bytesRead: 1000, bytesWritten: 900, sourceRows: 400, seconds };
  events.emit('batch', { ...batch, tableRows: 100 });
  events.emit('batch', { ...batch, tableRows: 200 });
  const gauges = { bytesInFlight: 5, queueDepth: { read: 1, write: 2 }, workerUtilizationRatio: 0.5 };
  events.emit('pulse', { ...gauges, backpressureSeconds: { read: 1.5 } });
  events.emit('pulse', { ...gauges, backpressureSeconds: { read: 2 } });
  const error = { code: 'E_INT_RANGE', message: 'too big', hint: 'x' } as const;
  events.emit('loss', { table: 'Album', column: 'a', policy: 'nan=null', count: 3 });
  events.emit('loss', { table: 'Album', column: 'b', policy: 'nan=null', count: 4 });
  events.emit('retry', {
    table: null,
    attempt: 1,
    delaySeconds: 1,
    error: { ...error, code: 'E_CONNECTION_LOST' },
  });
  const failed = { success: false, rows: 0, rejectedRows: 3, elapsedSeconds: 1, error };
  events.emit('table', { table: 'we"ird\n<b>', ...failed });
}

test('metrics, scraped over HTTP while a run goes on', async (context) => {
  const events = new EventEmitter<TransferEventMap>();
  const server = await serveMetrics(events, 0);
  context.after(() => server.close());
  emitRun(events);
  const { status, headers, body } = await fetchRaw(server.port, '/metrics');
  assert.equal(status, 200);
  assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  const run = 'source="sqlite:a.db",target="postgres://u:***@h/db"';
  for (const line of [
    `ferrow_rows_read_total{${run}} 300`,
    `ferrow_rows_written_total{${run}} 200`,
    `ferrow_rows_rejected_total{${run}} 3`,
    `ferrow_bytes_read_total{${run}} 3000`,
    `ferrow_bytes_written_total{${run}} 1800`,
    `ferrow_batches_total{${run}} 2`,
    `ferrow_retries_total{${run}} 1`,
    'ferrow_errors_total{code="E_INT_RANGE"} 1',
    'ferrow_allowed_losses_total{policy="nan=null"} 7',
    'ferrow_batch_duration_seconds_count{stage="read"} 1',
    'ferrow_batch_duration_seconds_count{stage="commit"} 2',
    'ferrow_table_rows{table="Album"} 200',
    'ferrow_table_rows{table="we\\"ird\\n<b>"} 0',
    'ferrow_table_progress_ratio{table="Album"} 0.5',
    'ferrow_queue_depth{stage="write"} 2',
    'ferrow_backpressure_seconds_total{stage="read"} 2',
    'ferrow_worker_utilization_ratio 0.5',
    `ferrow_run_info{run_id="r1",${run}} 1`,
  ]) {
    assert.ok(body.split('\n').includes(line), `${line} in\n${body}`);
  }
  for (const { name, kind } of Object.values(METRICS)) {
    assert.ok(body.includes(`# TYPE ${name} ${kind}\n`), name);
    assert.ok(body.includes(`# HELP ${name} `), name);
  }
  assert.match(body, /^process_cpu_user_seconds_total /m);
});

test('labels stay bounded however many tables there are', async (context) => {
  const events = new EventEmitter<TransferEventMap>();
  const server = await serveMetrics(events, 0);
  context.after(() => server.close());
  const tables = Array.from({ length: TABLE_LABELS_MAX + 50 }, (_, at) => ({
    table: `t${at}`,
    sourceRows: 2,
  }));
  events.emit('start', { runId: 'r1', ...ENDS, tables });
  for (const { table } of tables) {
    events.emit('batch', {
      table,
      rows: 1,
      bytesRead: 1,
      bytesWritten: 1,
      tableRows: 1,
      sourceRows: 2,
      seconds: {},
    });
  }
  const { body } = await fetchRaw(server.port, '/metrics');
  assert.equal(body.match(/^ferrow_table_rows\{/gm)?.length, TABLE_LABELS_MAX + 1);
  assert.ok(body.includes(`ferrow_table_rows{table="${OTHER_TABLES}"} 50\n`));
  assert.ok(body.includes(`ferrow_table_progress_ratio{table="${OTHER_TABLES}"} 0.5\n`));
});

test('status and the live page', async (context) => {
  const events = new EventEmitter<TransferEventMap>();
  const server = await serveMetrics(events, 0);
  context.after(() => server.close());
  const before = JSON.parse((await fetchRaw(server.port, '/status')).body) as RunStatusDocument;
  assert.deepEqual([before.state, before.runId, before.tables], ['starting', null, []]);
  emitRun(events);
  const status = JSON.parse((await fetchRaw(server.port, '/status')).body) as RunStatusDocument;
  assert.deepEqual([status.state, status.runId, status.rows, status.failedTables], ['running', 'r1', 200, 1]);
  const [album, weird] = status.tables;
  assert.deepEqual([album.table, album.state, album.rows, album.sourceRows], ['Album', 'running', 200, 400]);
  assert.deepEqual([weird.state, weird.error], ['failed', 'too big']);
  events.emit('end', { runId: 'r1', success: false, rows: 200, elapsedSeconds: 1 });
  const after = JSON.parse((await fetchRaw(server.port, '/status')).body) as RunStatusDocument;
  assert.equal(after.state, 'failed');
  const page = await fetchRaw(server.port, '/');
  assert.match(page.headers['content-type'] ?? '', /^text\/html/);
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
  assert.doesNotMatch(page.body, /https?:\/\//, 'no outside assets');
  assert.doesNotMatch(page.body, /innerHTML/);
});

test('only reading, only this machine', async (context) => {
  const server = await serveMetrics(new EventEmitter<TransferEventMap>(), 0);
  context.after(() => server.close());
  const { port } = server;
  assert.equal((await fetchRaw(port, '/metrics', 'POST')).status, 405);
  assert.equal((await fetchRaw(port, '/metrics', 'POST')).headers.allow, 'GET, HEAD');
  const head = await fetchRaw(port, '/metrics', 'HEAD');
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal((await fetchRaw(port, '/etc/passwd')).status, 404);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`]) {
    assert.equal((await fetchRaw(port, '/status', 'GET', { host })).status, 200, host);
  }
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost', `localhost:${port + 1}`]) {
    assert.equal((await fetchRaw(port, '/status', 'GET', { host })).status, 403, host);
  }
});

test('a port in use is wrong usage; closing frees it and is idempotent', async () => {
  const first = await serveMetrics(new EventEmitter<TransferEventMap>(), 0);
  const events = new EventEmitter<TransferEventMap>();
  await assert.rejects(serveMetrics(events, first.port), {
    code: 'E_USAGE',
    message: /another program uses it/,
  });
  await new Promise<void>((resolve, reject) => {
    get(`${first.url}status`, { headers: { connection: 'keep-alive' } }, (response) => {
      response.resume();
      response.on('end', resolve);
    }).on('error', reject);
  });
  await first.close();
  await first.close();
  const second = await serveMetrics(new EventEmitter<TransferEventMap>(), first.port);
  await second.close();
});
