// Quotes SQLite identifiers. Pure.
import { FerrowError } from '../../errors/ferrow-error.ts';

/** @throws FerrowError E_IDENTIFIER_INVALID on NUL */
export function quote(identifier: string): string {
  if (identifier.includes('\0')) {
    throw new FerrowError('E_IDENTIFIER_INVALID', 'a name holds a NUL, which no SQL can express', {
      dialect: 'sqlite',
    });
  }
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** `"a", "b"`. */
export function quoteList(identifiers: readonly string[]): string {
  return identifiers.map(quote).join(', ');
}

/** A text literal. @throws FerrowError E_IDENTIFIER_INVALID on NUL */
export function literal(text: string): string {
  quote(text);
  return `'${text.replaceAll("'", "''")}'`;
}
