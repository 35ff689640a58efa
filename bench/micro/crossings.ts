// Codecs and kernels over recorded chunks: nanoseconds per cell beside the budget, and what they allocate.
import type { Batch } from '../../src/batch/batch.ts';
import type { ChunkPayload } from '../../src/batch/chunk.ts';
import { compileCrossing } from '../../src/coerce/compile.ts';
import { CODECS } from '../../src/dialect/codecs.ts';
import type { CrossingTask } from '../../src/threads/messages.ts';
import { sameType, typeName } from '../../src/types/logical-type.ts';
import type { Pair } from '../tables/places.ts';
import { type AllocationSite, sampleAllocations } from './allocation-sample.ts';
import { DECODE_NANOS, ENCODE_NANOS } from './budget.ts';
import { nanosOf } from './timing.ts';

export interface StepResult {
  readonly name: string;
  readonly nanosPerCell: number;
  /** Null where none was set. */
  readonly budgetNanos: number | null;
  readonly bytesPerCell: number;
  readonly sites: readonly AllocationSite[];
}

/** The three steps of a pair's crossings, and each kernel in them. */
export function benchCrossings(pair: Pair, tasks: readonly CrossingTask[]): StepResult[] {
  const steps = tasks.map(decoded);
  const cells = steps.reduce((sum, { batch }) => sum + batch.rowCount * batch.columns.length, 0);
  const way = `${pair.source} to ${pair.target}`;
  const all = (step: (one: (typeof steps)[number]) => unknown) => () => {
    for (const one of steps) step(one);
  };
  const decode = all(({ task, fields }) =>
    CODECS[task.spec.source].decode(task.payload, task.rowCount, fields),
  );
  const encode = all(({ task, crossed }) => encodeAs(task, crossed));
  const results = [
    measure(`${way}: decode`, decode, cells, DECODE_NANOS[pair.source]),
    measure(
      `${way}: coerce`,
      all(({ crossing, batch }) => crossing(batch)),
      cells,
      null,
    ),
    measure(`${way}: encode`, encode, cells, ENCODE_NANOS[pair.target]),
  ];
  return [...results, ...benchKernels(way, steps)];
}

function decoded(task: CrossingTask) {
  const { spec, payload, rowCount } = task;
  const fields = spec.columns.map(({ name, read }) => ({ name, type: read }));
  const batch = CODECS[spec.source].decode(payload, rowCount, fields);
  const crossing = compileCrossing(spec.columns, spec.keyColumns);
  return { task, fields, batch, crossing, crossed: crossing(batch).batch };
}

function encodeAs({ spec }: CrossingTask, batch: Batch): ChunkPayload {
  if (spec.target === null) return { form: 'columns', columns: batch.columns };
  return CODECS[spec.target].encode(batch, spec.form);
}

/** One column for each kind of way that changes something. */
function benchKernels(way: string, steps: readonly ReturnType<typeof decoded>[]): StepResult[] {
  const { columns } = steps[0].task.spec;
  const seen = new Set<string>();
  const results: StepResult[] = [];
  for (const [at, column] of columns.entries()) {
    const { read, logical, write } = column;
    if (sameType(read, write) && column.readChecks.length + column.writeChecks.length === 0) continue;
    const types = [read, logical, write].map(typeName).filter((name, i, names) => name !== names[i - 1]);
    const checks = [...column.readChecks, ...column.writeChecks].map(({ kind }) => kind);
    const name = `${types.join(' → ')}${checks.length > 0 ? `, checked: ${checks.join(', ')}` : ''}`;
    if (seen.has(name)) continue;
    seen.add(name);
    const kernel = compileCrossing([column], []);
    const batches = steps.map(
      ({ batch }): Batch => ({
        fields: [batch.fields[at]],
        columns: [batch.columns[at]],
        rowCount: batch.rowCount,
      }),
    );
    const cells = batches.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const run = () => {
      for (const batch of batches) kernel(batch);
    };
    results.push(measure(`${way}: ${column.name}, ${name}`, run, cells, null));
  }
  return results;
}

function measure(name: string, run: () => unknown, cells: number, budgetNanos: number | null): StepResult {
  const nanosPerCell = nanosOf(run) / cells;
  const { bytes, sites } = sampleAllocations(run);
  return { name, nanosPerCell, budgetNanos, bytesPerCell: bytes / cells, sites };
}
