// postgres:// URL and PG* variables -> where the server is. Parsed here and never handed on as a string, so that no
// library's reading of sslmode counts and no error can quote the password. Pure.
import { userInfo } from 'node:os';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { PostgresLocation, SslMode } from '../../types/location.ts';

const SSL_MODES: Readonly<Record<string, SslMode>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};

/** Parameters of libpq that change nothing here. */
const HARMLESS = new Set([
  'application_name',
  'fallback_application_name',
  'connect_timeout',
  'client_encoding',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'gssencmode',
  'channel_binding',
  'target_session_attrs',
]);

/** Parameters that say what the rest of the URL can say too. */
const PLACES = new Set(['host', 'port', 'user', 'password', 'dbname']);

const FORM = 'the form is postgres://user:password@host:port/database?sslmode=verify-full';

/**
 * @throws FerrowError E_URL; its text never holds the URL
 */
export function locate(url: string, env: Readonly<Record<string, string | undefined>>): PostgresLocation {
  const match = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(url);
  if (!match) throw urlError('this is not a PostgreSQL URL');
  const [, authority, path = '', query = ''] = match;
  const at = authority.lastIndexOf('@');
  const [userPart, passwordPart] = splitOnce(at < 0 ? '' : authority.slice(0, at), ':');
  const { host: hostPart, port: portPart } = splitHost(authority.slice(at + 1));
  const parameters = parseQuery(query);

  const host = decode(hostPart) || parameters.get('host') || env['PGHOST'] || 'localhost';
  if (host.includes(',')) throw urlError('one host, please; Ferrow does not choose among several');
  const port = parsePort(portPart || parameters.get('port') || env['PGPORT'] || '5432');
  const user = decode(userPart) || parameters.get('user') || env['PGUSER'] || systemUser(env);
  const password =
    (passwordPart === null ? null : decode(passwordPart)) ??
    parameters.get('password') ??
    env['PGPASSWORD'] ??
    null;
  const database = decode(path) || parameters.get('dbname') || env['PGDATABASE'] || user;
  for (const [what, value] of Object.entries({ host, user, database, password: password ?? '' }))
    if (value.includes('\0')) throw urlError(`the ${what} holds a NUL byte`);
  const sslMode = parseSslMode(parameters.get('sslmode') ?? env['PGSSLMODE'], host);
  const rootCert = parameters.get('sslrootcert') ?? env['PGSSLROOTCERT'] ?? null;
  return {
    engine: 'postgres',
    host,
    port,
    database,
    user,
    password,
    sslMode,
    sslRootCert: rootCert === 'system' || rootCert === '' ? null : rootCert,
    display: displayForm(host, port, user, password, database),
  };
}

/** Hosts whose traffic does not leave the machine. */
export function isLocalHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host) || host.startsWith('/');
}

function displayForm(
  host: string,
  port: number,
  user: string,
  password: string | null,
  database: string,
): string {
  const shownHost = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host;
  const secret = password === null ? '' : ':***';
  const shownPort = port === 5432 ? '' : `:${port}`;
  return `postgres://${encodeURIComponent(user)}${secret}@${shownHost}${shownPort}/${encodeURIComponent(database)}`;
}

function splitOnce(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function splitHost(text: string): { host: string; port: string } {
  const bracketed = /^\[([^\]]*)\](?::(\d*))?$/.exec(text);
  if (bracketed) return { host: bracketed[1], port: bracketed[2] ?? '' };
  const [host, port] = splitOnce(text, ':');
  return { host, port: port ?? '' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw urlError('the URL holds a % that begins no percent-code; write % itself as %25');
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw urlError('the port is not a number from 1 to 65535');
  return port;
}

function parseQuery(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const item of query.split('&').filter((each) => each !== '')) {
    const [rawName, rawValue] = splitOnce(item, '=');
    const name = decode(rawName);
    if (HARMLESS.has(name)) continue;
    if (name !== 'sslmode' && name !== 'sslrootcert' && !PLACES.has(name)) {
      const hint =
        name === 'schema'
          ? 'name schemas with --schema'
          : `parameters that count: sslmode, sslrootcert, ${[...PLACES].join(', ')}`;
      throw new FerrowError('E_URL', `PostgreSQL URL: the parameter "${name}" is not known`, { hint });
    }
    found.set(name, decode((rawValue ?? '').replaceAll('+', '%2B')));
  }
  return found;
}

function parseSslMode(word: string | undefined, host: string): SslMode {
  if (word === undefined || word === '') return isLocalHost(host) ? 'prefer' : 'verify-full';
  if (!Object.hasOwn(SSL_MODES, word)) {
    throw new FerrowError('E_URL', `PostgreSQL URL: sslmode "${word}" is not known`, {
      hint: 'use disable, prefer, require (encrypted, not checked), verify-ca or verify-full',
    });
  }
  return SSL_MODES[word];
}

function systemUser(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['USER'] || env['LOGNAME'] || env['USERNAME'];
  if (named) return named;
  try {
    return userInfo().username;
  } catch {
    return 'postgres';
  }
}

function urlError(what: string): FerrowError {
  return new FerrowError('E_URL', `PostgreSQL URL: ${what}`, { hint: FORM });
}
