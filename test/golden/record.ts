// Makes test/golden/copy-bytes.json anew from a real server: `node test/golden/record.ts`.
// Beside each value's bytes stands the SQL that made them.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { startPostgres } from '../support/postgres.ts';
import { COPY_CASES } from './copy-cases.ts';

const server = await startPostgres();
const client = new pg.Client({ connectionString: server.url.replace(/\?.*/, '') });
await client.connect();
try {
  await client.query("SET timezone = 'UTC'");
  const recorded: Record<string, { sql: string; hex: string }> = {};
  for (const { name, sqlType, values, setup } of COPY_CASES) {
    for (const statement of setup ?? []) await client.query(statement);
    const rows = values.map((value, at) => `(${at}, (${value})::${sqlType})`).join(', ');
    const sql = `COPY (SELECT v FROM (VALUES ${rows}) AS t (n, v) ORDER BY n) TO STDOUT (FORMAT binary)`;
    const stream = client.query(copyTo(sql));
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    await once(stream, 'end');
    recorded[name] = { sql, hex: Buffer.concat(pieces).toString('hex') };
  }
  const version = (await client.query('SHOW server_version')).rows[0].server_version;
  const file = new URL('./copy-bytes.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify({ server: `PostgreSQL ${version}`, cases: recorded }, null, 2)}\n`);
} finally {
  await client.end();
  await server.stop();
}
