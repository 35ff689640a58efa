// Identifiers of PostgreSQL: quoting, and names that fit into its 63 bytes. Pure.
import { createHash } from 'node:crypto';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';

export const IDENTIFIER_BYTES_MAX = 63;

/** @throws FerrowError E_IDENTIFIER_INVALID on NUL and on the empty name, which the server does not take */
export function quote(identifier: string): string {
  if (identifier.includes('\0') || identifier === '') {
    const what = identifier === '' ? 'an empty name' : 'a name with a NUL byte';
    throw new FerrowError('E_IDENTIFIER_INVALID', `${what} can not exist in PostgreSQL`, {
      dialect: 'postgres',
    });
  }
  return `"${identifier.replaceAll('"', '""')}"`;
}

export function quoteTable(table: TableName): string {
  return table.schema === null ? quote(table.name) : `${quote(table.schema)}.${quote(table.name)}`;
}

export function quoteList(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** A string literal. @throws FerrowError on NUL */
export function literal(text: string): string {
  if (text.includes('\0'))
    throw new FerrowError('E_NUL_IN_TEXT', 'a NUL byte in a literal', { dialect: 'postgres' });
  return text.includes('\\')
    ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}

/** The name itself where it fits, else its beginning and a hash of the whole: the same in each run. */
export function fittingName(name: string): string {
  return Buffer.byteLength(name) <= IDENTIFIER_BYTES_MAX ? name : hashedName(name, name);
}

/** The beginning of a name and a hash of `of`. */
export function hashedName(name: string, of: string): string {
  const hash = createHash('sha256').update(of).digest('hex').slice(0, 8);
  let kept = name;
  while (Buffer.byteLength(kept) > IDENTIFIER_BYTES_MAX - 9) kept = kept.slice(0, -1);
  // Never half of a surrogate pair.
  return `${kept.replace(/[\ud800-\udbff]$/, '')}_${hash}`;
}
