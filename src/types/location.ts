// Where a database is: the parsed form of a URL. Holds the password; never printed, `display` is.

export interface FileLocation {
  readonly engine: 'sqlite' | 'duckdb';
  /** Absolute path. */
  readonly path: string;
  /** The URL without secrets, for people. */
  readonly display: string;
}

export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export interface PostgresLocation {
  readonly engine: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** A function in no case: plain text, or null where none is known. */
  readonly password: string | null;
  readonly sslMode: SslMode;
  /** PEM file of the authority to trust, or null for the system's. */
  readonly sslRootCert: string | null;
  readonly display: string;
}

export type Location = FileLocation | PostgresLocation;
