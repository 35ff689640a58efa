import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/temporary.ts';

const INHERITED = new URL('../../../src/dialect/inherited.ts', import.meta.url).href;

test('what a process was given is told from what it has opened itself, also by its threads', (context) => {
  const path = join(temporaryFolder(context), 'file');
  writeFileSync(path, 'some text');
  const given = openSync(path, 'r');
  const script = `
    import { openSync, statSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    import { descriptors, isInherited, noteInherited } from ${JSON.stringify(INHERITED)};
    const id = statSync(${JSON.stringify(path)}, { bigint: true });
    const before = isInherited('3', id);
    noteInherited();
    const own = openSync(${JSON.stringify(path)}, 'r');
    const other = { dev: id.dev, ino: id.ino + 1n };
    const listed = ['3', String(own)].every((each) => descriptors().includes(each));
    const seen = [before, listed, isInherited('3', id), isInherited(String(own), id), isInherited('3', other)];
    const thread = new Worker(new URL('data:text/javascript,' + encodeURIComponent(\`
      import { statSync } from 'node:fs';
      import { parentPort } from 'node:worker_threads';
      const { isInherited } = await import(${JSON.stringify(INHERITED)});
      parentPort.postMessage(isInherited('3', statSync(${JSON.stringify(path)}, { bigint: true })));\`)));
    thread.once('message', (message) => console.log(JSON.stringify([...seen, message])));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe', given],
  });
  closeSync(given);
  assert.equal(stdout.trim(), JSON.stringify([false, true, true, false, false, true]), stderr);
});
