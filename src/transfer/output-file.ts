// Files that a command writes because the user named them. Main thread.
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FerrowError } from '../errors/ferrow-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'it is a directory',
  EACCES: 'it may not be written',
  ENOSPC: 'no space is left',
};

/**
 * An existing file is replaced. The mode is the user's umask: what is written is no secret.
 * @throws FerrowError E_USAGE
 */
export function writeOutput(flag: string, file: string, text: string): void {
  attempt(flag, file, () => writeFileSync(file, text));
}

/** Before the work that the file shall hold. @throws FerrowError E_USAGE where it could not be written in the end */
export function requireWritable(flag: string, file: string): void {
  attempt(flag, file, () => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    accessSync(stat ? file : dirname(file), constants.W_OK);
  });
}

function attempt(flag: string, file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new FerrowError('E_USAGE', `${flag} ${file} can not be written: ${REASONS[code] ?? code}`, {
      hint: 'name a file in a folder that exists',
      cause: error,
    });
  }
}
