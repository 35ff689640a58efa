// What a run says while it goes: one typed event per happening, for progress lines, metrics and library users.
// A leaf: imports nothing but types. Only transfer/ and stream/ emit; never per row.
import type { WireError } from '../errors/ferrow-error.ts';

export type Stage = 'read' | 'decode' | 'coerce' | 'encode' | 'write' | 'commit';

/** Names of tables are display names of the source: `Album`, `sales.Album`. Durations are seconds. */
export interface TransferEvents {
  start: {
    readonly runId: string;
    readonly source: string;
    readonly target: string;
    readonly sourceEngine: string;
    readonly targetEngine: string;
    readonly tables: readonly { readonly table: string; readonly sourceRows: number | null }[];
  };
  /** What the run is doing between tables: `reading catalogs`, `profiling Album`, `building keys of Album`. */
  phase: { readonly what: string; readonly table: string | null };
  /** One chunk is committed. */
  batch: {
    readonly table: string;
    readonly rows: number;
    readonly bytesRead: number;
    readonly bytesWritten: number;
    /** Rows of the table committed so far. */
    readonly tableRows: number;
    readonly sourceRows: number | null;
    readonly seconds: Readonly<Partial<Record<Stage, number>>>;
  };
  /** Rows were left out of a chunk that is committed. `tableRows`: of the table so far. */
  reject: { readonly table: string; readonly rows: number; readonly tableRows: number };
  /** A chunk was read: what the source has given so far. */
  read: { readonly table: string; readonly rows: number; readonly bytes: number; readonly seconds: number };
  /** A table ended, well or not. */
  table: {
    readonly table: string;
    readonly success: boolean;
    readonly rows: number;
    readonly rejectedRows: number;
    readonly elapsedSeconds: number;
    readonly error: WireError | null;
  };
  /** Values changed, or a column carried otherwise, as the user allowed by name. */
  loss: {
    readonly table: string;
    readonly column: string;
    /** `nan=null`, or `negative_zero`. */
    readonly policy: string;
    readonly count: number;
  };
  retry: {
    readonly table: string | null;
    readonly attempt: number;
    readonly delaySeconds: number;
    readonly error: WireError;
  };
  /** Gauges, about once a second. */
  pulse: {
    readonly bytesInFlight: number;
    readonly queueDepth: Readonly<Partial<Record<Stage, number>>>;
    readonly workerUtilizationRatio: number;
    /** Seconds that stages have waited for others, since the start. */
    readonly backpressureSeconds: Readonly<Partial<Record<Stage, number>>>;
  };
  /** `tune` has moved its sample once. */
  trial: {
    readonly table: string;
    readonly batchSize: number;
    readonly workers: number;
    readonly connections: number;
    /** From 1; each but the last halves the settings. */
    readonly round: number;
    readonly rounds: number;
    /** Settings in this round. */
    readonly settings: number;
    readonly rows: number;
    readonly seconds: number;
  };
  warning: {
    readonly code: string;
    readonly table: string | null;
    readonly column: string | null;
    readonly message: string;
  };
  end: {
    readonly runId: string;
    readonly success: boolean;
    readonly rows: number;
    readonly elapsedSeconds: number;
  };
}

export type EventName = keyof TransferEvents;

/** The shape that `EventEmitter<…>` wants: each event has one argument. */
export type TransferEventMap = { readonly [Name in EventName]: [TransferEvents[Name]] };
