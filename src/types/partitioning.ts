// PostgreSQL's partitioned tables. Plain data, as all of a schema.
import type { IndexSchema, TableName } from './schema.ts';

export interface Partitioning {
  /** `RANGE (created)`, as the engine prints it. */
  readonly key: string;
  readonly partitions: readonly (TableName & {
    /** `FOR VALUES FROM (…) TO (…)` or `DEFAULT`. */
    readonly bound: string;
    readonly partitioning: Partitioning | null;
    /** What the partition has of its own, beside what all partitions have. */
    readonly indexes?: readonly IndexSchema[];
    readonly constraints?: readonly { readonly name: string; readonly definition: string }[];
    /** Actions of ALTER TABLE. */
    readonly alter?: readonly string[];
    readonly comment?: string | null;
    readonly unlogged?: boolean;
  })[];
}
