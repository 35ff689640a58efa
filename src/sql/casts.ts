// Casts that keep the value, and typed literals. All others are not known. Pure.
import { type Expression, typeOf, type ValueType } from '../types/expression.ts';
import { contentOf, type Node, namesOf } from './grammar.ts';
import {
  adaptLiteral,
  decimalLiteral,
  floatLiteral,
  integerLiteral,
  isLiteral,
  type Literal,
  literal,
  plainNumber,
} from './literals.ts';
import { notKnown } from './not-known.ts';
import { nameOf, shown } from './operands.ts';
import type { Content, Reader } from './understand.ts';
import type { SqlWords } from './words.ts';

export function understandCast(content: Content, reader: Reader): Expression {
  const typeName = content['typeName'] as {
    names?: Node[];
    typmods?: Node[];
    arrayBounds?: Node[];
    setof?: boolean;
  };
  const names = namesOf(typeName.names);
  const shownName = names.filter((part) => part !== 'pg_catalog').join('.');
  if (typeName.arrayBounds) return notKnown(`a cast to ${shownName}[]`);
  const of = reader.value(content['arg'] as Node);
  const isBuiltIn = names.length === 1 || ['pg_catalog', 'main'].includes(names[0]);
  const name = names[names.length - 1].toLowerCase();
  const type = isBuiltIn ? reader.words.castType(name, parametersOf(typeName.typmods)) : null;
  if (isLiteral(of)) {
    const value = type ? castLiteral(of, type, reader.words) : userLiteral(of, shownName);
    return value ?? notKnown(`the literal ${shown(of.value ?? 'NULL')} as ${shownName}`);
  }
  return type ? castTo(of, type) : notKnown(`a cast to ${shownName}`);
}

function parametersOf(nodes: readonly Node[] | undefined): number[] {
  return (nodes ?? []).map((node) => {
    const [kind, content] = contentOf(node);
    const value = (content['ival'] as { ival?: number } | undefined)?.ival ?? 0;
    return kind === 'A_Const' && 'ival' in content
      ? value
      : notKnown('a type whose parameters are no numbers');
  });
}

/** `'a'::mood`: a label, if it meets a column that is an enum. */
function userLiteral(of: Literal, name: string): Literal | null {
  if (of.value === null) return literal({ family: 'null' }, null);
  return of.type.family === 'text' ? literal({ family: 'enum', name }, of.value) : null;
}

function castLiteral(of: Literal, type: ValueType, words: SqlWords): Literal | null {
  const { value } = of;
  if (value === null) return literal(type, null);
  const plain = of.type.family === 'bool' ? null : plainNumber(value);
  switch (type.family) {
    case 'integer': {
      const whole = plain !== null && !plain.includes('.') ? integerLiteral(plain) : null;
      return whole !== null && (whole.type.bits ?? 64) <= (type.bits ?? 64) ? whole : null;
    }
    case 'decimal': {
      if (plain === null) return null;
      const number = decimalLiteral(plain);
      return fits(number.type, type) ? { ...number, type: { ...number.type, ...known(type) } } : null;
    }
    case 'float':
      return plain === null ? null : floatLiteral(plain, type.bits ?? 64);
    case 'bool':
      if (of.type.family === 'bool') return of;
      return of.type.family === 'text' ? boolLiteral(value) : null;
    case 'text': {
      if (of.type.family !== 'text' && of.type.family !== 'integer') return null;
      const isLonger = type.precision !== undefined && [...value].length > type.precision;
      return isLonger ? null : literal({ family: 'text', collation: 'bytes' }, value);
    }
    case 'blob':
      return of.type.family === 'text' ? blobLiteral(value, words) : of.type.family === 'blob' ? of : null;
    default:
      return type.precision === undefined ? adaptLiteral(of, type, false) : null;
  }
}

function boolLiteral(value: string): Literal | null {
  if (/^(t|true)$/i.test(value)) return literal({ family: 'bool' }, 'true');
  return /^(f|false)$/i.test(value) ? literal({ family: 'bool' }, 'false') : null;
}

function blobLiteral(value: string, { blobText }: SqlWords): Literal | null {
  if (blobText === 'hex') {
    const hex = /^\\x((?:[0-9a-f]{2})*)$/i.exec(value);
    return hex ? literal({ family: 'blob' }, hex[1].toLowerCase()) : null;
  }
  if (blobText !== 'escapes') return null;
  let hex = '';
  for (let at = 0; at < value.length; at++) {
    const pair = /^\\x([0-9a-f]{2})/i.exec(value.slice(at, at + 4));
    const code = value.charCodeAt(at);
    if (!pair && (code > 127 || value[at] === '\\')) return null;
    hex += pair ? pair[1].toLowerCase() : code.toString(16).padStart(2, '0');
    if (pair) at += 3;
  }
  return literal({ family: 'blob' }, hex);
}

/** Whether the number can stand in a decimal of that size without being rounded. */
function fits(from: ValueType, to: ValueType): boolean {
  if (to.scale === undefined) return true;
  return from.scale !== undefined && from.scale <= to.scale;
}

function known({ precision, scale }: ValueType): Partial<ValueType> {
  return scale === undefined ? {} : { precision, scale };
}

/** The expression as a value of another family, if that keeps the value in every engine. @throws NotKnown */
export function castTo(of: Expression, to: ValueType): Expression {
  const from = typeOf(of);
  const refuse = (): never => notKnown(`a cast of ${nameOf(from)} to ${nameOf(to)}`);
  const cast = (type: ValueType): Expression => ({ node: 'cast', of, type });
  if (isLiteral(of) && of.value !== null && to.family === 'text' && from.family === 'integer') {
    return literal({ family: 'text', collation: 'bytes' }, of.value);
  }
  if (isLiteral(of) && of.value !== null && to.family === 'float' && from.family === 'integer') {
    return floatLiteral(of.value, 64) ?? refuse();
  }
  if (from.family === to.family) {
    switch (from.family) {
      case 'integer':
        return (to.bits ?? 64) >= (from.bits ?? 64) ? of : refuse();
      case 'float':
        if ((to.bits ?? 64) === (from.bits ?? 64)) return of;
        return to.bits === 32 ? refuse() : cast({ family: 'float', bits: 64 });
      case 'decimal':
        return to.scale === undefined || fits(from, to) ? of : refuse();
      case 'text':
        return to.precision === undefined ? of : refuse();
      case 'bool':
      case 'date':
      case 'uuid':
      case 'blob':
        return of;
      case 'time':
      case 'timestamp':
      case 'timestamptz':
        return to.precision === undefined && from.canonical !== false ? of : refuse();
      default:
        return refuse();
    }
  }
  switch (`${from.family} to ${to.family}`) {
    case 'integer to text':
    case 'uuid to text':
    case 'enum to text':
      return to.precision === undefined ? cast({ family: 'text', collation: 'bytes' }) : refuse();
    case 'integer to decimal':
      return cast({ family: 'decimal', ...known(to) });
    case 'integer to float':
      return to.bits === 32 ? refuse() : cast({ family: 'float', bits: 64 });
    case 'integer to bool':
      return { node: 'compare', operator: '<>', left: of, right: literal(from, '0') };
    case 'bool to integer':
      return {
        node: 'case',
        branches: [
          { when: of, gives: literal({ family: 'integer', bits: 32 }, '1') },
          { when: { node: 'not', of }, gives: literal({ family: 'integer', bits: 32 }, '0') },
        ],
        otherwise: null,
        type: { family: 'integer', bits: 32 },
      };
    default:
      return refuse();
  }
}
