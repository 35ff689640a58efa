// The source and target engines against a real server: what the contract suite does not ask of every engine.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Chunk } from '../../../../src/batch/chunk.ts';
import type { ReadRequest, SourceEngine, TableLoad, TargetEngine } from '../../../../src/dialect/dialect.ts';
import { raiseBuildMemory } from '../../../../src/dialect/postgres/build-settings.ts';
import { decodeCopy } from '../../../../src/dialect/postgres/codec/copy-decode.ts';
import { Connector, disconnect } from '../../../../src/dialect/postgres/connect.ts';
import { packedSelect, QueryReader } from '../../../../src/dialect/postgres/cursor-source.ts';
import { postgres } from '../../../../src/dialect/postgres/index.ts';
import { locate } from '../../../../src/dialect/postgres/locate.ts';
import type { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
import type { NotCarried, TableSchema } from '../../../../src/types/schema.ts';
import { renderValue } from '../../../golden/render.ts';
import { type PostgresServer, runSql, startPostgres } from '../../../support/postgres.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server.stop());

const RUN = {
  runId: 'run',
  epoch: 1,
  state: 'copying' as const,
  planHash: 'h',
  source: 's',
  target: 't',
  snapshotId: null,
  startedAt: '2024-01-01T00:00:00Z',
  version: '0',
};

async function withSource<T>(
  url: string,
  work: (source: SourceEngine) => Promise<T>,
  connections = 2,
): Promise<T> {
  const source = await postgres.openSource(postgres.locate(url, {}), { connections });
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

async function withTarget<T>(url: string, work: (target: TargetEngine) => Promise<T>): Promise<T> {
  const target = await postgres.openTarget(postgres.locate(url, {}), { connections: 2, readOnly: false });
  try {
    return await work(target);
  } finally {
    await target.close();
  }
}

function requestFor(table: TableSchema, where: string | null = null): ReadRequest {
  const columns = table.columns
    .filter((column) => !column.generated)
    .map((column) => {
      const type = postgres.types.read(column, null, { sameEngine: true, policies: {} });
      assert.ok(!isRefusal(type), column.name);
      return { name: column.name, wire: type.wire, select: type.select };
    });
  return { table, columns, where, batchRows: 10000, batchBytes: 1 << 20 };
}

async function chunksOf(source: SourceEngine, request: ReadRequest, most = 1): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (const partition of await source.partitions(request, most)) {
    const cursor = await source.openCursor(request, partition);
    for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) chunks.push(chunk);
    await source.closeCursor(cursor);
  }
  return chunks;
}

const rowsOf = (chunks: readonly Chunk[]) => chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);

let runs = 0;

/** Copies tables from one database to another as a run does, bytes passing through. */
async function copyTables(
  from: string,
  to: string,
  mode: TableLoad['mode'] = 'create',
): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  const runId = `run-${++runs}`;
  await withSource(from, async (source) => {
    const { tables } = await source.catalog([]);
    await withTarget(to, async (target) => {
      const requests = tables.map((table) => requestFor(table));
      const loads = requests.map((request, at): TableLoad => {
        const columns = request.table.columns.map((column) => {
          const read = request.columns.find((each) => each.name === column.name);
          const made =
            read && postgres.types.create(read.wire, column, null, { sameEngine: true, policies: {} });
          return made && !isRefusal(made) ? { ...column, nativeType: made.nativeType } : column;
        });
        const adopted = postgres.ddl.adopt({ ...request.table, columns }, 'postgres');
        notCarried.push(...adopted.notCarried);
        return {
          runId: 'run',
          id: `t${at}`,
          table: adopted.table,
          staging: { schema: request.table.schema, name: `_ferrow_00000000_${at}` },
          mode,
          columns: request.columns.map(({ name, wire }) => ({ name, wire })),
          parts: { indexes: true, foreignKeys: true },
        };
      });
      await target.beginRun({ ...RUN, runId });
      await target.prepare(loads);
      for (const [at, load] of loads.entries()) {
        const writer = await target.openWriter(load);
        for (const chunk of await chunksOf(source, requests[at]))
          await target.write(writer, chunk, {
            runId,
            tableId: load.id,
            partitionId: 'p',
            seq: chunk.seq,
            epoch: 1,
            attempt: 1,
            rows: chunk.rowCount,
            bytes: chunk.byteLength,
          });
        await target.commit(writer);
        await target.closeWriter(writer);
        notCarried.push(...(await target.finishTable(load)));
      }
      notCarried.push(...(await target.finishRun(loads)));
      await target.endRun(runId, 'done');
    });
  });
  return notCarried;
}

