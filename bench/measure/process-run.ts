// Runs a command as a child process and watches it from outside, through /proc: wall time, CPU seconds of it and
// of all it started, peak resident memory. Ferrow and its rivals are measured by this one way.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const SAMPLE_MILLIS = 20;
/** Ticks a second of the times in /proc; the same on every Linux (USER_HZ). */
const TICKS_PER_SECOND = 100;

export interface ProcessRun {
  /** From start to end, the start of the process included. */
  readonly wallSeconds: number;
  /** User and system time of the process and of those it waited for; null where there is no /proc. */
  readonly cpuSeconds: number | null;
  /** The most that was resident at any moment: the kernel's high-water marks, summed over live processes. */
  readonly peakMiB: number | null;
  /** Null if it was ended by a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It was stopped since it took longer than the limit. */
  readonly overtime: boolean;
  /** Of each thread of the first process, if asked for; the first is its main thread. */
  readonly threads: readonly ThreadCpu[];
}

export interface ThreadCpu {
  /** As the kernel knows it: `MainThread`, `WorkerThread`, `V8Worker`, `libuv-worker`. */
  readonly name: string;
  readonly cpuSeconds: number;
}

export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly limitSeconds?: number;
  readonly perThread?: boolean;
}

/** Runs one command at a time: the CPU seconds are those of children that end between start and end. */
export async function runProcess(
  command: string,
  args: readonly string[],
  { environment = {}, limitSeconds, perThread = false }: ProcessOptions = {},
): Promise<ProcessRun> {
  const cpuBefore = reapedCpuSeconds();
  const started = performance.now();
  // A process group of its own, so that a limit ends a pipe's or a shell's children too.
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  const stopGroup = () => {
    try {
      if (pid > 0) process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended already
    }
  };
  process.once('exit', stopGroup);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let peakKilobytes = 0;
  const threads = new Map<number, ThreadCpu>();
  const sampling = setInterval(() => {
    peakKilobytes = Math.max(peakKilobytes, residentKilobytes(pid));
    if (perThread) noteThreads(pid, threads);
  }, SAMPLE_MILLIS);
  let overtime = false;
  const limit = setTimeout(
    () => {
      overtime = true;
      stopGroup();
    },
    limitSeconds === undefined ? 2 ** 31 - 1 : limitSeconds * 1000,
  );
  const status = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  }).finally(() => {
    clearInterval(sampling);
    clearTimeout(limit);
    process.removeListener('exit', stopGroup);
  });
  const wallSeconds = (performance.now() - started) / 1000;
  const cpuAfter = reapedCpuSeconds();
  return {
    wallSeconds,
    cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
    peakMiB: peakKilobytes === 0 ? null : peakKilobytes / 1024,
    status,
    stdout,
    stderr,
    overtime,
    threads: [...threads].sort(([a], [b]) => a - b).map(([, thread]) => thread),
  };
}

function noteThreads(pid: number, threads: Map<number, ThreadCpu>): void {
  for (const tid of threadsOf(pid)) {
    const cpuSeconds = cpuSecondsOf(`${pid}/task/${tid}`);
    const name = threads.get(tid)?.name ?? read(`/proc/${pid}/task/${tid}/comm`)?.trim();
    if (cpuSeconds !== null && name) threads.set(tid, { name, cpuSeconds });
  }
}

/** User and system time of one process or thread (`123` or `123/task/124`); null if it is gone. */
export function cpuSecondsOf(id: string): number | null {
  const fields = statFields(id);
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** User and system time of a process's children that have ended, and of theirs. */
export function childrenCpuSecondsOf(id: string): number | null {
  const fields = statFields(id);
  return fields && (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

export function parentOf(pid: number): number | null {
  const fields = statFields(String(pid));
  return fields && Number(fields[1]);
}

/** The name of the program, as in `postgres`. */
export function commandOf(pid: number): string | null {
  return read(`/proc/${pid}/comm`)?.trim() ?? null;
}

/** Processes that the main thread of `pid` has started and that are alive. */
export function childrenOf(pid: number): number[] {
  return numbers(`/proc/${pid}/task/${pid}/children`);
}

function reapedCpuSeconds(): number | null {
  return childrenCpuSecondsOf('self');
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** VmHWM is the kernel's own high-water mark, so no peak is missed between two looks. */
function residentKilobytes(pid: number): number {
  const own = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(own ?? 0) + childrenOf(pid).reduce((sum, child) => sum + residentKilobytes(child), 0);
}

/** Fields of /proc/<id>/stat from the third on: the command's name, in parentheses, may hold blanks. */
function statFields(id: string): string[] | null {
  const stat = read(`/proc/${id}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function numbers(path: string): number[] {
  return (read(path) ?? '').split(' ').filter(Boolean).map(Number);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
