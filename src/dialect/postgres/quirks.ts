// What PostgreSQL can and can't do, for the planner.
import type { Quirks } from '../dialect.ts';

export const postgresQuirks: Quirks = {
  embedded: false,
  schemas: true,
  defaultSchema: 'public',
  identifierBytesMax: 63,
  caseSensitiveNames: true,
  columnsMax: 1600,
  zeroColumns: true,
  readersMax: Number.POSITIVE_INFINITY,
  writersMax: Number.POSITIVE_INFINITY,
  nulInText: false,
  nan: true,
  rawCells: true,
  indexNamesShared: true,
};