const SHOP = `
  CREATE DOMAIN email AS varchar(50) CHECK (VALUE ~ '@');
  CREATE TABLE customer (id serial PRIMARY KEY, mail email DEFAULT 'a@b', balance numeric(10,2) DEFAULT 1.5,
    note text COLLATE "C" NOT NULL DEFAULT 'it''s', at timestamptz DEFAULT now(), tags text[], span interval,
    page xml, price money, wide numeric(50,3), bits bit(3), twice int GENERATED ALWAYS AS (id * 2) STORED,
    CONSTRAINT positive CHECK (balance > 0), UNIQUE NULLS NOT DISTINCT (mail, note));
  CREATE TABLE "or der" (id bigint GENERATED ALWAYS AS IDENTITY (START 50), "cust""omer" int
    REFERENCES customer ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (id),
    parent bigint REFERENCES "or der");
  CREATE INDEX ON customer (balance DESC, note) WHERE balance > 1;
  CREATE INDEX "by lower" ON customer (lower(note));
  CREATE INDEX ops ON customer (note text_pattern_ops) INCLUDE (balance);
  COMMENT ON TABLE customer IS 'who \\ pays'; COMMENT ON COLUMN customer.note IS 'hi';
  INSERT INTO customer (mail, balance, note, tags, span, page, price, wide, bits)
    SELECT i || '@x', i, 'n' || i, ARRAY['a', NULL, i::text], i * interval '1 day', ('<a>é' || i || '</a>')::xml, i::money,
      i + 0.125, B'101' FROM generate_series(1, 300) i;
  INSERT INTO "or der" ("cust""omer", parent) SELECT i, NULLIF(49 + i, 49 + 1) - 1 FROM generate_series(1, 300) i;`;

test('a copy between servers keeps types, keys, indexes, defaults, comments, sequences', async () => {
  const from = await server.createDatabase();
  const to = await server.createDatabase();
  await runSql(from, SHOP);
  const notCarried = await copyTables(from, to);
  assert.deepEqual(notCarried, []);
  const shape = `SELECT string_agg(line, E'\\n' ORDER BY line) AS shape FROM (
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND contypid = 0
    UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname || ' ' || replace(format_type(atttypid, atttypmod), 'email', 'character varying(50)') || attnotnull::text || attidentity::text || attgenerated::text || attcollation::regcollation::text || coalesce(pg_get_expr(adbin, adrelid), '')
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
    UNION ALL SELECT 'comment ' || description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public') x`;
  const shapeOf = async (url: string) =>
    (await runSql(url, shape))[0].rows[0].shape.replaceAll('::character varying(50)', '');
  const [expected, found] = [await shapeOf(from), await shapeOf(to)];
  assert.equal(found, expected);
  const content = `SELECT md5(string_agg(c::text, '|' ORDER BY id)) AS content FROM customer c`;
  assert.equal(
    (await runSql(to, content))[0].rows[0].content,
    (await runSql(from, content))[0].rows[0].content,
  );
  const next = `INSERT INTO customer (mail) VALUES ('z@z') RETURNING id`;
  assert.equal((await runSql(to, next))[0].rows[0].id, 301);
  assert.equal((await runSql(to, `INSERT INTO "or der" DEFAULT VALUES RETURNING id`))[0].rows[0].id, '350');
});

