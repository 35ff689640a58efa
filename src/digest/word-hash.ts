// Hashes of values of one, two or four words of 32 bits. Pure; runs in crossing workers. Each width has a loop of its own,
// with no loop inside it.
import { endA, endB, type Lanes, stepA, stepB } from './mix.ts';

/** Value i is view[i * words .. (i + 1) * words]. */
export function hashWords(view: Int32Array, words: number, length: number, seed: number, out: Lanes): void {
  if (words === 1) hashSingle(view, length, seed, out);
  else if (words === 2) hashDouble(view, length, seed, out);
  else hashQuadruple(view, length, seed, out);
}

function hashSingle(view: Int32Array, length: number, seed: number, { a, b }: Lanes): void {
  for (let i = 0; i < length; i++) {
    const word = view[i];
    a[i] = endA(stepA(seed, word));
    b[i] = endB(stepB(seed, word));
  }
}

function hashDouble(view: Int32Array, length: number, seed: number, { a, b }: Lanes): void {
  for (let i = 0; i < length; i++) {
    const low = view[i * 2];
    const high = view[i * 2 + 1];
    a[i] = endA(stepA(stepA(seed, low), high));
    b[i] = endB(stepB(stepB(seed, low), high));
  }
}

function hashQuadruple(view: Int32Array, length: number, seed: number, { a, b }: Lanes): void {
  for (let i = 0; i < length; i++) {
    const at = i * 4;
    let x = seed;
    let y = seed;
    x = stepA(stepA(x, view[at]), view[at + 1]);
    y = stepB(stepB(y, view[at]), view[at + 1]);
    x = stepA(stepA(x, view[at + 2]), view[at + 3]);
    y = stepB(stepB(y, view[at + 2]), view[at + 3]);
    a[i] = endA(x);
    b[i] = endB(y);
  }
}
