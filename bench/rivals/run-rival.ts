// One run of one rival, and what came of it in the target.
import type { EngineName } from '../../test/support/judge.ts';
import { engineOfUrl, pathOfUrl } from '../../test/support/judge.ts';
import { type ProcessRun, runProcess } from '../measure/process-run.ts';
import { type ServerClock, withServerCpu } from '../measure/server-cpu.ts';
import { createTable } from '../tables/generate.ts';
import type { Shape } from '../tables/shapes.ts';
import { type Finding, findingsOf, stateOf, type TableState } from './check.ts';
import { type Readiness, reasonIn } from './environment.ts';

/**
 * right: all as in the source. type: all values, some in another type. wrong: see findings. overtime and failed:
 * nothing to compare.
 */
export type Verdict = 'right' | 'type' | 'wrong' | 'overtime' | 'failed';

export interface RivalRun {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Of a failed run. */
  readonly reason: string | null;
  readonly wallSeconds: number;
  readonly cpuSeconds: number | null;
  readonly serverCpuSeconds: number | null;
  readonly peakMiB: number | null;
}

export interface RivalTask {
  readonly ready: Extract<Readiness, { version: string }>;
  readonly shape: Shape;
  readonly source: string;
  readonly target: string;
  /** Of the source's table. */
  readonly expected: TableState;
  readonly limitSeconds: number;
}

export async function runRival(task: RivalTask, clock: ServerClock): Promise<RivalRun> {
  const { ready, shape, source, target, limitSeconds } = task;
  const [command, ...args] = ready.command;
  const places = [source, target].flatMap((url) => [engineOfUrl(url), placeOf(url)]);
  const environment = { PATH: ready.path, CREATE_TABLE: createTable(engineOfUrl(target), shape) };
  const { value: run, serverCpuSeconds } = await withServerCpu(clock, () =>
    runProcess(command, [...args, ...places, shape.name], { environment, limitSeconds }),
  );
  const { wallSeconds, cpuSeconds, peakMiB } = run;
  return { ...(await judged(task, run)), wallSeconds, cpuSeconds, serverCpuSeconds, peakMiB };
}

async function judged(
  { shape, target, expected, limitSeconds }: RivalTask,
  run: ProcessRun,
): Promise<Pick<RivalRun, 'verdict' | 'findings' | 'reason'>> {
  if (run.overtime) return { verdict: 'overtime', findings: [], reason: `over ${limitSeconds.toFixed(0)} s` };
  if (run.status !== 0) {
    const reason = reasonIn(run.stderr) || reasonIn(run.stdout) || `ended with status ${run.status}`;
    return { verdict: 'failed', findings: [], reason };
  }
  const engine: EngineName = engineOfUrl(target);
  try {
    const findings = findingsOf(shape, engine, expected, await stateOf(target, shape));
    const kinds = findings.map(({ kind }) => kind);
    const verdict = kinds.includes('wrong') ? 'wrong' : kinds.includes('type') ? 'type' : 'right';
    return { verdict, findings, reason: null };
  } catch (error) {
    return { verdict: 'wrong', findings: [{ kind: 'wrong', text: String(error) }], reason: null };
  }
}

function placeOf(url: string): string {
  return engineOfUrl(url) === 'postgres' ? url : pathOfUrl(url);
}
