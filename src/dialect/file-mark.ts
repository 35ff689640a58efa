// What a database file looks like from outside, for telling later whether anybody has written to it. Main or engine thread.
import { type BigIntStats, statSync } from 'node:fs';

/**
 * Size and time of change of the file and of its log. Take it before the file is opened: what is written between the mark and
 * the snapshot then counts as a change. The file is not opened for it: closing it again would take away the locks that
 * the process has on it.
 */
export function fileMark(path: string, log: string): string {
  return JSON.stringify([path, log].map(lookOf));
}

function lookOf(path: string): readonly string[] | null {
  const stats = statsOf(path);
  // A log without content says as much as none.
  if (!stats || stats.size === 0n) return null;
  return [stats.ino, stats.size, stats.mtimeNs].map(String);
}

/** What can't be looked at can't be opened either, and whoever opens it has the better words. */
function statsOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}
