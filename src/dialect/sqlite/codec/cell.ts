// A value as better-sqlite3 gives it with safeIntegers, and rows of such: what the plain way reads, and what the prescan's judge
// is asked about. Pure types, and a cell's text.

export type Cell = bigint | number | string | Buffer | null;
export type Row = readonly Cell[];

/** Rows as they came, and how to get a text column's exact bytes where strings could not carry them. */
export interface Page {
  readonly rows: readonly Row[];
  /** The bytes of the text cells of column `cell`, in row order; for what is no text, null. */
  exactBytes(cell: number): readonly (Uint8Array | null)[];
}

/** A cell for people; blobs in hex, cut. */
export function cellText(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'object') return `x'${Buffer.from(cell.subarray(0, 64)).toString('hex')}'`;
  return typeof cell === 'string' ? cell.slice(0, 1000) : String(cell);
}
