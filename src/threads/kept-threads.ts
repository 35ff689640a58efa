// Threads that are done wait here for the next that needs some, while somebody keeps them: to start threads and to load their modules
// is most of a small run. Main thread. Where nobody keeps threads, they end with what they were started for.
import type { Piscina } from 'piscina';

/** Threads are kept until it ends. */
export interface KeptThreads {
  /** Ends the threads that wait, unless somebody else keeps them too; those at work end when they are done. */
  end(): Promise<void>;
}

/** Threads of one kind. */
export interface Threads<T, R> {
  readonly pool: Piscina<T, R>;
  /** Settles when they have loaded what they need: a thread that ends while it loads DuckDB takes the process with it. */
  readonly loaded: Promise<unknown>;
}

type AnyThreads = Threads<never, unknown>;

/** By kind. */
const waiting = new Map<string, AnyThreads[]>();
let keepers = 0;

/** Keeps threads that are done, for what is started before the end. */
export function keepThreads(): KeptThreads {
  keepers++;
  let isOver = false;
  const end = async () => {
    if (isOver) return;
    isOver = true;
    if (--keepers > 0) return;
    const all = [...waiting.values()].flat();
    waiting.clear();
    await Promise.all(all.map(endThreads));
  };
  return { end };
}

/** Threads of that kind that wait, if there are any: they are the caller's now. */
export function takeKept<T, R>(kind: string): Threads<T, R> | undefined {
  return waiting.get(kind)?.pop() as Threads<T, R> | undefined;
}

/** Gives threads back that are done, and hold nothing any more of what they did. Ends them where nobody keeps threads. */
export async function giveBack<T, R>(kind: string, threads: Threads<T, R>): Promise<void> {
  if (keepers === 0) return endThreads(threads);
  const alike = waiting.get(kind) ?? [];
  alike.push(threads as AnyThreads);
  waiting.set(kind, alike);
}

export async function endThreads<T, R>({ pool, loaded }: Threads<T, R>): Promise<void> {
  await loaded;
  await pool.destroy();
}
