// How often each lossy mapping that the user allowed was used, by table and column.

export interface BookedLoss {
  readonly table: string;
  readonly column: string;
  readonly policy: string;
  readonly count: number;
}

export class LossBook {
  readonly #counts = new Map<string, { table: string; column: string; policy: string; count: number }>();

  add(table: string, column: string, policy: string, count: number): void {
    const key = JSON.stringify([table, column, policy]);
    const entry = this.#counts.get(key);
    if (entry) entry.count += count;
    else this.#counts.set(key, { table, column, policy, count });
  }

  get entries(): readonly BookedLoss[] {
    return [...this.#counts.values()];
  }
}
