// Runs the built executable as a user would: dist/cli/bin.js in a process of its own, no terminal.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/transfer/report.ts';

export const BIN = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when stderr holds a match; fails if the process ends before. */
  saw(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs that take longer than this are stuck. */
const MILLISECONDS_MAX = 60_000;

export function startFerrow(args: readonly string[], env: Record<string, string> = {}): Started {
  assert.ok(existsSync(BIN), 'dist/ is built by `npm run build`, which `npm test` runs first');
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(FERROW_|PG|NO_COLOR|FORCE_COLOR|NODE_)/.test(name)),
  );
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MILLISECONDS_MAX,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const watch of watchers) watch();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, stdout, stderr });
      for (const watch of watchers) watch();
    });
  });
  const saw = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        const match = pattern.exec(stderr);
        if (match === null && child.exitCode === null) return;
        watchers.delete(watch);
        if (match === null) reject(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`));
        else resolve(match);
      };
      watchers.add(watch);
      watch();
    });
  return { child, ended, saw };
}

/** @returns the most memory that the process ever held, in MiB; call it when that has ended. 0 where the system doesn't say. */
export function watchPeak({ child }: Started): () => number {
  let peakKib = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakKib = Math.max(peakKib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }, 50);
  return () => {
    clearInterval(watch);
    return peakKib / 1024;
  };
}

export function ferrow(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startFerrow(args, env).ended;
}

/** The document of --json; fails with all that was said where there is none. */
export function documentOf({ stdout, stderr }: Ended): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return assert.fail(`no JSON document:\n${stdout}\n${stderr}`);
  }
}
