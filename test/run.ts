// Runs the tests: those that are named, else all. With Node's compile cache, for the sources run unbundled; but for threads, see
// support/threads.ts.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const THREADS = new URL('support/threads.ts', import.meta.url).href;

const given = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', ...(given.length > 0 ? given : ['test/**/*.test.ts'])],
  {
    stdio: 'inherit',
    env: {
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...process.env,
      NODE_OPTIONS: [process.env['NODE_OPTIONS'] ?? '', `--import ${THREADS}`].join(' ').trim(),
    },
  },
);
process.exitCode = status ?? 1;
