// The seam's pure side: what a dialect's bytes are to columns. Runs in crossing workers, which load codecs and never a driver.
import type { Batch, Field } from '../batch/batch.ts';
import type { ChunkPayload, TargetForm } from '../batch/chunk.ts';
import type { Digest, DigestColumn } from '../digest/digest.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Probe } from '../types/evidence.ts';

/** A value that its column can't hold, found while decoding. */
export interface BadCell {
  /** Within the chunk, from 0. */
  readonly row: number;
  /** Index of the field. */
  readonly column: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Pure bytes <-> columns for one dialect; runs in crossing workers. */
export interface Codec {
  /**
   * With `onBad`, values that their column can't hold are told of, and NULL in their place, where the dialect can tell them from
   * the others; without it the first is thrown.
   * @throws FerrowError E_CORRUPT on bytes that make no sense
   */
  decode(
    payload: ChunkPayload,
    rowCount: number,
    fields: readonly Field[],
    onBad?: (cell: BadCell) => void,
  ): Batch;
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
  /**
   * What `digestBatch` gives of the decoded chunk, had without its columns; null where they must be made. Leaves the payload as
   * it is.
   */
  digestRows?(
    payload: ChunkPayload,
    rowCount: number,
    fields: readonly Field[],
    columns: readonly DigestColumn[],
  ): Digest | null;
  /** Of the cells' bytes, whatever they mean; leaves the payload as it is. */
  digestCells?(payload: ChunkPayload, rowCount: number, columns: readonly DigestColumn[]): Digest;
}
