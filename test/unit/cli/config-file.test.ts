import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig, readConfigFile } from '../../../src/cli/config-file.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import { temporaryFolder } from '../../support/temporary.ts';

function refused(text: string): FerrowError {
  try {
    parseConfig(text, 'f.yaml');
  } catch (error) {
    if (error instanceof FerrowError && error.code === 'E_CONFIG') return error;
    throw error;
  }
  return assert.fail(`${text} was accepted`);
}

test('YAML and JSON give the same, and only what they say', () => {
  const expected = { source: 'a.db', tables: ['x', 'y*'], batchSize: 10, indexes: false, rename: { x: 'z' } };
  const yaml = 'source: a.db\ntables: [x, "y*"]\nbatchSize: 10\nindexes: false\nrename:\n  x: z\n';
  assert.deepEqual(parseConfig(yaml, 'f'), expected);
  assert.deepEqual(parseConfig(JSON.stringify(expected, null, '\t'), 'f'), expected);
  assert.deepEqual(parseConfig('', 'f'), {});
  assert.deepEqual(parseConfig('# nothing\n', 'f'), {});
});

test('a map of tables holds options for single tables', () => {
  const text = `
tables:
  Track:
    where: Milliseconds > 1
    columns: [TrackId, Name]
    columnOptions:
      Name: { allow: [nul=strip] }
  Album:
`;
  const options = {
    where: 'Milliseconds > 1',
    columns: ['TrackId', 'Name'],
    columnOptions: { Name: { allow: ['nul=strip'] } },
  };
  assert.deepEqual(parseConfig(text, 'f'), { tableOptions: { Track: options } });
});

test('faults name file, line and key, and the nearest known key', () => {
  const cases: [string, RegExp, RegExp][] = [
    ['source: a\nbatch-size: 3\n', /^f\.yaml, line 2: batch-size is not an option/, /batchSize\?/],
    ['a: 1\na: 2', /line 2/, /YAML or JSON/],
    ['{"source": ', /line 1/, /YAML or JSON/],
    ['- a', /a map of options/, /./],
    ['source: a\nbatchSize: x', /line 2: batchSize must be a number, not "x"/, /./],
    ['batchSize: 0', /batchSize must be at least 1, not 0/, /./],
    ['batchSize: 1.5', /batchSize must be a whole number/, /./],
    ['ifExists: drop', /ifExists can not be "drop": fail, replace, append/, /use one of/],
    ['verify: half', /verify can not be "half": none, count, sample, full/, /./],
    ['tables: Album', /tables must be a list/, /./],
    ['tables:\n  - a\n  - ""', /line 3: tables\.1 must not be empty/, /./],
    ['tables:\n  Album:\n    wher: x', /line 3: tables\.Album\.wher is not an option/, /where\?/],
    ['tables:\n  A: {}\ntableOptions:\n  A: {}', /line 3: tableOptions/, /one of the two/],
    ['\nallow: [nan=maybe]', /line 2: allow nan: unknown policy/, /nan=null/],
    [
      'tables:\n  T:\n    columnOptions:\n      c:\n        allow: [x=y]',
      /line 5: tables\.T\.columnOptions\.c\.allow unknown key "x"/,
      /nan/,
    ],
    ['source: *nowhere', /line 1/, /./],
    ['dryRun: yes', /dryRun must be true or false/, /./],
  ];
  for (const [text, message, hint] of cases) {
    const error = refused(text);
    assert.match(error.message, message, text);
    assert.match(error.hint, hint, text);
  }
});

test('aliases that multiply without end are refused', () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (let level = 0; level < 8; level++) {
    const [from, to] = [String.fromCharCode(97 + level), String.fromCharCode(98 + level)];
    lines.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`);
  }
  assert.match(refused(lines.join('\n')).message, /line/);
});

test('a file that can not be read is a fault of the configuration', (context) => {
  const folder = temporaryFolder(context);
  assert.throws(() => readConfigFile(join(folder, 'none.yaml')), {
    code: 'E_CONFIG',
    message: /no such file/,
  });
  assert.throws(() => readConfigFile(folder), { code: 'E_CONFIG', message: /directory/ });
  writeFileSync(join(folder, 'bytes'), Buffer.from([0x53, 0x51, 0x4c, 0, 1, 2, 0xff]));
  assert.throws(() => readConfigFile(join(folder, 'bytes')), { code: 'E_CONFIG' });
});
