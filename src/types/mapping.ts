// How a dialect's columns meet the canonical types: what reading gives, what writing needs, what is refused.
import type { ErrorCode } from '../errors/codes.ts';
import type { LogicalType } from './logical-type.ts';
import type { PolicyItem, PolicyKey } from './policy.ts';
import type { Json, UserType } from './schema.ts';

/**
 * A rule that every value of a column must pass. Declared by a dialect, carried out by coerce/, so that
 * nothing is left to what a target happens to accept. Integers are decimal text.
 */
export type Check =
  | { readonly kind: 'utf8' }
  | { readonly kind: 'noNul' }
  | { readonly kind: 'maxChars'; readonly chars: number }
  | { readonly kind: 'maxBytes'; readonly bytes: number }
  | { readonly kind: 'noNan' }
  /** Refuses the infinities of float, numeric, date and timestamp columns. */
  | { readonly kind: 'finite' }
  /** Inclusive, in the column's own unit; for int, date, time, timestamp. Infinities pass. */
  | { readonly kind: 'range'; readonly min: string; readonly max: string; readonly code: ErrorCode }
  | { readonly kind: 'json' }
  /** bit(n): other lengths are refused. */
  | { readonly kind: 'bitLength'; readonly bits: number }
  /** Refuses the empty bit string, which the target has no form for. */
  | { readonly kind: 'noEmptyBit' }
  /** Counts -0.0, which becomes 0.0 in the target. */
  | { readonly kind: 'negativeZero' }
  /**
   * A check of one child of a nested column alone (the element; key or value; a field; a member). All other checks
   * concern every value inside that is of their kind: `range` those whose type has that code.
   */
  | { readonly kind: 'child'; readonly child: number; readonly check: Check };

/**
 * How the source selects a column: as itself, cast by the source engine to the named type of its own, or as an
 * expression of the source's SQL in which `$1` stands for the column.
 */
export type Select = 'native' | 'text' | { readonly cast: string } | { readonly expression: string };

/** A column that can't be carried, with what would let it through. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly reason: string;
  readonly hint?: string;
  /** Whose policies would let it through; without it, those of the code. */
  readonly policy?: PolicyKey;
  /** The only ones of them that would. */
  readonly policies?: readonly PolicyItem[];
}

/** What a source column holds. */
export interface ReadType {
  /** What decode emits. */
  readonly wire: LogicalType;
  /** What it means; equal to `wire` unless a coercion is needed (text that is a date). */
  readonly logical: LogicalType;
  readonly checks: readonly Check[];
  readonly select: Select;
  /** Why this type, for the plan; from the evidence. */
  readonly because?: string;
  /** What the way home needs beside the column's typeFacts: they are joined in its origin. */
  readonly originFacts?: Readonly<Record<string, Json>>;
}

/** The column a target makes for a canonical type. */
export interface CreateType {
  /** The DDL type. */
  readonly nativeType: string;
  /** What encode takes. */
  readonly wire: LogicalType;
  readonly checks: readonly Check[];
  /** 'widened': every value kept, the native type wider than the source's. */
  readonly verdict: 'exact' | 'widened';
  readonly because?: string;
  /** Numbers or times that stand as text, since the engine has no type that holds them exactly. The user is warned. */
  readonly asText?: true;
  /** Types of the target's own that the column needs, in an order that works. */
  readonly needs?: readonly UserType[];
}

/** What an existing target column takes. */
export interface WriteType {
  readonly wire: LogicalType;
  readonly checks: readonly Check[];
}

export function isRefusal(type: ReadType | CreateType | WriteType | Refusal): type is Refusal {
  return 'refused' in type;
}
