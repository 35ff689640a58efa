// Preloaded (--import) into every thread of a run: samples what the thread allocates and writes the sites, again and
// again, since threads are ended without notice. A crossing worker waits without turning its event loop, so it is
// missing; its steps are measured alone (crossings.ts).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { AllocationSampler } from './allocation-sample.ts';

/** Coarse, as a run allocates hundreds of megabytes where it allocates too much. */
const SAMPLING_BYTES = 512 * 1024;
const WRITE_MILLIS = 200;
const SITES_MAX = 5;

const folder = process.env['FERROW_BENCH_ALLOCATIONS'];
if (folder) {
  const sampler = new AllocationSampler(SAMPLING_BYTES);
  const write = () => {
    const sites = sampler.sites().slice(0, SITES_MAX);
    writeFileSync(join(folder, `${threadId}.json`), JSON.stringify(sites));
  };
  setInterval(write, WRITE_MILLIS).unref();
  if (isMainThread) process.once('exit', write);
}
