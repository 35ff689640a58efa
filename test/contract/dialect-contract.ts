// The suite that every dialect passes: what the seam promises, and that no quirk lies. It names no engine; what
// differs comes from the dialect's quirks and from the harness. Engines are opened directly, without threads.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Chunk } from '../../src/batch/chunk.ts';
import type {
  Dialect,
  ReadRequest,
  SourceEngine,
  TableLoad,
  TableReads,
  TargetEngine,
} from '../../src/dialect/dialect.ts';
import { DigestSum, digestBatch, sameDigest } from '../../src/digest/digest.ts';
import { FerrowError } from '../../src/errors/ferrow-error.ts';
import { isRefusal } from '../../src/types/mapping.ts';
import type { TableSchema } from '../../src/types/schema.ts';
import { queryText, runStatements } from '../support/judge.ts';

export interface Harness {
  readonly dialect: Dialect;
  /** URL of a new, empty database, cleared away after the test. */
  newDatabase(context: TestContext): Promise<string>;
}

const ROWS = 5000;
const NO_POLICIES = { sameEngine: true, policies: {} };
const PARTS = { indexes: true, foreignKeys: true };

/** Statements that every engine takes. */
const FIXTURE = [
  `CREATE TABLE parent (id INTEGER NOT NULL, "sp ace" VARCHAR(20) NOT NULL, PRIMARY KEY ("sp ace", id))`,
  `CREATE TABLE "Chi""ld" (id INTEGER PRIMARY KEY, parent_id INTEGER, parent_name VARCHAR(20), "größe" DOUBLE PRECISION DEFAULT 1.5,
     UNIQUE (parent_name, parent_id), FOREIGN KEY (parent_name, parent_id) REFERENCES parent ("sp ace", id))`,
  `CREATE INDEX "by größe" ON "Chi""ld" ("größe")`,
  `CREATE VIEW seen AS SELECT id FROM parent`,
  `INSERT INTO parent VALUES (1, 'a'), (2, 'b'), (3, 'ü')`,
  `INSERT INTO "Chi""ld" VALUES (1, 1, 'a', 0.5), (2, NULL, 'b', NULL), (3, 3, 'ü', -2)`,
  `CREATE TABLE many (id INTEGER NOT NULL PRIMARY KEY, word VARCHAR(40))`,
];

