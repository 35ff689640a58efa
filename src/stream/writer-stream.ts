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

export function writerStream(target: TargetEngine, writer: number, options: WriterOptions): Writable {
  const { gate, entry, onCommit } = options;
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(crossed: CrossedChunk, _encoding, done) {
      const { chunk, gateBytes } = crossed;
      const bytes = payloadBytes(chunk.payload);
      const started = performance.now();
      target
        .write(writer, chunk, { ...entry, seq: chunk.seq, rows: chunk.rowCount, bytes })
        .then((commit) => {
          gate.give(gateBytes);
          releasePayload(chunk.payload);
          const write = Math.max(0, (performance.now() - started) / 1000 - commit);
          onCommit?.(crossed, bytes, { write, commit });
        })
        .then(() => done(), done);
    },
  });
}
