// For tests of faults: at a named step of a run this process dies, freezes or fails, as FERROW_FAILPOINT says. Any thread.
// Costs nothing while the variable is not set. No part of what users are promised.
import { FerrowError } from './ferrow-error.ts';

/** The steps, in the order in which every run comes to them. */
export const FAILPOINTS = [
  /** Staging tables are made, their transaction is open. */
  'prepare.made',
  /** Rows of a group and their rows of the ledger are written, not committed. */
  'group.written',
  /** Committed; nobody has been told. */
  'group.committed',
  /** A table has its own name, or its rows are in the live one; not committed. */
  'table.named',
  /** Committed; the run does not know it. */
  'table.finished',
  /** Some of what comes after all tables is done. */
  'run.finishing',
  /** All of it is done, and the ledger does not say that the run ended. */
  'run.finished',
] as const;

/** Those of a run that leaves rows out which only the end of a load refuses. */
export const REJECT_FAILPOINTS = [
  /** They are out of the staged rows and among the rejects, not committed. */
  'rejects.written',
  /** Committed; the table has not taken its name. */
  'rejects.committed',
] as const;

const NAMES = [...FAILPOINTS, ...REJECT_FAILPOINTS] as const;
export type Failpoint = (typeof NAMES)[number];

const SIGNALS = { kill: 'SIGKILL', freeze: 'SIGSTOP', interrupt: 'SIGINT', terminate: 'SIGTERM' } as const;
/** `freeze` until SIGCONT. `throw`: a fault that is no database's. `lose`: as if the connection broke. */
const ACTIONS = ['kill', 'freeze', 'interrupt', 'terminate', 'throw', 'lose'] as const;

interface Armed {
  readonly name: string;
  readonly action: (typeof ACTIONS)[number];
  /** It happens when the step is passed for the n-th time in this thread; later passings are spared. */
  left: number;
}

/** Undefined before the first step. */
let armed: Armed | null | undefined;

/** `name:action` or `name:action@n`. @throws FerrowError E_USAGE where it names no step or no action */
export function arm(setting: string | undefined): Armed | null {
  if (!setting) return null;
  const [, name, action, nth] = /^([\w.]+):(\w+)(?:@([1-9]\d*))?$/.exec(setting) ?? [];
  const known = (NAMES as readonly string[]).includes(name ?? '');
  const wanted = ACTIONS.find((each) => each === action);
  if (known && wanted) return { name, action: wanted, left: Number(nth ?? 1) };
  throw new FerrowError('E_USAGE', `FERROW_FAILPOINT="${setting}" is none of name:action[@n]`, {
    hint: `names: ${NAMES.join(', ')}; actions: ${ACTIONS.join(', ')}`,
  });
}

/** A step is passed. @throws where the test wants it; E_USAGE where the setting says nothing */
export function failpoint(name: Failpoint): void {
  if (armed === undefined) armed = arm(process.env['FERROW_FAILPOINT']);
  if (armed !== null && armed.name === name && --armed.left === 0) act(armed);
}

function act({ name, action }: Armed): void {
  if (action === 'throw') throw new Error(`failpoint ${name}`);
  if (action === 'lose') throw new FerrowError('E_CONNECTION_LOST', `failpoint ${name}`);
  process.kill(process.pid, SIGNALS[action]);
  // Another thread may be the first to take it; this one must not run on.
  const millis = { kill: 10_000, freeze: 100, interrupt: 0, terminate: 0 }[action];
  if (millis > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
}
