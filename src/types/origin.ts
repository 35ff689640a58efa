// What a column was, as it is kept beside a ledger. Pure.
import type { ColumnOrigin } from './schema.ts';

/** Null for text that isn't an origin: someone else's hand was in the table. */
export function parseOrigin(text: string): ColumnOrigin | null {
  try {
    const value = JSON.parse(text) as Partial<ColumnOrigin> | null;
    if (typeof value?.engine !== 'string' || typeof value.nativeType !== 'string') return null;
    return value as ColumnOrigin;
  } catch {
    return null;
  }
}
