// The seam's pure side: what a dialect's bytes are to columns. Runs in crossing workers, which load codecs and never a driver.
import type { Batch, Field } from '../batch/batch.ts';
import type { ChunkPayload, TargetForm } from '../batch/chunk.ts';
import type { Digest, DigestColumn } from '../digest/digest.ts';
import type { Probe } from '../types/evidence.ts';

/** Pure bytes <-> columns for one dialect; runs in crossing workers. */
export interface Codec {
  /** @throws FerrowError E_CORRUPT on bytes that make no sense */
  decode(payload: ChunkPayload, rowCount: number, fields: readonly Field[]): Batch;
  /** Looks into a chunk of a probe, whose columns are asked about `probes`: findings as plain data. */
  look?(payload: ChunkPayload, rowCount: number, probes: readonly (readonly Probe[])[]): unknown;
  /** `fields` are in the target's wire types, which the batch's columns already have. */
  encode(batch: Batch, form?: TargetForm): ChunkPayload;
  /**
   * A chunk that goes back to its own engine with no value changed, in the target's form at once; null where columns must
   * stand in between. Looks at all that decoding and encoding would.
   */
  carry?(
    payload: ChunkPayload,
    rowCount: number,
    fields: readonly Field[],
    form: TargetForm,
  ): ChunkPayload | null;
  /** The chunk without its first `count` rows, where that is easily had; the payload is given up for it. */
  dropRows?(payload: ChunkPayload, count: number): ChunkPayload;
  /** Of the cells' bytes, whatever they mean; leaves the payload as it is. */
  digestCells?(payload: ChunkPayload, rowCount: number, columns: readonly DigestColumn[]): Digest;
}
