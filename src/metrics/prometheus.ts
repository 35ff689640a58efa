// Events of a run -> Prometheus metrics. The only file that knows prom-client. Main thread. Each run has its
// own registry, so that a process may run several. docs/metrics.md is printed from METRICS.
import type { EventEmitter } from 'node:events';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Stage, TransferEventMap } from './events.ts';

export interface MetricFacts {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

const RUN_LABELS = ['source', 'target'] as const;

/** Every metric of Ferrow itself. Base units: seconds, bytes, ratios from 0 to 1. */
export const METRICS = {
  rowsRead: {
    name: 'ferrow_rows_read_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Rows read from the source.',
  },
  rowsWritten: {
    name: 'ferrow_rows_written_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Rows committed in the target.',
  },
  rowsRejected: {
    name: 'ferrow_rows_rejected_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Rows that the target could not hold and that were set aside.',
  },
  bytesRead: {
    name: 'ferrow_bytes_read_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Bytes read from the source.',
  },
  bytesWritten: {
    name: 'ferrow_bytes_written_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Bytes sent to the target and committed.',
  },
  batches: {
    name: 'ferrow_batches_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Batches committed in the target.',
  },
  retries: {
    name: 'ferrow_retries_total',
    kind: 'counter',
    labels: RUN_LABELS,
    help: 'Attempts made again after a transient fault.',
  },
  errors: {
    name: 'ferrow_errors_total',
    kind: 'counter',
    labels: ['code'],
    help: 'Failures, by error code (docs/errors.md).',
  },
  allowedLosses: {
    name: 'ferrow_allowed_losses_total',
    kind: 'counter',
    labels: ['policy'],
    help: 'Values that were changed as --allow permits, by policy (docs/types.md).',
  },
  batchDuration: {
    name: 'ferrow_batch_duration_seconds',
    kind: 'histogram',
    labels: ['stage'],
    help: 'Time that one batch spent in a stage: read, decode, coerce, encode, write, commit.',
  },
  tableRows: {
    name: 'ferrow_table_rows',
    kind: 'gauge',
    labels: ['table'],
    help: 'Rows of a table committed so far.',
  },
  tableProgress: {
    name: 'ferrow_table_progress_ratio',
    kind: 'gauge',
    labels: ['table'],
    help: 'Share of a table that is committed, 0 to 1.',
  },
  queueDepth: {
    name: 'ferrow_queue_depth',
    kind: 'gauge',
    labels: ['stage'],
    help: 'Batches that wait for or are in a stage.',
  },
  backpressure: {
    name: 'ferrow_backpressure_seconds_total',
    kind: 'counter',
    labels: ['stage'],
    help: 'Time that a stage has waited for the stages after it.',
  },
  workerUtilization: {
    name: 'ferrow_worker_utilization_ratio',
    kind: 'gauge',
    labels: [],
    help: 'Share of the worker threads that is busy, 0 to 1.',
  },
  runInfo: {
    name: 'ferrow_run_info',
    kind: 'gauge',
    labels: ['run_id', 'source', 'target'],
    help: 'Always 1; its labels name the run.',
  },
} as const satisfies Record<string, MetricFacts>;

/** So many tables get a label of their own; the rows of all others add up under `other`. */
export const TABLE_LABELS_MAX = 1000;
export const OTHER_TABLES = 'other';

/** From a millisecond (a small batch in one stage) to half a minute (a chunk on a slow server). */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Default metrics whose names break the conventions (gauges named like counters), which `promtool check metrics`
 * counts as errors. Each has a twin without `_total` that says more.
 */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

const STAGES: readonly Stage[] = ['read', 'decode', 'coerce', 'encode', 'write', 'commit'];

type MetricKey = keyof typeof METRICS;

export interface PrometheusMetrics {
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  /** Stops measuring. What was measured stays readable. */
  close(): void;
}

/** Counts the events of one run. */
export function measure(events: EventEmitter<TransferEventMap>): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const facts = (key: MetricKey) => ({
    name: METRICS[key].name,
    help: METRICS[key].help,
    labelNames: METRICS[key].labels,
    registers: [registry],
  });
  const counter = (key: MetricKey) => new Counter<string>(facts(key));
  const gauge = (key: MetricKey) => new Gauge<string>(facts(key));
  const rowsRead = counter('rowsRead');
  const rowsWritten = counter('rowsWritten');
  const rowsRejected = counter('rowsRejected');
  const bytesRead = counter('bytesRead');
  const bytesWritten = counter('bytesWritten');
  const batches = counter('batches');
  const retries = counter('retries');
  const errors = counter('errors');
  const allowedLosses = counter('allowedLosses');
  const backpressure = counter('backpressure');
  const batchDuration = new Histogram<string>({ ...facts('batchDuration'), buckets: BUCKETS_SECONDS });
  const tableRows = gauge('tableRows');
  const tableProgress = gauge('tableProgress');
  const queueDepth = gauge('queueDepth');
  const workerUtilization = gauge('workerUtilization');
  const runInfo = gauge('runInfo');

