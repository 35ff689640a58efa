// Who may import whom. The arrows of the house, checked over the imports of every file in src/; a new arrow is
// made by changing this table, in the open.
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { filesUnder, type Import, importsOf, textOf } from './source-files.ts';

/** The room of a file: the unit that the table below speaks of. */
function roomOf(path: string): string {
  const [, top, second, third] = path.split('/');
  if (path === 'src/index.ts') return 'index';
  if (path === 'src/version.ts') return 'version';
  if (top === 'dialect') {
    if (third === undefined)
      return [
        'dialect.ts',
        'load.ts',
        'reads.ts',
        'codec.ts',
        'file-mark.ts',
        'handle.ts',
        'swap.ts',
      ].includes(second)
        ? 'seam'
        : second.replace('.ts', '');
    return third === 'codec' ? `codec:${second}` : `dialect:${second}`;
  }
  if (top === 'metrics') return second === 'events.ts' ? 'events' : 'metrics';
  return top;
}

const LEAVES = ['batch', 'types', 'errors'];
/** From room to rooms; a room may always import itself. `dialect` and `codec` stand for each dialect's own. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  index: ['transfer', 'stream', 'metrics', 'events', 'registry', 'seam', 'version', ...LEAVES],
  cli: ['index', 'transfer', 'metrics', 'events', 'registry', 'seam', 'version', ...LEAVES],
  transfer: ['stream', 'threads', 'registry', 'seam', 'coerce', 'digest', 'events', 'version', ...LEAVES],
  stream: ['threads', 'seam', 'events', ...LEAVES],
  threads: ['registry', 'codecs', 'coerce', 'digest', 'seam', 'events', ...LEAVES],
  registry: ['seam', 'dialect', ...LEAVES],
  codecs: ['seam', 'codec', ...LEAVES],
  dialect: ['seam', 'codec', 'sql', ...LEAVES],
  codec: ['seam', 'digest', ...LEAVES],
  seam: ['digest', ...LEAVES],
  sql: ['types', 'errors'],
  coerce: LEAVES,
  digest: LEAVES,
  metrics: ['events', ...LEAVES],
  events: LEAVES,
  batch: ['types', 'errors'],
  types: ['errors'],
  errors: [],
  version: [],
};

/** Packages, by room; rooms not named import none. Files named alone are the only ones of their room. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  cli: ['commander', 'yaml', 'cli-table3', 'cli-progress', 'zod', 'fastest-levenshtein'],
  transfer: ['zod', 'picomatch', 'fastest-levenshtein', 'yaml', 'p-retry'],
  threads: ['piscina'],
  sql: ['libpg-query'],
  'dialect:postgres': ['pg', 'pg-copy-streams', 'pg-query-stream', 'pgpass'],
  'dialect:sqlite': ['better-sqlite3'],
  'dialect:duckdb': ['@duckdb/node-api', '@duckdb/node-bindings'],
  'src/cli/tune-chart.ts': ['echarts'],
  'src/batch/arrow.ts': ['apache-arrow'],
  'src/batch/arrow-buffers.ts': ['apache-arrow'],
  'src/batch/arrow-read.ts': ['apache-arrow'],
  'src/batch/arrow-types.ts': ['apache-arrow'],
  'src/metrics/prometheus.ts': ['prom-client'],
};

/** What of coerce/ the main thread may use: which crossings there are, and the text of a cell in a sample. */
const FOR_PLANNING = ['src/coerce/rules.ts', 'src/coerce/cell-text.ts'];

