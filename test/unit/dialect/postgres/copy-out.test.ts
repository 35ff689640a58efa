// COPY out of a real server, over the socket that receives into one buffer and over one of Node's own, as TLS has it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { Connector, disconnect } from '../../../../src/dialect/postgres/connect.ts';
import { CopyReader } from '../../../../src/dialect/postgres/copy-source.ts';
import { locate } from '../../../../src/dialect/postgres/locate.ts';
import { type PostgresServer, startPostgres } from '../../../support/postgres.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server.stop());

const LIMITS = { batchRows: 7000, batchBytes: 1 << 20 };
const SELECT = `SELECT i, repeat('x', i % 300), NULLIF(i % 3, 0) FROM generate_series(1, 60000) i`;

async function readAll(reader: CopyReader): Promise<{ bytes: Buffer; rowCounts: number[] }> {
  const pieces: Uint8Array[] = [];
  const rowCounts: number[] = [];
  for (let chunk = await reader.next(); chunk; chunk = await reader.next()) {
    assert.ok(chunk.payload.form === 'copy');
    assert.equal(chunk.seq, rowCounts.length);
    pieces.push(chunk.payload.bytes);
    rowCounts.push(chunk.rowCount);
  }
  return { bytes: Buffer.concat(pieces), rowCounts };
}

const connections = {
  wide: (url: string) => new Connector(locate(url, {})).connect(),
  own: async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    return client;
  },
};

async function withClients(work: (client: pg.Client, kind: string) => Promise<void>): Promise<void> {
  for (const [kind, connect] of Object.entries(connections)) {
    const client = await connect(server.url);
    try {
      await work(client, kind);
    } finally {
      await disconnect(client);
    }
  }
}

test('the rows are the same over both, and the connection goes on to what was asked meanwhile', async () => {
  const read: Record<string, Buffer> = {};
  await withClients(async (client, kind) => {
    const reader = new CopyReader(client, SELECT, 3, LIMITS);
    const behind = client.query('SELECT 1 AS one');
    const { bytes, rowCounts } = await readAll(reader);
    assert.equal(reader.sound, true);
    assert.equal(
      rowCounts.reduce((sum, rows) => sum + rows, 0),
      60000,
    );
    assert.ok(Math.max(...rowCounts) <= LIMITS.batchRows);
    assert.deepEqual((await behind).rows, [{ one: 1 }]);
    // One COPY right behind another: the second begins within the bytes that end the first.
    const readers = [1, 2].map(() => new CopyReader(client, SELECT, 3, LIMITS));
    for (const each of readers) assert.equal(Buffer.compare((await readAll(each)).bytes, bytes), 0);
    assert.deepEqual((await client.query('SELECT 2 AS two')).rows, [{ two: 2 }]);
    read[kind] = bytes;
  });
  assert.equal(Buffer.compare(read.wide, read.own), 0);
});

test('no rows, and rows of nothing', async () => {
  await withClients(async (client) => {
    const none = await readAll(new CopyReader(client, `${SELECT} LIMIT 0`, 3, LIMITS));
    assert.deepEqual(none.rowCounts, []);
    const nothing = await readAll(new CopyReader(client, 'SELECT FROM generate_series(1, 9)', 0, LIMITS));
    assert.deepEqual(nothing.rowCounts, [9]);
  });
});

test('an error among the rows is the server’s, and the connection stays fit', async () => {
  await withClients(async (client) => {
    const reader = new CopyReader(
      client,
      'SELECT 1 / (50000 - i), i, i FROM generate_series(1, 60000) i',
      3,
      LIMITS,
    );
    await assert.rejects(readAll(reader), (error: { code?: string }) => error.code === '22012');
    assert.equal(reader.sound, false);
    assert.deepEqual((await client.query('SELECT 3 AS three')).rows, [{ three: 3 }]);
    const refused = new CopyReader(client, 'SELECT nowhere', 1, LIMITS);
    await assert.rejects(refused.next(), (error: { code?: string }) => error.code === '42703');
    assert.deepEqual((await client.query('SELECT 4 AS four')).rows, [{ four: 4 }]);
  });
});

test('a connection that is cut off while nobody reads is told to the next who does', async () => {
  await withClients(async (client) => {
    const reader = new CopyReader(client, 'SELECT i, i, i FROM generate_series(1, 3000000) i', 3, LIMITS);
    assert.equal((await reader.next())?.rowCount, LIMITS.batchRows);
    const other = await connections.own(server.url);
    const { rows } = await other.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE query LIKE 'COPY%3000000%' AND pid <> pg_backend_pid()`,
    );
    await other.end();
    assert.equal(rows.length, 1);
    await assert.rejects(readAll(reader));
    assert.equal(reader.sound, false);
  });
});