export function dialectContract({ dialect, newDatabase }: Harness): void {
  const { quirks, name } = dialect;
  const say = (what: string) => `${name}: ${what}`;
  const locate = (url: string) => dialect.locate(url, {});

  async function fixture(context: TestContext): Promise<string> {
    const url = await newDatabase(context);
    const rows = Array.from(
      { length: ROWS },
      (_unused, i) => `(${i + 1}, ${i % 7 === 0 ? 'NULL' : `'word ${i}'`})`,
    );
    await runStatements(url, [...FIXTURE, `INSERT INTO many VALUES ${rows.join(', ')}`]);
    return url;
  }

  async function withSource<T>(url: string, work: (source: SourceEngine) => Promise<T>): Promise<T> {
    const source = await dialect.openSource(locate(url), { connections: 2 });
    try {
      return await work(source);
    } finally {
      await source.close();
    }
  }

  async function withTarget<T>(url: string, work: (target: TargetEngine) => Promise<T>): Promise<T> {
    const target = await dialect.openTarget(locate(url), { connections: 2, readOnly: false });
    try {
      return await work(target);
    } finally {
      await target.close();
    }
  }

  async function tableOf(source: SourceEngine | TargetEngine, table: string): Promise<TableSchema> {
    const catalog = await source.catalog([]);
    const found = catalog.tables.find((each) => each.name === table);
    assert.ok(found, `the catalog lists ${table}`);
    return found;
  }

  async function readRequest(
    source: SourceEngine,
    table: TableSchema,
    batchRows: number,
    batchBytes = 1 << 20,
  ): Promise<ReadRequest> {
    const evidence = await source.prescan({
      table,
      where: null,
      columns: table.columns.map((column) => ({
        name: column.name,
        probes: dialect.types.probes(column, {}),
      })),
    });
    const columns = table.columns.map((column, at) => {
      const read = dialect.types.read(column, evidence[at], NO_POLICIES);
      assert.ok(!isRefusal(read), `${column.name} can be read`);
      return { name: column.name, wire: read.wire, select: read.select };
    });
    return { table, columns, where: null, batchRows, batchBytes };
  }

  async function readAll(source: TableReads, request: ReadRequest, partitions = 3): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    for (const partition of await source.partitions(request, partitions)) {
      const cursor = await source.openCursor(request, partition);
      let seq = 0;
      for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
        assert.equal(chunk.seq, seq++, 'chunks are numbered within their partition');
        chunks.push(chunk);
      }
      await source.closeCursor(cursor);
    }
    return chunks;
  }

  const rowsOf = (chunks: readonly Chunk[]) => chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);

  /** A load of `table` as it stands, under another name. */
  function loadOf(
    request: ReadRequest,
    target: string,
    mode: TableLoad['mode'] = 'create',
    at = 0,
  ): TableLoad {
    const table: TableSchema = { ...request.table, name: target, foreignKeys: [], indexes: [] };
    return {
      runId: 'run-1',
      id: `t${at}`,
      table,
      staging: { schema: table.schema, name: `_ferrow_0123abcd_${at}` },
      mode,
      columns: request.columns.map(({ name: column, wire }) => ({ name: column, wire })),
      parts: PARTS,
    };
  }

  const RUN = {
    runId: 'run-1',
    epoch: 1,
    state: 'copying' as const,
    planHash: 'hash',
    source: 'here',
    target: 'there',
    snapshotId: null,
    startedAt: '2024-01-01T00:00:00.000Z',
    version: '0',
  };

  const entryOf = (chunk: Chunk, load: TableLoad, partitionId = 'p') => ({
    runId: RUN.runId,
    tableId: load.id,
    partitionId,
    seq: chunk.seq,
    epoch: 1,
    attempt: 1,
    rows: chunk.rowCount,
    bytes: chunk.byteLength,
  });

  /** Writes chunks and commits where the target wants it, and at the end. */
  const writeAll = async (
    target: TargetEngine,
    writer: number,
    load: TableLoad,
    chunks: readonly Chunk[],
  ) => {
    for (const chunk of chunks)
      if (await target.write(writer, chunk, entryOf(chunk, load))) await target.commit(writer);
    await target.commit(writer);
  };

  /** Reads `many` of one database as chunks that the same dialect's target takes. */
  async function manyChunks(url: string): Promise<{ request: ReadRequest; chunks: Chunk[] }> {
    return withSource(url, async (source) => {
      const request = await readRequest(source, await tableOf(source, 'many'), 1000);
      const [partition] = await source.partitions(request, 1);
      const cursor = await source.openCursor(request, partition);
      const chunks: Chunk[] = [];
      for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
        // What equal engines pass through is bytes of the source's making; copy out of its codec and in again.
        const fields = request.columns.map((column) => ({ name: column.name, type: column.wire }));
        const { CODECS } = await import('../../src/dialect/codecs.ts');
        const codec = CODECS[dialect.name];
        chunks.push({ ...chunk, payload: codec.encode(codec.decode(chunk.payload, chunk.rowCount, fields)) });
      }
      await source.closeCursor(cursor);
      return { request, chunks };
    });
  }

  test(
    say('the catalog has columns, keys in key order, foreign keys, indexes, defaults and views'),
    async (context) => {
      const url = await fixture(context);
      await withSource(url, async (source) => {
        const catalog = await source.catalog([]);
        assert.equal(catalog.engine, name);
        assert.deepEqual(catalog.tables.map((table) => table.name).sort(), ['Chi"ld', 'many', 'parent']);
        assert.ok(catalog.views.some((view) => view.name === 'seen' && !view.materialized));
        const parent = await tableOf(source, 'parent');
        assert.deepEqual(parent.primaryKey?.columns, ['sp ace', 'id'], 'in key order, not in column order');
        const child = await tableOf(source, 'Chi"ld');
        assert.deepEqual(
          child.columns.map((column) => column.name),
          ['id', 'parent_id', 'parent_name', 'größe'],
        );
        assert.deepEqual(
          child.uniques.map((unique) => unique.columns),
          [['parent_name', 'parent_id']],
        );
        const [key] = child.foreignKeys;
        assert.deepEqual(
          [key.columns, key.references.name, key.referencedColumns],
          [['parent_name', 'parent_id'], 'parent', ['sp ace', 'id']],
        );
        assert.deepEqual(
          child.indexes.map((index) => [index.name, index.parts.map((part) => part.column)]),
          [['by größe', ['größe']]],
        );
        const size = child.columns.find((column) => column.name === 'größe');
        assert.equal(size?.default?.kind, 'number');
        assert.equal(parent.columns[0].nullable, false);
      });
    },
  );

  test(
    say('partitions and chunks hold each row once, within the limits of rows and bytes'),
    async (context) => {
      const url = await fixture(context);
      await withSource(url, async (source) => {
        const table = await tableOf(source, 'many');
        const chunks = await readAll(source, await readRequest(source, table, 700));
        assert.equal(rowsOf(chunks), ROWS);
        assert.ok(chunks.every((chunk) => chunk.rowCount <= 700 && chunk.rowCount > 0));
        assert.equal(await source.countRows(table, null), ROWS);
        assert.equal(await source.countRows(table, 'id <= 10'), 10);
        const small = await readAll(source, await readRequest(source, table, 100_000, 16_384));
        assert.equal(rowsOf(small), ROWS);
        assert.ok(small.length > 3, 'bytes end a chunk too');
        const filtered = { ...(await readRequest(source, table, 700)), where: 'id > 4000 OR id = 1' };
        assert.equal(rowsOf(await readAll(source, filtered)), 1001);
        assert.equal((await source.sample(table, 5)).rowCount, 5);
        assert.equal((await source.describe()).engine, name);
      });
    },
  );

  test(say('two cursors at once do not disturb each other, and one may be left early'), async (context) => {
    const url = await fixture(context);
    await withSource(url, async (source) => {
      const request = await readRequest(source, await tableOf(source, 'many'), 500);
      const [partition] = await source.partitions(request, 1);
      const [left, whole] = [
        await source.openCursor(request, partition),
        await source.openCursor(request, partition),
      ];
      await source.next(left);
      let rows = 0;
      for (let chunk = await source.next(whole); chunk; chunk = await source.next(whole)) {
        rows += chunk.rowCount;
        if (rows === 1000) await source.closeCursor(left);
      }
      await source.closeCursor(whole);
      assert.equal(rows, ROWS);
    });
  });

  test(say('an empty table gives no rows, a database without tables an empty catalog'), async (context) => {
    const url = await newDatabase(context);
    await runStatements(url, [
      'CREATE TABLE hollow (id INTEGER PRIMARY KEY)',
      'CREATE TABLE gone (id INTEGER)',
      'DROP TABLE gone',
    ]);
    await withSource(url, async (source) => {
      const request = await readRequest(source, await tableOf(source, 'hollow'), 10);
      assert.equal(rowsOf(await readAll(source, request)), 0);
    });
    await runStatements(url, ['DROP TABLE hollow']);
    await withSource(url, async (source) => {
      assert.deepEqual((await source.catalog([])).tables, []);
    });
  });

  test(say('orphans are found by key, NULLs pass'), async (context) => {
    const url = await fixture(context);
    await withSource(url, async (source) => {
      assert.deepEqual(await source.orphans(await tableOf(source, 'Chi"ld'), 0, 10), []);
    });
  });

  test(
    say('chunks commit with their ledger rows, and the table takes its own name at the end'),
    async (context) => {
      const url = await fixture(context);
      const { request, chunks } = await manyChunks(url);
      const load = loadOf(request, 'copy of many');
      await withTarget(url, async (target) => {
        await target.beginRun(RUN);
        await target.prepare([load]);
        const writer = await target.openWriter(load);
        await writeAll(target, writer, load, chunks);
        await target.closeWriter(writer);
        assert.equal(await target.countStaged(load), ROWS);
        const { tables } = await target.catalog([]);
        assert.ok(!tables.some((table) => table.name.startsWith('_ferrow')), 'staging tables are not listed');
        assert.ok(!tables.some((table) => table.name === 'copy of many'), 'not under its own name yet');
        assert.deepEqual(await target.finishTable(load), []);
        assert.deepEqual(await target.finishRun([load]), []);
        await target.endRun(RUN.runId, 'done');
        assert.deepEqual((await tableOf(target, 'copy of many')).primaryKey?.columns, ['id']);
      });
      const sums = 'SELECT count(*), sum(id), count(word), min(word) FROM ';
      assert.deepEqual(await queryText(url, `${sums}"copy of many"`), await queryText(url, `${sums}many`));
      const ledger = quirks.schemas ? '_ferrow.chunks' : '_ferrow_chunks';
      const [[chunkCount, rows]] = await queryText(url, `SELECT count(*), sum(rows) FROM ${ledger}`);
      assert.deepEqual([Number(chunkCount), Number(rows)], [chunks.length, ROWS]);
      const [[state]] = await queryText(
        url,
        `SELECT state FROM ${quirks.schemas ? '_ferrow.runs' : '_ferrow_runs'}`,
      );
      assert.equal(state, 'done');
    },
  );

  test(say('a chunk whose ledger row is there already changes nothing'), async (context) => {
    const url = await fixture(context);
    const { request, chunks } = await manyChunks(url);
    const load = loadOf(request, 'twice');
    await withTarget(url, async (target) => {
      await target.beginRun(RUN);
      await target.prepare([load]);
      const writer = await target.openWriter(load);
      const [chunk] = chunks;
      const again = structuredClone(chunk);
      await writeAll(target, writer, load, [chunk]);
      try {
        await writeAll(target, writer, load, [again]);
      } catch (error) {
        assert.ok(error instanceof FerrowError);
      }
      await target.closeWriter(writer);
      assert.equal(await target.countStaged(load), again.rowCount, 'rows are not doubled');
      await target.abandon([load]);
    });
  });

  test(
    say('what is staged is read back as it was written, by several cursors, in the middle of a load'),
    async (context) => {
      const url = await fixture(context);
      const { request, chunks } = await manyChunks(url);
      const load = loadOf(request, 'back');
      const { CODECS } = await import('../../src/dialect/codecs.ts');
      const fields = load.columns.map(({ name: column, wire }) => ({ name: column, type: wire }));
      const digestOf = (all: readonly Chunk[]) => {
        const sum = new DigestSum(fields.length);
        const counted = fields.map(() => ({ skipped: false, oneZero: false }));
        for (const { payload, rowCount } of all)
          sum.add(digestBatch(CODECS[name].decode(payload, rowCount, fields), counted));
        return sum.total;
      };
      // Read anew, since writing takes the first ones away.
      const whole = digestOf((await manyChunks(url)).chunks);
      await withTarget(url, async (target) => {
        await target.beginRun(RUN);
        await target.prepare([load]);
        const stagedRequest = async () => ({
          ...request,
          table: await target.stagedTable(load),
          columns: load.columns.map((column) => ({ ...column, select: 'native' as const })),
        });
        const writer = await target.openWriter(load);
        await writeAll(target, writer, load, chunks.slice(0, 1));
        const early = await stagedRequest();
        for (const partition of await target.partitions(early, 3)) {
          const cursor = await target.openCursor(early, partition);
          await target.next(cursor);
          await target.closeCursor(cursor);
        }
        await writeAll(target, writer, load, chunks.slice(1));
        await target.closeWriter(writer);
        const read = await readAll(target, { ...(await stagedRequest()), batchRows: 900 });
        assert.ok(sameDigest(digestOf(read), whole));
        assert.deepEqual(await target.finishTable(load), []);
        await target.finishRun([load]);
        await target.endRun(RUN.runId, 'done');
      });
      assert.deepEqual(await queryText(url, 'SELECT count(*) FROM back'), [[String(ROWS)]]);
    },
  );

  test(
    say('figures of columns are the engine’s own, with a condition and without, of no rows too'),
    async (context) => {
      const url = await fixture(context);
      await runStatements(url, [
        'CREATE TABLE figures (n BIGINT, t VARCHAR(9))',
        `INSERT INTO figures VALUES (9223372036854775807, 'aé'), (9223372036854775807, ''), (-1, NULL), (NULL, 'xyz')`,
      ]);
      const asked = [
        { name: 'n', of: 'integers' },
        { name: 't', of: 'text' },
        { name: 't', of: 'presence' },
      ] as const;
      const nothing = { min: null, max: null, total: null };
      const expected = [
        { present: '3', min: '-1', max: '9223372036854775807', total: '18446744073709551613' },
        { ...nothing, present: '3', total: '6' },
        { ...nothing, present: '3' },
      ];
      await withSource(url, async (source) => {
        const table = await tableOf(source, 'figures');
        assert.deepEqual(await source.measure(table, asked, null), expected);
        const [some] = await source.measure(table, asked, 'n < 0');
        assert.deepEqual(some, { present: '1', min: '-1', max: '-1', total: '-1' });
        const [none] = await source.measure(table, asked, '1 = 0');
        assert.deepEqual(none, { ...nothing, present: '0' });
      });
      await withTarget(url, async (target) => {
        const { tables } = await target.catalog([]);
        const table = tables.find((each) => each.name === 'figures');
        assert.ok(table);
        assert.deepEqual(await target.measure(table, asked, null), expected);
        const wide = Array.from({ length: 700 }, () => asked[0]);
        assert.equal((await target.measure(table, wide, null)).length, 700);
      });
    },
  );

  test(say('quirk: cells as bytes'), async (context) => {
    const { CODECS } = await import('../../src/dialect/codecs.ts');
    const { digestCells } = CODECS[name];
    assert.equal(digestCells !== undefined, quirks.rawCells);
    if (!digestCells) return;
    const { request, chunks } = await manyChunks(await fixture(context));
    const [{ payload, rowCount }] = chunks;
    const before = structuredClone(payload);
    const counted = request.columns.map(() => ({ skipped: false, oneZero: false }));
    const found = digestCells(payload, rowCount, counted);
    assert.deepEqual([found.rowCount, found.columns.length], [rowCount, counted.length]);
    assert.deepEqual(payload, before, 'the chunk stays as it was');
  });

  test(say('rows are there when their group has committed, and only then'), async (context) => {
    const url = await fixture(context);
    const { request, chunks } = await manyChunks(url);
    const load = loadOf(request, 'groups');
    const [first, second] = chunks;
    const firstRows = first.rowCount;
    await withTarget(url, async (target) => {
      await target.beginRun(RUN);
      await target.prepare([load]);
      const writer = await target.openWriter(load);
      assert.equal(await target.commit(writer), 0, 'no group, nothing to commit');
      await writeAll(target, writer, load, [first]);
      assert.equal(await target.countStaged(load), firstRows);
      await target.write(writer, second, entryOf(second, load));
      await target.closeWriter(writer);
      assert.equal(await target.countStaged(load), firstRows, 'a group that was not committed is undone');
      const next = await target.openWriter(load);
      await writeAll(target, next, load, chunks.slice(2));
      await target.closeWriter(next);
      assert.equal(await target.countStaged(load), ROWS - second.rowCount);
      const rows = (await target.readChunks(RUN.runId)).reduce((sum, chunk) => sum + chunk.rows, 0);
      assert.equal(rows, ROWS - second.rowCount, 'and its ledger rows with it');
      await target.endRun(RUN.runId, 'interrupted');
      await target.abandon([load]);
      assert.deepEqual(await target.readChunks(RUN.runId), [], 'what is dropped is forgotten');
    });
  });

  test(
    say(
      'replace puts the new table in place of the old one; append is all or none; abandon drops staging only',
    ),
    async (context) => {
      const url = await fixture(context);
      const { request, chunks } = await manyChunks(url);
      const fill = async (target: TargetEngine, load: TableLoad) => {
        await target.prepare([load]);
        const writer = await target.openWriter(load);
        await writeAll(target, writer, load, structuredClone(chunks));
        await target.closeWriter(writer);
      };
      await runStatements(url, [
        'CREATE TABLE old (id INTEGER)',
        'INSERT INTO old VALUES (77)',
        'CREATE TABLE kept (id INTEGER PRIMARY KEY, word VARCHAR(40))',
        `INSERT INTO kept VALUES (1, 'mine')`,
      ]);
      await withTarget(url, async (target) => {
        await target.beginRun(RUN);
        const replace = loadOf(request, 'old', 'replace', 0);
        await fill(target, replace);
        assert.deepEqual(await target.finishTable(replace), []);
        const append: TableLoad = {
          ...loadOf(request, 'kept', 'append', 1),
          table: await tableOf(target, 'kept'),
        };
        await fill(target, append);
        await assert.rejects(
          target.finishTable(append),
          (error: FerrowError) => error.code === 'E_CONSTRAINT',
        );
        await target.abandon([append]);
        const again: TableLoad = {
          ...append,
          id: 't2',
          staging: { ...append.staging, name: '_ferrow_0123abcd_2' },
        };
        await target.prepare([again]);
        await target.abandon([again]);
        await target.finishRun([replace]);
        await target.endRun(RUN.runId, 'failed');
      });
      assert.deepEqual(await queryText(url, 'SELECT count(*) FROM old'), [[String(ROWS)]]);
      assert.deepEqual(await queryText(url, 'SELECT id, word FROM kept'), [['1', 'mine']]);
      await withSource(url, async (source) => {
        const names = (await source.catalog([])).tables.map((table) => table.name);
        assert.ok(names.includes('old') && names.includes('kept'));
      });
    },
  );

  test(
    say('a primary key that the rows violate is left out and listed; the data arrives'),
    async (context) => {
      const url = await newDatabase(context);
      await runStatements(url, [
        'CREATE TABLE many (id INTEGER, word VARCHAR(40))',
        `INSERT INTO many VALUES (1, 'a'), (1, 'b'), (2, 'c')`,
      ]);
      const { request, chunks } = await manyChunks(url);
      const plain = loadOf(request, 'doubled');
      const load: TableLoad = {
        ...plain,
        table: { ...plain.table, primaryKey: { name: null, columns: ['id'] } },
      };
      await withTarget(url, async (target) => {
        await target.beginRun(RUN);
        await target.prepare([load]);
        const writer = await target.openWriter(load);
        let refused: FerrowError | null = null;
        try {
          await writeAll(target, writer, load, chunks);
        } catch (error) {
          refused = error as FerrowError;
        }
        await target.closeWriter(writer);
        if (refused) {
          // Where keys stand in CREATE TABLE, the row itself is refused, loudly.
          assert.equal((refused as FerrowError).code, 'E_CONSTRAINT');
          await target.abandon([load]);
          return;
        }
        const notCarried = [...(await target.finishTable(load)), ...(await target.finishRun([load]))];
        assert.deepEqual(
          notCarried.map((each) => each.object),
          ['primary key'],
        );
        assert.ok(await tableOf(target, 'doubled'));
      });
    },
  );

  test(say('opened read-only, a target is looked at and not touched'), async (context) => {
    const url = await fixture(context);
    const target = await dialect.openTarget(locate(url), { connections: 1, readOnly: true });
    assert.equal((await target.catalog([])).tables.length, 3);
    await target.close();
    const schemas = quirks.schemas
      ? `SELECT count(*) FROM information_schema.schemata WHERE schema_name = '_ferrow'`
      : `SELECT count(*) FROM sqlite_schema WHERE name LIKE '%ferrow%'`;
    assert.deepEqual(await queryText(url, schemas), [['0']]);
  });

  test(say('close may be called twice, and ends everything'), async (context) => {
    const url = await fixture(context);
    const source = await dialect.openSource(locate(url), { connections: 2 });
    const request = await readRequest(source, await tableOf(source, 'many'), 10);
    const [partition] = await source.partitions(request, 1);
    await source.next(await source.openCursor(request, partition));
    await source.close();
    await source.close();
    await runStatements(url, ['DROP TABLE many']);
  });

  // ---------------------------------------------------------------- quirks

  test(say('quirk: case of names'), async (context) => {
    const url = await newDatabase(context);
    const both = ['CREATE TABLE "Same" (id INTEGER)', 'CREATE TABLE "same" (id INTEGER)'];
    if (quirks.caseSensitiveNames) await runStatements(url, both);
    else await assert.rejects(runStatements(url, both));
  });

  test(say('quirk: length of names'), async (context) => {
    const url = await newDatabase(context);
    const long = 'n'.repeat((quirks.identifierBytesMax ?? 500) + 1);
    await runStatements(url, [`CREATE TABLE "${long}" (id INTEGER)`]);
    await withSource(url, async (source) => {
      const [table] = (await source.catalog([])).tables;
      assert.equal(table.name === long, quirks.identifierBytesMax === null, 'longer names are cut, or kept');
    });
  });

  test(say('quirk: tables without columns'), async (context) => {
    const url = await newDatabase(context);
    const making = runStatements(url, ['CREATE TABLE nothing ()']);
    if (!quirks.zeroColumns) return assert.rejects(making);
    await making;
  });

  test(say('quirk: number of columns'), async (context) => {
    const url = await newDatabase(context);
    const columns = (count: number) =>
      Array.from({ length: count }, (_unused, i) => `c${i} SMALLINT`).join(', ');
    const most = Math.min(quirks.columnsMax, 2000);
    await runStatements(url, [`CREATE TABLE wide (${columns(most)})`]);
    if (quirks.columnsMax < 5000)
      await assert.rejects(runStatements(url, [`CREATE TABLE wider (${columns(quirks.columnsMax + 1)})`]));
  });
}
