// What was tried to come nearer to the floor, and what it gave: measured once each, over 2 million rows of lineitem on 2 cores
// unless another table is named. The reasons stand in docs/decisions.

export interface Trial {
  readonly pairs: string;
  readonly tried: string;
  readonly measured: string;
  readonly kept: boolean;
}

export const TRIALS: readonly Trial[] = [
  {
    pairs: 'all',
    tried: 'chunks of 2 MiB in one transaction each, or in groups',
    measured: 'DuckDB: 3.6 s of commits in 179 transactions, 1.2 s in 9',
    kept: true,
  },
  {
    pairs: 'all',
    tried: 'one bundle and Node’s compile cache instead of 300 modules',
    measured: 'a table of one row, SQLite to PostgreSQL: 0.44 s instead of 0.66',
    kept: true,
  },
  {
    pairs: 'all',
    tried: 'threads and drivers that load while the command line’s own modules do',
    measured: 'a table of two rows, SQLite to DuckDB: 0.78 CPU seconds instead of 0.95',
    kept: true,
  },
  {
    pairs: 'all',
    tried: 'the grammar of SQL loaded only where there is SQL to read, and its WebAssembly compiled once',
    measured:
      'a table of two rows, DuckDB to DuckDB: 0.87 CPU seconds instead of 1.00; six tables with an index and a view, SQLite to SQLite: 0.70 instead of 1.02',
    kept: true,
  },
  {
    pairs: 'all',
    tried: 'larger malloc thresholds and fewer arenas, so that freed buffers are used again',
    measured: '0.1 of 3.7 CPU seconds; only the environment of the process can ask for it',
    kept: false,
  },
  {
    pairs: 'from DuckDB, to PostgreSQL',
    tried: 'buffers that were only copied from are given back at once, instead of left to V8',
    measured: 'collections of the whole heap: 26 to 5 (DuckDB to SQLite), 21 to 10 (DuckDB to PostgreSQL)',
    kept: true,
  },
  {
    pairs: 'to DuckDB',
    tried: 'powers of ten from a table, not by ** before the loop, into which V8 moves them',
    measured: 'SQLite to DuckDB: 3 % of all CPU samples, then none',
    kept: true,
  },
  {
    pairs: 'all',
    tried:
      'V8 without Maglev, with Sparkplug at once, with feedback at once, with its collector on one thread',
    measured: 'nothing that shows; compiling and collecting stay 0.2 to 0.7 CPU seconds a run',
    kept: false,
  },
  {
    pairs: 'from SQLite',
    tried: 'to begin by the declared types and look into all values only where one does not suit',
    measured:
      '0.5 s of 4.3; but then a column is refused when rows have moved, and no longer all columns at once',
    kept: false,
  },
  {
    pairs: 'SQLite to SQLite',
    tried: 'not to look into values first, since each keeps its storage class',
    measured: '1.5 to 1.7 s instead of 2.2',
    kept: true,
  },
  {
    pairs: 'SQLite to SQLite',
    tried: 'ranges of the source’s own file, attached, instead of images of its pages',
    measured: '1.2 CPU seconds in SQLite’s thread instead of 0.9',
    kept: false,
  },
  {
    pairs: 'to SQLite',
    tried:
      'larger pages in the image, a file in memory, exclusive locking, journal_mode TRUNCATE, OFF or WAL',
    measured: 'less than 0.05 s; WAL 0.3 s slower',
    kept: false,
  },
  {
    pairs: 'from PostgreSQL',
    tried: 'a receiver of our own for COPY instead of an object for each row',
    measured: 'PostgreSQL to PostgreSQL: 1.0 CPU seconds of Ferrow’s instead of 2.5',
    kept: true,
  },
  {
    pairs: 'to PostgreSQL',
    tried: 'ANALYZE beside the count, not after it',
    measured: '0.50 s instead of 0.55, medians of seven rounds: the server counts on both cores already',
    kept: false,
  },
  {
    pairs: 'to PostgreSQL',
    tried: 'coarser statistics of tables of many columns, made in full by autovacuum later',
    measured: 'a run of 40,000 rows of 200 columns from SQLite: 2.2 s instead of 6.3; lineitem is as it was',
    kept: true,
  },
  {
    pairs: 'to DuckDB',
    tried: 'the appender, Parquet files, or a table function that we fill',
    measured: '2.6, 2.1 (when the files are there already), 2.0 CPU seconds; 2.2, 2.1, 1.25 s',
    kept: true,
  },
  {
    pairs: 'to DuckDB',
    tried: 'threads of DuckDB’s own while writers are open',
    measured: '2.8 CPU seconds instead of 2.0: a thread that waits for another asks without a pause',
    kept: false,
  },
  {
    pairs: 'from DuckDB',
    tried: 'two cursors instead of one',
    measured: '1.2 to 1.6 CPU seconds instead of 0.9',
    kept: false,
  },
  {
    pairs: 'DuckDB to DuckDB',
    tried: 'references to ranges of rows, which the target takes out of the source’s file',
    measured: '3.1 CPU seconds instead of 5.9',
    kept: true,
  },
];
