// THE table of conversions between canonical types: what can become what, with which losses refused and which
// policies allowed. docs/types.md is printed from it; the planner and the crossing workers read it.
import type { ErrorCode } from '../errors/codes.ts';
import { childTypes, type LogicalType, sameType, typeName } from '../types/logical-type.ts';
import type { Policies, PolicyKey } from '../types/policy.ts';
import { anyRules } from './any-rules.ts';
import { checkCodes } from './check.ts';
import { emptiesBecomeNull } from './empty-text.ts';
import type { ColumnCrossing } from './kernel.ts';
import { nestedRules } from './nested-rules.ts';
import { NUMBER_RULES } from './number-rules.ts';
import { type Conversion, type LossClass, type Rule, same } from './rule.ts';
import { SPAN_RULES } from './span-rules.ts';
import { TEXT_RULES, TIME_RULES } from './text-rules.ts';

export type { Conversion, LossClass, Rule } from './rule.ts';

/** Every conversion there is, besides a type to itself. */
export const RULES: readonly Rule[] = [
  ...NUMBER_RULES,
  ...TEXT_RULES,
  ...TIME_RULES,
  ...SPAN_RULES,
  ...nestedRules((from, to, policies) => findConversion(from, to, policies)),
  ...anyRules((from, to, policies) => findConversion(from, to, policies)),
];

const INDEX = new Map<string, Rule>(RULES.map((entry) => [`${entry.from}>${entry.to}`, entry]));

const IDENTITY: Conversion = { class: 'exact', codes: [], policies: [], make: same };

/** How values of `from` become values of `to`; null if they can't. */
export function findConversion(from: LogicalType, to: LogicalType, policies: Policies): Conversion | null {
  if (sameBytes(from, to)) return IDENTITY;
  const entry = INDEX.get(`${from.kind}>${to.kind}`);
  const found = entry?.find(from, to, policies);
  if (!entry || !found) return null;
  const { make } = found;
  if (found.fits) return { class: found.exact ? 'exact' : 'widened', codes: [], policies: [], make };
  const { codes = entry.codes, policies: known = entry.policies } = found;
  return { class: 'checked', codes, policies: known, make };
}

/** What a column's way through the crossing may do, for the plan. */
export type CrossingDescription =
  | {
      readonly possible: true;
      /** Values pass untouched and unlooked-at, under the very same type. */
      readonly identity: boolean;
      /** Of the conversions; checks alone don't change it. */
      readonly class: LossClass;
      /** Of conversions and checks. */
      readonly codes: readonly ErrorCode[];
      readonly policies: readonly PolicyKey[];
    }
  | { readonly possible: false; readonly reason: string; readonly code: ErrorCode };

const LOSS_ORDER: readonly LossClass[] = ['exact', 'widened', 'checked'];

/**
 * Describes read -> logical -> write. Two steps never cancel each other unless both are identities: reading
 * text as a date refuses text that is no date, and writing it back as text does not undo that.
 */
export function describeCrossing(crossing: ColumnCrossing): CrossingDescription {
  const { read, logical, write, policies } = crossing;
  const inward = findConversion(read, logical, policies);
  if (inward === null) return impossible(read, logical, 'E_UNSUPPORTED_TYPE');
  const outward = findConversion(logical, write, policies);
  if (outward === null) return impossible(logical, write, 'E_TYPE_MISMATCH');
  const codes = new Set<ErrorCode>([...inward.codes, ...outward.codes]);
  for (const check of crossing.readChecks) for (const code of checkCodes(check, read)) codes.add(code);
  for (const check of crossing.writeChecks) for (const code of checkCodes(check, write)) codes.add(code);
  const checked = crossing.readChecks.length + crossing.writeChecks.length > 0;
  const emptied = emptiesBecomeNull(read, policies);
  const untouched = inward.class === 'exact' && outward.class === 'exact' && sameBytes(read, write);
  return {
    possible: true,
    identity: untouched && !checked && !emptied,
    class: emptied
      ? 'checked'
      : LOSS_ORDER[Math.max(LOSS_ORDER.indexOf(inward.class), LOSS_ORDER.indexOf(outward.class))],
    codes: [...codes],
    policies: [
      ...new Set([...inward.policies, ...outward.policies, ...(emptied ? (['empty_as_null'] as const) : [])]),
    ],
  };
}

/** json and jsonb differ on a wire, whatever their text, and whatever they are in. */
function sameBytes(read: LogicalType, write: LogicalType): boolean {
  return sameType(read, write) && sameJson(read, write);
}

function sameJson(read: LogicalType, write: LogicalType): boolean {
  if (read.kind === 'json' && write.kind === 'json')
    return (read.binary ?? false) === (write.binary ?? false);
  const theirs = childTypes(write);
  return childTypes(read).every((type, at) => sameJson(type, theirs[at]));
}

function impossible(from: LogicalType, to: LogicalType, code: ErrorCode): CrossingDescription {
  return { possible: false, reason: `${typeName(from)} can not become ${typeName(to)} exactly`, code };
}
