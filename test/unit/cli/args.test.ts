import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpText, parseArgs } from '../../../src/cli/args.ts';
import { OPTIONS, optionsOf } from '../../../src/cli/option-list.ts';
import { argumentsOf, COMMANDS, envOf, flagOf } from '../../../src/cli/option-spec.ts';
import { parseOptionValue } from '../../../src/cli/option-values.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';

function parsed(line: string) {
  const invocation = parseArgs(line.split(' ').filter(Boolean), '1.2.3');
  assert.equal(invocation.kind, 'command', line);
  return invocation.kind === 'command' ? invocation : assert.fail();
}

function refused(line: string): FerrowError {
  try {
    parseArgs(line.split(' ').filter(Boolean), '1.2.3');
  } catch (error) {
    if (error instanceof FerrowError && error.code === 'E_USAGE') return error;
    throw error;
  }
  return assert.fail(`${line} was accepted`);
}

const optionOf = (key: string) => OPTIONS.find((spec) => spec.key === key) ?? assert.fail(key);

test('commands, databases and options', () => {
  const migrate = parsed('migrate --no-indexes a b --tables x --tables y,z -q --batch-size=5');
  assert.equal(migrate.command, 'migrate');
  assert.deepEqual(migrate.databases, ['a', 'b']);
  assert.deepEqual(Object.fromEntries(migrate.given), {
    tables: ['x', 'y,z'],
    indexes: ['true'],
    batchSize: ['5'],
    quiet: ['true'],
  });
  assert.equal(parsed('schema compare a b').command, 'schema compare');
  assert.deepEqual(parsed('schema script a b --output f.sql').given.get('output'), ['f.sql']);
  assert.deepEqual(parsed('migrate -- a -b').databases, ['a', '-b']);
  assert.deepEqual(parsed('doctor').databases, []);
});

test('output options may stand before the command', () => {
  assert.deepEqual([...parsed('--json --no-color plan a b --verbose').given.keys()].sort(), [
    'color',
    'json',
    'verbose',
  ]);
});

test('every command knows its options, and says so in its help with their environment twins', () => {
  for (const command of COMMANDS) {
    const help = helpText(command, 100);
    assert.match(help, /Examples:/);
    for (const spec of optionsOf(command)) {
      assert.ok(help.includes(flagOf(spec)), `${command} ${flagOf(spec)}`);
      assert.ok(help.includes(`[${envOf(spec)}]`), `${command} ${envOf(spec)}`);
      const value = spec.kind === 'flag' ? '' : ' x';
      assert.ok(
        parsed(
          `${command} ${argumentsOf(command) === 'TARGET' ? 'a' : 'a b'} ${flagOf(spec)}${value}`,
        ).given.has(spec.key),
      );
    }
    for (const line of help.split('\n')) assert.ok(line.length <= 110, line);
  }
  assert.match(helpText(null), /migrate.*schema.*doctor.*Exit status/s);
  for (const command of COMMANDS) assert.ok(helpText(null).includes(command.split(' ')[0]), command);
});

test('--version and --help', () => {
  assert.deepEqual(parseArgs(['--version'], '1.2.3'), { kind: 'text', text: '1.2.3\n' });
  for (const line of [
    '--help',
    '-h',
    'help',
    'help migrate',
    'migrate --help',
    'schema --help',
    'schema script -h',
  ]) {
    const invocation = parseArgs(line.split(' '), '1.2.3');
    assert.ok(invocation.kind === 'text' && invocation.text.startsWith('Usage: ferrow'), line);
  }
});

test('wrong names get the nearest known one', () => {
  const cases: [string, RegExp, RegExp][] = [
    ['', /no command/, /--help/],
    ['migrat a b', /unknown command migrat/, /migrate\?/],
    ['schema', /compare or script/, /schema --help/],
    ['schema compar a b', /unknown command schema compar/, /compare\?/],
    ['help nope', /unknown command nope/, /--help/],
    ['migrate a b --batchsize 3', /unknown option --batchsize/, /--batch-size\?/],
    ['migrate a b --batch_size=3', /unknown option --batch_size/, /--batch-size\?/],
    ['migrate a b --tab x', /unknown option --tab/, /--tables\?/],
    ['migrate a b --zzz', /unknown option --zzz/, /migrate --help/],
    ['doctor a b --where x', /unknown option --where/, /doctor --help/],
    ['--batch-size 3 migrate a b', /stands before the command/, /migrate SOURCE TARGET/],
    ['migrate a b --json=1', /--json takes no value/, /--help/],
    ['migrate a b --batch-size', /--batch-size needs a value/, /--help/],
    ['migrate a b c', /takes SOURCE TARGET/, /quote/],
    ['runs a b', /takes TARGET/, /quote/],
  ];
  for (const [line, message, hint] of cases) {
    const error = refused(line);
    assert.match(error.message, message, line);
    assert.match(error.hint, hint, line);
  }
});

test('an argument too many is not echoed, as it may be a URL', () => {
  const error = refused('migrate a b postgres://u:secret@h/db');
  assert.doesNotMatch(`${error.message}${error.hint}`, /secret/);
});

test('values are typed, and errors name the option and what is allowed', () => {
  const value = (key: string, ...texts: string[]) => parseOptionValue(optionOf(key), '--x', texts);
  assert.deepEqual(value('tables', 'a, b*', 'c\\,d'), ['a', 'b*', 'c,d']);
  assert.deepEqual(value('rename', 'a=b,c=d', 'e\\=f=g'), { a: 'b', c: 'd', 'e=f': 'g' });
  assert.equal(value('batchSize', '1', '500'), 500);
  assert.equal(value('ifExists', 'replace'), 'replace');
  assert.equal(value('indexes', 'true'), false);
  assert.equal(value('indexes', '0'), true);
  assert.equal(value('json', 'off'), false);
  assert.equal(value('where', 'a = 1'), 'a = 1');
  const wrong: [string, string, RegExp][] = [
    ['batchSize', '0', /whole number from 1 to 1000000/],
    ['batchSize', '-5', /whole number/],
    ['batchSize', '1.5', /whole number/],
    ['batchSize', '1e3', /whole number/],
    ['batchSize', '99999999999999999999', /whole number/],
    ['metricsPort', '65536', /0 to 65535/],
    ['ifExists', 'drop', /fail, replace, append/],
    ['verify', 'half', /none, count, sample, full/],
    ['rename', 'a', /old=new/],
    ['rename', 'a=', /old=new/],
    ['rename', 'a=b,a=c', /twice/],
    ['tables', ' , ', /names nothing/],
    ['where', '  ', /needs a value/],
    ['json', 'perhaps', /true or false/],
  ];
  for (const [key, text, message] of wrong) {
    assert.throws(
      () => value(key, text),
      (error: unknown) =>
        error instanceof FerrowError &&
        error.code === 'E_USAGE' &&
        message.test(error.message) &&
        error.message.startsWith('--x'),
      `${key} ${text}`,
    );
  }
});
