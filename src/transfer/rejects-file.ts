// The file of rejected rows: a line of JSON for each, written from what the target keeps of them, so that a run that was killed and
// carried on has each line once. Written beside its place and moved there: it is whole or not there.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { RejectStore } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { RejectPlace } from '../types/reject.ts';
import type { FailedTables, RejectPage } from '../types/reject-line.ts';

/** Values may be long: the first page is short, and those behind it are as their rows allow. */
const PAGE_ROWS_MIN = 100;
const PAGE_ROWS_MAX = 2500;
const PAGE_BYTES = 512 * 1024;

/**
 * Writes the file anew, with the rejects of a run, for its owner's eyes alone.
 * @returns the number of lines
 * @throws FerrowError E_WRITE
 */
export async function writeRejectsFile(
  store: RejectStore,
  runId: string,
  file: string,
  failed: FailedTables = new Map(),
): Promise<number> {
  const path = resolve(file);
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  let handle: FileHandle | null = null;
  try {
    handle = await open(beside, 'wx', 0o600);
    const lines = await printRejects(store, runId, failed, handle);
    await handle.sync();
    await handle.close();
    handle = null;
    await rename(beside, path);
    return lines;
  } catch (error) {
    await handle?.close().catch(() => {});
    await rm(beside, { force: true }).catch(() => {});
    if (error instanceof FerrowError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FerrowError('E_WRITE', `the rejected rows can not be written to ${file}: ${reason}`, {
      hint: 'they are kept in the target: ferrow retry-rejects TARGET RUN --rejects FILE writes them again',
      cause: error,
    });
  }
}

/** A page at a time, printed where the rejects are: as objects they would pass through two threads. */
async function printRejects(
  store: RejectStore,
  runId: string,
  failed: FailedTables,
  file: FileHandle,
): Promise<number> {
  let lines = 0;
  let limit = PAGE_ROWS_MIN;
  for (let after: RejectPlace | null = null; ; ) {
    const page: RejectPage = await store.printRejects(runId, after, limit, failed);
    await file.write(page.lines);
    lines += page.rows;
    if (page.last === null) return lines;
    after = page.last;
    const rows = Math.floor((PAGE_BYTES * page.rows) / page.lines.byteLength);
    limit = Math.max(1, Math.min(PAGE_ROWS_MAX, rows));
  }
}
