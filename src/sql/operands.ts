// Brings values that meet in one operator to one family, strictly: two engines must take them for equal, smaller or
// greater alike. Pure.
import { type Expression, typeOf, type ValueType } from '../types/expression.ts';
import { adaptLiteral, isLiteral } from './literals.ts';
import { notKnown } from './not-known.ts';
import { ORDERED, type SqlWords } from './words.ts';

/** What is done with the values: compared by = or by <, or one of them chosen (coalesce, CASE). */
export type Meeting = 'equal' | 'ordered' | 'together';

export interface Unified {
  readonly parts: Expression[];
  readonly type: ValueType;
}

/** `collation` is what the text is compared by, whatever its parts say. @throws NotKnown where engines may differ */
export function unify(
  given: readonly Expression[],
  words: SqlWords,
  meeting: Meeting,
  collation?: ValueType['collation'],
): Unified {
  const leading = leadingType(given);
  const parts = given.map((part) => {
    if (!isLiteral(part) || part.value === null) return part;
    const adapted = adaptLiteral(part, leading, words.boolIsInteger);
    return adapted ?? notKnown(`the literal ${shown(part.value)} among values of ${nameOf(leading)}`);
  });
  const type = parts.map(typeOf).reduce((left, right) => commonType(left, right, meeting));
  const known = type.family === 'null' && leading.family !== 'null' ? leading : type;
  const settled = collation === undefined || known.family !== 'text' ? known : { ...known, collation };
  checkMeeting(settled, meeting, parts);
  return { parts, type: settled };
}

/** The type that literals follow: that of the first that is none; of all literals, the first that isn't NULL. */
function leadingType(parts: readonly Expression[]): ValueType {
  const types = parts.filter((part) => !isLiteral(part)).map(typeOf);
  const known = types.filter(({ family }) => family !== 'null');
  if (known.length > 0) return known.find(({ family }) => family === 'float') ?? known[0];
  const literals = parts.map(typeOf).filter(({ family }) => family !== 'null');
  return literals.find(({ family }) => family !== 'integer') ?? literals[0] ?? { family: 'null' };
}

function commonType(left: ValueType, right: ValueType, meeting: Meeting): ValueType {
  if (left.family === 'null') return right;
  if (right.family === 'null') return left;
  if (left.family === right.family) return sameFamily(left, right, meeting);
  const families = new Set([left.family, right.family]);
  if (families.has('integer') && families.has('decimal')) {
    const decimal = left.family === 'decimal' ? left : right;
    return { ...decimal, precision: undefined };
  }
  if (families.has('integer') && families.has('float') && meeting !== 'together') {
    const integer = left.family === 'integer' ? left : right;
    if ((integer.bits ?? 64) <= 32) return { family: 'float', bits: 64 };
    return notKnown('comparing integers of 64 bits with floats');
  }
  return notKnown(`${nameOf(left)} and ${nameOf(right)} together`);
}

function sameFamily(left: ValueType, right: ValueType, meeting: Meeting): ValueType {
  switch (left.family) {
    case 'integer':
    case 'float':
      if (left.family === 'float' && left.bits !== right.bits && meeting === 'together') {
        return notKnown('floats of 32 and 64 bits together');
      }
      return { ...left, bits: Math.max(left.bits ?? 64, right.bits ?? 64) };
    case 'decimal': {
      const known = left.scale !== undefined && right.scale !== undefined;
      return { family: 'decimal', scale: known ? Math.max(left.scale, right.scale) : undefined };
    }
    case 'text':
      return { ...left, collation: weakest(left.collation, right.collation) };
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return left.canonical === false || right.canonical === false ? { ...left, canonical: false } : left;
    default:
      return left;
  }
}

function weakest(left: ValueType['collation'], right: ValueType['collation']): ValueType['collation'] {
  const order = ['bytes', 'locale', 'nocase', 'other'] as const;
  return order[Math.max(order.indexOf(left ?? 'bytes'), order.indexOf(right ?? 'bytes'))];
}

function checkMeeting(type: ValueType, meeting: Meeting, parts: readonly Expression[]): void {
  if (meeting === 'together') return;
  // SQLite's times are text, which may be written in more than one way. A date has one form.
  const isOne = parts.every((part) => JSON.stringify(part) === JSON.stringify(parts[0]));
  checkFamily(isOne ? { ...type, canonical: undefined } : type, meeting);
}

/** Whether values of one column may be told apart, grouped or sorted. @throws NotKnown where engines may differ */
export function checkComparable(type: ValueType, meeting: 'equal' | 'ordered'): void {
  checkFamily(type, meeting);
  if (meeting === 'equal' && type.collation === 'nocase') notKnown('telling text apart by a collation');
}

function checkFamily(type: ValueType, meeting: Meeting): void {
  const { family } = type;
  if (family === 'other') notKnown(`comparing values of the type ${type.name ?? 'it has'}`);
  if (family === 'padded') notKnown('comparing char(n), which ignores blanks at the end');
  if (type.collation === 'other') notKnown('comparing text by a collation of its own');
  if (meeting === 'ordered') {
    if (family !== 'null' && !ORDERED.has(family)) notKnown(`the order of values of ${nameOf(type)}`);
    if (type.collation === 'locale') notKnown('the order of text, which follows the locale of the database');
  }
  if (type.canonical === false && family !== 'date') {
    notKnown(`comparing ${nameOf(type)} that SQLite keeps as text of a form that is not known`);
  }
}

export function nameOf(type: ValueType): string {
  return type.name ?? type.family;
}

export function shown(text: string): string {
  return text.length > 40 ? `'${text.slice(0, 40)}…'` : `'${text}'`;
}
