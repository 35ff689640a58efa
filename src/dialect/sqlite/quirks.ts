// What SQLite can and can't do, for the planner; the contract suite tests each claim. Pure.
import type { Quirks } from '../dialect.ts';

export const quirks: Quirks = {
  embedded: true,
  schemas: false,
  defaultSchema: null,
  identifierBytesMax: null,
  caseSensitiveNames: false,
  columnsMax: 2000,
  zeroColumns: false,
  // One connection holds the read transaction; its cursors take turns on one thread.
  readersMax: 8,
  writersMax: 1,
  sharedPrescan: true,
  nulInText: true,
  // A bound NaN becomes NULL without a word.
  nan: false,
  rawCells: false,
  indexNamesShared: true,
};
