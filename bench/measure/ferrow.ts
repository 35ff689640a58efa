// Runs the built command line: what is measured is what a user would run.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Report } from '../../src/transfer/report.ts';
import { type ProcessRun, runProcess } from './process-run.ts';
import { type ServerClock, withServerCpu } from './server-cpu.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = resolve(ROOT, 'dist/cli/bin.js');

export interface FerrowRun {
  readonly report: Report;
  /** Start of the process and planning included. */
  readonly wallSeconds: number;
  /** Of Ferrow's process, and with it of the embedded engines. */
  readonly cpuSeconds: number | null;
  /** Of the PostgreSQL server meanwhile. */
  readonly serverCpuSeconds: number | null;
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
  clock: ServerClock | null,
  options: readonly string[] = [],
): Promise<FerrowRun> {
  const args = [BIN, 'migrate', source, target, '--if-exists', 'replace', '--json', '--quiet', ...options];
  const { value: run, serverCpuSeconds } = await withServerCpu(clock, () =>
    runProcess(process.execPath, args),
  );
  const report = parseReport(run);
  const { wallSeconds, cpuSeconds, peakMiB } = run;
  return { report, wallSeconds, cpuSeconds, serverCpuSeconds, peakMiB };
}

function parseReport({ status, stdout, stderr }: ProcessRun): Report {
  let report: Report | null = null;
  try {
    report = JSON.parse(stdout) as Report;
  } catch {
    // ended before it could write one: stderr tells
  }
  if (status === 0 && report) return report;
  const reason = report?.error?.message ?? stderr.trim().split('\n').slice(-5).join('\n');
  throw new Error(`ferrow ended with status ${status}: ${reason}`);
}
