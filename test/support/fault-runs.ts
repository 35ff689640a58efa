// Runs of the executable that are killed, and carried on until they are done, with all that must hold between.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import type { Report } from '../../src/transfer/report.ts';
import { documentOf, type Ended, type Started, startFerrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import {
  assertKept,
  assertLedgerAgrees,
  assertNothingLeft,
  type LedgerState,
  ledgerOf,
} from './fault-checks.ts';
import { contentOfAll } from './fault-source.ts';

/** Small chunks, so that there is something to do between two instants. */
export const SMALL_CHUNKS = ['--batch-size', '1000'];

export interface Pair {
  readonly source: string;
  readonly target: string;
  readonly more?: readonly string[];
}

/** The beginning of a run's rows, as --verbose says it. */
const BEGUN = /-> .*\d+ tables?/;

/** How a run is to be stopped. */
export type Stop =
  | { readonly afterMillis: number; readonly signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM' }
  | { readonly failpoint: string };

export function migrateArgs({ source, target, more = [] }: Pair): string[] {
  return ['migrate', source, target, '--json', '--verbose', ...SMALL_CHUNKS, ...more];
}

export const resumeArgs = ({ target }: Pair): string[] => ['resume', target, '--json', '--verbose'];

/** Starts the command, stops it so, and looks at what it left. `ended` when it came to its end before. */
export async function runAndStop(
  args: readonly string[],
  stop: Stop,
  target: string,
  what: string,
): Promise<{ ended: Ended; ledger: LedgerState | null }> {
  const env: Record<string, string> = 'failpoint' in stop ? { FERROW_FAILPOINT: stop.failpoint } : {};
  const run = startFerrow(args, env);
  if ('signal' in stop) {
    // A command that has nothing to do ends before.
    await run.saw(BEGUN).catch(() => {});
    await setTimeout(stop.afterMillis);
    run.child.kill(stop.signal);
  }
  const ended = await run.ended;
  return { ended, ledger: await assertLedgerAgrees(target, what) };
}

/** Carries on whatever is there, or begins where nothing is, until the run is done. */
export async function runToTheEnd(pair: Pair, what: string): Promise<Report | null> {
  const resumed = await ferrowHere(resumeArgs(pair));
  const { success, error } = documentOf(resumed);
  if (success) return documentOf(resumed);
  const states = Object.values((await ledgerOf(pair.target).catch(() => null))?.runs ?? {});
  if (states.includes('done')) return null;
  assert.ok(['E_NO_SUCH_RUN', 'E_FILE_MISSING'].includes(error?.code ?? ''), `${what}: ${said(resumed)}`);
  assert.deepEqual(states, [], `${what}: ${said(resumed)}`);
  const again = await ferrowHere(migrateArgs(pair));
  assert.equal(again.status, 0, `${what}, begun again: ${said(again)}`);
  return documentOf(again);
}

/** A run that was stopped, and each time carried on. */
export interface Chain {
  /** What each process that was stopped has left; null where there was no ledger yet. */
  readonly states: readonly (LedgerState | null)[];
  /** Whether one came to its end before it was to be stopped. */
  readonly hasOutrun: boolean;
}

/**
 * Stops a run, and whatever carries it on, until there is no stop left or it is done, and brings it to its end.
 * @param nextStop is given what is there
 */
export async function stopAndCarryOn(
  pair: Pair,
  nextStop: (state: LedgerState | null) => Stop | undefined,
  expected: Readonly<Record<string, string>>,
  what: string,
): Promise<Chain> {
  const states: (LedgerState | null)[] = [];
  let hasOutrun = false;
  for (;;) {
    const last = states.at(-1) ?? null;
    const runs = Object.values(last?.runs ?? {});
    const stop = hasOutrun || runs.includes('done') ? undefined : nextStop(last);
    if (stop === undefined) break;
    const args = runs.length > 0 ? resumeArgs(pair) : migrateArgs(pair);
    const which = `${what}, stop ${states.length + 1} (${JSON.stringify(stop)})`;
    const { ended, ledger } = await runAndStop(args, stop, pair.target, which);
    hasOutrun = ended.status !== null;
    if (!hasOutrun) states.push(ledger);
    else assert.ok('signal' in stop && ended.status === 0, `${which} was not met: ${said(ended)}`);
  }
  if (!hasOutrun) await runToTheEnd(pair, what);
  assert.deepEqual(await contentOfAll(pair.target, Object.keys(expected)), expected, what);
  await assertNothingLeft(pair.target, what);
  const end = await assertLedgerAgrees(pair.target, what);
  assert.deepEqual(Object.values(end?.runs ?? {}), ['done'], what);
  for (const before of states) if (before && end) assertKept(before, end, what);
  return { states, hasOutrun };
}

export function said({ status, stdout, stderr }: Ended): string {
  return `status ${status}\n${stdout.slice(0, 3000)}\n${stderr.slice(-1500)}`;
}

/** Starts the command and waits until it has stopped itself at the failpoint. `thaw` lets it go on. */
export async function runUntilFrozen(
  args: readonly string[],
  failpoint: string,
): Promise<Started & { thaw(): void }> {
  const run = startFerrow(args, { FERROW_FAILPOINT: `${failpoint}` });
  const { child } = run;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      assert.fail(`ended before ${failpoint}: ${said(await run.ended)}`);
    const state = spawnSync('ps', ['-o', 'state=', '-p', String(child.pid)], { encoding: 'utf8' }).stdout;
    if (state.trim().startsWith('T')) return { ...run, thaw: () => keepThawed(run) };
    await setTimeout(20);
  }
}

/** An engine thread that is started anew counts anew, and would freeze again. */
function keepThawed({ child, ended }: Started): void {
  const thaw = () => void child.kill('SIGCONT');
  thaw();
  const again = setInterval(thaw, 50);
  void ended.then(() => clearInterval(again));
}
