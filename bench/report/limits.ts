// What limits a pair, in a sentence, from the profile of one of Ferrow's runs. Pure.
import type { Profile } from '../measure/profile.ts';
import type { PairRun } from './result.ts';
import { ENGINE_TITLE } from './summary.ts';

/** From here on the cores are taken as busy: a run also starts, plans and ends, on one core. */
const BUSY_SHARE = 0.8;
/** Below this, a run is too short to say what limits the moving of rows. */
const MOVING_SHARE_MIN = 0.5;
/** From here on a thread is taken as the one that the others wait for. */
const THREAD_BUSY_SHARE = 0.7;

export function limitOf({ source, target, profile }: PairRun, cores: number): string {
  const { wallSeconds, cpuSeconds, serverCpuSeconds } = profile;
  const sentences: string[] = [];
  if (cpuSeconds !== null) {
    const server = source === 'postgres' || target === 'postgres' ? (serverCpuSeconds ?? 0) : 0;
    const all = cpuSeconds + server;
    const busy = all / (wallSeconds * cores);
    if (server > 0) {
      const whose = server > cpuSeconds ? 'The server takes most' : 'Ferrow takes most';
      sentences.push(
        `${whose} of the CPU: PostgreSQL ${seconds(server)} (${percent(server / all)}), ` +
          `Ferrow ${seconds(cpuSeconds)} with what runs in its process.`,
      );
    } else {
      sentences.push(`Ferrow’s process, with both engines in it, takes ${seconds(all)} of CPU.`);
    }
    const cored = `The ${cores} cores are busy ${percent(busy)} of the time`;
    if (busy >= BUSY_SHARE) sentences.push(`${cored}: CPU is the limit.`);
    else if (profile.movingSeconds < MOVING_SHARE_MIN * wallSeconds)
      sentences.push(`${cored}; most of it is not the moving of rows.`);
    else sentences.push(`${cored}. ${waiting(profile)}`);
  }
  sentences.push(stages(profile, ENGINE_TITLE[target]));
  const apart = wallSeconds - profile.movingSeconds;
  sentences.push(
    `Rows move for ${seconds(profile.movingSeconds)} of ${seconds(wallSeconds)}; the start, the plan and the ` +
      `end take ${seconds(apart)}.`,
  );
  return sentences.join(' ');
}

/** The thread that is busiest. */
function waiting({ threads, wallSeconds }: Profile): string {
  const busiest = threads.toSorted((a, b) => b.cpuSeconds - a.cpuSeconds)[0];
  if (!busiest) return '';
  const share = busiest.cpuSeconds / wallSeconds;
  const what = busiest.name === 'MainThread' ? 'the main thread' : `one ${busiest.name}`;
  return share >= THREAD_BUSY_SHARE
    ? `The others wait for ${what}, which is busy ${percent(share)} of the time.`
    : `No thread is busy all the time (the most: ${what}, ${percent(share)}): they wait for each other, or the disk.`;
}

/** Seconds of the stages, the longest first. */
function stages({ stageSeconds }: Profile, target: string): string {
  const known = Object.entries(stageSeconds)
    .filter(([, took]) => took >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([stage, took]) => `${stage} ${seconds(took)}`);
  return `By stage, waits included: ${known.join(', ')} (write and commit: what ${target} does and what it is waited for).`;
}

const seconds = (value: number) => `${value.toFixed(2)} s`;
const percent = (share: number) => `${Math.round(share * 100)} %`;
