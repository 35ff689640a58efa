// Trying again after a transient fault: which faults those are, and how long to wait.
import pRetry from 'p-retry';
import type { TableLoad } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferRequest } from './request.ts';

/** The first wait, doubled each time, each of random length between once and twice that. */
const FIRST_WAIT_MILLIS = 250;
const WAIT_MILLIS_MAX = 30_000;
/** However many attempts are allowed. */
const TOTAL_MILLIS_MAX = 15 * 60_000;

/** What is tried again, for the event that says so. */
export interface Tried {
  readonly table: string | null;
  /** Faults that are got over here; else those whose codes say so. */
  isTransient?(error: unknown): boolean;
  /** Before the next attempt, once the wait is over; may throw, which ends the attempts. */
  again?(): Promise<void>;
}

/**
 * Does the work, and once more after each transient fault, as often as the options allow. Only work that may be done
 * twice belongs in here: what the first attempt has committed must be known to the second.
 * @throws FerrowError the last fault, or the first that is not transient
 */
export function withRetries<T>(
  { options, signal, events }: Pick<TransferRequest, 'options' | 'signal' | 'events'>,
  { table, again, isTransient = isRetryable }: Tried,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  return pRetry(
    async (attempt) => {
      if (attempt > 1) await again?.();
      return work(attempt);
    },
    {
      retries: options.retries,
      minTimeout: options.retryDelay ?? FIRST_WAIT_MILLIS,
      maxTimeout: WAIT_MILLIS_MAX,
      maxRetryTime: TOTAL_MILLIS_MAX,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => !signal.aborted && isTransient(error),
      onFailedAttempt: ({ error, attemptNumber, retriesLeft, retryDelay }) => {
        if (retriesLeft === 0 || signal.aborted || !isTransient(error)) return;
        events.emit('retry', {
          table,
          attempt: attemptNumber,
          delaySeconds: (retryDelay ?? 0) / 1000,
          error: FerrowError.from(error).toWire(),
        });
      },
    },
  );
}

/** What was undone whole can't be tried again in part: a table that is one transaction fails with its first fault. */
export function onceOnly({ transactional }: TableLoad): Pick<Tried, 'isTransient'> {
  return transactional ? { isTransient: () => false } : {};
}

function isRetryable(error: unknown): boolean {
  return error instanceof FerrowError && error.retryable;
}
