// Numbers that a run keeps to, and its options. Apart from the options' schema, so that help answers without loading it.

/** Bytes in flight from read to commit, over the whole run: enough to keep the workers busy, and no more. */
export function flightBytes(workers: number): number {
  return Math.min(64, 16 + 4 * workers) * 1024 * 1024;
}
export const BATCH_ROWS_MAX = 1_000_000;
/** How long `tune` measures. */
export const BUDGET_SECONDS = 60;
