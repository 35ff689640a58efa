// What the house tests walk: the project's TypeScript files and the imports they name. A scanner, not a
// parser: it takes comments and strings apart just well enough to trust what is left.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Paths relative to the root, with `/`, of files under `folder` that end in `extension`. */
export function filesUnder(folder: string, extension = '.ts'): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The source without comments; strings stay, since import specifiers are strings. */
export function withoutComments(source: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return source.replace(token, (found) => (found.startsWith('/') ? ' ' : found));
}

export interface Import {
  /** As written: `./copy-source.ts`, `node:fs`, `pg`. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const STATIC = /(?:^|[\n;}])\s*(?:import|export)\s+(type\s)?(?:[\w$*{}\s,]+?\s*from\s*)?['"]([^'"\n]+)['"]/g;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;
/** Worker entries are started by URL: an arrow as real as an import. */
const BY_URL = /new URL\(\s*['"](\.[^'"\n]+\.ts)['"]\s*,\s*import\.meta\.url/g;

/** Every module that a file names, by static, re-exporting or dynamic import, or as a worker's URL. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const [, type, specifier] of code.matchAll(STATIC)) {
    found.push({ specifier, typeOnly: type !== undefined });
  }
  for (const pattern of [DYNAMIC, BY_URL]) {
    for (const [, specifier] of code.matchAll(pattern)) found.push({ specifier, typeOnly: false });
  }
  return found;
}
