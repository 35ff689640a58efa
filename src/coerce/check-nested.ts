// Checks of what is inside lists, structs, maps and unions: each goes to the values that it is about. Pure.
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { childTypes, isNested, type LogicalType } from '../types/logical-type.ts';
import type { Check } from '../types/mapping.ts';
import type { Policies } from '../types/policy.ts';
import type { LossSink } from './kernel.ts';
import { changeChildren } from './nested.ts';

type Run = (check: Check, column: Column, sink: LossSink, policies: Policies) => Column;

/** Codes that a check may raise on values inside the type; `codesOf` knows those of single values. */
export function insideCodes(
  check: Check,
  type: LogicalType,
  codesOf: (check: Check, type: LogicalType) => readonly ErrorCode[],
): readonly ErrorCode[] {
  const codes = childTypes(type).flatMap((child, at) => {
    const inner = innerCheck(check, child, at);
    return inner === null ? [] : codesOf(inner, child);
  });
  return [...new Set(codes)];
}

/**
 * Runs a check on the children that it concerns; `run` knows single values. Keys of maps follow no policy: changed,
 * two of them could become one, and NULL is no key.
 */
export function checkInside(
  check: Check,
  column: Column,
  sink: LossSink,
  policies: Policies,
  run: Run,
): Column {
  return changeChildren(column, sink, (child, at, inner) => {
    const wanted = innerCheck(check, child.type, at);
    if (wanted === null) return child;
    const isKey = column.type.kind === 'map' && at === 0;
    return run(wanted, child, inner, isKey ? {} : policies);
  });
}

/** What a check of the whole is for child number `at`; null if it isn't about it. */
function innerCheck(check: Check, child: LogicalType, at: number): Check | null {
  if (check.kind === 'child') return check.child === at ? check.check : null;
  return isNested(child) || isAbout(check, child) ? check : null;
}

/** Codes of ranges, by the kinds that they are about. */
const RANGE_CODES: { readonly [K in LogicalType['kind']]?: ErrorCode } = {
  int: 'E_INT_RANGE',
  date: 'E_DATE_RANGE',
  time: 'E_TIME_RANGE',
  timestamp: 'E_TIMESTAMP_RANGE',
};

function isAbout(check: Check, { kind }: LogicalType): boolean {
  switch (check.kind) {
    case 'utf8':
    case 'noNul':
    case 'maxChars':
      return kind === 'text' || kind === 'json';
    case 'json':
      return kind === 'json';
    case 'range':
      return RANGE_CODES[kind] === check.code;
    case 'bitLength':
    case 'noEmptyBit':
      return kind === 'bit';
    default:
      return true;
  }
}
