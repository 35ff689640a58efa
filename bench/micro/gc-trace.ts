// What a process allocates on the heaps of all its threads, from V8's trace of its collections (--trace-gc-nvp): each
// says what was allocated since the one before. Nothing is hooked, and what runs is the built command line.

/** Bytes by thread (V8's isolate), the main thread first. */
export function allocatedByThread(trace: string): number[] {
  const bytes = new Map<string, number>();
  for (const line of trace.split('\n')) {
    const isolate = /^\[\d+:(0x[0-9a-f]+)/.exec(line)?.[1];
    const allocated = / allocated=(\d+)/.exec(line)?.[1];
    if (isolate && allocated) bytes.set(isolate, (bytes.get(isolate) ?? 0) + Number(allocated));
  }
  return [...bytes.values()];
}

export interface TracedRun {
  readonly rows: number;
  readonly bytes: number;
}

/** The rise from a small run to a large one: what starting and planning allocate falls out. */
export function bytesPerRow(small: TracedRun, large: TracedRun): number {
  return Math.max(0, (large.bytes - small.bytes) / (large.rows - small.rows));
}
