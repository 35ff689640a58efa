// UUIDs to and from text. Pure.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, HeapBuilder, Nulls, offsetsOf } from '../batch/builder.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { parseUuid, printUuid, UUID_TEXT_BYTES } from './uuid-text.ts';

/** 16 bytes as 36 lower-case characters. */
export function uuidToText(to: LogicalType): Kernel {
  return (column) => {
    const out = new HeapBuilder(column.length, column.length * UUID_TEXT_BYTES);
    for (let row = 0; row < column.length; row++) {
      if (isValid(column.validity, row)) {
        const heap = out.reserve(UUID_TEXT_BYTES);
        out.close(row, printUuid(column.data, row * 16, heap, out.end));
      } else out.close(row, out.end);
    }
    return out.finish(to, column.length, Nulls.of(column));
  };
}

/** Lower-case text of 36 characters; what would not come back the same is E_INVALID_UUID. */
export function textToUuid(to: LogicalType): Kernel {
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(to, column.length);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const start = offsets[row];
      if (offsets[row + 1] - start === UUID_TEXT_BYTES && parseUuid(column.data, start, data, row * 16))
        continue;
      data.fill(0, row * 16, row * 16 + 16);
      rejects.refuse(row, 'E_INVALID_UUID', 'the text is not a UUID of 36 lower-case characters');
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}
