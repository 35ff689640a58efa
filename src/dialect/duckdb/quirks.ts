// What DuckDB can and can't do, as the planner needs it. The contract suite tests each claim.
import type { Quirks } from '../dialect.ts';

export const quirks: Quirks = {
  embedded: true,
  schemas: true,
  defaultSchema: 'main',
  identifierBytesMax: null,
  caseSensitiveNames: false,
  // DuckDB has no limit of its own (20,000 columns were tried); this one keeps a vector of a row in memory.
  columnsMax: 10_000,
  zeroColumns: false,
  // Each reader is a connection of the one instance. DuckDB scans with its own threads beside them.
  readersMax: 2,
  // Transactions that append to one table run side by side; the gain is the fsync of one beside the rows of
  // the other (1.05 M rows: 0.80 s alone, 0.65 s by two, 0.61 s by four).
  writersMax: 2,
  nulInText: true,
  nan: true,
  rawCells: false,
  takesReferences: true,
  indexNamesShared: true,
};
