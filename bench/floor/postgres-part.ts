// PostgreSQL's part of the floor: binary COPY over two connections; out to the server's own /dev/null, in from prepared bytes
// that a client does nothing with but send. The CPU seconds are the server's alone.
import { createReadStream, createWriteStream, existsSync, renameSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type ServerClock, withServerCpu } from '../measure/server-cpu.ts';
import type { FloorPart } from './floor.ts';

const CONNECTIONS = 2;

/** One client's work. */
type Work = (client: pg.Client) => Promise<unknown>;

/** Does each piece of work on a connection of its own, all at once; connecting isn't timed. */
async function timed(url: string, clock: ServerClock, pieces: readonly Work[]): Promise<FloorPart> {
  const clients = pieces.map(() => new pg.Client({ connectionString: url.replace(/\?.*/, '') }));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    const started = performance.now();
    const { value, serverCpuSeconds } = await withServerCpu(clock, async () => {
      await Promise.all(clients.map((client, at) => pieces[at](client)));
      return (performance.now() - started) / 1000;
    });
    return { wallSeconds: value, cpuSeconds: serverCpuSeconds };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** Conditions that cut the table into pieces of equally many blocks. */
async function blockRanges(url: string, table: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT pg_relation_size('${table}') / current_setting('block_size')::int AS blocks`,
    );
    const blocks = Number(rows[0].blocks);
    const cut = (at: number) => `'(${Math.floor((blocks * at) / CONNECTIONS)},0)'::tid`;
    return Array.from({ length: CONNECTIONS }, (_, at) =>
      at === CONNECTIONS - 1 ? `ctid >= ${cut(at)}` : `ctid >= ${cut(at)} AND ctid < ${cut(at + 1)}`,
    );
  } finally {
    await client.end();
  }
}

const selected = (table: string, range: string) => `COPY (SELECT * FROM ${table} WHERE ${range})`;

/** The whole table to nowhere. */
export async function exportPostgres(url: string, clock: ServerClock, table: string): Promise<FloorPart> {
  const ranges = await blockRanges(url, table);
  const statements = ranges.map((range) => `${selected(table, range)} TO '/dev/null' (FORMAT binary)`);
  return timed(
    url,
    clock,
    statements.map((statement) => (client) => client.query(statement)),
  );
}

/** Writes the table to files for `importPostgres`, named `stem-0.copy` and so on; those that are there are kept. */
export async function preparePostgres(
  url: string,
  clock: ServerClock,
  table: string,
  stem: string,
): Promise<string[]> {
  const ranges = await blockRanges(url, table);
  const paths = ranges.map((_, at) => `${stem}-${at}.copy`);
  if (paths.every((path) => existsSync(path))) return paths;
  const write = async (client: pg.Client, at: number) => {
    const rows = client.query(copyTo(`${selected(table, ranges[at])} TO STDOUT (FORMAT binary)`));
    await pipeline(rows, createWriteStream(`${paths[at]}.unfinished`));
    renameSync(`${paths[at]}.unfinished`, paths[at]);
  };
  await timed(
    url,
    clock,
    paths.map((_, at) => (client) => write(client, at)),
  );
  return paths;
}

/** The prepared files into a table that was made for it. */
export function importPostgres(
  url: string,
  clock: ServerClock,
  table: string,
  paths: readonly string[],
): Promise<FloorPart> {
  const send = async (client: pg.Client, path: string) => {
    const rows = client.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT binary)`));
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), rows);
  };
  return timed(
    url,
    clock,
    paths.map((path) => (client) => send(client, path)),
  );
}
