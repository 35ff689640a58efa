// Starts the threads and loads the drivers that a command will need, by the names of its databases alone, while the rest
// of Ferrow is still being loaded: 0.1 s of each command. Opens nothing. Threads are kept from then on, for a command's later parts.
import { noteInherited } from '../dialect/inherited.ts';
import { engineOf } from '../dialect/registry.ts';
import { warmEngine } from '../threads/engine-host.ts';
import { keepThreads } from '../threads/kept-threads.ts';

export { type KeptThreads, keepThreads } from '../threads/kept-threads.ts';

/**
 * @param databases URLs or paths; what names no database is for the command to refuse
 * @returns ends what was started and not needed
 */
export function warmUp(databases: readonly string[]): () => Promise<void> {
  noteInherited();
  const kept = keepThreads();
  for (const database of databases) {
    try {
      warmEngine(engineOf(database));
    } catch {
      break;
    }
  }
  return () => kept.end();
}
