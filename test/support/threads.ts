// Loaded into every process of the tests, and by each of its threads. Threads run the bundle that `npm test` has just built, not
// the sources: to load some hundred modules in every thread is half of the CPU seconds of a small migration. And they are kept for
// the next one, as in a service that calls the library again and again: a suite takes half of its CPU seconds. Processes of the command
// line load none of this.
import { registerHooks } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { keepThreads } from '../../src/threads/kept-threads.ts';

const WORKER = /\/src\/threads\/([a-z]+\.worker)\.ts$/;

if (isMainThread) {
  keepThreads();
  // As the command line does: see bin.ts.
  setFlagsFromString('--wasm-tiering-budget=1000000000');
} else
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const name = WORKER.exec(specifier)?.[1];
      const bundled = name && new URL(`../../dist/${name}.js`, import.meta.url).href;
      return nextResolve(bundled ?? specifier, context);
    },
  });
