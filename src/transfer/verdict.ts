// What the plan says of a column: whether its values arrive as they are, and on what that rests. Pure.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import type { CrossingDescription } from '../coerce/rules.ts';
import { codeFacts, type ErrorCode } from '../errors/codes.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { CreateType, ReadType, WriteType } from '../types/mapping.ts';
import { type PolicyKey, policyItem, policyItems } from '../types/policy.ts';
import type { Verdict } from './report.ts';

/** Policies that keep every value whole, in another form: they are no losses. */
export const KEEPING: ReadonlySet<string> = new Set([
  'nan=text',
  'invalid_utf8=blob',
  'ns=text',
  'mixed=composite',
  'pg_arrays=pg_text',
  'bad_dates=text',
  'enum=text',
]);

export interface Judged {
  readonly verdict: Verdict;
  readonly because: string | null;
  readonly refusedWith: readonly ErrorCode[];
  readonly policies: readonly string[];
}

export interface Judging {
  readonly crossing: ColumnCrossing;
  readonly way: Extract<CrossingDescription, { possible: true }>;
  readonly read: ReadType;
  readonly made: CreateType | WriteType;
  readonly evidence: ColumnEvidence | null;
  readonly sameEngine: boolean;
  /** Policies without which this column would be carried otherwise or not at all. */
  readonly structural: readonly PolicyKey[];
  /** What the column was before, where it gets that type back. */
  readonly home: string | null;
}

export function judge(judging: Judging): Judged {
  const { crossing, way, read, made, evidence, sameEngine } = judging;
  const open = way.codes.filter((code) => !provenAbsent(code, crossing, evidence));
  const inForce = policyItems(crossing.policies);
  const helping = open.flatMap((code) => codeFacts(code).policies ?? []);
  const atWork = inForce.filter(
    (item) =>
      helping.includes(item) || judging.structural.some((key) => item === policyItem(crossing.policies, key)),
  );
  const losing = atWork.filter((item) => !KEEPING.has(item));
  const said = [judging.home, read.because, 'because' in made ? made.because : undefined];
  const keeping = atWork.filter((item) => KEEPING.has(item));
  if (keeping.length > 0) said.push(`as --allow ${keeping.join(', ')} has it`);
  const answered = new Set(inForce.map((item) => item.split('=')[0]));
  const policies = [...new Set(helping)].filter((item) => !answered.has(item.split('=')[0]));
  const refusedWith = open.filter(
    (code) => !(codeFacts(code).policies ?? []).some((item) => losing.includes(item) && settles(item, code)),
  );
  // Every text has the engine's limit of a gigabyte; to say so of each column tells nobody anything.
  const told = refusedWith.filter((code) => code !== 'E_VALUE_TOO_LARGE');
  if (told.length > 0) said.push(`each value is checked (${told.join(', ')})`);
  else if (way.codes.length > 0 && open.length === 0) said.push('the scan shows that every value fits');
  const lossy = losing.length === 0 ? [] : [`because --allow ${losing.join(', ')}`];
  // What a target makes for a type it knows better than a conversion does: SQLite's UUID is text, and a UUID.
  const wider =
    'verdict' in made ? made.verdict === 'widened' || isToldAsText(read) : way.class === 'widened';
  const widened = judging.home === null && wider && !(sameEngine && way.class === 'exact');
  return {
    verdict: losing.length > 0 ? 'lossy' : widened ? 'widened' : 'exact',
    because: [...lossy, ...said].filter(Boolean).join('; ') || null,
    refusedWith,
    policies,
  };
}

/** A type that the target has no name for at all comes as the source's own exact text of it. */
function isToldAsText({ select, wire }: ReadType): boolean {
  return select === 'text' && wire.kind === 'text';
}

/** Codes that stand for more than one fault stay open after a policy for one of them. */
function settles(item: string, code: ErrorCode): boolean {
  if (item.startsWith('infinity=')) return code === 'E_INTERVAL_INFINITY';
  if (item.startsWith('nan=')) return code === 'E_NAN_UNSUPPORTED';
  return !item.startsWith('empty_as_null=');
}

/** True if the prescan has shown that no value can be refused with this code. */
function provenAbsent(
  code: ErrorCode,
  { read, logical, write, writeChecks }: ColumnCrossing,
  evidence: ColumnEvidence | null,
): boolean {
  if (!evidence) return false;
  if (evidence.nullCount === evidence.rowCount) return true;
  const { numeric, text, temporal, temporalRange, integers } = evidence;
  const sameUnit = unitOf(logical) === unitOf(write);
  switch (code) {
    case 'E_NAN_UNSUPPORTED':
      return numeric?.nanCount === 0;
    case 'E_NUMERIC_SPECIAL':
      return numeric?.nanCount === 0 && numeric.infinityCount === 0;
    case 'E_DECIMAL_SCALE':
      return numeric !== undefined && write.kind === 'decimal' && fitsDecimal(numeric, write);
    case 'E_INT_RANGE':
      return integers !== undefined && write.kind === 'int' && fitsInteger(integers, write);
    case 'E_NUL_IN_TEXT':
      return text?.nulCount === 0;
    case 'E_INVALID_UTF8':
      return text?.invalidUtf8Count === 0;
    case 'E_VALUE_TOO_LONG':
      return (
        text !== undefined &&
        writeChecks.every((check) => check.kind !== 'maxChars' || text.maxChars <= check.chars)
      );
    case 'E_INVALID_NUMBER':
      return evidence.allDecimalText === true || (numeric !== undefined && read.kind === 'numeric');
    case 'E_INVALID_UUID':
      return evidence.allUuid === true;
    case 'E_INVALID_JSON':
      return evidence.allJson === true;
    case 'E_INVALID_DATE':
      return temporal !== undefined && temporal.kind !== null && !temporal.badCount;
    case 'E_TIMESTAMP_PRECISION':
    case 'E_TIME_PRECISION':
      return temporal?.maxFractionDigits !== undefined && temporal.maxFractionDigits <= 6;
    case 'E_DATE_RANGE':
    case 'E_TIMESTAMP_RANGE':
      return temporalRange !== undefined && sameUnit && inRange(temporalRange, writeChecks);
    default:
      return false;
  }
}

type Decimal = Extract<LogicalType, { kind: 'decimal' }>;
type Int = Extract<LogicalType, { kind: 'int' }>;

function fitsDecimal(found: NonNullable<ColumnEvidence['numeric']>, { precision, scale }: Decimal): boolean {
  return found.maxScale <= scale && found.maxIntegerDigits <= precision - scale;
}

function fitsInteger(found: { readonly min: string; readonly max: string }, { bits, signed }: Int): boolean {
  const top = 1n << BigInt(signed ? bits - 1 : bits);
  return BigInt(found.max) < top && BigInt(found.min) >= (signed ? -top : 0n);
}

const unitOf = (type: LogicalType) => ('unit' in type ? type.unit : type.kind);

/** Infinities are not among what was found. */
function inRange(
  found: { readonly min: string; readonly max: string },
  checks: ColumnCrossing['writeChecks'],
): boolean {
  if (checks.some((check) => check.kind === 'finite')) return false;
  const ranges = checks.filter((check) => check.kind === 'range');
  return (
    ranges.length > 0 &&
    ranges.every((range) => BigInt(found.min) >= BigInt(range.min) && BigInt(found.max) <= BigInt(range.max))
  );
}
