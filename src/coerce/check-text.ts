// Checks of text: UTF-8, NUL bytes, lengths. The whole heap is looked at once; single values only if that
// finds something.
import { Buffer, isUtf8 } from 'node:buffer';
import { isValid } from '../batch/bitmap.ts';
import { HeapBuilder, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Policies } from '../types/policy.ts';
import type { LossSink } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { isUtf8Heap } from './utf8.ts';
import { keepWhere } from './variable.ts';

/** Every value is UTF-8 (E_INVALID_UTF8), or with invalid_utf8=replace made so with U+FFFD. */
export function checkUtf8(column: Column, sink: LossSink, policies: Policies): Column {
  if (isUtf8Heap(column)) return column;
  const rejects = new Rejects(column, sink, policies);
  const valid = (heap: Uint8Array, start: number, end: number) => isUtf8(heap.subarray(start, end));
  if (policies.invalid_utf8 !== 'replace') {
    return keepWhere(column, rejects, valid, (row) =>
      rejects.refuse(row, 'E_INVALID_UTF8', 'the text is not valid UTF-8'),
    );
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const encoder = new TextEncoder();
  return rewrite(column, rejects, (bytes) => {
    if (isUtf8(bytes)) return bytes;
    rejects.used('invalid_utf8');
    return encoder.encode(decoder.decode(bytes));
  });
}

const REPLACEMENT = Uint8Array.of(0xef, 0xbf, 0xbd);
const ESCAPED_NUL = Uint8Array.of(92, 48);

/** No value holds a NUL byte (E_NUL_IN_TEXT); policy nul: left out, U+FFFD, or `\0`. */
export function checkNoNul(column: Column, sink: LossSink, policies: Policies): Column {
  const offsets = offsetsOf(column);
  // Buffer's search is memchr, several times as fast as the typed array's own.
  const { buffer, byteOffset } = column.data;
  const heap = Buffer.from(buffer, byteOffset + offsets[0], offsets[column.length] - offsets[0]);
  if (!heap.includes(0)) return column;
  const rejects = new Rejects(column, sink, policies);
  if (policies.nul === undefined) {
    const clean = (heap: Uint8Array, start: number, end: number) => !heap.subarray(start, end).includes(0);
    return keepWhere(column, rejects, clean, (row) =>
      rejects.refuse(row, 'E_NUL_IN_TEXT', 'the text holds a NUL byte'),
    );
  }
  const instead =
    policies.nul === 'strip' ? new Uint8Array(0) : policies.nul === 'replace' ? REPLACEMENT : ESCAPED_NUL;
  return rewrite(column, rejects, (bytes) => {
    if (!bytes.includes(0)) return bytes;
    rejects.used('nul');
    return replaceNuls(bytes, instead);
  });
}

function replaceNuls(bytes: Uint8Array, instead: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte === 0) count++;
  const out = new Uint8Array(bytes.length + count * (instead.length - 1));
  let at = 0;
  for (const byte of bytes) {
    if (byte !== 0) out[at++] = byte;
    else {
      out.set(instead, at);
      at += instead.length;
    }
  }
  return out;
}

/** The column with each value put through `change`. */
function rewrite(column: Column, rejects: Rejects, change: (bytes: Uint8Array) => Uint8Array): Column {
  const offsets = offsetsOf(column);
  const out = new HeapBuilder(column.length, offsets[column.length] + 64);
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column.validity, row)) {
      out.close(row, out.end);
      continue;
    }
    const bytes = change(column.data.subarray(offsets[row], offsets[row + 1]));
    out.copy(row, bytes, 0, bytes.length);
  }
  return out.finish(column.type, column.length, rejects.done());
}

/** No value has more than `most` code points; E_VALUE_TOO_LONG. */
export function checkMaxChars(column: Column, sink: LossSink, most: number): Column {
  const fits = (heap: Uint8Array, start: number, end: number) => {
    if (end - start <= most) return true;
    let chars = 0;
    for (let i = start; i < end; i++) if ((heap[i] & 0xc0) !== 0x80) chars++;
    return chars <= most;
  };
  return checkLength(column, sink, fits, 'E_VALUE_TOO_LONG', `the text has more than ${most} characters`);
}

/** No value has more than `most` bytes; E_VALUE_TOO_LARGE. */
export function checkMaxBytes(column: Column, sink: LossSink, most: number): Column {
  const offsets = offsetsOf(column);
  if (offsets[column.length] - offsets[0] <= most) return column;
  const fits = (_: Uint8Array, start: number, end: number) => end - start <= most;
  return checkLength(column, sink, fits, 'E_VALUE_TOO_LARGE', `the value has more than ${most} bytes`);
}

function checkLength(
  column: Column,
  sink: LossSink,
  fits: (heap: Uint8Array, start: number, end: number) => boolean,
  code: ErrorCode,
  message: string,
): Column {
  const rejects = new Rejects(column, sink);
  return keepWhere(column, rejects, fits, (row) => rejects.refuse(row, code, message));
}
