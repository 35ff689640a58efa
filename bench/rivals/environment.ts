// Virtual environments for the rivals from PyPI, outside the tree, made when first needed and kept. What can't be
// had is a reason, not an error.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Rival } from './rivals.ts';

/** A rival that can be run, or the reason why not. */
export type Readiness =
  | { readonly version: string; readonly command: readonly string[]; readonly path: string }
  | { readonly notRun: string };

const INSTALL_MILLIS_MAX = 15 * 60_000;
const VERSION_MILLIS_MAX = 60_000;

export function defaultEnvironmentFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ferrow-bench');
}

/** Asks a rival for its version; installs its packages if it doesn't answer. */
export function prepare(rival: Rival, folder: string): Readiness {
  const bin = rival.environment && join(folder, rival.environment, 'bin');
  const path = [bin, process.env['PATH']].filter(Boolean).join(delimiter);
  const interpreter = rival.script.endsWith('.py') ? join(bin ?? '', 'python') : 'bash';
  const command = [interpreter, resolve(import.meta.dirname, rival.script)];
  const ask = () => run([...command, '--version'], path, VERSION_MILLIS_MAX);
  let answer = bin === null || existsSync(bin) ? ask() : null;
  if (bin !== null && !answer?.ok) {
    process.stderr.write(`installing ${rival.packages.join(', ')} into ${folder}\n`);
    const failure = install(bin, rival.packages);
    if (failure !== null) return { notRun: failure };
    answer = ask();
  }
  return answer?.ok
    ? { version: answer.said, command, path }
    : { notRun: answer?.said || 'gives no version' };
}

/** Null, or why it failed. */
function install(bin: string, packages: readonly string[]): string | null {
  const environment = resolve(bin, '..');
  if (!existsSync(join(bin, 'pip'))) {
    mkdirSync(environment, { recursive: true });
    const made = run(['python3', '-m', 'venv', environment], process.env['PATH'] ?? '', INSTALL_MILLIS_MAX);
    if (!made.ok) return `no virtual environment: ${made.said}`;
  }
  const args = ['install', '--quiet', '--disable-pip-version-check', ...packages];
  const installed = run([join(bin, 'pip'), ...args], process.env['PATH'] ?? '', INSTALL_MILLIS_MAX);
  return installed.ok ? null : `can't be installed: ${installed.said}`;
}

function run([command, ...args]: readonly string[], path: string, timeout: number) {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout, env: { ...process.env, PATH: path } });
  const ok = done.status === 0;
  return { ok, said: ok ? done.stdout.trim() : reasonIn(done.stderr || done.error?.message || '') };
}

/** The last line that says something, without colours: tools print their reason at the end. */
export function reasonIn(stderr: string): string {
  const lines = stripVTControlCharacters(stderr)
    .split('\n')
    .map((line) => line.trim());
  return (lines.findLast((line) => line !== '' && !line.startsWith('[notice]')) ?? '').slice(0, 240);
}
