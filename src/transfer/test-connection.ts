// Whether a database can be opened, and what it is.
import { FerrowError } from '../errors/ferrow-error.ts';
import { openSource } from '../threads/engine-host.ts';
import type { Database } from './database-factory.ts';

/**
 * Opens a database for reading and says what it is. Never throws: what failed is in `error`.
 */
export async function testConnection(database: Database): Promise<{
  readonly success: boolean;
  readonly version: string | null;
  readonly error: FerrowError | null;
}> {
  try {
    const engine = await openSource(await database.locate(), { connections: 1 });
    try {
      const { version } = await engine.describe();
      return { success: true, version, error: null };
    } finally {
      await engine.close();
    }
  } catch (error) {
    return { success: false, version: null, error: FerrowError.from(error, 'E_UNREACHABLE') };
  }
}
