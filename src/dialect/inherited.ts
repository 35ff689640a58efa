// Descriptors that this process was given by the one that started it. DuckDB's pass on so: such a one is no handle of this process,
// though the system lists it among its own.
import { fstatSync, readdirSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** What a file is, whatever its name. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

const KEY = 'ferrow: inherited descriptors';

/** Remembers them, for threads that are started later. Of a process that has opened no database yet: the command line's. */
export function noteInherited(): void {
  const found = new Map<string, FileId>();
  for (const name of descriptors()) {
    const id = descriptorFile(name);
    if (id) found.set(name, id);
  }
  setEnvironmentData(KEY, found);
}

/** Where nothing was noted, no descriptor is taken for inherited. */
export function isInherited(descriptor: string, id: FileId): boolean {
  const noted = (getEnvironmentData(KEY) as Map<string, FileId> | undefined)?.get(descriptor);
  return noted !== undefined && noted.dev === id.dev && noted.ino === id.ino;
}

/** Numbers of all descriptors of this process; [] where the system has no list of them (Windows). */
export function descriptors(): string[] {
  try {
    return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd');
  } catch {
    return [];
  }
}

/** Null for one that is closed, or is no regular file. */
export function descriptorFile(descriptor: string): FileId | null {
  try {
    const stat = fstatSync(Number(descriptor), { bigint: true });
    return stat.isFile() ? { dev: stat.dev, ino: stat.ino } : null;
  } catch {
    return null;
  }
}
