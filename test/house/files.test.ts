// The manners that a machine can check: file sizes and names, named exports, links that resolve, and printed
// pages that say what the source says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { filesUnder, ROOT, textOf, withoutComments } from './source-files.ts';

const LINES_MAX = 300;
const CODEC_LINES_MAX = 400;
const FORBIDDEN_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'base', 'misc'];

const all = () => ['src', 'test', 'bench', 'docs'].flatMap((folder) => filesUnder(folder));

test('no file is longer than its ceiling', () => {
  const tall = filesUnder('src')
    .map((path) => ({
      path,
      lines: textOf(path).split('\n').length - 1,
      ceiling: path.includes('/codec/') ? CODEC_LINES_MAX : LINES_MAX,
    }))
    .filter(({ lines, ceiling }) => lines > ceiling)
    .map(({ path, lines, ceiling }) => `${path}: ${lines} lines, ceiling ${ceiling}`);
  assert.deepEqual(tall, []);
});

test('file names are kebab-case and say what is inside', () => {
  const bad = all().filter((path) => {
    const name = basename(path).replace(/(\.(test|worker|d))?\.ts$/, '');
    return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || FORBIDDEN_NAMES.includes(name);
  });
  assert.deepEqual(bad, []);
});

test('index.ts stands only at the root, and once per dialect and codec', () => {
  const bad = filesUnder('src').filter(
    (path) =>
      basename(path) === 'index.ts' &&
      path !== 'src/index.ts' &&
      !/^src\/dialect\/[a-z]+\/(codec\/)?index\.ts$/.test(path),
  );
  assert.deepEqual(bad, []);
});

test('exports are named', () => {
  const bad = all().filter((path) => /^\s*export\s+default\b/m.test(withoutComments(textOf(path))));
  assert.deepEqual(bad, []);
});

test('every file of src/ opens with what it is', () => {
  const bad = filesUnder('src').filter((path) => !/^(#!.*\n)?(\/\/|\/\*)/.test(textOf(path)));
  assert.deepEqual(bad, []);
});

test('nothing is left for later, and no test is skipped', () => {
  const marks = /\b(TODO|FIXME|XXX)\b/;
  const skips = /\b(test|it|describe|suite)\.(skip|todo|only)\(|\b(skip|todo|only):\s*true\b/;
  const bad = all().filter((path) => {
    const text = textOf(path);
    return path !== 'test/house/files.test.ts' && (marks.test(text) || skips.test(text));
  });
  assert.deepEqual(bad, []);
});

test('no Arrow value is read one at a time', () => {
  const bad = filesUnder('src').filter((path) =>
    /\b(Vector\.get|getChildAt\([^)]*\)[?!]?\.get|vector\.get)\(/.test(withoutComments(textOf(path))),
  );
  assert.deepEqual(bad, []);
});

test('links of the written pages resolve', () => {
  const broken: string[] = [];
  const pages = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')];
  for (const page of pages.filter((path) => existsSync(join(ROOT, path)))) {
    const prose = textOf(page).replace(/```[\s\S]*?```/g, '');
    for (const [, link] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split('#', 2);
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) broken.push(`${page}: ${link}`);
      else if (anchor && target.endsWith('.md') && !anchorsOf(textOf(target)).has(anchor)) {
        broken.push(`${page}: ${link} (no such heading)`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test('printed pages say what the source says', () => {
  if (!existsSync(join(ROOT, 'docs/print'))) return;
  for (const printer of filesUnder('docs/print')) {
    const run = spawnSync(process.execPath, [join(ROOT, printer), '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    assert.equal(run.status, 0, `${printer} --check: ${run.stdout}${run.stderr}`);
  }
});

/** Headings as link targets, as code hosts make them. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/```[\s\S]*?```/g, '').matchAll(/^#+\s+(.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}
