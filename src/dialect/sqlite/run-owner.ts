// Which process is at a run: SQLite lets several write to a file in turn, so the file itself does not tell. Engine thread.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Machine, number and birth: numbers are given again to other processes. */
export function thisProcess(): string {
  return JSON.stringify([hostname(), process.pid, birthOf(process.pid)]);
}

/** Of another machine nothing is known: there the epoch alone keeps two from doing the same. */
export function isAnotherAlive(owner: string | null): boolean {
  if (owner === null) return false;
  const [host, pid, birth] = JSON.parse(owner) as [string, number, string | null];
  if (host !== hostname() || pid === process.pid || !isAlive(pid)) return false;
  return birth === null || birth === birthOf(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In ticks since the machine started, the 22nd word of its line (proc(5)); null where there is no such thing. */
function birthOf(pid: number): string | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second word is a name in parentheses and may hold anything.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
