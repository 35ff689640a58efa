// Rejected rows of a table as keys to read them by: which can be found again, and which the source no longer has.
import type { Dialect, EngineHandle } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { StoredReject } from '../types/reject.ts';
import type { TablePlan } from './plan-table.ts';

/** The SQL of one condition; SQLite takes a statement of a million bytes at most. */
const CONDITION_CHARS_MAX = 300_000;
/** Each condition is a transfer of its own; longer lists are slow to plan. */
export const KEYS_MAX = 25_000;

/** Rows that one condition meets. */
export interface KeyBatch {
  readonly where: string;
  readonly rejects: readonly StoredReject[];
}

/** How the rows of a table are told apart, where their key says it. */
export class RejectKeys {
  readonly #dialect: Dialect;
  readonly #plan: TablePlan;
  readonly #columns: readonly string[];

  constructor(dialect: Dialect, plan: TablePlan) {
    this.#dialect = dialect;
    this.#plan = plan;
    this.#columns = plan.keyColumns.map((at) => plan.columns[at].read.name);
  }

  /** Null where the row can't be found by what is kept of it. */
  keyOf({ key }: Pick<StoredReject, 'key'>): readonly string[] | null {
    if (key === null || this.#columns.length === 0) return null;
    const texts = this.#columns.map((column) => key[column] ?? null);
    if (Object.keys(key).length !== texts.length) return null;
    return texts.every((text) => text !== null) ? texts : null;
  }

  /** Conditions for all of them; null where the key's type has no literal in SQL. */
  batches(rejects: readonly StoredReject[]): KeyBatch[] | null {
    try {
      return this.#batches(rejects);
    } catch (error) {
      if (error instanceof FerrowError && error.code === 'E_UNSUPPORTED_TYPE') return null;
      throw error;
    }
  }

  #batches(rejects: readonly StoredReject[]): KeyBatch[] {
    if (rejects.length === 0) return [];
    if (rejects.length <= KEYS_MAX) {
      const where = this.#where(rejects);
      if (rejects.length === 1 || where.length <= CONDITION_CHARS_MAX) return [{ where, rejects }];
    }
    const middle = rejects.length >> 1;
    return [...this.#batches(rejects.slice(0, middle)), ...this.#batches(rejects.slice(middle))];
  }

  #where(rejects: readonly StoredReject[]): string {
    const { source, columns, keyColumns } = this.#plan;
    const types = keyColumns.map((at) => columns[at].read.wire);
    const keys = rejects.map((reject) => this.keyOf(reject) ?? []);
    return this.#dialect.ddl.keyCondition(source, this.#columns, types, keys);
  }

  /** Those whose rows are no longer there, by halves: most often none is missing. */
  async missing(engine: Pick<EngineHandle, 'countRows'>, batch: KeyBatch): Promise<StoredReject[]> {
    const { where, rejects } = batch;
    const found = await engine.countRows(this.#plan.source, where);
    if (found >= rejects.length) return [];
    if (found === 0) return [...rejects];
    const middle = rejects.length >> 1;
    const halves = [rejects.slice(0, middle), rejects.slice(middle)];
    const missing: StoredReject[] = [];
    for (const half of halves)
      for (const part of this.#batches(half)) missing.push(...(await this.missing(engine, part)));
    return missing;
  }
}
