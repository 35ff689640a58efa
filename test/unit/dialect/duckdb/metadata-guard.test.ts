// A DuckDB file whose metadata block was written by half when its process was killed: mended by what was kept of it, and only then.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { openForReading, openForWriting } from '../../../../src/dialect/duckdb/connect.ts';
import { count, rows, run } from '../../../../src/dialect/duckdb/query.ts';
import type { FileLocation } from '../../../../src/types/location.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const GUARD = '.ferrow-metadata';

suite('metadata of a DuckDB file', () => {
  const folder = temporaryFolder({ after });
  let places = 0;

  const location = (path: string): FileLocation => ({ engine: 'duckdb', path, display: `duckdb:${path}` });

  /** What a process that is killed now would leave of the file. */
  function left(path: string): string {
    const into = join(folder, `left-${++places}`);
    mkdirSync(into);
    const copy = join(into, 'db.duckdb');
    for (const suffix of ['', '.wal', GUARD])
      if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    return copy;
  }

  /** As when only the first pages of a block's write were done. */
  function tear(path: string, block: number): void {
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(100_000, 0x55), 0, 100_000, 12_288 + block * 262_144);
    closeSync(file);
  }

  /** Two tables, the second behind the last checkpoint; then what `look` does while the file is open. */
  async function written(look: (path: string, block: number) => Promise<void>): Promise<void> {
    const path = join(folder, `${++places}.duckdb`);
    const file = await openForWriting(location(path), null);
    try {
      const link = await file.connect();
      await run(link, 'CREATE TABLE a AS SELECT range AS n FROM range(1000)');
      await run(link, 'CHECKPOINT');
      await run(link, 'BEGIN');
      await run(link, 'CREATE TABLE b AS SELECT range AS n FROM range(500)');
      await run(link, 'COMMIT');
      const [{ id }] = await rows(link, 'SELECT block_id AS id FROM pragma_metadata_info()');
      await look(path, Number(id));
    } finally {
      file.close();
    }
    assert.equal(existsSync(path + GUARD), false, 'nothing is kept beside a file that is closed');
  }

  async function countsOf(opening: ReturnType<typeof openForReading>): Promise<number[]> {
    const file = await opening;
    try {
      const link = await file.connect();
      return [await count(link, 'SELECT count(*) FROM a'), await count(link, 'SELECT count(*) FROM b')];
    } finally {
      file.close();
    }
  }

  for (const [how, open] of [
    ['reading', (path: string) => openForReading(location(path))],
    ['writing', (path: string) => openForWriting(location(path), null)],
  ] as const) {
    test(`a torn block is mended when the file is opened for ${how}`, () =>
      written(async (path, block) => {
        const copy = left(path);
        tear(copy, block);
        assert.deepEqual(await countsOf(open(copy)), [1000, 500]);
      }));
  }

  test('a file that is whole is not touched by what was kept', () =>
    written(async (path) => {
      const copy = left(path);
      const before = readFileSync(copy);
      assert.deepEqual(await countsOf(openForReading(location(copy))), [1000, 500]);
      assert.deepEqual(readFileSync(copy), before);
    }));

  test('what was kept of an earlier checkpoint, or not wholly, mends nothing', () =>
    written(async (path, block) => {
      const early = left(path);
      const file = await openForWriting(location(early), null);
      file.close();
      tear(early, block);
      copyFileSync(path + GUARD, early + GUARD);
      const cut = left(path);
      tear(cut, block);
      truncateSync(cut + GUARD, 5000);
      for (const copy of [early, cut]) {
        const torn = readFileSync(copy);
        await assert.rejects(openForReading(location(copy)), { code: 'E_NOT_A_DATABASE' });
        assert.deepEqual(readFileSync(copy), torn);
      }
    }));

  test('what is no guard is not believed, and in nobody’s way', () =>
    written(async (path, block) => {
      const kept = readFileSync(path + GUARD).subarray(32);
      const sizes = [-1, 0, Number.NaN, 1e300, 2 ** 40].map((size) => {
        const wrong = Buffer.from(kept);
        wrong.writeDoubleLE(size, 8200);
        return wrong;
      });
      for (const wrong of [...sizes, kept.subarray(0, 8200), Buffer.from('no guard at all')]) {
        const copy = left(path);
        tear(copy, block);
        writeFileSync(copy + GUARD, Buffer.concat([createHash('sha256').update(wrong).digest(), wrong]));
        await assert.rejects(openForWriting(location(copy), null), { code: 'E_NOT_A_DATABASE' });
      }
      const copy = left(path);
      rmSync(copy + GUARD);
      mkdirSync(copy + GUARD);
      assert.deepEqual(await countsOf(openForWriting(location(copy), null)), [1000, 500]);
      tear(copy, block);
      await assert.rejects(openForWriting(location(copy), null), { code: 'E_NOT_A_DATABASE' });
    }));
});