  let run: Record<string, string> = { source: '', target: '' };
  const tables = new TableShares();
  const waited = new Map<string, number>();
  const showTable = (table: string): void => {
    const { label, rows, ratio } = tables.shown(table);
    tableRows.set({ table: label }, rows);
    if (ratio !== null) tableProgress.set({ table: label }, ratio);
  };

  const stop = listen(events, {
    start: ({ runId, source, target, tables: planned }) => {
      run = { source, target };
      runInfo.set({ run_id: runId, source, target }, 1);
      for (const each of [rowsRead, rowsWritten, rowsRejected, bytesRead, bytesWritten, batches, retries]) {
        each.inc(run, 0);
      }
      for (const stage of STAGES) {
        queueDepth.set({ stage }, 0);
        backpressure.inc({ stage }, 0);
      }
      for (const { table, sourceRows } of planned) {
        tables.set(table, 0, sourceRows);
        showTable(table);
      }
    },
    read: ({ rows, bytes, seconds }) => {
      batchDuration.observe({ stage: 'read' }, seconds);
      rowsRead.inc(run, rows);
      bytesRead.inc(run, bytes);
    },
    batch: (batch) => {
      rowsWritten.inc(run, batch.rows);
      bytesWritten.inc(run, batch.bytesWritten);
      batches.inc(run);
      for (const [stage, seconds] of Object.entries(batch.seconds)) batchDuration.observe({ stage }, seconds);
      tables.set(batch.table, batch.tableRows, batch.sourceRows);
      showTable(batch.table);
    },
    table: ({ table, success, rows, rejectedRows, error }) => {
      rowsRejected.inc(run, rejectedRows);
      if (error !== null) errors.inc({ code: error.code });
      tables.set(table, rows, success ? rows : null);
      showTable(table);
    },
    loss: ({ policy, count }) => allowedLosses.inc({ policy }, count),
    retry: () => retries.inc(run),
    pulse: (pulse) => {
      for (const [stage, depth] of Object.entries(pulse.queueDepth)) queueDepth.set({ stage }, depth);
      workerUtilization.set(Math.min(1, Math.max(0, pulse.workerUtilizationRatio)));
      for (const [stage, seconds] of Object.entries(pulse.backpressureSeconds)) {
        const more = seconds - (waited.get(stage) ?? 0);
        if (more > 0) {
          backpressure.inc({ stage }, more);
          waited.set(stage, seconds);
        }
      }
    },
  });
  return { contentType: registry.contentType, text: () => registry.metrics(), close: stop };
}

/** Rows by table, with a bounded number of names to show them under. */
class TableShares {
  readonly #rows = new Map<string, { rows: number; sourceRows: number | null; label: string }>();
  #otherRows = 0;
  #otherSourceRows = 0;

  /** `sourceRows` null keeps what is known. */
  set(table: string, rows: number, sourceRows: number | null): void {
    const label = this.#rows.size < TABLE_LABELS_MAX ? table : OTHER_TABLES;
    const before = this.#rows.get(table) ?? { rows: 0, sourceRows: null, label };
    const after = { rows, sourceRows: sourceRows ?? before.sourceRows, label: before.label };
    if (before.label === OTHER_TABLES) {
      this.#otherRows += after.rows - before.rows;
      this.#otherSourceRows += (after.sourceRows ?? 0) - (before.sourceRows ?? 0);
    }
    this.#rows.set(table, after);
  }

  /** The ratio is null where the source's rows aren't known. */
  shown(table: string): { label: string; rows: number; ratio: number | null } {
    const share = this.#rows.get(table) ?? { rows: 0, sourceRows: null, label: OTHER_TABLES };
    if (share.label === OTHER_TABLES) {
      return {
        label: OTHER_TABLES,
        rows: this.#otherRows,
        ratio: ratio(this.#otherRows, this.#otherSourceRows),
      };
    }
    return { label: share.label, rows: share.rows, ratio: ratio(share.rows, share.sourceRows) };
  }
}

/** Of an empty table nothing is missing: 1. */
function ratio(rows: number, sourceRows: number | null): number | null {
  if (sourceRows === null) return null;
  return sourceRows === 0 ? 1 : Math.min(1, rows / sourceRows);
}

type Listeners = { [Name in keyof TransferEventMap]?: (event: TransferEventMap[Name][0]) => void };

/** Adds listeners; gives the function that takes them away. */
function listen(events: EventEmitter<TransferEventMap>, listeners: Listeners): () => void {
  const untyped = events as EventEmitter;
  for (const [name, listener] of Object.entries(listeners)) untyped.on(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) untyped.off(name, listener);
  };
}
