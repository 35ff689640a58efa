// SQLite URLs and paths -> where the file is. Pure but for the working directory.
import { resolve } from 'node:path';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation } from '../../types/location.ts';

const FORMS = 'use sqlite:relative/path.db, sqlite:///absolute/path.db, or a path that ends in .db';

/**
 * `sqlite:relative.db`, `sqlite:/abs.db`, `sqlite:///abs.db` (percent-decoded), or a bare path (taken as it is).
 * @throws FerrowError E_URL
 */
export function locate(url: string): FileLocation {
  const scheme = /^sqlite:/i.exec(url);
  const path = scheme ? pathOf(url.slice(scheme[0].length)) : url;
  if (path === '') throw new FerrowError('E_URL', 'the SQLite URL names no file', { hint: FORMS });
  if (path === ':memory:' || path.startsWith('file:')) {
    throw new FerrowError('E_URL', 'a SQLite database in memory, or a file: URI, can not be moved', {
      hint: `save it to a file (VACUUM INTO 'copy.db') and name that; ${FORMS}`,
    });
  }
  if (path.includes('\0')) throw new FerrowError('E_URL', 'a path can not hold a NUL', { hint: FORMS });
  const absolute = resolve(path);
  if (absolute !== absolute.trimEnd()) {
    throw new FerrowError('E_URL', 'the SQLite driver can not open a file whose name ends in a space', {
      hint: 'name it by a symbolic link',
    });
  }
  return { engine: 'sqlite', path: absolute, display: `sqlite:${path}` };
}

function pathOf(rest: string): string {
  let path = rest;
  if (path.startsWith('//')) {
    path = path.slice(2);
    // `sqlite://name.db` has a host where a path was meant; what stands before an @ may be a secret.
    if (!path.startsWith('/')) {
      throw new FerrowError('E_URL', 'a SQLite URL has no host: // must be followed by an absolute path', {
        hint: FORMS,
      });
    }
    if (process.platform === 'win32' && /^\/[a-z]:/i.test(path)) path = path.slice(1);
  }
  if (path.includes('?')) {
    throw new FerrowError('E_URL', 'a SQLite URL takes no parameters', {
      hint: `${FORMS}; write %3F for a question mark in a name`,
    });
  }
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new FerrowError('E_URL', 'the SQLite URL holds a % that is no percent-encoding', {
      hint: 'write %25 for a percent sign, or name the bare path',
      cause,
    });
  }
}
