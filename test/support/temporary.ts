// A folder of its own for each test, removed when the test ends, well or not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a test context or suite offers for cleaning up. */
interface Ends {
  after(run: () => void | Promise<void>): void;
}

/**
 * Makes an empty folder and gives its absolute path. `ends` is the context of `node:test`, whose `after` runs
 * in failure too.
 */
export function temporaryFolder(ends: Ends): string {
  const folder = mkdtempSync(join(tmpdir(), 'ferrow-test-'));
  ends.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
