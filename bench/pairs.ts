// The pairs over one table, round by round: the floor, Ferrow and every rival, one right after the other, so that
// what else the machine does meets all of them.
import type { EngineName } from '../test/support/judge.ts';
import type { PostgresServer } from '../test/support/postgres.ts';
import { floorBench } from './floor/floor-bench.ts';
import { runFerrow } from './measure/ferrow.ts';
import { profileFerrow } from './measure/profile.ts';
import type { ServerClock } from './measure/server-cpu.ts';
import type { FerrowTimes, PairRun, RivalRound, Round, TableRun } from './report/result.ts';
import { findingsOf, stateOf, type TableState } from './rivals/check.ts';
import type { Readiness } from './rivals/environment.ts';
import { type Rival, rivalsOf } from './rivals/rivals.ts';
import { runRival } from './rivals/run-rival.ts';
import type { TableSpec } from './tables/generate.ts';
import { type Pair, remove, sourceOf, targetOf } from './tables/places.ts';

/** A rival may take so many times Ferrow's time, and this at least. */
const RIVAL_TIMES_MAX = 10;
const RIVAL_SECONDS_MIN = 60;

/** Rivals that take so many times Ferrow's time are run once: what they take in other rounds says nothing new. */
const RIVAL_TIMES_ONCE = 3;

export interface PairsTask {
  readonly spec: TableSpec;
  readonly pairs: readonly Pair[];
  readonly rounds: number;
  readonly rivals: ReadonlyMap<Rival, Extract<Readiness, { version: string }>>;
  readonly server: PostgresServer;
  readonly clock: ServerClock;
  readonly log: (line: string) => void;
}

export async function benchPairs(task: PairsTask): Promise<TableRun> {
  const { spec, pairs, rounds, server } = task;
  const sources = new Sources(server);
  const floor = floorBench(spec, server, task.clock, async (engine) => (await sources.of(engine, spec)).url);
  const measured = new Map<Pair, { rounds: Round[]; findings: PairRun['findings'] }>();
  /** Rivals that failed or took long, once, are not run again in their pair. */
  const ended = new Set<string>();
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const pair of pairs) {
        const exported = await floor.exportOf(pair.source);
        const ferrow = await ferrowRound(task, pair, sources);
        const verified = await ferrowRound(task, pair, sources, ['--verify', 'full']);
        const imported = await floor.importOf(pair.target);
        const rivals = await rivalRounds(task, pair, sources, ferrow.times, ended);
        const findings = [...ferrow.findings, ...verified.findings];
        const known = measured.get(pair) ?? { rounds: [], findings };
        known.rounds.push({ exported, imported, ferrow: ferrow.times, verified: verified.times, rivals });
        measured.set(pair, known);
        task.log(
          `round ${round}: ${spec.shape.name} ${pair.source} to ${pair.target}: ${line(known.rounds)}`,
        );
      }
    }
    const runs: PairRun[] = [];
    for (const pair of pairs) {
      const known = measured.get(pair) ?? { rounds: [], findings: [] };
      runs.push({ ...pair, ...known, profile: await profileRound(task, pair, sources) });
    }
    const { name, rowBytes } = spec.shape;
    return { shape: name, rows: spec.rows, rowBytes, pairs: runs };
  } finally {
    await sources.removeFromServer();
  }
}

/** Databases that hold a table, made once, with what stands in them. */
class Sources {
  readonly #made = new Map<string, { url: string; state: TableState }>();
  readonly #server: PostgresServer;

  constructor(server: PostgresServer) {
    this.#server = server;
  }

  async of(engine: EngineName, spec: TableSpec): Promise<{ url: string; state: TableState }> {
    const key = `${engine} ${spec.rows}`;
    let made = this.#made.get(key);
    if (!made) {
      const url = await sourceOf(engine, spec, this.#server);
      made = { url, state: await stateOf(url, spec.shape) };
      this.#made.set(key, made);
    }
    return made;
  }

  async removeFromServer(): Promise<void> {
    for (const [key, { url }] of this.#made) {
      if (key.startsWith('postgres')) await remove(url, this.#server);
    }
  }
}

async function ferrowRound(task: PairsTask, pair: Pair, sources: Sources, options: readonly string[] = []) {
  const { spec, server, clock } = task;
  const from = await sources.of(pair.source, spec);
  const to = await targetOf(pair.target, server);
  try {
    const { wallSeconds, cpuSeconds, serverCpuSeconds, peakMiB } = await runFerrow(
      from.url,
      to,
      clock,
      options,
    );
    const findings = findingsOf(spec.shape, pair.target, from.state, await stateOf(to, spec.shape));
    const times: FerrowTimes = { wallSeconds, cpuSeconds, serverCpuSeconds, peakMiB };
    return { times, findings };
  } finally {
    await remove(to, server);
  }
}

async function rivalRounds(
  task: PairsTask,
  pair: Pair,
  sources: Sources,
  ferrow: FerrowTimes,
  ended: Set<string>,
): Promise<RivalRound[]> {
  const { spec, server, clock, rivals } = task;
  const rounds: RivalRound[] = [];
  for (const rival of rivalsOf(pair, [...rivals.keys()])) {
    const key = `${pair.source}:${pair.target} ${rival.name}`;
    const ready = rivals.get(rival);
    if (!ready || ended.has(key)) continue;
    const rows = Math.min(spec.rows, rival.rowsMax ?? spec.rows);
    const source = await sources.of(pair.source, { ...spec, rows });
    const target = await targetOf(pair.target, server);
    const limitSeconds = Math.max(RIVAL_SECONDS_MIN, RIVAL_TIMES_MAX * ferrow.wallSeconds);
    const { url, state: expected } = source;
    const run = await runRival(
      { ready, shape: spec.shape, source: url, target, expected, limitSeconds },
      clock,
    ).finally(() => remove(target, server));
    const isFarBehind = run.wallSeconds > RIVAL_TIMES_ONCE * ferrow.wallSeconds;
    if (run.verdict === 'failed' || run.verdict === 'overtime' || isFarBehind) ended.add(key);
    rounds.push({ name: rival.name, rows, ...run });
  }
  return rounds;
}

async function profileRound({ spec, server, clock }: PairsTask, pair: Pair, sources: Sources) {
  const { url } = await sources.of(pair.source, spec);
  const to = await targetOf(pair.target, server);
  return profileFerrow(url, to, clock).finally(() => remove(to, server));
}

function line(rounds: readonly Round[]): string {
  const { exported, imported, ferrow, verified, rivals } = rounds[rounds.length - 1];
  const others = rivals.map(
    ({ name, verdict, wallSeconds }) => `${name} ${wallSeconds.toFixed(2)} ${verdict}`,
  );
  const engines = `export ${exported.wallSeconds.toFixed(2)}, import ${imported.wallSeconds.toFixed(2)}`;
  const own = `ferrow ${ferrow.wallSeconds.toFixed(2)} s, verified ${verified.wallSeconds.toFixed(2)}`;
  return [own, engines, ...others].join(', ');
}