/** Rooms that load in any worker: no package, no node: module but buffer. */
function isWorkerSafe(room: string): boolean {
  return ['batch', 'coerce', 'digest', 'types', 'errors'].includes(room) || room.startsWith('codec:');
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The reason why `path` may not import so, or null. */
function complaint(path: string, { specifier, typeOnly }: Import): string | null {
  const room = roomOf(path);
  if (specifier.startsWith('node:')) {
    if (!isWorkerSafe(room) || specifier === 'node:buffer') return null;
    return `${room} runs in any worker and may import no node: module but node:buffer`;
  }
  if (!specifier.startsWith('.')) {
    const name = packageName(specifier);
    const allowed = [...(PACKAGES[room] ?? []), ...(PACKAGES[path] ?? [])];
    if (allowed.includes(name)) return null;
    // The library's signatures may name Arrow's types.
    if (typeOnly && ['index', 'transfer'].includes(room) && name === 'apache-arrow') return null;
    return `${room} may not import the package ${name}`;
  }
  if (!specifier.endsWith('.ts') && !specifier.endsWith('.json')) return 'relative imports end in .ts';
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!target.startsWith('src/')) {
    return target === 'package.json' ? null : `src/ stands alone; ${target} is outside of it`;
  }
  if (room === 'events' && !typeOnly) return 'metrics/events.ts imports types only';
  const to = roomOf(target);
  if (to === room) return null;
  const [fromKind, fromEngine] = room.split(':');
  const [toKind, toEngine] = to.split(':');
  if (!ARROWS[fromKind]?.includes(toKind)) return `${room} may not import ${to}`;
  if (fromEngine !== undefined && toEngine !== undefined && fromEngine !== toEngine) {
    return 'a dialect may not import another dialect';
  }
  if (room === 'transfer' && to === 'coerce' && !typeOnly && !FOR_PLANNING.includes(target)) {
    return 'of coerce/, transfer reads the rules and prints samples; kernels run in workers';
  }
  return null;
}

test('every import in src/ follows the arrows of the house', () => {
  const found: string[] = [];
  let imports = 0;
  for (const path of filesUnder('src')) {
    for (const one of importsOf(textOf(path))) {
      imports++;
      const reason = complaint(path, one);
      if (reason) found.push(`${path} -> ${one.specifier}: ${reason}`);
    }
  }
  assert.ok(imports > 20, 'the scanner finds the imports');
  assert.deepEqual(found, []);
});

test('the scanner sees every form of import, and no text that only looks like one', () => {
  const source = `
// import { no } from 'comment';
import 'bare';
import type { A } from './a.ts';
import {
  b,
  type C,
} from "./b.ts";
import * as d from 'pkg/deep';
export { e } from './e.ts';
export * from './f.ts';
const g = await import('./g.ts');
const text = "import { no } from here";
/* import { no } from './block.ts'; */
new Piscina({ filename: new URL('./h.worker.ts', import.meta.url).href });
`;
  assert.deepEqual(
    importsOf(source).map((one) => one.specifier),
    ['bare', './a.ts', './b.ts', 'pkg/deep', './e.ts', './f.ts', './g.ts', './h.worker.ts'],
  );
  assert.equal(importsOf(source)[1].typeOnly, true);
});

test('the rules catch what they are for', () => {
  const caught: [string, string][] = [
    ['src/dialect/sqlite/types.ts', '../duckdb/types.ts'],
    ['src/dialect/postgres/copy-source.ts', '../../stream/byte-gate.ts'],
    ['src/dialect/postgres/codec/copy-decode.ts', 'node:fs'],
    ['src/dialect/postgres/codec/copy-decode.ts', 'pg'],
    ['src/dialect/postgres/codec/copy-decode.ts', '../connect.ts'],
    ['src/batch/column.ts', 'apache-arrow'],
    ['src/metrics/server.ts', 'prom-client'],
    ['src/transfer/plan.ts', '../coerce/integer.ts'],
    ['src/transfer/transfer.ts', '../dialect/postgres/index.ts'],
    ['src/transfer/transfer.ts', '../cli/args.ts'],
    ['src/stream/reader-stream.ts', '../transfer/plan.ts'],
    ['src/threads/crossing.worker.ts', '../dialect/postgres/codec/index.ts'],
    ['src/errors/codes.ts', '../types/schema.ts'],
    ['src/coerce/text.ts', '../dialect/dialect.ts'],
    ['src/sql/grammar.ts', '../dialect/dialect.ts'],
    ['src/transfer/plan.ts', '../sql/grammar.ts'],
    ['src/dialect/duckdb/codec/decode.ts', '../../../sql/grammar.ts'],
    ['src/types/schema.ts', './location'],
  ];
  for (const [path, specifier] of caught) {
    assert.ok(complaint(path, { specifier, typeOnly: false }), `${path} -> ${specifier}`);
  }
  assert.ok(complaint('src/metrics/events.ts', { specifier: '../errors/ferrow-error.ts', typeOnly: false }));
});
