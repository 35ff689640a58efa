// Loaded into every process of the tests, and by each of its threads: threads run the bundle that `npm test` has just built, not
// the sources. To load some hundred modules in every thread is half of the CPU seconds of a small migration (0.25 instead of 0.45).
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const WORKER = /\/src\/threads\/([a-z]+\.worker)\.ts$/;

if (!isMainThread)
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const name = WORKER.exec(specifier)?.[1];
      const bundled = name && new URL(`../../dist/${name}.js`, import.meta.url).href;
      return nextResolve(bundled ?? specifier, context);
    },
  });
