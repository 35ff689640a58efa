import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../src/cli/config-file.ts';
import { withNumbers } from '../../../src/cli/config-write.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';

const numbers = { batchSize: 16_000, workers: 2, connections: 4 };

test('YAML: comments, order, quotes and layout stay; numbers change or come at the end', () => {
  const before = `# How we load
source: "app.db"   # the old one
exclude:
- tmp_*
- 'log'
batchSize: 5 # was a guess
ifExists: replace

# the end
`;
  assert.equal(
    withNumbers(before, numbers, 'f.yaml'),
    `# How we load
source: "app.db"   # the old one
exclude:
- tmp_*
- 'log'
batchSize: 16000 # was a guess
ifExists: replace

# the end
workers: 2
connections: 4
`,
  );
});

test('YAML in other shapes: without a last line end, indented, in braces, a key without a value, an end mark', () => {
  const cases: [string, string][] = [
    ['source: a.db', 'source: a.db\nworkers: 2\n'],
    ['  source: a.db\n', '  source: a.db\n  workers: 2\n'],
    ['{ source: a.db }\n', '{ source: a.db, workers: 2 }\n'],
    ['{}\n', '{ "workers": 2 }\n'],
    ['source: a.db\nworkers: 1', 'source: a.db\nworkers: 2'],
    ['# nothing yet\n', '# nothing yet\nworkers: 2\n'],
    ['---\nsource: a.db\n...\n', '---\nsource: a.db\nworkers: 2\n...\n'],
    ['source: a.db\r\nworkers: 9\r\n', 'source: a.db\r\nworkers: 2\r\n'],
    ['tables:\n  Track:\n    batchSize: 3\n', 'tables:\n  Track:\n    batchSize: 3\nworkers: 2\n'],
  ];
  for (const [before, after] of cases) {
    assert.equal(withNumbers(before, { workers: 2 }, 'f.yaml'), after, before);
    assert.equal(parseConfig(after, 'f.yaml').workers, 2);
  }
});

test('JSON stays JSON, spaced as it was', () => {
  const before = '{\n  "source": "a.db",\n  "exclude": ["x", "y"],\n  "workers": 1\n}\n';
  const after = withNumbers(before, numbers, 'f.json');
  assert.equal(
    after,
    '{\n  "source": "a.db",\n  "exclude": ["x", "y"],\n  "workers": 2,\n  "batchSize": 16000,\n  "connections": 4\n}\n',
  );
  for (const text of ['{"source":"a.db"}', '{}', '{\n}\n', '{\n\t"exclude": []\n}']) {
    assert.deepEqual(JSON.parse(withNumbers(text, numbers, 'f.json')), { ...JSON.parse(text), ...numbers });
  }
});

test('a file that is not there is made', () => {
  assert.equal(withNumbers(null, numbers, 'f.yaml'), 'batchSize: 16000\nworkers: 2\nconnections: 4\n');
  assert.deepEqual(JSON.parse(withNumbers(null, numbers, 'f.json')), numbers);
  assert.equal(withNumbers('\n', { workers: 2 }, 'f.yml'), 'workers: 2\n');
});

test('what could not be read as a configuration is not written to', () => {
  for (const text of ['- a\n- b\n', 'source: [', 'nope: 1\n', 'workers: many\n']) {
    assert.throws(
      () => withNumbers(text, numbers, 'f.yaml'),
      (error) =>
        error instanceof FerrowError && error.code === 'E_CONFIG' && error.message.includes('f.yaml'),
    );
  }
});
