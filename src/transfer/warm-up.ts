// Starts the threads and loads the drivers that a command will need, by the names of its databases alone, while the rest
// of Ferrow is still being loaded: 0.1 s of each command. Opens nothing.
import { engineOf } from '../dialect/registry.ts';
import { dropWarmEngines, warmEngine } from '../threads/engine-host.ts';

/**
 * @param databases URLs or paths; what names no database is for the command to refuse
 * @returns ends what was started and not needed
 */
export function warmUp(databases: readonly string[]): () => Promise<void> {
  for (const database of databases) {
    try {
      warmEngine(engineOf(database));
    } catch {
      break;
    }
  }
  return dropWarmEngines;
}
