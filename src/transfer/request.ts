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
  /** Of a repair: rows of the target that go as those of a table come, by display name; see `TableLoad.deletes`. */
  readonly deletes?: ReadonlyMap<string, string>;
  /** Holds the readers while it is on. */
  readonly pause?: Pause;
}

/** What such a run has to do it finds out in the databases themselves: it is begun anew, never carried on. */
export function beginsAnew({ command, options }: Pick<TransferRequest, 'command' | 'options'>): boolean {
  return command === 'repair' || options.strategy === 'incremental';
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
