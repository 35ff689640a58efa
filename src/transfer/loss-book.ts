// How often each lossy mapping that the user allowed was used, by table and column.
import { type PolicyKey, policyItem } from '../types/policy.ts';
import type { TablePlan } from './plan-table.ts';

export interface BookedLoss {
  readonly table: string;
  readonly column: string;
  /** As `--allow` takes it, `nan=null`; or `negative_zero`, which needs no leave. */
  readonly policy: string;
  readonly count: number;
}

export class LossBook {
  readonly #counts = new Map<string, { table: string; column: string; policy: string; count: number }>();

  /** Books a use that a crossing reports; gives it as it is booked. */
  use({ displayName, columns }: TablePlan, column: string, what: PolicyKey | 'negative_zero', count: number) {
    const policies = columns.find((each) => each.read.name === column)?.crossing.policies ?? {};
    const policy = what === 'negative_zero' ? what : (policyItem(policies, what) ?? what);
    const loss = { table: displayName, column, policy, count };
    this.#add(loss);
    return loss;
  }

  /** A policy that decided about whole columns was used for each of the table's rows, if nobody counted better. */
  settle({ displayName: table, columns }: TablePlan, rows: number): void {
    for (const { read, crossing, structural } of columns) {
      for (const key of structural) {
        const policy = policyItem(crossing.policies, key);
        const loss = { table, column: read.name, policy: policy ?? key, count: rows };
        if (rows > 0 && !this.#counts.has(keyOf(loss))) this.#add(loss);
      }
    }
  }

  #add(loss: BookedLoss): void {
    const entry = this.#counts.get(keyOf(loss));
    if (entry) entry.count += loss.count;
    else this.#counts.set(keyOf(loss), { ...loss });
  }

  get entries(): readonly BookedLoss[] {
    return [...this.#counts.values()];
  }
}

const keyOf = ({ table, column, policy }: BookedLoss) => JSON.stringify([table, column, policy]);
