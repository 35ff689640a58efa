// Looking at databases through the library: what they are, and which table a name means. Main thread.
import type { EngineHandle } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openSource } from '../threads/engine-host.ts';
import { type DatabaseSchema, displayName, type TableSchema } from '../types/schema.ts';
import { DatabaseFactory, type DatabaseLike } from './database-factory.ts';
import { noSuchTable } from './select.ts';

/**
 * Opens a database for reading and says what it is. Never throws: what failed is in `error`.
 */
export async function testConnection(database: DatabaseLike): Promise<{
  readonly success: boolean;
  readonly version: string | null;
  readonly error: FerrowError | null;
}> {
  try {
    const location = await DatabaseFactory.create(database).locate();
    const engine = await openSource(location, { connections: 1 });
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

export async function withCatalog<E extends EngineHandle, T>(
  engine: E,
  schemas: readonly string[],
  work: (engine: E, catalog: DatabaseSchema) => Promise<T>,
): Promise<T> {
  try {
    return await work(engine, await engine.catalog(schemas));
  } finally {
    await engine.close();
  }
}

export function findTable(catalog: DatabaseSchema, name: string): TableSchema {
  const table = catalog.tables.find(
    (each) => name === each.name || name === displayName(each, catalog.defaultSchema),
  );
  if (!table) throw noSuchTable(name, catalog);
  return table;
}

/** Bytes of the rows, from the first thousand of them. */
export async function estimateBytes(
  engine: EngineHandle,
  table: TableSchema,
  rowCount: number,
): Promise<number> {
  const batch = await engine.sample(table, 1000);
  if (batch.rowCount === 0) return 0;
  const bytes = batch.columns.reduce((sum, column) => sum + column.data.byteLength, 0);
  return (bytes / batch.rowCount) * rowCount;
}
