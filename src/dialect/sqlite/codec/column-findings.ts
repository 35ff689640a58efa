// What the prescan's judge (ColumnScan) knows of a column: for other scans, which other threads made of other rows, and for the
// quick look. Types only.
import type { ColumnEvidence } from '../../../types/evidence.ts';
import type { NumberFindings, NumberProbe } from './number-probe.ts';
import type { TemporalFindings, TemporalProbe } from './temporal-probe.ts';

export type StorageClass = 'integer' | 'real' | 'text' | 'blob';
export type Finding = NonNullable<ColumnEvidence['firstOffending']>;

/** All that a scan knows of a part of the rows; plain data, so that it crosses threads. */
export interface ColumnFindings {
  readonly rowCount: number;
  readonly nullCount: number;
  readonly counts: Readonly<Record<StorageClass, number>>;
  readonly firsts: Readonly<Partial<Record<StorageClass, Finding>>>;
  readonly min: bigint | null;
  readonly max: bigint | null;
  readonly maxChars: number;
  readonly maxBytes: number;
  readonly nulCount: number;
  readonly invalidCount: number;
  readonly maxBlobBytes: number;
  readonly emptyCount: number;
  readonly allOfForm: boolean;
  readonly minFormChars: number;
  readonly maxFormChars: number;
  readonly allUuid: boolean;
  readonly offending: Finding | null;
  readonly temporal: TemporalFindings | null;
  readonly numbers: NumberFindings | null;
}

/** Of which values only a count, a range or a length is still to be had. */
export interface Known {
  readonly integer: boolean;
  readonly real: boolean;
  readonly blob: boolean;
  /** Valid text without NUL: any; what `temporal` knows; none. */
  readonly text: 'any' | 'temporal' | 'none';
  /** Texts without a character. */
  readonly empty: boolean;
  /** Asked about integers and reals, if it is there. */
  readonly numbers: NumberProbe | null;
  readonly temporal: TemporalProbe | null;
  /** Text that is not ASCII must have no more bytes than that. */
  readonly maxChars: number;
}

/** Known values of one block of rows. */
export interface KnownValues {
  readonly nulls: number;
  readonly integers: number;
  readonly reals: number;
  /** Empty ones too. */
  readonly texts: number;
  readonly empties: number;
  readonly blobs: number;
  readonly minInteger: number;
  readonly maxInteger: number;
  readonly maxAsciiBytes: number;
  readonly maxBlobBytes: number;
}
