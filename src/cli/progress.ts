// Progress on stderr from the events of a run: bars on a terminal, plain lines elsewhere, nothing when quiet.
// Main thread. `stop` must be called in the end; timers never keep the process alive.
import { MultiBar, type SingleBar } from 'cli-progress';
import type { TransferEvents } from '../metrics/events.ts';
import { RunStatus, type TableStatus } from '../metrics/run-status.ts';
import type { TransferEmitter } from '../transfer/request.ts';
import { count, counted, duration, type Paint, printable } from './words.ts';

export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly style: 'bars' | 'lines' | 'none';
  /** Also says what happens between tables. */
  readonly verbose: boolean;
  readonly paint: Paint;
  /** Takes passwords out of a line. */
  readonly redact: (text: string) => string;
  /** Seconds between two lines of one table. */
  readonly lineSeconds?: number;
}

export interface Progress {
  /** Writes a line between the bars. */
  say(line: string): void;
  stop(): void;
}

const LINE_SECONDS = 5;
const BARS_MAX = 8;

/** Shows what `events` say until `stop`. */
export function showProgress(events: TransferEmitter, options: ProgressOptions): Progress {
  const { stream, paint, redact } = options;
  const plain = (line: string): void => {
    stream.write(`${redact(line)}\n`);
  };
  if (options.style === 'none') return { say: plain, stop: () => {} };
  const status = new RunStatus(events);
  const bars = options.style === 'bars' ? new Bars(stream, paint) : null;
  const say = (line: string): void => {
    if (bars) bars.say(redact(line));
    else plain(line);
  };
  let lastLineAt = Date.now();
  const timer = setInterval(
    () => {
      if (bars) return bars.update(status);
      lastLineAt = Date.now();
      for (const table of status.running()) say(runningLine(table));
    },
    bars ? 200 : (options.lineSeconds ?? LINE_SECONDS) * 1000,
  );
  timer.unref();
  events.on('start', (start) => say(startLine(start)));
  events.on('phase', ({ what }) => {
    if (options.verbose) say(paint('dim', printable(what)));
    // A long time without a word looks like a hang: then the phase is worth a line in any case.
    else if (!bars && Date.now() - lastLineAt > LINE_SECONDS * 1000) {
      lastLineAt = Date.now();
      say(printable(what));
    }
  });
  events.on('table', (table) => {
    bars?.update(status);
    say(tableLine(table, paint));
  });
  events.on('trial', tellTrials(say, options.verbose));
  events.on('retry', ({ table, attempt, delaySeconds, error }) => {
    const where = table === null ? '' : `${printable(table)}: `;
    say(
      paint(
        'yellow',
        `${where}${printable(error.message)}; attempt ${attempt + 1} in ${duration(delaySeconds)}`,
      ),
    );
  });
  return {
    say,
    stop: () => {
      clearInterval(timer);
      bars?.stop();
    },
  };
}

/** A line for each round of `tune`; with `verbose` one for each trial. */
function tellTrials(say: (line: string) => void, verbose: boolean): (trial: TransferEvents['trial']) => void {
  let told = 0;
  return ({ round, rounds, settings, rows, seconds, batchSize, workers, connections }) => {
    if (round > told) {
      const what = round === rounds ? 'finals' : `round ${round} of ${rounds}`;
      say(`${what}: ${counted(settings, 'setting')}, about ${counted(rows, 'row')} each`);
      told = round;
    }
    if (!verbose) return;
    const setting = `batch size ${count(batchSize)}, workers ${workers}, connections ${connections}`;
    say(`  ${setting}: ${count(rows / seconds)} rows/s`);
  };
}

function startLine({ source, target, tables }: TransferEvents['start']): string {
  const known = tables.every((table) => table.sourceRows !== null);
  const rows = tables.reduce((sum, table) => sum + (table.sourceRows ?? 0), 0);
  const what = `${counted(tables.length, 'table')}${known ? `, ${counted(rows, 'row')}` : ''}`;
  return `${printable(source)} -> ${printable(target)}: ${what}`;
}

function tableLine(event: TransferEvents['table'], paint: Paint): string {
  const name = printable(event.table);
  if (event.success) {
    return `${paint('green', '✓')} ${name}: ${counted(event.rows, 'row')} in ${duration(event.elapsedSeconds)}`;
  }
  return `${paint('red', '✗')} ${name}: ${printable(event.error?.message ?? 'differs')}`;
}

function runningLine(table: TableStatus): string {
  return `  ${printable(table.table)}: ${numbersOf(table)}`;
}

function numbersOf({ rows, sourceRows, rowsPerSecond, etaSeconds }: TableStatus): string {
  const of = sourceRows === null ? '' : ` of ${count(sourceRows)}`;
  const left = etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`;
  return `${count(rows)}${of} rows, ${count(rowsPerSecond)} rows/s${left}`;
}

/** A bar for each running table (the first few), made when it begins and taken away when it ends. */
class Bars {
  readonly #bars = new Map<string, SingleBar>();
  readonly #multi: MultiBar;
  readonly #most: number;

  constructor(stream: ProgressStream, paint: Paint) {
    this.#most = Math.max(1, Math.min(BARS_MAX, (stream.rows ?? 24) - 4));
    this.#multi = new MultiBar({
      stream,
      hideCursor: false,
      clearOnComplete: true,
      emptyOnZero: true,
      gracefulExit: false,
      stopOnComplete: false,
      fps: 5,
      format: (_options, { progress }, payload: { table: TableStatus }) =>
        barLine(payload.table, progress, stream.columns ?? 80, paint),
    });
  }

  /** Lines go through the library, which knows where the cursor is; its timer runs until `stop`. */
  say(line: string): void {
    // Lines are written over old bars, so each wipes what is left of its row.
    this.#multi.log(`${line}\u001b[K\n`);
    this.#multi.update();
  }

  update(status: RunStatus): void {
    const running = new Map(status.running().map((table) => [table.table, table]));
    for (const [name, bar] of this.#bars) {
      if (running.has(name)) continue;
      this.#multi.remove(bar);
      this.#bars.delete(name);
    }
    for (const [name, table] of running) {
      const total = Math.max(1, table.sourceRows ?? 0);
      const value = table.sourceRows === null ? 0 : Math.min(total, table.rows);
      const bar = this.#bars.get(name);
      if (bar) bar.update(value, { table });
      else if (this.#bars.size < this.#most)
        this.#bars.set(name, this.#multi.create(total, value, { table }));
    }
  }

  stop(): void {
    for (const bar of this.#bars.values()) this.#multi.remove(bar);
    this.#bars.clear();
    this.#multi.update();
    this.#multi.stop();
  }
}

/** One line that fits the terminal: name, bar, numbers. */
function barLine(table: TableStatus, progress: number, columns: number, paint: Paint): string {
  const numbers = numbersOf(table);
  const nameWidth = Math.max(8, Math.min(24, columns - numbers.length - 20));
  const barWidth = Math.max(0, Math.min(24, columns - numbers.length - nameWidth - 4));
  const filled = Math.round(barWidth * Math.min(1, progress));
  const bar = `${paint('cyan', '█'.repeat(filled))}${'░'.repeat(barWidth - filled)}`;
  return `${fitted(printable(table.table), nameWidth)} ${bar} ${numbers}`;
}

/** Cut or filled to a width in characters. */
function fitted(text: string, width: number): string {
  const characters = [...text];
  if (characters.length > width) return `${characters.slice(0, width - 1).join('')}…`;
  return text + ' '.repeat(width - characters.length);
}
