// How an engine's types meet the canonical ones. A part of the seam; dialect.ts gives it out.
import type { ColumnEvidence, Probe } from '../types/evidence.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { CreateType, ReadType, Refusal, WriteType } from '../types/mapping.ts';
import type { Policies } from '../types/policy.ts';
import type { ColumnSchema, TableName } from '../types/schema.ts';

/** How this engine's types meet the canonical ones. Pure. */
export interface TypeMap {
  /** What must be looked into before `read` can decide, for another engine or the same; [] if nothing. */
  probes(column: ColumnSchema, policies: Policies, sameEngine?: boolean): readonly Probe[];
  /**
   * What a column of this engine holds. With `sameEngine`, storage-level: whatever the column can hold comes
   * through untouched, so that a copy is exact.
   */
  read(column: ColumnSchema, evidence: ColumnEvidence | null, context: MappingContext): ReadType | Refusal;
  /**
   * The column this engine makes for a canonical type. `source` is the column it comes from, in its own
   * engine's words; with `sameEngine` its nativeType is kept verbatim and `logical` is the source's wire.
   */
  create(
    logical: LogicalType,
    source: ColumnSchema,
    evidence: ColumnEvidence | null,
    context: MappingContext,
  ): CreateType | Refusal;
  /**
   * What an existing column of this engine takes. `coming` is what the rows are that it shall take, where that is known:
   * some columns take more than one type (a PostgreSQL array has any number of dimensions).
   */
  write(column: ColumnSchema, coming?: LogicalType): WriteType | Refusal;
}

export interface MappingContext {
  readonly sameEngine: boolean;
  readonly policies: Policies;
  /**
   * Values that don't suit the column are left out with their rows: what the column is meant to hold counts, not what the
   * prescan found beside it. Asked for only where the column would be refused.
   */
  readonly leavesOut?: boolean;
  /** The table to be, for the names of types that a column needs. Only `create` is told. */
  readonly table?: TableName;
}
