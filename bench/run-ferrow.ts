// Runs the built command line as a child process and watches it from outside, through /proc: what is measured
// is what a user would run.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Report } from '../src/transfer/report.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = resolve(ROOT, 'dist/cli/bin.js');
const SAMPLE_MS = 20;

export interface Measurement {
  readonly report: Report;
  readonly wallSeconds: number;
  /** User and system time of Ferrow's process; null where /proc doesn't tell. */
  readonly cpuSeconds: number | null;
  /** The most that was resident at any moment. */
  readonly peakMiB: number | null;
}

/** Builds dist/, so that what runs is what stands in src/. */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
}

/**
 * Moves everything in `source` to `target` with `--if-exists replace`.
 * @throws Error with Ferrow's own message if the run fails
 */
export async function runFerrow(
  source: string,
  target: string,
  options: readonly string[] = [],
): Promise<Measurement> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [BIN, 'migrate', source, target, '--if-exists', 'replace', '--json', '--quiet', ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let last: Sample | null = null;
  const timer = setInterval(() => {
    last = sample(child.pid) ?? last;
  }, SAMPLE_MS);
  const status = await new Promise<number | null>((done) => child.once('close', done));
  clearInterval(timer);
  process.removeListener('exit', killed);
  const wallSeconds = (performance.now() - started) / 1000;
  const report = parseReport(stdout);
  if (status !== 0 || report === null) {
    const reason = report?.error?.message ?? stderr.trim().split('\n').slice(-5).join('\n');
    throw new Error(`ferrow ended with status ${status}: ${reason}`);
  }
  const { cpuSeconds, peakMiB } = last ?? { cpuSeconds: null, peakMiB: null };
  return { report, wallSeconds, cpuSeconds, peakMiB };
}

function parseReport(stdout: string): Report | null {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return null;
  }
}

interface Sample {
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** VmHWM is the kernel's own high-water mark, so no peak is missed between two looks. */
function sample(pid: number | undefined): Sample | null {
  if (pid === undefined || !existsSync(`/proc/${pid}/status`)) return null;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    // The command's name, in parentheses, may hold blanks: count fields from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (!kilobytes) return null;
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, peakMiB: Number(kilobytes) / 1024 };
  } catch {
    return null;
  }
}
