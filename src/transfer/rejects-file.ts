// The file of rejected rows: a line of JSON for each, written from what the target keeps of them, so that a run that was killed and
// carried on has each line once. Written beside its place and moved there: it is whole or not there.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { RejectStore } from '../dialect/dialect.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { RejectPlace, StoredReject } from '../types/reject.ts';

const PAGE_ROWS = 1000;

/** A line of the file. */
export interface RejectLine {
  readonly run: string;
  readonly table: string;
  readonly key: StoredReject['key'];
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
  /** As text; bytes, and text that is none, as `\x…`. */
  readonly value: string | null;
  readonly encoding?: 'hex';
  /** Where the value was cut: the bytes that it has. */
  readonly valueBytes?: number;
  readonly also?: StoredReject['also'];
  readonly partition: string;
  readonly seq: number;
  readonly row: number;
  /** What ended its table, which did not arrive: the row is not missing there. Absent where the table stands. */
  readonly tableError?: ErrorCode;
}

/** By their ids in the ledger, what ended them. */
export type FailedTables = ReadonlyMap<string, ErrorCode>;

/** All rejects of a run, a page at a time. */
export async function* rejectsOf(store: RejectStore, runId: string): AsyncGenerator<StoredReject[]> {
  let after: RejectPlace | null = null;
  for (;;) {
    const page: StoredReject[] = await store.readRejects(runId, after, PAGE_ROWS);
    if (page.length > 0) yield page;
    if (page.length < PAGE_ROWS) return;
    after = page[page.length - 1];
  }
}

/**
 * Writes the file anew, with the rejects of these runs, for its owner's eyes alone.
 * @returns the number of lines
 * @throws FerrowError E_WRITE
 */
export async function writeRejectsFile(
  store: RejectStore,
  runIds: readonly string[],
  file: string,
  failed: FailedTables = new Map(),
): Promise<number> {
  const path = resolve(file);
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  let handle: FileHandle | null = null;
  try {
    handle = await open(beside, 'wx', 0o600);
    let lines = 0;
    for (const runId of runIds) {
      for await (const page of rejectsOf(store, runId)) {
        await handle.write(page.map((reject) => `${JSON.stringify(lineOf(reject, failed))}\n`).join(''));
        lines += page.length;
      }
    }
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

/** Bytes that are shown of a value. */
function shownBytes({ value, encoding }: StoredReject): number {
  if (value === null) return 0;
  return encoding === 'hex' ? (value.length - 2) / 2 : Buffer.byteLength(value);
}

export function lineOf(reject: StoredReject, failed: FailedTables = new Map()): RejectLine {
  const tableError = failed.get(reject.tableId);
  const { runId, table, key, column, code, reason, value, encoding, valueBytes, also } = reject;
  const isCut = value !== null && shownBytes(reject) < valueBytes;
  return {
    run: runId,
    table,
    key,
    column,
    code,
    reason,
    value,
    ...(encoding === 'hex' && value !== null ? { encoding } : {}),
    ...(isCut ? { valueBytes } : {}),
    ...(also.length > 0 ? { also } : {}),
    partition: reject.partitionId,
    seq: reject.seq,
    row: reject.row,
    ...(tableError === undefined ? {} : { tableError }),
  };
}
