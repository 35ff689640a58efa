// PostgreSQL's part of the floor: binary COPY between a table and files of the server, over two connections, so that
// no client and no socket takes part. The CPU seconds are the server's.
import pg from 'pg';
import { type ServerClock, withServerCpu } from '../measure/server-cpu.ts';
import type { FloorPart } from './floor.ts';

const CONNECTIONS = 2;

/** Runs one statement on each connection at once; connecting isn't timed. */
async function timed(url: string, clock: ServerClock, statements: readonly string[]): Promise<FloorPart> {
  const clients = statements.map(() => new pg.Client({ connectionString: url.replace(/\?.*/, '') }));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    const started = performance.now();
    const { value, serverCpuSeconds } = await withServerCpu(clock, async () => {
      await Promise.all(clients.map((client, at) => client.query(statements[at])));
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

const copyOut = (table: string, range: string, path: string) =>
  `COPY (SELECT * FROM ${table} WHERE ${range}) TO '${path}' (FORMAT binary)`;

/** The whole table to nowhere. */
export async function exportPostgres(url: string, clock: ServerClock, table: string): Promise<FloorPart> {
  const ranges = await blockRanges(url, table);
  return timed(
    url,
    clock,
    ranges.map((range) => copyOut(table, range, '/dev/null')),
  );
}

/** Writes the table to files within the server's own folder, for `importPostgres`; they go when the server goes. */
export async function preparePostgres(url: string, clock: ServerClock, table: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') });
  await client.connect();
  const { rows } = await client.query('SHOW data_directory').finally(() => client.end());
  const ranges = await blockRanges(url, table);
  const paths = ranges.map((_, at) => `${rows[0].data_directory}/bench-${table}-${at}.copy`);
  await timed(
    url,
    clock,
    ranges.map((range, at) => copyOut(table, range, paths[at])),
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
  return timed(
    url,
    clock,
    paths.map((path) => `COPY ${table} FROM '${path}' (FORMAT binary)`),
  );
}
