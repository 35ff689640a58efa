// Nanoseconds of a function on one thread, once it is compiled.

const WARM_SECONDS = 0.3;
const RUNS = 15;

/** Of the median run. */
export function nanosOf(run: () => unknown): number {
  const warmUntil = performance.now() + WARM_SECONDS * 1000;
  while (performance.now() < warmUntil) run();
  const nanos: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now();
    run();
    nanos.push((performance.now() - started) * 1e6);
  }
  return nanos.toSorted((a, b) => a - b)[(RUNS - 1) / 2];
}
