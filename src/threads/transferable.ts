// Marks an answer so that Piscina moves its buffers to the main thread instead of copying them.
import { transferableSymbol, valueSymbol } from 'piscina';

/** Wraps `value` with the buffers that leave this thread with it. */
export function transferable<T>(value: T, buffers: ArrayBuffer[]) {
  return {
    get [transferableSymbol]() {
      return buffers;
    },
    get [valueSymbol]() {
      return value;
    },
  };
}
