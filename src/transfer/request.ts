// What a command is asked to do, once arguments, environment and configuration are merged.
import { EventEmitter } from 'node:events';
import type { EventName, TransferEvents } from '../metrics/events.ts';
import type { Database } from './database-factory.ts';
import type { TransferOptions } from './options.ts';
import type { Pause } from './pause.ts';

/** A typed emitter of TransferEvents. */
export class TransferEmitter extends EventEmitter<{ [Name in EventName]: [TransferEvents[Name]] }> {}

export interface TransferRequest {
  /** For the report: `migrate`, `plan`, … */
  readonly command: string;
  readonly source: Database;
  readonly target: Database;
  readonly options: TransferOptions;
  /** Aborting ends the run in good order: the chunk in flight is finished or rolled back. */
  readonly signal: AbortSignal;
  readonly events: TransferEmitter;
  /** Holds the readers while it is on. */
  readonly pause?: Pause;
}

/** What a command is asked to do that goes by the ledger of its target. */
export interface LedgerRequest {
  /** `resume`, `rollback`, `retry-rejects`, `runs`. */
  readonly command: string;
  readonly target: Database;
  /** Where it is named again; the ledger knows where it was, without its password. */
  readonly source: Database | null;
  /** The id of a run, or its first characters; null for the last one that the command can be about. */
  readonly run: string | null;
  readonly options: TransferOptions;
  readonly signal: AbortSignal;
  readonly events: TransferEmitter;
}
