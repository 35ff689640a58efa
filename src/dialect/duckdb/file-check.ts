// What can be said of a file before DuckDB sees it, and who has it open. Engine thread. DuckDB calls a missing file, a
// directory, a file of another kind and one it may not read by one name.
import { accessSync, closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation } from '../../types/location.ts';
import { descriptorFile, descriptors, type FileId, isInherited } from '../inherited.ts';

/** @throws FerrowError of kind connect for a file that can not be opened so */
export function checkFile(location: FileLocation, mode: number): void {
  const { path, display } = location;
  if (!exists(path)) {
    const near = nearNames(path);
    throw new FerrowError('E_FILE_MISSING', `there is no file ${path}`, {
      dialect: 'duckdb',
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'check the path',
    });
  }
  const stat = statSync(path, { bigint: true });
  if (!stat.isFile())
    throw new FerrowError('E_NOT_A_FILE', `${path} is ${stat.isDirectory() ? 'a directory' : 'not a file'}`, {
      dialect: 'duckdb',
    });
  checkAccess(path, mode, location);
  if (isOpenHere(stat)) {
    throw new FerrowError('E_LOCKED', `this process already has ${display} open`, {
      dialect: 'duckdb',
      hint: 'close the other handle first: two handles of one DuckDB file in one process lose rows',
    });
  }
  checkHeader(path);
}

export function checkAccess(path: string, mode: number, location: FileLocation): void {
  try {
    accessSync(path, mode);
  } catch (cause) {
    const what = mode & constants.W_OK ? 'written' : 'read';
    throw new FerrowError(
      'E_FILE_UNREADABLE',
      `${location.display} can not be ${what}: no permission on ${path}`,
      {
        dialect: 'duckdb',
        cause,
      },
    );
  }
}

/** Every DuckDB file begins with an 8-byte checksum and `DUCK`; three headers of 4 KiB come first. */
function checkHeader(path: string): void {
  const header = Buffer.alloc(12);
  // Safe only because nobody in this process has the file open: closing any descriptor drops the locks on it.
  const file = openSync(path, 'r');
  let read: number;
  try {
    read = readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  if (read === 0) {
    throw new FerrowError('E_NOT_A_DATABASE', `${path} is empty, which DuckDB does not take for a database`, {
      dialect: 'duckdb',
      hint: 'delete the file; as a target Ferrow makes it anew',
    });
  }
  if (read < header.length || header.toString('latin1', 8, 12) !== 'DUCK') {
    const sqlite = header.toString('latin1', 0, 6) === 'SQLite';
    throw new FerrowError('E_NOT_A_DATABASE', `${path} is not a DuckDB database`, {
      dialect: 'duckdb',
      hint: sqlite ? `it is a SQLite database: use sqlite:${path}` : 'check the path',
    });
  }
}

export function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw new FerrowError('E_FILE_UNREADABLE', `${path} can not be looked at: no permission on its folder`, {
      dialect: 'duckdb',
      cause,
    });
  }
}

export function fileId(path: string): FileId | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

/**
 * True if any thread of this process has the file open. Descriptors belong to the process, so this sees what
 * another engine thread opened; where the system has no list of them (Windows) the engine host alone guards.
 */
export function isOpenHere(id: FileId): boolean {
  return descriptors().some((descriptor) => {
    const file = descriptorFile(descriptor);
    return file?.ino === id.ino && file.dev === id.dev && !isInherited(descriptor, id);
  });
}

/** Files of DuckDB beside a path that doesn't exist, those first that begin most like it. */
function nearNames(path: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  const wanted = basename(path).toLowerCase();
  const common = (name: string) => {
    let at = 0;
    while (at < wanted.length && name.toLowerCase()[at] === wanted[at]) at++;
    return at;
  };
  return names
    .filter((name) => /\.(duckdb|ddb|db)$/i.test(name))
    .sort((a, b) => common(b) - common(a))
    .slice(0, 3);
}
