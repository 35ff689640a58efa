// The arithmetic of the digest: two lanes of 32 bits, each a chain of multiplications by an odd number and shifts. Pure;
// runs in crossing workers.
//
// Every step is a bijection of its state and of its word, so two values that differ in one word never meet in it. Values
// that differ in more meet in both lanes with odds of 2^-64: enough against faults, nothing against somebody who looks
// for such values, which these multiplications were not made to stop.

/** Two lanes of 32 bits for each value of a column. */
export interface Lanes {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

export function newLanes(length: number): Lanes {
  return { a: new Int32Array(length), b: new Int32Array(length) };
}

export function stepA(state: number, word: number): number {
  const mixed = Math.imul(state ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

export function stepB(state: number, word: number): number {
  const mixed = Math.imul(state ^ word, 0xc2b2ae3d);
  return mixed ^ (mixed >>> 14);
}

/** Spreads the last word over all bits. */
export function endA(state: number): number {
  const mixed = Math.imul(state, 0x85ebca77);
  return mixed ^ (mixed >>> 13);
}

export function endB(state: number): number {
  const mixed = Math.imul(state, 0x27d4eb2f);
  return mixed ^ (mixed >>> 16);
}

/** What stands for NULL, of whatever type. */
export const NULL_A = 0x5bd1e995;
export const NULL_B = 0x1b873593;

/** What the hash of a row begins with. */
export const ROW_SEED = 0x165667b1;