test('replace lets go of the foreign keys of the run and makes them again', async () => {
  const from = await server.createDatabase();
  const to = await server.createDatabase();
  await runSql(from, SHOP);
  await copyTables(from, to);
  await runSql(to, `DELETE FROM "or der"; DELETE FROM customer`);
  assert.deepEqual(await copyTables(from, to, 'replace'), []);
  const [{ rows }] = await runSql(
    to,
    `SELECT count(*)::int AS n, (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f') AS keys FROM customer`,
  );
  assert.deepEqual(rows, [{ n: 300, keys: 2 }]);
});

test('a table on which something outside of the run depends is not replaced, and nothing is touched', async () => {
  const from = await server.createDatabase();
  await runSql(from, `CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)`);
  for (const dependent of [
    'CREATE TABLE other (id int REFERENCES a)',
    'CREATE VIEW other AS SELECT * FROM a',
  ]) {
    const to = await server.createDatabase();
    await runSql(to, 'CREATE TABLE a (id int PRIMARY KEY)', dependent);
    await assert.rejects(
      copyTables(from, to, 'replace'),
      (error: FerrowError) => error.code === 'E_TABLE_IN_USE' && /other/.test(error.message),
    );
    const [{ rows }] = await runSql(
      to,
      `SELECT count(*)::int AS n FROM pg_class WHERE relname ~ '^_ferrow_0'`,
    );
    assert.deepEqual(rows, [{ n: 0 }]);
  }
});

test('foreign keys and checks that old rows violate stay NOT VALID', async () => {
  const from = await server.createDatabase();
  const to = await server.createDatabase();
  await runSql(
    from,
    `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int);
     INSERT INTO c VALUES (7); ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES p NOT VALID;
     ALTER TABLE c ADD CONSTRAINT small CHECK (id < 5) NOT VALID`,
  );
  assert.deepEqual(await copyTables(from, to), []);
  const constraints = `SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'c'::regclass ORDER BY 1`;
  assert.deepEqual((await runSql(to, constraints))[0].rows, (await runSql(from, constraints))[0].rows);
  assert.equal((await runSql(to, 'SELECT count(*)::int AS n FROM c'))[0].rows[0].n, 1);
  await assert.rejects(runSql(to, 'INSERT INTO c VALUES (6)'), /small/);
});

test('appended tables may come before their parents, and in circles', async () => {
  const from = await server.createDatabase();
  const to = await server.createDatabase();
  const tables = `CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
    ALTER TABLE a ADD CONSTRAINT ab FOREIGN KEY (b) REFERENCES b`;
  await runSql(
    from,
    tables,
    'INSERT INTO a VALUES (1, NULL); INSERT INTO b VALUES (1, 1); UPDATE a SET b = 1',
  );
  await runSql(to, tables);
  assert.deepEqual(await copyTables(from, to, 'append'), []);
  const [{ rows }] = await runSql(
    to,
    `SELECT count(*)::int AS valid FROM pg_constraint WHERE contype = 'f' AND convalidated`,
  );
  assert.deepEqual(rows, [{ valid: 2 }]);
  await assert.rejects(copyTables(from, to, 'append'), (error: FerrowError) => error.code === 'E_CONSTRAINT');
});

test('a large table is cut by blocks; the snapshot does not move', async () => {
  const url = await server.createDatabase();
  await runSql(
    url,
    `CREATE TABLE big AS SELECT i AS id, repeat('x', 900) AS pad FROM generate_series(1, 50000) i`,
  );
  await withSource(url, async (source) => {
    const [table] = (await source.catalog([])).tables;
    await runSql(
      url,
      'DELETE FROM big WHERE id % 2 = 0',
      `INSERT INTO big SELECT i, '' FROM generate_series(60000, 61000) i`,
    );
    const request = requestFor(table);
    const partitions = await source.partitions(request, 3);
    assert.equal(partitions.length, 3);
    const chunks = await chunksOf(source, request, 3);
    assert.equal(rowsOf(chunks), 50000);
    const ids = new Set<string>();
    for (const { payload, rowCount } of chunks) {
      assert.ok(payload.form === 'copy' && payload.bytes.byteOffset === 0);
      assert.ok(payload.bytes.byteLength > 0.85 * payload.bytes.buffer.byteLength);
      const { columns } = decodeCopy(
        payload.bytes,
        rowCount,
        requestFor(table).columns.map(({ name, wire }) => ({ name, type: wire })),
      );
      for (let row = 0; row < rowCount; row++) ids.add(renderValue(columns[0], row) ?? '');
    }
    assert.equal(ids.size, 50000);
    assert.equal(await source.countRows(table, null), 50000);
    assert.equal(await source.countRows(table, 'id <= 10 -- ten'), 10);
    await assert.rejects(runSql(url, `SET lock_timeout = 100; TRUNCATE big`), /lock timeout/);
  });
});

