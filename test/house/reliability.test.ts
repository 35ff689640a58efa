// The page of promises names its tests; each must be there, by file and by name.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, textOf } from './source-files.ts';

test('every case of docs/reliability.md is a test, and every file of test/fault stands in it', () => {
  const cases = [...textOf('docs/reliability.md').matchAll(/`([\w-]+\.test\.ts)`: (.+?) \|$/gm)];
  assert.ok(cases.length > 20, `${cases.length} cases`);
  for (const [, file, name] of cases) {
    assert.ok(existsSync(join(ROOT, 'test/fault', file)), file);
    assert.ok(textOf(`test/fault/${file}`).includes(name), `${file} has no test "${name}"`);
  }
  const named = new Set(cases.map(([, file]) => file));
  // Told on pages of their own: rejects.md, strategies.md.
  const others = ['rejects.test.ts', 'swap-kills.test.ts'];
  const missing = readdirSync(join(ROOT, 'test/fault')).filter(
    (file) => !named.has(file) && !others.includes(file),
  );
  assert.deepEqual(missing, []);
});
