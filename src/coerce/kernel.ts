// What a crossing does to each column, as data, and the shape of a kernel. Pure; runs in crossing workers.
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Check } from '../types/mapping.ts';
import type { Policies, PolicyKey } from '../types/policy.ts';
import type { RawValue } from './raw-value.ts';

/**
 * One column's way: wire type of the source -> its meaning -> wire type of the target, with the checks of
 * both. Plain JSON; part of the plan.
 */
export interface ColumnCrossing {
  /** The source's name for the column, for errors. */
  readonly name: string;
  readonly read: LogicalType;
  readonly readChecks: readonly Check[];
  readonly logical: LogicalType;
  readonly write: LogicalType;
  readonly writeChecks: readonly Check[];
  readonly policies: Policies;
}

/** A value that can't be held exactly, at row `row` of the batch. */
export interface Loss {
  readonly row: number;
  /** Index of the crossing; -1 where the row as a whole is refused. */
  readonly column: number;
  readonly code: ErrorCode;
  /** The value as text, cut. */
  readonly value: string;
  readonly message: string;
  /** The value as it was read, where the batch no longer has it. */
  readonly raw?: RawValue;
}

/** What kernels report. They never throw for a value: they record it, leave NULL in its place, and go on. */
export interface LossSink {
  refuse(row: number, code: ErrorCode, value: string, message: string): void;
  /** A lossy mapping that the user allowed (or a named normalisation) was used `count` times. */
  used(what: PolicyKey | 'negative_zero', count: number): void;
}

/** Pure Column -> Column. May return its input. Must not change the input's buffers. */
export type Kernel = (column: Column, sink: LossSink) => Column;
