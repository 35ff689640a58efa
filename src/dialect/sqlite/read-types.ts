// What a SQLite column holds: its declared type, and what the prescan found in it. Pure.
import type { ColumnEvidence } from '../../types/evidence.ts';
import { type LogicalType, type TemporalFormat, typeName } from '../../types/logical-type.ts';
import { type Check, isRefusal, type ReadType, type Refusal } from '../../types/mapping.ts';
import type { Policies } from '../../types/policy.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { affinityOf, type DeclaredType, parseDeclared } from './affinity.ts';
import { NOT_SINGLE } from './codec/column-scan.ts';
import {
  ANY,
  BINARY,
  BOOLEAN_NAMES,
  DECIMAL_NAMES,
  DECIMAL_TEXT_NAMES,
  FLOAT64,
  FORM_NAMES,
  INT64,
  JSON_NAMES,
  NARROW_INTEGERS,
  SINGLE_NAMES,
  SIZED_TEXT_NAMES,
  TEXT,
  UUID_NAMES,
} from './declared-names.ts';
import { declaredMeaning, formOf, isDecimal, sizedText, temporalOf } from './empty-column.ts';
import { labelsOf } from './labels.ts';
import { factsBeyond } from './origin-facts.ts';
import { type Class, classesOf, counted, explain, storageType } from './storage-classes.ts';

const UTF8: readonly Check[] = [{ kind: 'utf8' }];
const EXACT_INTEGER_MAX = 2n ** 53n;

export function readType(
  column: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): ReadType | Refusal {
  if (context.sameEngine) {
    const stored = classesOf(column, evidence, false);
    return reading(storageType(stored), undefined, [], explain(column, evidence, stored));
  }
  const emptyIsNull = context.policies.empty_as_null === 'null';
  const classes = classesOf(column, evidence, emptyIsNull);
  const because = explain(column, evidence, classesOf(column, evidence, false));
  const reader = new ColumnReader(column, evidence, context, because);
  const read = readClasses(reader, classes);
  if (isRefusal(read)) return read;
  const empties = emptyIsNull ? (evidence?.text?.emptyCount ?? 0) : 0;
  const meant = empties > 0 ? withEmpties(read, classes, empties) : read;
  const originFacts = factsBeyond(column, read);
  return originFacts ? { ...meant, originFacts } : meant;
}

function readClasses(reader: ColumnReader, classes: readonly Class[]): ReadType | Refusal {
  if (classes.length > 1) return reader.mixed(classes);
  switch (classes[0]) {
    case 'integer':
      return reader.integers();
    case 'real':
      return reader.reals();
    case 'text':
      return reader.texts();
    case 'blob':
      return reader.exactly(BINARY);
    default:
      return reader.nothing();
  }
}

/** Empty texts among numbers or blobs make the values mixed; the crossing makes NULLs of them. */
function withEmpties(read: ReadType, classes: readonly Class[], empties: number): ReadType {
  const because = `${read.because}, ${counted(empties, 'empty text')} as NULL by --allow`;
  if (read.wire.kind === 'text') return { ...read, because };
  const onlyTexts = classes.every((name) => name === 'text');
  return { ...read, wire: onlyTexts ? TEXT : ANY, checks: UTF8, because };
}

function reading(
  wire: LogicalType,
  logical: LogicalType | undefined,
  checks: readonly Check[],
  because: string,
): ReadType {
  return { wire, logical: logical ?? wire, checks, select: 'native', because };
}

class ColumnReader {
  readonly #declared: DeclaredType;
  readonly #column: ColumnSchema;
  readonly #evidence: ColumnEvidence | null;
  readonly #policies: Policies;
  readonly #because: string;
  readonly #leavesOut: boolean;

  constructor(
    column: ColumnSchema,
    evidence: ColumnEvidence | null,
    context: MappingContext,
    because: string,
  ) {
    this.#column = column;
    this.#declared = parseDeclared(column.nativeType);
    this.#evidence = evidence;
    this.#policies = context.policies;
    this.#because = because;
    this.#leavesOut = context.leavesOut === true;
  }