test('a condition is one expression, and errors in it are the user’s', async () => {
  const url = await server.createDatabase();
  await runSql(url, 'CREATE TABLE t (id int); CREATE TABLE victim (id int)');
  await withSource(url, async (source) => {
    const table = (await source.catalog([])).tables.find((each) => each.name === 't');
    assert.ok(table);
    for (const where of [
      '1=1) TO STDOUT; DROP TABLE victim; COPY (SELECT 1',
      'nonsense = 1',
      'id = ',
      '1; COMMIT',
    ])
      await assert.rejects(
        source.countRows(table, where),
        (error: FerrowError) => error.code === 'E_USAGE',
        where,
      );
    assert.equal(await source.countRows(table, 'id > 0'), 0);
  });
});

test('where COPY can not serve, queries give the same bytes', async () => {
  const url = await server.createDatabase();
  await runSql(url, SHOP);
  await withSource(url, async (source) => {
    const table = (await source.catalog([])).tables.find((each) => each.name === 'customer');
    assert.ok(table);
    const request = requestFor(table);
    const [copied] = await chunksOf(source, request);
    const client = await new Connector(locate(url, {})).connect();
    const columns = request.columns.map(({ name, select }) =>
      select === 'text' ? `"${name}"::text` : `"${name}"`,
    );
    const reader = new QueryReader(client, packedSelect(columns, 'FROM customer'), columns.length, request);
    const queried = await reader.next();
    assert.equal(await reader.next(), null);
    await disconnect(client);
    assert.deepEqual(queried, copied);
  });
});

test('a value larger than the batch, a row of nothing, a partitioned table', async () => {
  const url = await server.createDatabase();
  await runSql(
    url,
    `CREATE TABLE wide (t text); INSERT INTO wide VALUES (repeat('x', 5000000)), ('y'), (NULL);
     CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES;
     CREATE TABLE part (a int, b text) PARTITION BY RANGE (a); CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
     CREATE TABLE part2 PARTITION OF part DEFAULT; INSERT INTO part SELECT i, i::text FROM generate_series(1, 20) i;
     CREATE TABLE mother (a int); CREATE TABLE child () INHERITS (mother); INSERT INTO mother VALUES (1); INSERT INTO child VALUES (2)`,
  );
  await withSource(url, async (source) => {
    const { tables } = await source.catalog([]);
    const named = (name: string) => requestFor(tables.find((table) => table.name === name) as TableSchema);
    assert.deepEqual(
      tables.map((table) => table.name),
      ['bare', 'child', 'mother', 'part', 'wide'],
    );
    const wide = await chunksOf(source, named('wide'));
    assert.deepEqual(
      wide.map((chunk) => chunk.rowCount),
      [1, 2],
    );
    assert.equal(rowsOf(await chunksOf(source, named('bare'))), 2);
    assert.equal(rowsOf(await chunksOf(source, named('part'))), 20);
    assert.equal(rowsOf(await chunksOf(source, named('mother'))), 1);
    assert.equal(await source.countRows({ schema: 'public', name: 'mother' }, null), 1);
    const sample = await source.sample(named('part').table, 3);
    assert.equal(sample.rowCount, 3);
  });
});

