// The prescan of one table. Where the dialect shares it, the crossing workers and the engine's own thread look into one chunk
// each at a time.
import type { Dialect, ProbeRequest, SourceEngine } from '../dialect/dialect.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { ChunkFindings, ColumnEvidence } from '../types/evidence.ts';

/** Chunks, of 2 MiB at most, that the engine's thread looks into alone: less is not worth starting a worker for. */
const CHUNKS_ALONE = 4;

type Source = { readonly engine: SourceEngine; readonly dialect: Dialect };

/** Same order as the request's columns. Without a pool the engine looks alone. @throws FerrowError */
export async function profileTable(
  { engine, dialect }: Source,
  request: ProbeRequest,
  pool: Crossings | null,
  signal: AbortSignal,
): Promise<ColumnEvidence[]> {
  const cursor = dialect.quirks.sharedPrescan && pool ? await engine.openProbe?.(request) : null;
  if (pool === null || typeof cursor !== 'number') return engine.prescan(request);
  const underWay = new Set<Promise<void>>();
  try {
    const found: ChunkFindings[] = [];
    const probes = request.columns.map((column) => column.probes);
    const give = async (): Promise<boolean> => {
      const chunk = await engine.next(cursor);
      if (!chunk) return false;
      const { seq, rowCount, payload } = chunk;
      const looking = pool
        .look({ source: dialect.name, rowCount, payload, probes }, signal)
        .then((findings) => void found.push({ seq, findings }));
      underWay.add(looking);
      // A failure is heard below; it must not be called unhandled until then.
      looking.then(
        () => underWay.delete(looking),
        () => {},
      );
      return true;
    };
    let more = true;
    for (let chunk = 0; more && chunk < CHUNKS_ALONE; chunk++) more = (await engine.look?.(cursor)) === true;
    while (more) {
      signal.throwIfAborted();
      // One chunk more than there are workers waits for them, while the engine's thread has one of its own.
      while (more && underWay.size <= pool.workers) more = await give();
      if (more) more = (await engine.look?.(cursor)) === true;
    }
    await Promise.all(underWay);
    const evidence = await engine.finishProbe?.(cursor, found);
    return evidence ?? (await engine.prescan(request));
  } finally {
    await Promise.allSettled(underWay);
    await engine.closeCursor(cursor);
  }
}
