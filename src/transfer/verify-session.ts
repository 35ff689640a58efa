// Both databases open for reading only, each in one snapshot: what a comparison works with. Neither is written.
import type { Dialect, SourceEngine } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { ByteGate } from '../stream/byte-gate.ts';
import { CrossingPool } from '../threads/crossing-pool.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import { startEngine } from '../threads/engine-host.ts';
import type { Location } from '../types/location.ts';
import { flightBytes } from './limits.ts';
import type { TransferRequest } from './request.ts';
import { refuseSameDatabase } from './session.ts';

export interface ReadEnd {
  readonly dialect: Dialect;
  readonly location: Location;
  readonly engine: SourceEngine;
}

export interface Comparing {
  readonly source: ReadEnd;
  readonly target: ReadEnd;
  readonly pool: Crossings;
  readonly gate: ByteGate;
}

/** Opens both, runs `work`, closes both whatever happens. */
export async function withBothRead<T>(
  { source, target, options, signal }: TransferRequest,
  work: (comparing: Comparing) => Promise<T>,
): Promise<T> {
  const [sourceLocation, targetLocation] = [await source.locate(), await target.locate()];
  refuseSameDatabase(sourceLocation, targetLocation);
  signal.throwIfAborted();
  const { workers } = options;
  const reading = {
    connections: options.connections,
    plainIo: options.plainIo,
    silenceSeconds: options.silence,
  };
  const [startedSource, startedTarget] = [startEngine(sourceLocation), startEngine(targetLocation)];
  const open: SourceEngine[] = [];
  const interrupt = () => void Promise.allSettled(open.map((engine) => engine.interrupt()));
  const pool = new CrossingPool(workers + 1, { early: true });
  try {
    const sourceEngine = await startedSource.openSource(reading).catch(async (error) => {
      await startedTarget.drop();
      throw error;
    });
    open.push(sourceEngine);
    const targetEngine = await startedTarget.openSource(reading).catch((error) => {
      throw ofTarget(error, targetLocation);
    });
    open.push(targetEngine);
    signal.addEventListener('abort', interrupt, { once: true });
    return await work({
      source: { dialect: await loadDialect(source.engine), location: sourceLocation, engine: sourceEngine },
      target: { dialect: await loadDialect(target.engine), location: targetLocation, engine: targetEngine },
      pool,
      gate: new ByteGate(flightBytes(workers)),
    });
  } finally {
    signal.removeEventListener('abort', interrupt);
    await pool.close();
    for (const engine of open.reverse()) await engine.close();
  }
}

/** A source's errors speak of the source. */
function ofTarget(error: unknown, { display }: Location): unknown {
  if (!(error instanceof FerrowError) || error.code !== 'E_FILE_MISSING') return error;
  return new FerrowError('E_FILE_MISSING', `there is no target to compare with: ${display}`, {
    hint: 'check the path, or move the data there first with ferrow migrate',
    cause: error,
  });
}
