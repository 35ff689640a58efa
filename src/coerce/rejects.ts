// What a kernel does with values that can't be held: NULL in place, and either a report or, where the user
// allowed it, a count.
import { Nulls } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Policies, PolicyKey } from '../types/policy.ts';
import { cellText } from './cell-text.ts';
import type { LossSink } from './kernel.ts';

/** Policies that turn a value into NULL. */
export type NullPolicy = 'nan' | 'infinity' | 'bad_dates' | 'empty_bit';

/** The NULLs of a kernel's output, with the reports of how they came about. One per run of a kernel. */
export class Rejects {
  readonly nulls: Nulls;
  readonly #column: Column;
  readonly #sink: LossSink;
  readonly #policies: Policies;
  readonly #uses = new Map<PolicyKey | 'negative_zero', number>();

  constructor(column: Column, sink: LossSink, policies: Policies = {}) {
    this.nulls = Nulls.of(column);
    this.#column = column;
    this.#sink = sink;
    this.#policies = policies;
  }

  /**
   * Value `row` can't be held: it becomes NULL. With `policy`, the user may have allowed just that; then it
   * is only counted.
   */
  refuse(row: number, code: ErrorCode, message: string, policy?: NullPolicy): void {
    this.nulls.set(row);
    if (policy !== undefined && this.#policies[policy] === 'null') this.used(policy);
    else this.#sink.refuse(row, code, cellText(this.#column, row) ?? 'NULL', message);
  }

  /** Counts the use of a policy, or a named normalisation, for one value. */
  used(policy: PolicyKey | 'negative_zero'): void {
    this.#uses.set(policy, (this.#uses.get(policy) ?? 0) + 1);
  }

  /** Reports the counts; gives the NULLs of the output. */
  done(): Nulls {
    for (const [policy, count] of this.#uses) this.#sink.used(policy, count);
    return this.nulls;
  }
}
