// In which types two columns can be compared: those in which the source's rows would be written, wherever the standing
// column can be brought to them, or what both can be brought to. Pure.

import { ANY_CHILD_TYPES } from '../batch/column.ts';
import { findConversion } from '../coerce/rules.ts';
import { type LogicalType, sameType } from '../types/logical-type.ts';

export interface CommonType {
  readonly source: LogicalType;
  readonly target: LogicalType;
}

/**
 * What each side shall be turned into, so that equal values have equal hashes; null if there is no way.
 * @param meant what the source's values mean
 * @param written the type in which they would be written
 * @param there what the standing column holds
 */
export function commonType(meant: LogicalType, written: LogicalType, there: LogicalType): CommonType | null {
  if (hashAlike(written, there)) return { source: written, target: there };
  if (there.kind === 'any') {
    const ofClass = ANY_CHILD_TYPES.find((type) => findConversion(meant, type, {})?.class !== undefined);
    return ofClass ? { source: ofClass, target: there } : null;
  }
  if (findConversion(there, written, {})) return { source: written, target: written };
  if (findConversion(meant, there, {})) return { source: there, target: there };
  return null;
}

const TEXTS = new Set(['text', 'json', 'numeric', 'enum']);

/** True where equal values of the two have equal hashes, though they may lie in memory otherwise. */
export function hashAlike(one: LogicalType, other: LogicalType): boolean {
  if (sameType(one, other)) return true;
  if (one.kind === 'any' || other.kind === 'any') {
    const plain = one.kind === 'any' ? other : one;
    return ANY_CHILD_TYPES.some((type) => type.kind !== 'int' && hashAlike(plain, type)) || isInt64(plain);
  }
  return (TEXTS.has(one.kind) && TEXTS.has(other.kind)) || (isInt64(one) && isInt64(other));
}

/** Hashed by its number, whatever its width. */
function isInt64(type: LogicalType): boolean {
  return type.kind === 'int' && (type.bits < 64 || (type.bits === 64 && type.signed));
}
