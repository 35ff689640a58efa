// Writable of crossed chunks over one writer of a target. Chunks gather in a group; it commits with the ledger rows of
// its chunks in one transaction when the target finds it large enough, when it has grown old, and at the end.
import { Writable } from 'node:stream';
import { payloadBytes, releasePayload } from '../batch/chunk.ts';
import type { LedgerEntry, TargetEngine } from '../dialect/dialect.ts';
import { failpoint } from '../errors/failpoint.ts';
import type { GateAccount } from './byte-gate.ts';
import type { CrossedChunk } from './crossing-stage.ts';

/** A group older than this commits with its next chunk, so that a slow source leaves little to do again. */
const GROUP_MILLIS = 2000;

/** Rejects of a group wait for its commit; rows that are left out add nothing to what a target counts as large. */
const GROUP_REJECTS = 10_000;

export interface WriterOptions {
  readonly gate: GateAccount;
  /** The ledger row of a chunk, but for what the chunk itself says. */
  readonly entry: Omit<LedgerEntry, 'seq' | 'rows' | 'bytes' | 'note' | 'rejects'>;
  /** Display name. */
  readonly table: string;
  /** Chunks of the partition that are committed already. */
  readonly chunksDone?: number;
  /** What the ledger keeps of a chunk for a run that is carried on. */
  note?(chunk: CrossedChunk): string | undefined;
  /** Called for each chunk when its group has committed; the commit's seconds count for the last one. */
  onCommit?(chunk: CrossedChunk, bytesWritten: number, seconds: { write: number; commit: number }): void;
  /** Called when that was told of all chunks of a group; what it throws ends the stream. */
  onGroup?(): void;
}

interface Written {
  readonly crossed: CrossedChunk;
  readonly bytes: number;
  readonly seconds: number;
}

export class WriterStream extends Writable {
  readonly #target: TargetEngine;
  readonly #writer: number;
  readonly #options: WriterOptions;
  readonly #group: Written[] = [];
  #groupSince = 0;
  #groupRejects = 0;
  #chunks: number;
  #underWay: Promise<void> = Promise.resolve();

  constructor(target: TargetEngine, writer: number, options: WriterOptions) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#target = target;
    this.#writer = writer;
    this.#options = options;
    this.#chunks = options.chunksDone ?? 0;
  }

  override _write(crossed: CrossedChunk, _encoding: string, done: (error?: Error | null) => void): void {
    this.#underWay = this.#write(crossed).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    const end = { ...this.#options.entry, seq: this.#chunks, rows: 0, bytes: 0, isEnd: true as const };
    this.#underWay = this.#commit(end).then(() => done(), done);
  }

  async #write(crossed: CrossedChunk): Promise<void> {
    const { chunk, gateBytes } = crossed;
    const { gate, entry } = this.#options;
    const bytes = payloadBytes(chunk.payload);
    const started = performance.now();
    if (this.#group.length === 0) this.#groupSince = started;
    const note = this.#options.note?.(crossed);
    const full = {
      ...entry,
      seq: chunk.seq,
      rows: chunk.rowCount,
      bytes,
      ...(note ? { note } : {}),
      ...this.#rejectsOf(crossed),
    };
    this.#chunks = chunk.seq + 1;
    const isLarge = await this.#target.write(this.#writer, chunk, full);
    // The rows are with the target now; what it holds of an open group is the dialect's to bound.
    gate.give(gateBytes);
    releasePayload(chunk.payload);
    const now = performance.now();
    this.#group.push({ crossed, bytes, seconds: (now - started) / 1000 });
    this.#groupRejects += crossed.crossed?.rejects.length ?? 0;
    const isFull = isLarge || this.#groupRejects >= GROUP_REJECTS;
    if (isFull || now - this.#groupSince > GROUP_MILLIS) await this.#commit();
  }

  #rejectsOf({ crossed }: CrossedChunk): Pick<LedgerEntry, 'rejects'> {
    if (!crossed || crossed.rejects.length === 0) return {};
    return { rejects: { table: this.#options.table, rows: crossed.rejects } };
  }

  async #commit(end?: LedgerEntry): Promise<void> {
    const commit = await this.#target.commit(this.#writer, end);
    failpoint('group.committed');
    const group = this.#group.splice(0);
    this.#groupRejects = 0;
    group.forEach(({ crossed, bytes, seconds }, at) => {
      const last = at === group.length - 1;
      this.#options.onCommit?.(crossed, bytes, { write: seconds, commit: last ? commit : 0 });
    });
    this.#options.onGroup?.();
  }

  /** Settles when no chunk is being written: a pipeline that is aborted ends while its last one still is. */
  settled(): Promise<void> {
    return this.#underWay;
  }
}
