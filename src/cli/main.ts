// argv -> request -> exit status. Main thread. Owns the edges: signals, faults nobody caught, closed pipes,
// and the last look over every text for passwords.
import type { EventEmitter } from 'node:events';
import { FerrowError } from '../errors/ferrow-error.ts';
import { makeRedactor, redactUrl } from '../errors/redact.ts';
import { VERSION } from '../version.ts';
import { commandOf, parseArgs } from './args.ts';
import { type Commands, loadCommands } from './commands.ts';
import { documentText, failureReport } from './documents.ts';
import { EXIT, statusOfKind } from './exit-status.ts';
import type { ProgressStream } from './progress.ts';
import { renderError } from './render.ts';
import type { Environment } from './request.ts';
import { makePaint } from './words.ts';

/** The world outside, replaceable in tests. */
export interface Io {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  /** Emits SIGINT, SIGTERM, uncaughtException and unhandledRejection, as `process` does. */
  readonly process: EventEmitter;
  /** Ends the process at once. */
  exit(status: number): void;
  commands(): Promise<Commands>;
  /** Starts what databases with these names will need; gives how to end what was not needed. */
  warmUp(databases: readonly string[]): Promise<() => Promise<void>>;
}

export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    process: process as unknown as EventEmitter,
    exit: endAtOnce,
    commands: loadCommands,
    warmUp: async (databases) => (await import('../transfer/warm-up.ts')).warmUp(databases),
  };
}

/**
 * Ends without Node's own teardown, in which an engine thread in the middle of a call can bring the process down with
 * SIGABRT. Death by SIGINT is what shells report as 130; where it is ignored (process 1), exit follows.
 */
function endAtOnce(status: number): void {
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
  setTimeout(() => process.exit(status), 500);
}

/**
 * Does what the command line says; never throws.
 * @param argv without the names of Node and of the script
 * @returns the exit status
 */
export async function main(argv: readonly string[], env: Environment, io: Io): Promise<number> {
  const startedAt = new Date();
  const redactor = makeRedactor();
  for (const text of [...argv, env['FERROW_SOURCE_URL'], env['FERROW_TARGET_URL']]) redactor.learnUrl(text);
  redactor.learnSecret(env['PGPASSWORD']);
  const edges = new Edges(io);
  let json = argv.includes('--json') || ['1', 'true', 'yes', 'on'].includes(env['FERROW_JSON'] ?? '');
  let verbose = argv.includes('--verbose') || argv.includes('-v');
  let ends = { source: '', target: '' };
  let coolDown = async () => {};
  try {
    const invocation = parseArgs(argv, VERSION, io.stdout.columns);
    if (invocation.kind === 'text') {
      await write(io.stdout, invocation.text);
      return EXIT.done;
    }
    const named = invocation.databases.map(redactUrl);
    ends = { source: named.length > 1 ? named[0] : '', target: named.at(-1) ?? '' };
    coolDown = await io.warmUp(invocation.databases);
    const [{ makeRequest }, { run }] = await Promise.all([import('./request.ts'), import('./run.ts')]);
    const request = await makeRequest(invocation, env, (url) => redactor.learnUrl(url));
    ends = { source: redactUrl(request.source ?? ''), target: redactUrl(request.target) };
    json = request.output.json;
    verbose = request.output.verbose;
    const { signal } = edges;
    const context = { ...io, commands: () => io.commands(), env, signal, redact: redactor.text, startedAt };
    return await Promise.race([run(request, context), edges.fault]);
  } catch (thrown) {
    const error = edges.signal.aborted && !isUsage(thrown) ? cancelled(thrown) : FerrowError.from(thrown);
    const wire = error.toWire();
    const color = !argv.includes('--no-color') && !env['NO_COLOR'] && !env['FERROW_NO_COLOR'];
    const paint = makePaint(color && io.stderr.isTTY === true);
    const text = [renderError(wire, { paint, verbose })];
    if (verbose && error.kind === 'internal') text.push(stackOf(thrown));
    await write(io.stderr, `${redactor.text(text.join('\n'))}\n`);
    if (json) {
      const elapsedSeconds = (Date.now() - startedAt.getTime()) / 1000;
      const frame = { command: commandWord(argv), startedAt: startedAt.toISOString(), elapsedSeconds };
      await write(
        io.stdout,
        documentText(failureReport(frame, wire, ends.source, ends.target), redactor.text),
      );
    }
    return statusOfKind(error.kind);
  } finally {
    await Promise.all([write(io.stdout, ''), write(io.stderr, ''), coolDown()]);
    edges.leave();
  }
}

/** The command for a document about wrong usage: as far as the words on the command line can be taken for one. */
function commandWord(argv: readonly string[]): string {
  const word = argv.find((each) => !each.startsWith('-')) ?? '';
  return commandOf(argv) ?? (/^[a-z-]{1,20}$/.test(word) ? word : '');
}

function isUsage(thrown: unknown): boolean {
  return thrown instanceof FerrowError && thrown.kind === 'usage';
}

function cancelled(thrown: unknown): FerrowError {
  if (thrown instanceof FerrowError && thrown.kind === 'cancelled') return thrown;
  return new FerrowError('E_CANCELLED', 'interrupted', { cause: thrown });
}

function stackOf(thrown: unknown): string {
  const stacks: string[] = [];
  for (let error = thrown; error instanceof Error && stacks.length < 5; error = error.cause) {
    stacks.push(error.stack ?? error.message);
  }
  return stacks.join('\ncaused by ');
}

/** Settles when the text has left, or can't any more because the reader is gone. */
function write(stream: ProgressStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) return resolve();
    stream.write(text, () => resolve());
  });
}

/** Signals, uncaught faults and closed pipes, from the start of main to its end. */
class Edges {
  readonly fault: Promise<never>;
  readonly #controller = new AbortController();
  readonly #io: Io;
  readonly #listeners: [EventEmitter, string, (...args: unknown[]) => void][] = [];

  constructor(io: Io) {
    this.#io = io;
    this.fault = new Promise((_resolve, reject) => {
      this.#on(io.process, 'uncaughtException', (error) => reject(error));
      this.#on(io.process, 'unhandledRejection', (error) => reject(error));
    });
    // Without a command to race against, a fault is reported by none; it must not bring down the process twice.
    this.fault.catch(() => {});
    for (const name of ['SIGINT', 'SIGTERM']) this.#on(io.process, name, () => this.#interrupt(name));
    for (const stream of [io.stdout, io.stderr]) {
      // EPIPE: the reader (`head`, a closed pager) has left. That is its right, and no reason to stop a run.
      this.#on(stream as unknown as EventEmitter, 'error', () => {});
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  leave(): void {
    for (const [emitter, name, listener] of this.#listeners) {
      if (name !== 'error') emitter.off(name, listener);
    }
  }

  #interrupt(name: string): void {
    if (this.#controller.signal.aborted) {
      this.#io.exit(EXIT.interrupted);
      return;
    }
    this.#io.stderr.write('\ninterrupted: the chunk in flight is being finished; again to stop at once\n');
    this.#controller.abort(new FerrowError('E_CANCELLED', `interrupted by ${name}`));
  }

  #on(emitter: EventEmitter, name: string, listener: (...args: unknown[]) => void): void {
    emitter.on(name, listener);
    this.#listeners.push([emitter, name, listener]);
  }
}
