// Bytes that must be text. (Text to bytes needs no kernel: the bytes are the same.) Pure.
import { withType } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import { checkUtf8 } from './check-text.ts';
import type { Kernel } from './kernel.ts';

/** Bytes as text, where they are UTF-8. */
export function binaryToText(to: LogicalType, policies: Policies): Kernel {
  return (column, sink) => withType(checkUtf8(column, sink, policies), to);
}
