// The page of the library names every call and every event that there is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventName } from '../../src/index.ts';
import * as library from '../../src/index.ts';
import { textOf } from './source-files.ts';

const PAGE = textOf('docs/library.md');

function isNamed(name: string): boolean {
  return new RegExp(`[\`.( ]${name}\\b`).test(PAGE);
}

/** What a migrator can be asked for, but for what every emitter has. */
function calls(): string[] {
  const names: string[] = [];
  let prototype = library.DatabaseMigrator.prototype as object;
  while (Object.hasOwn(prototype, 'constructor') && !Object.hasOwn(prototype, 'emit')) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(prototype));
    names.push(...own.filter(([, { value }]) => typeof value === 'function').map(([name]) => name));
    prototype = Object.getPrototypeOf(prototype);
  }
  return names.filter((name) => name !== 'constructor' && !HELPERS.has(name));
}

/** Protected: for the calls themselves. */
const HELPERS = new Set(['call', 'request']);

const EVENTS: Record<EventName, true> = {
  start: true,
  phase: true,
  read: true,
  batch: true,
  table: true,
  retry: true,
  reject: true,
  loss: true,
  pulse: true,
  trial: true,
  warning: true,
  end: true,
};

test('every call of a migrator, every function and every event is on the page', () => {
  const functions = Object.keys(library).filter((name) => !['VERSION', 'Database'].includes(name));
  const all = [...calls(), ...functions, ...Object.keys(EVENTS)];
  assert.ok(all.includes('migrateAllTables') && all.includes('openReader') && all.length > 40, `${all}`);
  assert.deepEqual(
    all.filter((name) => !isNamed(name)),
    [],
  );
});
