// What is allocated on the heap of JavaScript, and where, by V8's own sampling profiler: values that live for a moment
// count too. Buffers lie outside of the heap and don't.
import { type HeapProfiler, Session } from 'node:inspector';

/** Bytes between two samples, on average: a hundredth of what one number for each of 100,000 cells would take. */
const SAMPLING_BYTES = 16 * 1024;

export interface AllocationSite {
  readonly name: string;
  readonly bytes: number;
}

/** Samples this thread until it is read. Reading doesn't end it. */
export class AllocationSampler implements Disposable {
  readonly #session = new Session();

  /** @param samplingBytes between two samples, on average; every sample is kept, and read again each time */
  constructor(samplingBytes: number) {
    this.#session.connect();
    this.#session.post('HeapProfiler.enable');
    this.#session.post('HeapProfiler.startSampling', {
      samplingInterval: samplingBytes,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  }

  /** Functions that have allocated, those with most bytes first. */
  sites(): AllocationSite[] {
    const sites = new Map<string, number>();
    // Within a thread the answer comes before post() returns.
    this.#session.post('HeapProfiler.getSamplingProfile', (_, { profile }) => collect(profile.head, sites));
    return [...sites].map(([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes);
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }
}

/** A value for each cell shows in every one of them; code that V8 gives up and compiles anew does not. */
const SAMPLES = 5;

/**
 * The least of several times.
 * @param run is compiled already: the interpreter makes a value for every number with a fraction
 */
export function sampleAllocations(run: () => unknown): Allocations {
  const samples = Array.from({ length: SAMPLES }, () => sampleOnce(run));
  return samples.reduce((least, sample) => (sample.bytes < least.bytes ? sample : least));
}

interface Allocations {
  readonly bytes: number;
  readonly sites: AllocationSite[];
}

function sampleOnce(run: () => unknown): Allocations {
  using sampler = new AllocationSampler(SAMPLING_BYTES);
  run();
  const sites = sampler.sites();
  return { bytes: sites.reduce((sum, { bytes }) => sum + bytes, 0), sites };
}

function collect(node: HeapProfiler.SamplingHeapProfileNode, into: Map<string, number>): void {
  const { functionName, url, lineNumber } = node.callFrame;
  // The profiler's own messages are made in the same thread.
  if (!url.startsWith('node:inspector') && node.selfSize > 0) {
    const place = url.split('/').slice(-2).join('/');
    const name = `${functionName || '(anonymous)'} ${place}${url ? `:${lineNumber + 1}` : ''}`.trim();
    into.set(name, (into.get(name) ?? 0) + node.selfSize);
  }
  for (const child of node.children) collect(child, into);
}
