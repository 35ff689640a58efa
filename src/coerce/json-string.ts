// Bytes and JSON strings appended to a heap. Pure.
import type { HeapBuilder } from '../batch/builder.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));

/** Per byte: 0 as it is, 1 `\u00xx`, else the letter behind the backslash. */
const ESCAPE = new Uint8Array(256);
ESCAPE.fill(1, 0, 32);
for (const [byte, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const)
  ESCAPE[byte] = letter.charCodeAt(0);

/** Appends bytes as they are. */
export function putText(text: Uint8Array, out: HeapBuilder): null {
  const heap = out.reserve(text.length);
  if (text.length < 24) for (let j = 0; j < text.length; j++) heap[out.end + j] = text[j];
  else heap.set(text, out.end);
  out.end += text.length;
  return null;
}

/** Appends ASCII. */
export function putAscii(text: string, out: HeapBuilder): null {
  const heap = out.reserve(text.length);
  for (let j = 0; j < text.length; j++) heap[out.end + j] = text.charCodeAt(j);
  out.end += text.length;
  return null;
}

/** Appends bytes in quotes that have nothing to escape. */
export function putQuoted(text: Uint8Array, start: number, end: number, out: HeapBuilder): null {
  const heap = out.reserve(end - start + 2);
  heap[out.end++] = QUOTE;
  for (let j = start; j < end; j++) heap[out.end++] = text[j];
  heap[out.end++] = QUOTE;
  return null;
}

/** Appends UTF-8 as a JSON string. */
export function putEscaped(text: Uint8Array, start: number, end: number, out: HeapBuilder): null {
  // A byte becomes six at most.
  let heap = out.reserve(end - start + 2);
  let at = out.end;
  heap[at++] = QUOTE;
  for (let j = start; j < end; j++) {
    const byte = text[j];
    const letter = ESCAPE[byte];
    if (letter === 0) {
      heap[at++] = byte;
      continue;
    }
    out.end = at;
    heap = out.reserve(end - j + 7);
    heap[at++] = BACKSLASH;
    if (letter > 1) heap[at++] = letter;
    else {
      heap[at++] = 117;
      heap[at++] = 48;
      heap[at++] = 48;
      heap[at++] = HEX[byte >> 4];
      heap[at++] = HEX[byte & 15];
    }
  }
  heap[at++] = QUOTE;
  out.end = at;
  return null;
}

/** `"name":` */
export function quotedName(name: string): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(name)}:`);
}
