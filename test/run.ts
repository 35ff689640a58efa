// Runs the tests: those that are named, else all. With Node's compile cache: the sources run unbundled, and each thread that a test
// starts would else strip and compile some hundred of them, a third of the CPU seconds of tests within the process.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const given = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', ...(given.length > 0 ? given : ['test/**/*.test.ts'])],
  {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env },
  },
);
process.exitCode = status ?? 1;
