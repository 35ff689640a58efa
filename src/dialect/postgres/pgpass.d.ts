// Types for the package, which ships none.
declare module 'pgpass' {
  /** Looks a password up in ~/.pgpass or PGPASSFILE. */
  const pgpass: (
    place: { host: string; port: number; database: string; user: string },
    done: (password: string | undefined) => void,
  ) => void;
  export = pgpass;
}
