// The shape of a row of the conversion table, and of what is found in it. Pure data and small makers.
import type { ErrorCode } from '../errors/codes.ts';
import type { LogicalKind, LogicalType } from '../types/logical-type.ts';
import type { Policies, PolicyKey } from '../types/policy.ts';
import type { Kernel } from './kernel.ts';

/**
 * exact: the same values and the same type. widened: every value fits. checked: each value is looked at, and
 * what doesn't fit exactly is refused.
 */
export type LossClass = 'exact' | 'widened' | 'checked';

export interface Conversion {
  readonly class: LossClass;
  /** Codes that values may be refused with. */
  readonly codes: readonly ErrorCode[];
  /** Policies that would let refused values through. */
  readonly policies: readonly PolicyKey[];
  /** Makes the kernel; null: the same buffers under the new type. */
  make(): Kernel | null;
}

type OfKind<K extends LogicalKind> = Extract<LogicalType, { kind: K }>;

/**
 * One row of the table. `codes` and `policies` are the most that the row's conversions can have, besides those of what
 * is inside nested types.
 */
export interface Rule {
  readonly from: LogicalKind;
  readonly to: LogicalKind;
  readonly codes: readonly ErrorCode[];
  readonly policies: readonly PolicyKey[];
  /** What happens to values, for people. */
  readonly note: string;
  /** Null where these two types of the kinds can't be converted. */
  find(from: LogicalType, to: LogicalType, policies: Policies): RuleResult | null;
}

/** `fits`: every value fits, so the row's codes can't occur. */
export interface RuleResult {
  readonly fits: boolean;
  /** The same values and the same type but for what changes no value. */
  readonly exact?: boolean;
  /** Instead of the row's, where they depend on what is inside. */
  readonly codes?: readonly ErrorCode[];
  readonly policies?: readonly PolicyKey[];
  readonly make: () => Kernel | null;
}

export function rule<F extends LogicalKind, T extends LogicalKind>(
  from: F,
  to: T,
  note: string,
  codes: readonly ErrorCode[],
  policies: readonly PolicyKey[],
  find: (from: OfKind<F>, to: OfKind<T>, policies: Policies) => RuleResult | null,
): Rule {
  return { from, to, note, codes, policies, find: (f, t, p) => find(f as OfKind<F>, t as OfKind<T>, p) };
}

/** Every value fits. */
export const fits = (make: () => Kernel | null): RuleResult => ({ fits: true, make });
/** Every value is looked at. */
export const looked = (make: () => Kernel | null): RuleResult => ({ fits: false, make });
/** The same buffers under the new type. */
export const same = () => null;
