// Writable of crossed chunks over one writer of a target. Each chunk is one transaction with its ledger row; when it
// has committed, its bytes go back to the gate.
import { Writable } from 'node:stream';
import { payloadBytes, releasePayload } from '../batch/chunk.ts';
import type { LedgerEntry, TargetEngine } from '../dialect/dialect.ts';
import type { GateAccount } from './byte-gate.ts';
import type { CrossedChunk } from './crossing-stage.ts';

export interface WriterOptions {
  readonly gate: GateAccount;
  /** The ledger row of a chunk, but for what the chunk itself says. */
  readonly entry: Omit<LedgerEntry, 'seq' | 'rows' | 'bytes'>;
  /** Called when a chunk has committed. */
  onCommit?(chunk: CrossedChunk, bytesWritten: number, seconds: { write: number; commit: number }): void;
}

export class WriterStream extends Writable {
  readonly #target: TargetEngine;
  readonly #writer: number;
  readonly #options: WriterOptions;
  #underWay: Promise<void> = Promise.resolve();

  constructor(target: TargetEngine, writer: number, options: WriterOptions) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#target = target;
    this.#writer = writer;
    this.#options = options;
  }

  override _write(crossed: CrossedChunk, _encoding: string, done: (error?: Error | null) => void): void {
    this.#underWay = this.#commit(crossed).then(() => done(), done);
  }

  async #commit(crossed: CrossedChunk): Promise<void> {
    const { chunk, gateBytes } = crossed;
    const { gate, entry, onCommit } = this.#options;
    const bytes = payloadBytes(chunk.payload);
    const started = performance.now();
    const full = { ...entry, seq: chunk.seq, rows: chunk.rowCount, bytes };
    const commit = await this.#target.write(this.#writer, chunk, full);
    gate.give(gateBytes);
    releasePayload(chunk.payload);
    const write = Math.max(0, (performance.now() - started) / 1000 - commit);
    onCommit?.(crossed, bytes, { write, commit });
  }

  /** Settles when no chunk is being written: a pipeline that is aborted ends while its last one still is. */
  settled(): Promise<void> {
    return this.#underWay;
  }
}
