// What a prescan of the source found in a column: the facts on which the plan stands and which it shows.
import type { TemporalFormat } from './logical-type.ts';

/** All counts are rows. Only what was looked for is present. Plain JSON. */
export interface ColumnEvidence {
  readonly rowCount: number;
  readonly nullCount: number;
  /** SQLite: non-NULL values by storage class. */
  readonly storage?: {
    readonly integer: number;
    readonly real: number;
    readonly text: number;
    readonly blob: number;
  };
  /** PostgreSQL arrays that aren't empty: how many dimensions, and where the first element is. */
  readonly arrays?: {
    readonly minDimensions: number;
    readonly maxDimensions: number;
    readonly minLowerBound: number;
    readonly maxLowerBound: number;
  };
  /** Earliest and latest finite value, in the canonical unit, as decimal text; absent if there is none. */
  readonly temporalRange?: { readonly min: string; readonly max: string };
  /** Smallest and largest integer, as decimal text. */
  readonly integers?: { readonly min: string; readonly max: string };
  /** Decimals, whether stored as number or text. */
  readonly numeric?: {
    readonly maxIntegerDigits: number;
    readonly maxScale: number;
    readonly maxSignificantDigits: number;
    readonly nanCount: number;
    readonly infinityCount: number;
  };
  readonly text?: {
    readonly maxChars: number;
    readonly maxBytes: number;
    readonly nulCount: number;
    readonly invalidUtf8Count: number;
    /** Texts without a character. */
    readonly emptyCount?: number;
  };
  readonly maxBlobBytes?: number;
  /** Text that is all dates, times or timestamps in one format; null kind where it isn't. */
  readonly temporal?: {
    readonly kind: 'date' | 'time' | 'timestamp' | null;
    readonly format: TemporalFormat | null;
    /** With the probe 'bad-dates': texts that were passed over, since they are no dates. */
    readonly badCount?: number;
    /** The most fraction digits of a second; more than 6 are nanoseconds. */
    readonly maxFractionDigits?: number;
  };
  /** Every non-NULL value is lower-case 36-character UUID text. */
  readonly allUuid?: boolean;
  /** Every non-NULL value is valid JSON text. */
  readonly allJson?: boolean;
  /** Every non-NULL value is decimal text as Ferrow writes it (DECIMAL_TEXT, NUMERIC_TEXT). */
  readonly allDecimalText?: boolean;
  /**
   * Whether every non-NULL value is the text form of the type that was asked for (timetz, interval, bit), and how long
   * the shortest and the longest are.
   */
  readonly textForm?: { readonly all: boolean; readonly minChars: number; readonly maxChars: number };
  /** The first row that kept the column from the type it declares. */
  readonly firstOffending?: {
    readonly what: string;
    readonly row: Readonly<Record<string, string>>;
    readonly value: string;
  };
}

/** What a codec found in one chunk of a probe. */
export interface ChunkFindings {
  readonly seq: number;
  /** Plain data that only the dialect knows. */
  readonly findings: unknown;
}

/** What of a column to look into. */
export type Probe =
  | 'storage' // storage classes, integer range, text and blob lengths, bytes
  | 'numeric' // digits, scale, NaN, infinities
  | 'integers' // range
  | 'temporal'
  | 'temporal-range'
  | 'single' // reals that four bytes hold exactly
  | 'array-shape'
  | 'uuid'
  | 'json'
  | 'decimal-text'
  | 'timetz' // text forms
  | 'interval'
  | 'bit'
  | 'empty-as-null' // empty texts are no values to the other probes
  | 'bad-dates'; // 'temporal' passes over texts that are no dates
