// Which edge values a pair of engines refuses, as `CODE value`, by column of the corpus. Everything else must
// arrive. A change here is a change of what Ferrow promises.

/** PostgreSQL's text holds no NUL. */
const NUL = { c_text: ['E_NUL_IN_TEXT nul\0inside', 'E_NUL_IN_TEXT \0'] };
/** SQLite makes a bound NaN NULL. */
const NAN = { c_float32: ['E_NAN_UNSUPPORTED NaN'], c_float64: ['E_NAN_UNSUPPORTED NaN'] };
/** PostgreSQL keeps microseconds. */
const NANOSECONDS = {
  c_time_ns: ['E_TIME_PRECISION 12:34:56.789012345', 'E_TIME_PRECISION 23:59:59.999999999'],
  c_timestamp_ns: [
    'E_TIMESTAMP_PRECISION 1969-12-31 23:59:59.999999999',
    'E_TIMESTAMP_PRECISION 2024-02-29 12:34:56.789012345',
  ],
};

export const REFUSED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'sqlite to postgres': NUL,
  'duckdb to postgres': { ...NUL, ...NANOSECONDS },
  'duckdb to sqlite': NAN,
  'postgres to sqlite': NAN,
};
