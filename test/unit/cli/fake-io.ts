// A world for main() without a process: streams that keep what is written, signals sent by hand, and commands
// that do what a test says.
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { Commands } from '../../../src/cli/commands.ts';
import { type Io, main } from '../../../src/cli/main.ts';
import type { Report } from '../../../src/transfer/report.ts';

class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Statuses given to `exit`. */
  readonly exits: readonly number[];
}

const unused = (name: string) => () => Promise.reject(new Error(`${name} was not expected to be called`));

export function fakeIo(commands: Partial<Commands> = {}) {
  const stdout = new Kept();
  const stderr = new Kept();
  const process = new EventEmitter();
  const exits: number[] = [];
  const io: Io = {
    stdout,
    stderr,
    process,
    exit: (status) => {
      exits.push(status);
    },
    warmUp: async () => async () => {},
    commands: async () => ({
      transfer: unused('transfer'),
      compareSchemas: unused('compareSchemas'),
      scriptSchema: unused('scriptSchema'),
      examine: unused('examine'),
      tune: unused('tune'),
      sync: unused('sync'),
      verify: unused('verify'),
      repair: unused('repair'),
      resume: unused('resume'),
      rollback: unused('rollback'),
      retryRejects: unused('retryRejects'),
      runs: unused('runs'),
      ...commands,
    }),
  };
  const run = async (line: string, env: Record<string, string> = {}): Promise<Outcome> => {
    const status = await main(line.split(' ').filter(Boolean), env, io);
    return { status, stdout: stdout.text, stderr: stderr.text, exits };
  };
  return { io, run, process, stdout, stderr };
}

export function reportOf(changes: Partial<Report> = {}): Report {
  return {
    runId: 'r1',
    command: 'migrate',
    source: 'sqlite:a.db',
    target: 'sqlite:b.db',
    startedAt: '2024-01-01T00:00:00.000Z',
    elapsedSeconds: 1.5,
    success: true,
    error: null,
    totalTables: 1,
    successfulTables: 1,
    failedTables: 0,
    totalMigratedRows: 347,
    rowsPerSecond: 231,
    tableResults: [
      {
        tableName: 'Album',
        sourceRows: 347,
        migratedRows: 347,
        rejectedRows: 0,
        batchesProcessed: 1,
        success: true,
        error: null,
        elapsedSeconds: 0.1,
        rowsPerSecond: 3470,
        verified: 'count',
      },
    ],
    warnings: [],
    carriedViews: [],
    allowedLosses: [],
    retries: [],
    refusals: [],
    ...changes,
  };
}
