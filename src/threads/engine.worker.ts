// Engine thread: holds the one handle of an embedded database file (SQLite or DuckDB) and answers calls to it.
// Loads the driver; never coerces.
import { move } from 'piscina';
import { type Chunk, releasePayload, transferList } from '../batch/chunk.ts';
import type { EngineHandle } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { EngineCall, Outcome } from './messages.ts';
import { transferable } from './transferable.ts';

let engine: EngineHandle | null = null;

/** The task. Named, since Piscina would else want a default export. */
export async function call(task: EngineCall): Promise<Outcome<unknown>> {
  try {
    if ('load' in task) {
      const dialect = await loadDialect(task.load);
      await dialect.load();
      return { value: null };
    }
    if ('open' in task) {
      const dialect = await loadDialect(task.location.engine);
      engine =
        task.open === 'source'
          ? await dialect.openSource(task.location, task.options)
          : await dialect.openTarget(task.location, task.options);
      return { value: null };
    }
    if (!engine) throw new FerrowError('E_INTERNAL', 'the engine thread has no open database');
    const method = (engine as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>)[
      task.method
    ];
    const value = await method.apply(engine, [...task.args]);
    if (task.method === 'close') engine = null;
    if (task.method === 'write') releasePayload((task.args[1] as Chunk).payload);
    if (task.method === 'next' && value !== null) {
      return move(
        transferable({ value }, transferList((value as Chunk).payload)),
      ) as unknown as Outcome<unknown>;
    }
    return { value: value ?? null };
  } catch (error) {
    return { error: FerrowError.from(error).toWire() };
  }
}
