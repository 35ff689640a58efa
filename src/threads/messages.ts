// Every message shape that crosses a thread. Errors travel as WireError inside an Outcome, since structured
// clone would strip an error of its code and place.
import type { ChunkPayload, TargetForm } from '../batch/chunk.ts';
import type { PolicyUse, RefusedValue } from '../coerce/compile.ts';
import type { ColumnCrossing } from '../coerce/kernel.ts';
import type { SourceOptions, TargetOptions } from '../dialect/dialect.ts';
import type { Buckets } from '../digest/buckets.ts';
import type { Digest, DigestColumn } from '../digest/digest.ts';
import type { KeptRows } from '../digest/kept-rows.ts';
import { FerrowError, type WireError } from '../errors/ferrow-error.ts';
import type { Probe } from '../types/evidence.ts';
import type { Location } from '../types/location.ts';
import type { Engine } from '../types/logical-type.ts';
import type { Reject } from '../types/reject.ts';

export type Outcome<T> = { readonly value: T } | { readonly error: WireError };

export function unwrap<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw FerrowError.fromWire(outcome.error);
  return outcome.value;
}

/** To an engine thread: load a driver ahead of time, open once, then any method of the engine. */
export type EngineCall =
  | { readonly load: Engine }
  | { readonly open: 'source'; readonly location: Location; readonly options: SourceOptions }
  | { readonly open: 'target'; readonly location: Location; readonly options: TargetOptions }
  | { readonly method: string; readonly args: readonly unknown[] };

/** How the chunks of one table cross; the same for all of its chunks. */
export interface CrossingSpec {
  /** Unique in the process; workers keep what they compiled under it. */
  readonly id: string;
  readonly source: Engine;
  /** Null leaves canonical columns as they are: for readers of Arrow batches. */
  readonly target: Engine | null;
  /** The form that the target takes best. */
  readonly form: TargetForm;
  readonly columns: readonly ColumnCrossing[];
  /** Indexes into `columns` of the row's key, for errors. */
  readonly keyColumns: readonly number[];
  /** What of each column goes into a digest of the chunk's rows; absent where none is wanted. */
  readonly digest?: readonly DigestColumn[];
  /** Chunks are not decoded: the digest is of their cells' bytes. */
  readonly rawCells?: boolean;
  /** Rows that the target can't hold are left out of the chunk, and given as rejects. */
  readonly leavesOut?: boolean;
}

/**
 * What of a chunk comes back: encoded for the target; the same payload, where every step is identity and only the digest
 * is wanted beside it; or nothing but the digest.
 */
export type Gives = 'encoded' | 'untouched' | 'digest';

export interface CrossingTask {
  readonly spec: CrossingSpec;
  readonly rowCount: number;
  readonly payload: ChunkPayload;
  readonly gives: Gives;
  /** Rows at the beginning that are left out. */
  readonly skipRows?: number;
}

/** A chunk of a prescan to look into. */
export interface LookTask {
  readonly source: Engine;
  readonly rowCount: number;
  readonly payload: ChunkPayload;
  /** For each column of the chunk. */
  readonly probes: readonly (readonly Probe[])[];
}

export interface Crossed {
  readonly payload: ChunkPayload;
  /** Of the rows as the target shall hold them; null where none was wanted, or a value was refused. */
  readonly digest: Digest | null;
  readonly refused: readonly RefusedValue[];
  readonly refusedCount: number;
  /** Rows that are left out of the payload. */
  readonly rejects: readonly Reject[];
  readonly uses: readonly PolicyUse[];
  readonly seconds: { readonly decode: number; readonly coerce: number; readonly encode: number };
}

/** A chunk of a table that is compared: its rows are hashed, or some of them kept. */
export interface RowsTask {
  /** Unique in the process; workers keep what they compiled under it. */
  readonly id: string;
  readonly source: Engine;
  readonly columns: readonly ColumnCrossing[];
  readonly digest: readonly DigestColumn[];
  /** Indexes into `columns` of what tells rows apart; [] where only the whole row does. */
  readonly keyColumns: readonly number[];
  /** Null for the digest; else a byte for each bucket whose rows are kept. */
  readonly keep: Uint8Array | null;
  /** Rows with a value that its type does not hold are not kept. */
  readonly wholeOnly: boolean;
  readonly rowCount: number;
  readonly payload: ChunkPayload;
}

export type RowsFound = { readonly digest: Digest; readonly buckets: Buckets } | { readonly kept: KeptRows };
