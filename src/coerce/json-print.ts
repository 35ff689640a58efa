// Values of any type as JSON text, byte by byte: numbers with all their digits, everything that JSON has no form for
// as a string (docs/types.md). What it prints is valid JSON, or it says why not. Pure.
import { isValid } from '../batch/bitmap.ts';
import { type HeapBuilder, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { childTypes, type LogicalType, type NamedType } from '../types/logical-type.ts';
import { type JsonPrinter, leafPrinter } from './json-print-leaf.ts';
import { putText, quotedName } from './json-string.ts';

/** False where JSON could not be told back into the type: names that collide, bytes of one engine, mixed columns. */
export function hasJsonForm(type: LogicalType): boolean {
  if (type.kind === 'any' || type.kind === 'opaque') return false;
  if (type.kind === 'struct' && hasTwins(type.fields)) return false;
  if (type.kind === 'union' && hasTwins(type.members)) return false;
  return childTypes(type).every(hasJsonForm);
}

const hasTwins = (types: readonly NamedType[]) => new Set(types.map(({ name }) => name)).size < types.length;

/** Codes that values of a type may be refused with on their way to JSON. */
export function jsonPrintCodes(type: LogicalType): ErrorCode[] {
  const codes = childTypes(type).flatMap(jsonPrintCodes);
  if (type.kind === 'map') codes.push('E_INVALID_JSON');
  return [...new Set([...codes, ...(LEAF_CODES[type.kind] ?? [])])];
}

const LEAF_CODES: { readonly [K in LogicalType['kind']]?: readonly ErrorCode[] } = {
  text: ['E_INVALID_UTF8'],
  json: ['E_INVALID_UTF8', 'E_INVALID_JSON'],
  numeric: ['E_INVALID_NUMBER'],
  time: ['E_TIME_RANGE'],
  timetz: ['E_TIME_RANGE'],
  timestamp: ['E_TIMESTAMP_RANGE'],
  bit: ['E_INVALID_BIT'],
};

/** How values of this very column are printed. NULL is `null`. With `few`, nothing is looked at as a whole before. */
export function jsonPrinter(column: Column, few = false): JsonPrinter {
  const print = valuePrinter(column, few);
  const { validity } = column;
  return (row, out) => (isValid(validity, row) ? print(row, out) : putText(NULL, out));
}

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const NULL = ascii('null');
const [COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = ascii(',:[]{}');

function putByte(byte: number, out: HeapBuilder): void {
  out.reserve(1)[out.end++] = byte;
}

/** A printer for values that aren't NULL. */
function valuePrinter(column: Column, few: boolean): JsonPrinter {
  switch (column.type.kind) {
    case 'list':
    case 'map':
    case 'struct':
    case 'union':
      return nestedPrinter(column, few);
    case 'any': {
      const children = (column.children ?? []).map((child) => jsonPrinter(child, few));
      return (row, out) => children[column.typeIds?.[row] ?? 0](offsetsOf(column)[row], out);
    }
    default:
      return leafPrinter(column, few);
  }
}

function nestedPrinter(column: Column, few: boolean): JsonPrinter {
  const { type } = column;
  const children = (column.children ?? []).map((child) => jsonPrinter(child, few));
  if (type.kind === 'struct') {
    const names = type.fields.map(({ name }) => quotedName(name));
    return (row, out) => {
      putByte(OPEN, out);
      for (let at = 0; at < names.length; at++) {
        if (at > 0) putByte(COMMA, out);
        putText(names[at], out);
        const refusal = children[at](row, out);
        if (refusal !== null) return refusal;
      }
      putByte(CLOSE, out);
      return null;
    };
  }
  if (type.kind === 'union') {
    const names = type.members.map(({ name }) => quotedName(name));
    return (row, out) => {
      const member = column.typeIds?.[row] ?? 0;
      putByte(OPEN, out);
      putText(names[member], out);
      const refusal = children[member](row, out);
      if (refusal !== null) return refusal;
      putByte(CLOSE, out);
      return null;
    };
  }
  return elementsPrinter(column, children);
}

/** `[1,2]`; maps `{"k":1}` if their keys are text, else `[[1,2],[3,4]]`. */
function elementsPrinter(column: Column, children: readonly JsonPrinter[]): JsonPrinter {
  const offsets = offsetsOf(column);
  const [first, second] = children;
  const keys = column.children?.[0].validity ?? null;
  const isMap = column.type.kind === 'map';
  const isObject = column.type.kind === 'map' && column.type.key.kind === 'text';
  return (row, out) => {
    putByte(isObject ? OPEN : OPEN_LIST, out);
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      if (at > offsets[row]) putByte(COMMA, out);
      if (isMap && !isValid(keys, at)) return { code: 'E_INVALID_JSON', message: 'a key is NULL' };
      if (isMap && !isObject) putByte(OPEN_LIST, out);
      let refusal = first(at, out);
      if (isMap && refusal === null) {
        putByte(isObject ? COLON : COMMA, out);
        refusal = second(at, out);
      }
      if (refusal !== null) return refusal;
      if (isMap && !isObject) putByte(CLOSE_LIST, out);
    }
    putByte(isObject ? CLOSE : CLOSE_LIST, out);
    return null;
  };
}