  exactly(type: LogicalType, note = ''): ReadType {
    return reading(type, undefined, isText(type) ? UTF8 : [], this.#because + note);
  }

  /** No values: the declared type decides alone. */
  nothing(): ReadType {
    const { wire, logical } = declaredMeaning(this.#column);
    return reading(wire, logical, isText(wire) ? UTF8 : [], this.#because);
  }

  integers(): ReadType {
    const { name } = this.#declared;
    const { min = '0', max = '0' } = this.#evidence?.integers ?? {};
    if (BOOLEAN_NAMES.has(name) && fits(min, max, 0n, 1n)) return this.exactly({ kind: 'bool' });
    const instant = temporalOf(name) ? this.#instant() : null;
    if (instant) return this.exactly(instant, `, ${this.#policies.sqlite_datetime} by --allow`);
    const decimal = this.#decimal();
    if (decimal) return this.exactly(decimal);
    const narrow = NARROW_INTEGERS[name];
    if (narrow && this.#evidence?.integers) {
      const from = narrow.signed ? -(2n ** BigInt(narrow.bits - 1)) : 0n;
      const to = from + 2n ** BigInt(narrow.bits) - 1n;
      if (fits(min, max, from, to)) return this.exactly(narrow);
      return this.exactly(INT64, `; ${min} to ${max} is more than ${name} holds elsewhere`);
    }
    return this.exactly(INT64);
  }

  reals(): ReadType {
    const { name, parameters } = this.#declared;
    const instant = temporalOf(name) && this.#policies.sqlite_datetime === 'julian' ? this.#instant() : null;
    if (instant) return this.exactly(instant, ', julian by --allow');
    const decimal = this.#decimal();
    if (decimal) return this.exactly(decimal);
    const single = this.#evidence !== null && this.#evidence.firstOffending?.what !== NOT_SINGLE;
    if (SINGLE_NAMES.has(name) && single) return this.exactly({ kind: 'float', bits: 32 });
    const [precision, scale = 0] = parameters;
    if (DECIMAL_NAMES.has(name) && isDecimal(precision, scale)) {
      const type: LogicalType = { kind: 'decimal', precision, scale };
      const note = `; some have more digits than ${typeName(type)}`;
      if (this.#policies.decimal === 'round') return reading(FLOAT64, type, [], this.#because + note);
      return this.exactly(
        FLOAT64,
        `${note}, so all are kept as doubles (--allow decimal=round for decimals)`,
      );
    }
    return this.exactly(FLOAT64);
  }

  texts(): ReadType | Refusal {
    const { name, parameters } = this.#declared;
    const evidence = this.#evidence;
    const invalid = evidence?.text?.invalidUtf8Count ?? 0;
    if (invalid > 0 && this.#policies.invalid_utf8 === 'blob') {
      return this.exactly(BINARY, `, ${invalid} of them not UTF-8: all as bytes`);
    }
    if (invalid > 0 && this.#policies.invalid_utf8 !== 'replace' && !this.#leavesOut) {
      return {
        refused: 'E_INVALID_UTF8',
        reason: `${counted(invalid, 'text')} not valid UTF-8`,
        hint: '--allow invalid_utf8=replace or invalid_utf8=blob, or mend the rows',
        policy: 'invalid_utf8',
      };
    }
    const labels = labelsOf(this.#column);
    if (labels) return reading(TEXT, labels, UTF8, this.#because);
    const temporal = temporalOf(name);
    if (temporal) {
      const found = evidence?.temporal;
      if (!found?.kind || !found.format) {
        return this.exactly(TEXT, `, not all of one date format${this.#example()}: kept as text`);
      }
      const bad = found.badCount ?? 0;
      const note = bad > 0 ? `, ${counted(bad, 'text')} of no date as NULL by --allow` : '';
      return this.#temporal(meaningOf(found, temporal), found.format, note);
    }
    if (Object.hasOwn(FORM_NAMES, name)) {
      const found = evidence?.textForm;
      if (!found?.all)
        return this.exactly(TEXT, `, not all ${FORM_NAMES[name]}${this.#example()}: kept as text`);
      const bits = found.minChars === found.maxChars ? found.maxChars : undefined;
      return reading(TEXT, formOf(this.#declared, bits) ?? TEXT, UTF8, this.#because);
    }
    if (UUID_NAMES.has(name) && evidence?.allUuid)
      return reading(TEXT, { kind: 'uuid' }, UTF8, this.#because);
    if (JSON_NAMES.has(name) && evidence?.allJson) return this.exactly({ kind: 'json' });
    if (DECIMAL_TEXT_NAMES.has(name) && evidence?.allDecimalText) {
      return this.exactly(this.#decimal() ?? { kind: 'numeric' });
    }
    const [declaredChars] = parameters;
    const longest = evidence?.text?.maxChars ?? 0;
    if (SIZED_TEXT_NAMES.has(name) && longest > declaredChars) {
      return this.exactly(TEXT, `, the longest of ${longest} characters`);
    }
    const meant = UUID_NAMES.has(name) || JSON_NAMES.has(name) || DECIMAL_TEXT_NAMES.has(name);
    return this.exactly(sizedText(this.#declared), meant ? `${this.#example()}: kept as text` : '');
  }

  /** Blobs are no text: mixed=text leaves a column with some to the target. */
  mixed(classes: readonly Class[]): ReadType | Refusal {
    const { name } = this.#declared;
    const invalid = this.#evidence?.text?.invalidUtf8Count ?? 0;
    if (invalid > 0 && this.#policies.invalid_utf8 !== 'replace' && !this.#leavesOut) {
      return {
        refused: 'E_INVALID_UTF8',
        reason: `${counted(invalid, 'text')} not valid UTF-8, among values of other classes`,
        hint: '--allow invalid_utf8=replace, or mend the rows',
        policy: 'invalid_utf8',
      };
    }
    const onlyNumbers = !classes.includes('text') && !classes.includes('blob');
    if (onlyNumbers && this.#evidence) {
      const decimal = this.#decimal();
      if (decimal) return this.exactly(decimal);
      const { min = '0', max = '0' } = this.#evidence.integers ?? {};
      const numeric = affinityOf(this.#column.nativeType) === 'numeric' && !BOOLEAN_NAMES.has(name);
      // NUMERIC affinity keeps 5.0 as 5: the two classes are one column of numbers.
      if (numeric && fits(min, max, -EXACT_INTEGER_MAX, EXACT_INTEGER_MAX)) return this.exactly(FLOAT64);
    }
    if (this.#policies.mixed === 'text' && (this.#leavesOut || !classes.includes('blob')))
      return reading(ANY, TEXT, UTF8, `${this.#because}, as text by --allow`);
    if (this.#leavesOut)
      return reading(ANY, this.#meant(classes), UTF8, `${this.#because}; rows that don't suit are left out`);
    return reading(ANY, ANY, UTF8, this.#because);
  }

  /** What the column is declared to hold; where that is anything, what the first class found is. */
  #meant(classes: readonly Class[]): LogicalType {
    const { logical } = declaredMeaning(this.#column);
    return logical.kind === 'int' ? INT64 : this.#declared.name === '' ? storageType([classes[0]]) : logical;
  }

  #temporal(logical: LogicalType, format: TemporalFormat, note: string): ReadType {
    return reading({ kind: 'text', format }, logical, UTF8, this.#because + note);
  }

  /** What a number in a date column means, if the user said so. */
  #instant(): LogicalType | null {
    switch (this.#policies.sqlite_datetime) {
      case 'unix_s':
        return { kind: 'timestamp', unit: 's', zone: false };
      case 'unix_ms':
        return { kind: 'timestamp', unit: 'ms', zone: false };
      case 'julian':
        return { kind: 'timestamp', unit: 'us', zone: false };
      default:
        return null;
    }
  }

  /** The declared decimal, if every value fits it. */
  #decimal(): LogicalType | null {
    const { name, parameters } = this.#declared;
    const [precision, scale = 0] = parameters;
    if (!DECIMAL_NAMES.has(name) && !DECIMAL_TEXT_NAMES.has(name)) return null;
    const found = this.#evidence?.numeric;
    if (!found || !isDecimal(precision, scale)) return null;
    const fitting =
      found.nanCount + found.infinityCount === 0 &&
      found.maxScale <= scale &&
      found.maxIntegerDigits <= precision - scale;
    return fitting ? { kind: 'decimal', precision, scale } : null;
  }

  #example(): string {
    const value = this.#evidence?.firstOffending?.value;
    return value === undefined ? '' : ` (such as "${value.slice(0, 40)}")`;
  }
}

/** The type of texts whose format is known, in the unit the declared type asks for if it is fine enough. */
function meaningOf(found: NonNullable<ColumnEvidence['temporal']>, declared: LogicalType): LogicalType {
  const digits = found.maxFractionDigits ?? 0;
  if (found.kind === 'date') return { kind: 'date' };
  if (found.kind === 'time') {
    const isFine = digits > 6 || (declared.kind === 'time' && declared.unit === 'ns');
    return { kind: 'time', unit: isFine ? 'ns' : 'us' };
  }
  const wanted = declared.kind === 'timestamp' ? declared.unit : 'us';
  const unit = digits > 6 ? 'ns' : digits > { s: 0, ms: 3, us: 6, ns: 9 }[wanted] ? 'us' : wanted;
  return { kind: 'timestamp', unit, zone: (found.format?.zone ?? '') !== '' };
}

function isText(type: LogicalType): boolean {
  return type.kind === 'text' || type.kind === 'json' || type.kind === 'numeric';
}

function fits(min: string, max: string, from: bigint, to: bigint): boolean {
  return BigInt(min) >= from && BigInt(max) <= to;
}
