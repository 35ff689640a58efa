// What a run has done so far, gathered from its events: for progress on a terminal and for /status.
// Main thread; no I/O, no timers. Rates are averages since a table's (or the run's) first row.
import type { EventEmitter } from 'node:events';
import type { TransferEventMap, TransferEvents } from './events.ts';

export interface TableStatus {
  readonly table: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** Null where not counted. */
  readonly sourceRows: number | null;
  /** Rows committed. */
  readonly rows: number;
  readonly rowsPerSecond: number;
  /** Null where it can't be told. */
  readonly etaSeconds: number | null;
  readonly elapsedSeconds: number;
  readonly error: string | null;
}

/** The document that /status serves. Sizes in bytes, times in seconds. */
export interface RunStatusDocument {
  readonly runId: string | null;
  readonly state: 'starting' | 'running' | 'done' | 'failed';
  readonly source: string | null;
  readonly target: string | null;
  readonly phase: string | null;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly totalTables: number;
  readonly successfulTables: number;
  readonly failedTables: number;
  readonly sourceRows: number | null;
  readonly rows: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly rowsPerSecond: number;
  readonly etaSeconds: number | null;
  readonly retries: number;
  readonly warnings: number;
  readonly tables: readonly TableStatus[];
}

interface TableState {
  state: TableStatus['state'];
  sourceRows: number | null;
  rows: number;
  /** Milliseconds of the first sign of work; null before. */
  beganAt: number | null;
  endedAt: number | null;
  error: string | null;
}

export class RunStatus {
  readonly #now: () => number;
  readonly #beganAt: number;
  readonly #tables = new Map<string, TableState>();
  #start: TransferEvents['start'] | null = null;
  #firstRowsAt: number | null = null;
  #phase: string | null = null;
  #state: RunStatusDocument['state'] = 'starting';
  #endedAt: number | null = null;
  #bytesRead = 0;
  #bytesWritten = 0;
  #retries = 0;
  #warnings = 0;

  /** @param now milliseconds since 1970 */
  constructor(events: EventEmitter<TransferEventMap>, now: () => number = Date.now) {
    this.#now = now;
    this.#beganAt = now();
    events.on('start', (start) => {
      this.#start = start;
      this.#state = 'running';
      for (const { table, sourceRows } of start.tables) this.#tableOf(table).sourceRows = sourceRows;
    });
    events.on('phase', ({ what }) => {
      this.#phase = what;
    });
    events.on('read', ({ table }) => this.#begin(table));
    events.on('batch', (batch) => {
      const table = this.#begin(batch.table);
      table.rows = batch.tableRows;
      table.sourceRows ??= batch.sourceRows;
      this.#bytesRead += batch.bytesRead;
      this.#bytesWritten += batch.bytesWritten;
    });
    events.on('table', ({ table: name, success, rows, error }) => {
      const table = this.#tableOf(name);
      table.state = success ? 'done' : 'failed';
      table.rows = rows;
      table.endedAt = this.#now();
      table.error = error?.message ?? null;
    });
    events.on('retry', () => {
      this.#retries += 1;
    });
    events.on('warning', () => {
      this.#warnings += 1;
    });
    events.on('end', ({ success }) => {
      this.#state = success ? 'done' : 'failed';
      this.#endedAt = this.#now();
    });
  }

  /** Tables that rows move for right now. */
  running(): TableStatus[] {
    const statuses: TableStatus[] = [];
    for (const [name, table] of this.#tables) {
      if (table.state === 'running') statuses.push(this.#statusOf(name, table));
    }
    return statuses;
  }

  document(): RunStatusDocument {
    const tables = [...this.#tables].map(([name, table]) => this.#statusOf(name, table));
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const sourceRows = tables.some((table) => table.sourceRows === null)
      ? null
      : tables.reduce((sum, table) => sum + (table.sourceRows ?? 0), 0);
    const until = this.#endedAt ?? this.#now();
    const rowsPerSecond = rate(rows, this.#firstRowsAt, until);
    return {
      runId: this.#start?.runId ?? null,
      state: this.#state,
      source: this.#start?.source ?? null,
      target: this.#start?.target ?? null,
      phase: this.#phase,
      startedAt: new Date(this.#beganAt).toISOString(),
      elapsedSeconds: (until - this.#beganAt) / 1000,
      totalTables: tables.length,
      successfulTables: tables.filter((table) => table.state === 'done').length,
      failedTables: tables.filter((table) => table.state === 'failed').length,
      sourceRows,
      rows,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      rowsPerSecond,
      etaSeconds: this.#endedAt === null ? eta(rows, sourceRows, rowsPerSecond) : 0,
      retries: this.#retries,
      warnings: this.#warnings,
      tables,
    };
  }

  #tableOf(name: string): TableState {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = { state: 'waiting', sourceRows: null, rows: 0, beganAt: null, endedAt: null, error: null };
      this.#tables.set(name, table);
    }
    return table;
  }

  #begin(name: string): TableState {
    const table = this.#tableOf(name);
    this.#firstRowsAt ??= this.#now();
    table.beganAt ??= this.#now();
    if (table.state === 'waiting') table.state = 'running';
    return table;
  }

  #statusOf(name: string, table: TableState): TableStatus {
    const until = table.endedAt ?? this.#now();
    const rowsPerSecond = rate(table.rows, table.beganAt, until);
    return {
      table: name,
      state: table.state,
      sourceRows: table.sourceRows,
      rows: table.rows,
      rowsPerSecond,
      etaSeconds: table.state === 'running' ? eta(table.rows, table.sourceRows, rowsPerSecond) : null,
      elapsedSeconds: table.beganAt === null ? 0 : (until - table.beganAt) / 1000,
      error: table.error,
    };
  }
}

function rate(rows: number, from: number | null, until: number): number {
  return from === null || until <= from ? 0 : (rows * 1000) / (until - from);
}

function eta(rows: number, sourceRows: number | null, rowsPerSecond: number): number | null {
  if (sourceRows === null || rowsPerSecond === 0) return null;
  return Math.max(0, sourceRows - rows) / rowsPerSecond;
}
