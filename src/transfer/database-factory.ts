// Names a database: from a URL, a bare path, or a config object. Opens nothing.
import { homedir } from 'node:os';
import { engineOf, loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Location } from '../types/location.ts';
import type { Engine } from '../types/logical-type.ts';
import { expandVariables } from './url-variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A database by its parts, for those who'd rather not write URLs. */
export interface DatabaseSettings {
  readonly type: Engine;
  /** SQLite and DuckDB: path of the file. */
  readonly file?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode?: string;
}

/** A named database. Holds the URL with its secrets privately; `display` is safe to print. */
export class Database {
  readonly engine: Engine;
  readonly #url: string;
  readonly #env: Environment;

  constructor(url: string, env: Environment) {
    this.#url = expandHome(url);
    this.#env = env;
    this.engine = engineOf(url);
  }

  /** Parses the URL. @throws FerrowError E_URL */
  async locate(): Promise<Location> {
    const dialect = await loadDialect(this.engine);
    return dialect.locate(this.#url, this.#env);
  }

  /** Another database, in the same environment. */
  beside(url: string): Database {
    return new Database(url, this.#env);
  }

  toJSON(): object {
    return { engine: this.engine };
  }
}

/** A database as the library takes it: named, by URL, bare path or settings. */
export type DatabaseLike = Database | DatabaseSettings | string;

export const DatabaseConfig = {
  /**
   * Settings of an engine with its usual defaults: a file for SQLite and DuckDB, a database name for PostgreSQL
   * on this machine.
   */
  getDefaultConfig(type: Engine, name: string): DatabaseSettings {
    if (type === 'postgres') return { type, host: 'localhost', port: 5432, database: name };
    return { type, file: name };
  },
};

export const DatabaseFactory = {
  /**
   * Names a database by URL, bare path or settings. `${VAR}` in a URL is taken from `env`. One that is named already is given back.
   * @throws FerrowError E_URL, also for a variable that isn't set
   */
  create(database: DatabaseLike, env: Environment = process.env): Database {
    if (database instanceof Database) return database;
    if (typeof database !== 'string' && !ENGINES.includes(database?.type)) throw namesNone(database);
    const url = typeof database === 'string' ? database : settingsUrl(database);
    return new Database(expandVariables(url, env, 'database URL'), env);
  },
};

const ENGINES: readonly Engine[] = ['sqlite', 'duckdb', 'postgres'];

/** For callers without types. */
function namesNone(database: unknown): FerrowError {
  const type = (database as { type?: unknown } | null | undefined)?.type;
  const what = type === undefined ? (database === null ? 'null' : typeof database) : `type "${type}"`;
  return new FerrowError('E_URL', `${what} names no database`, {
    hint: `give a URL, a path, or settings with the type ${ENGINES.join(', ')}`,
  });
}

function expandHome(url: string): string {
  return url.startsWith('~/') ? homedir() + url.slice(1) : url;
}

function settingsUrl(settings: DatabaseSettings): string {
  if (settings.type !== 'postgres') {
    if (!settings.file) throw new FerrowError('E_URL', `a ${settings.type} database needs a file`);
    return `${settings.type}:${encodePath(settings.file)}`;
  }
  const { host = 'localhost', port, database, user, password, sslMode } = settings;
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const account = user === undefined ? '' : `${encodeURIComponent(user)}${secret}@`;
  const query = sslMode === undefined ? '' : `?sslmode=${encodeURIComponent(sslMode)}`;
  const place = `${encodeURIComponent(host)}${port === undefined ? '' : `:${port}`}`;
  return `postgres://${account}${place}/${encodeURIComponent(database ?? '')}${query}`;
}

/** Percent-encodes what a URL would take for its own, but not the slashes. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
