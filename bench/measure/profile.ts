// Where the time of one of Ferrow's runs goes: by stage, by process, by thread.
import { resolve } from 'node:path';
import type { Stage } from '../../src/metrics/events.ts';
import { runProcess, type ThreadCpu } from './process-run.ts';
import { type ServerClock, withServerCpu } from './server-cpu.ts';

export interface RunTimes {
  /** Summed over lanes, so it may exceed the wall time. */
  readonly stageSeconds: Readonly<Partial<Record<Stage, number>>>;
  /** From the start of the process to the first chunk: catalogs, prescan, plan. */
  readonly beforeRowsSeconds: number;
  /** From the first chunk read to the last one committed. */
  readonly movingSeconds: number;
}

export interface Profile extends RunTimes {
  readonly wallSeconds: number;
  readonly cpuSeconds: number | null;
  readonly serverCpuSeconds: number | null;
  readonly threads: readonly ThreadCpu[];
}

/** A run apart from the measured ones, since looking at threads costs something. */
export async function profileFerrow(
  source: string,
  target: string,
  clock: ServerClock | null,
): Promise<Profile> {
  const child = resolve(import.meta.dirname, 'profiled-ferrow.ts');
  const { value: run, serverCpuSeconds } = await withServerCpu(clock, () =>
    runProcess(process.execPath, [child, source, target], { perThread: true }),
  );
  if (run.status !== 0) throw new Error(`the profiled run failed: ${run.stderr.trim()}`);
  const times = JSON.parse(run.stdout) as RunTimes;
  const { wallSeconds, cpuSeconds, threads } = run;
  return { ...times, wallSeconds, cpuSeconds, serverCpuSeconds, threads };
}