test('interrupt ends what runs with E_CANCELLED', async () => {
  const url = await server.createDatabase();
  await runSql(url, 'CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
  await withSource(url, async (source) => {
    const [table] = (await source.catalog([])).tables;
    const slow = source.countRows(table, 'pg_sleep(30) IS NOT NULL');
    slow.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    await source.interrupt();
    await assert.rejects(slow, (error: FerrowError) => error.code === 'E_CANCELLED');
  });
});

test('a killed connection is a lost one, not a crash; more cursors than connections wait', async () => {
  const url = await server.createDatabase();
  await runSql(
    url,
    `CREATE TABLE t AS SELECT i AS id, repeat('x', 500) AS pad FROM generate_series(1, 30000) i`,
  );
  await withSource(
    url,
    async (source) => {
      const request = requestFor((await source.catalog([])).tables[0]);
      const [partition] = await source.partitions(request, 1);
      const first = await source.openCursor(request, partition);
      assert.ok(await source.next(first));
      const waiting = source.openCursor(request, partition);
      await runSql(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT%' AND pid <> pg_backend_pid()`,
      );
      const drained = async () => {
        while (await source.next(first));
      };
      await assert.rejects(drained(), (error: FerrowError) => error.code === 'E_CONNECTION_LOST');
      await source.closeCursor(first);
      const second = await waiting;
      let rows = 0;
      for (let chunk = await source.next(second); chunk; chunk = await source.next(second))
        rows += chunk.rowCount;
      assert.equal(rows, 30000);
      await source.closeCursor(second);
    },
    1,
  );
});

test('connecting fails in words that help', async () => {
  const fails = async (url: string, code: string, what: RegExp) =>
    assert.rejects(
      postgres.openTarget(postgres.locate(url, {}), { connections: 1, readOnly: true }),
      (error: FerrowError) => {
        assert.equal(error.code, code, error.message);
        assert.match(error.message, what);
        assert.ok(!`${error.message}${error.hint}${error.stack}`.includes('hunter2'));
        return true;
      },
    );
  const { port } = new URL(server.url);
  await fails('postgres://u:hunter2@127.0.0.1:1/d', 'E_UNREACHABLE', /127\.0\.0\.1:1/);
  await fails(
    `postgres://ferrow:hunter2@127.0.0.1:${port}/nothing_here`,
    'E_NO_SUCH_DATABASE',
    /nothing_here/,
  );
  await fails(`postgres://nobody_here:hunter2@127.0.0.1:${port}/postgres`, 'E_AUTH', /nobody_here/);
  await fails(
    `postgres://ferrow:hunter2@127.0.0.1:${port}/postgres?sslmode=require`,
    'E_TLS',
    /sslmode require/,
  );
});

test('a role without rights is told which grant is missing', async () => {
  const url = await server.createDatabase();
  const role = `weak_${process.pid}`;
  await runSql(url, `CREATE ROLE ${role} LOGIN`);
  const weak = url.replace('//ferrow@', `//${role}@`);
  await withTarget(weak, async (target) => {
    await assert.rejects(
      target.beginRun(RUN),
      (error: FerrowError) => error.code === 'E_PRIVILEGE' && /^GRANT CREATE ON DATABASE/.test(error.hint),
    );
    const { problems } = await target.describe();
    assert.ok(problems.some((problem) => problem.includes('GRANT CREATE ON SCHEMA public')));
  });
  await runSql(url, `DROP ROLE ${role}`);
});

test('a writer whose run was taken over commits nothing', async () => {
  const from = await server.createDatabase();
  const to = await server.createDatabase();
  await runSql(from, 'CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
  await withSource(from, async (source) => {
    const request = requestFor((await source.catalog([])).tables[0]);
    const [chunk] = await chunksOf(source, request);
    await withTarget(to, async (target) => {
      const load: TableLoad = {
        runId: 'run',
        id: 't0',
        table: request.table,
        staging: { schema: 'public', name: '_ferrow_00000000_0' },
        mode: 'create',
        columns: request.columns,
        parts: { indexes: true, foreignKeys: true },
      };
      await target.beginRun(RUN);
      await target.prepare([load]);
      await target.beginRun({ ...RUN, epoch: 2 });
      const writer = await target.openWriter(load);
      const entry = {
        runId: 'run',
        tableId: 't0',
        partitionId: 'p',
        seq: 0,
        epoch: 1,
        attempt: 1,
        rows: 1,
        bytes: 1,
      };
      await target.write(writer, chunk, entry);
      await assert.rejects(target.commit(writer), /taken over/);
      assert.equal(await target.countStaged(load), 0);
      await target.write(writer, chunk, { ...entry, epoch: 2 });
      await target.commit(writer);
      await target.write(writer, chunk, { ...entry, epoch: 2 });
      await target.commit(writer);
      assert.equal(await target.countStaged(load), 1);
      await target.closeWriter(writer);
      await target.abandon([load]);
    });
  });
});

test('memory for building indexes is raised for a transaction, and never lowered', async () => {
  const url = await server.createDatabase();
  const client = await new Connector(locate(url, {})).connect();
  const memory = async (): Promise<number> => {
    const { rows } = await client.query(
      "SELECT pg_size_bytes(current_setting('maintenance_work_mem'))::float8 AS bytes",
    );
    return rows[0].bytes;
  };
  try {
    for (const own of ['1MB', '2GB']) {
      await client.query(`SET maintenance_work_mem = '${own}'`);
      const before = await memory();
      await client.query('BEGIN');
      await raiseBuildMemory(client);
      const raised = await memory();
      assert.ok(own === '1MB' ? raised > before : raised === before, `${own}: ${raised}`);
      await client.query('COMMIT');
      assert.equal(await memory(), before);
    }
  } finally {
    await disconnect(client);
  }
});

test('a table of very many columns gets coarse statistics at once, and is left for the server to look at in full', async (context) => {
  const names = Array.from({ length: 200 }, (_, at) => `c${at}`);
  const from = await server.createDatabase();
  // Which might come by just now, and do it.
  await runSql(from, 'ALTER SYSTEM SET autovacuum = off', 'SELECT pg_reload_conf()');
  context.after(() => runSql(from, 'ALTER SYSTEM RESET autovacuum', 'SELECT pg_reload_conf()'));
  await runSql(
    from,
    `CREATE TABLE wide (${names.map((name) => `${name} int`).join(', ')});
    INSERT INTO wide SELECT ${names.map((_, at) => `i * ${at + 1} % 997`).join(', ')} FROM generate_series(1, 6000) i`,
  );
  const to = await server.createDatabase();
  await copyTables(from, to);
  const known = `SELECT (SELECT count(*)::int FROM pg_stats WHERE tablename = 'wide') AS columns,
    (SELECT max(array_length(histogram_bounds, 1)) FROM pg_stats WHERE tablename = 'wide') AS bounds,
    n_mod_since_analyze::int AS changed FROM pg_stat_user_tables WHERE relname = 'wide'`;
  let found = { columns: 0, bounds: 0, changed: 0 };
  // The server counts what has changed a moment later.
  for (let attempt = 0; attempt < 50 && found.changed === 0; attempt++) {
    const [{ rows }] = await runSql(to, known);
    found = rows[0];
    if (found.changed === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(found, { columns: 200, bounds: 17, changed: 6000 });
});

test('statistics are made of every table, and of parents again when their heirs are there', async () => {
  const from = await server.createDatabase();
  await runSql(
    from,
    `CREATE TABLE counted (id int PRIMARY KEY); INSERT INTO counted SELECT generate_series(1, 100);
    CREATE TABLE lowered (name text); INSERT INTO lowered VALUES ('A'), ('b'), ('c');
    CREATE INDEX lowered_lower ON lowered (lower(name));
    CREATE TABLE parent (id int); CREATE TABLE heir () INHERITS (parent); INSERT INTO heir VALUES (1), (2)`,
  );
  const to = await server.createDatabase();
  await copyTables(from, to);
  const [{ rows }] = await runSql(
    to,
    "SELECT tablename AS name, inherited FROM pg_stats WHERE schemaname = 'public' ORDER BY 1, 2",
  );
  assert.deepEqual(rows, [
    { name: 'counted', inherited: false },
    { name: 'heir', inherited: false },
    { name: 'lowered', inherited: false },
    { name: 'lowered_lower', inherited: false },
    { name: 'parent', inherited: true },
  ]);
});
