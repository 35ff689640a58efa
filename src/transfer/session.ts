// Both databases, open. One session is one consistent snapshot of the source.
import type { Dialect, SourceEngine, TargetEngine } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { CrossingPool } from '../threads/crossing-pool.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import { fileIdentity, startEngine } from '../threads/engine-host.ts';
import type { Location } from '../types/location.ts';
import type { TransferRequest } from './request.ts';

export interface Session {
  readonly source: { readonly dialect: Dialect; readonly location: Location; readonly engine: SourceEngine };
  readonly target: {
    readonly dialect: Dialect;
    readonly location: Location;
    readonly engine: TargetEngine;
    /** Chunks of the source may be references. */
    readonly takesReferences: boolean;
  };
  readonly pool: Crossings;
}

/**
 * Opens source and target, runs `work`, and closes both whatever happens. With `readOnly` nothing is written to
 * the target, not even the file is made.
 */
export async function withSession<T>(
  request: Pick<TransferRequest, 'source' | 'target' | 'options' | 'signal'>,
  readOnly: boolean,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { source, target, options, signal } = request;
  const sourceLocation = await source.locate();
  const targetLocation = await target.locate();
  refuseSameDatabase(sourceLocation, targetLocation);
  signal.throwIfAborted();
  const { connections, plainIo, silence: silenceSeconds } = options;
  const [startedSource, startedTarget] = [startEngine(sourceLocation), startEngine(targetLocation)];
  const sourceDialect = await loadDialect(source.engine);
  // Between equal engines most chunks pass untouched, but for those that are looked into.
  const early = source.engine !== target.engine || sourceDialect.quirks.sharedPrescan === true;
  // Reading back what arrived keeps one thread more busy.
  const pool = new CrossingPool(options.workers + (options.verify === 'full' ? 1 : 0), { early });
  let sourceEngine: SourceEngine;
  try {
    const watch = options.strategy === 'incremental';
    sourceEngine = await startedSource.openSource({ connections, plainIo, silenceSeconds, watch });
  } catch (error) {
    // The target stays untouched by a run whose source can't be opened.
    await Promise.all([startedTarget.drop(), pool.close()]);
    throw error;
  }
  try {
    const targetDialect = await loadDialect(target.engine);
    const takesReferences =
      source.engine === target.engine &&
      targetDialect.quirks.takesReferences === true &&
      !plainIo &&
      !readOnly;
    const targetEngine = await startedTarget.openTarget({
      connections,
      plainIo,
      silenceSeconds,
      readOnly,
      ...(takesReferences && { rowsFrom: sourceLocation }),
    });
    const interrupt = () => {
      // The pending call rejects with E_CANCELLED; a failure to interrupt shows there too.
      void Promise.allSettled([sourceEngine.interrupt(), targetEngine.interrupt()]);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      return await work({
        pool,
        source: { dialect: sourceDialect, location: sourceLocation, engine: sourceEngine },
        target: {
          dialect: targetDialect,
          location: targetLocation,
          engine: targetEngine,
          takesReferences,
        },
      });
    } finally {
      signal.removeEventListener('abort', interrupt);
      await targetEngine.close();
    }
  } finally {
    await Promise.all([pool.close(), sourceEngine.close()]);
  }
}

/** @throws FerrowError E_SAME_DATABASE */
export function refuseSameDatabase(source: Location, target: Location): void {
  const same =
    source.engine === 'postgres'
      ? target.engine === 'postgres' &&
        source.host === target.host &&
        source.port === target.port &&
        source.database === target.database
      : target.engine !== 'postgres' && fileIdentity(source.path) === fileIdentity(target.path);
  if (same) {
    throw new FerrowError('E_SAME_DATABASE', `source and target are the same database: ${target.display}`);
  }
}
