// Connections that fall silent, through a proxy, and others that only look like it.
import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { backendPid, Connector, disconnect } from '../../../../src/dialect/postgres/connect.ts';
import { CopyReader } from '../../../../src/dialect/postgres/copy-source.ts';
import { packedSelect, QueryReader } from '../../../../src/dialect/postgres/cursor-source.ts';
import { locate } from '../../../../src/dialect/postgres/locate.ts';
import { awaited } from '../../../../src/dialect/postgres/silence-watch.ts';
import { type FaultProxy, startFaultProxy } from '../../../support/fault-proxy.ts';
import { type PostgresServer, runSql, startPostgres } from '../../../support/postgres.ts';

const SILENCE_SECONDS = 1;
const LONGER_MILLIS = 2500;
const BIG_ROWS = "SELECT i AS id, repeat('x', 1000) AS pad FROM generate_series(1, 50000) AS n (i)";

suite('silent connections', () => {
  let server: PostgresServer;
  let proxy: FaultProxy;
  const open: pg.Client[] = [];

  before(async () => {
    server = await startPostgres();
    proxy = await startFaultProxy(server.url);
  });
  after(async () => {
    await proxy.close();
    await server.stop();
  });
  afterEach(async () => {
    proxy.refuse(false);
    await Promise.all(open.splice(0).map(disconnect));
  });

  const connect = async () => {
    const client = await new Connector(locate(proxy.url, {}), SILENCE_SECONDS).connect();
    open.push(client);
    return client;
  };
  const assertGone = async (client: pg.Client) => {
    const sql = `SELECT FROM pg_stat_activity WHERE pid = ${backendPid(client)}`;
    // It is told to end, and does so in a moment.
    for (let attempt = 0; attempt < 50; attempt++) {
      if ((await runSql(server.url, sql))[0].rows.length === 0) return;
      await setTimeout(20);
    }
    assert.fail('the process of the server stays');
  };
  /** The next question arrives, and no answer. */
  const swallow = () => proxy.arm({ direction: 'up', afterBytes: 1, action: 'stall' });

  test('an answer that gets lost: the connection is ended, and so is the process of the server', async () => {
    const client = await connect();
    swallow();
    await assert.rejects(client.query('SELECT 1'), {
      code: 'E_CONNECTION_LOST',
      message: /for 1 seconds, and the server waits for an answer itself \(ClientRead\)/,
    });
    await assertGone(client);
  });

  test('rows of a COPY that get lost', async () => {
    const client = await connect();
    const reader = new CopyReader(client, BIG_ROWS, 2, { batchRows: 1000, batchBytes: 1e6 });
    proxy.arm({ direction: 'down', afterBytes: 2_000_000, action: 'stall' });
    const drained = async () => {
      while (await reader.next());
    };
    await assert.rejects(drained(), { code: 'E_CONNECTION_LOST', message: /ClientWrite/ });
    await assertGone(client);
  });

  test('a question whose answer is lost while nobody can connect', async () => {
    const client = await connect();
    swallow();
    proxy.refuse(true);
    await assert.rejects(client.query('SELECT 1'), {
      code: 'E_CONNECTION_LOST',
      message: /no other connection can be made/,
    });
  });

  test('a process that the server has no more', async () => {
    const client = await connect();
    swallow();
    const lost = client.query('SELECT 1');
    lost.catch(() => {});
    while (!proxy.happened) await setTimeout(10);
    await runSql(server.url, `SELECT pg_terminate_backend(${backendPid(client)})`);
    await assert.rejects(lost, { code: 'E_CONNECTION_LOST', message: /no process/ });
  });

  test('a statement that takes long, and one that waits for a lock, are left alone', async () => {
    const client = await connect();
    proxy.arm({ direction: 'up', afterBytes: Number.POSITIVE_INFINITY, action: 'stall' });
    const [{ rows }] = await Promise.all([
      client.query(`SELECT pg_sleep(${LONGER_MILLIS / 1000}), 1 AS one`),
      setTimeout(LONGER_MILLIS),
    ]);
    assert.equal(rows[0].one, 1);
    assert.ok(proxy.connections > 0, 'nobody asked');

    await client.query('CREATE TABLE held ()');
    const holder = await connect();
    await holder.query('BEGIN; LOCK TABLE held');
    const waiting = client.query('SELECT FROM held');
    await setTimeout(LONGER_MILLIS);
    await holder.query('COMMIT');
    await waiting;
  });

  test('rows that nobody asks for are no silence', async () => {
    const limits = { batchRows: 1000, batchBytes: 1e6 };
    const copying = await connect();
    const querying = await connect();
    const readers = [
      new CopyReader(copying, BIG_ROWS, 2, limits),
      new QueryReader(querying, packedSelect(['id', 'pad'], `FROM (${BIG_ROWS}) AS big`), 2, limits),
    ];
    const first = await Promise.all(readers.map((reader) => reader.next()));
    await setTimeout(LONGER_MILLIS);
    for (const [which, reader] of readers.entries()) {
      let rows = first[which]?.rowCount ?? 0;
      for (let chunk = await reader.next(); chunk; chunk = await reader.next()) rows += chunk.rowCount;
      assert.equal(rows, 50_000);
    }
  });

  test('a connection in a transaction, of which nothing is asked, is left alone; then its next answer is awaited', async () => {
    const client = await connect();
    await client.query('BEGIN');
    proxy.arm({ direction: 'up', afterBytes: Number.POSITIVE_INFINITY, action: 'stall' });
    await setTimeout(LONGER_MILLIS);
    assert.equal(proxy.connections, 0);
    swallow();
    await assert.rejects(client.query('COMMIT'), { code: 'E_CONNECTION_LOST' });
  });

  test('a thread that is busy for long hears what came meanwhile', async () => {
    const client = await connect();
    for (let round = 0; round < 3; round++) {
      const answer = awaited(client, client.query('SELECT pg_sleep(0.1), 1 AS one'));
      const until = performance.now() + 1200;
      while (performance.now() < until);
      assert.equal((await answer).rows[0].one, 1);
    }
  });

  test('a connection whose end nobody hears is cut off', { timeout: 20_000 }, async () => {
    const client = await connect();
    swallow();
    await disconnect(client);
    assert.ok(proxy.happened);
  });
});
