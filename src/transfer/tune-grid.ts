// Which settings `tune` tries, and which of those it measured it recommends. Pure.

/** What can be set about the speed of a run. */
export interface Setting {
  /** Rows in a batch; a batch also ends at its bound of bytes. */
  readonly batchSize: number;
  readonly workers: number;
  readonly connections: number;
}

export const SETTING_KEYS = ['batchSize', 'workers', 'connections'] as const;

/** The values tried of each. */
export type Axes = { readonly [Key in keyof Setting]: readonly number[] };

export interface GridInput {
  /** What a run does when nothing is set. */
  readonly standard: Setting;
  /** Rows that fill a batch up to its bound of bytes: a larger batch is the same batch. */
  readonly rowsPerBatchMost: number;
  readonly cores: number;
  /** Lanes that the two engines can keep at once. */
  readonly lanesMost: number;
  /** False where chunks pass from engine to engine as they are. */
  readonly crosses: boolean;
}

/** More connections than this were never faster, on any pair. */
const CONNECTIONS_MOST = 8;
const BATCH_FACTORS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4];
/** Medians that are nearer to each other than this can't be told apart by runs of seconds. */
export const NOISE_RATIO = 0.05;

/** The axes of the grid; the standard setting is always one of its points. */
export function axesFor(input: GridInput): Axes {
  const { standard, cores, lanesMost } = input;
  const lanes = Math.min(CONNECTIONS_MOST, 2 * cores, lanesMost);
  return {
    batchSize: batchSizes(standard.batchSize, input.rowsPerBatchMost),
    workers: input.crosses ? withValue(doublings(cores), standard.workers) : [standard.workers],
    connections: lanes > 1 ? withValue(doublings(lanes), standard.connections) : [standard.connections],
  };
}

/** Powers of two around the standard one, up to the batch that is full. */
function batchSizes(standard: number, rowsMost: number): readonly number[] {
  const most = Math.max(standard, rowsMost);
  const others = BATCH_FACTORS.map((factor) => roundish(Math.max(1, Math.min(most, standard * factor))));
  return withValue(
    others.filter((size) => Math.abs(Math.log2(size / standard)) > 0.4),
    standard,
  );
}

/** 1, 2, 4 … up to `most`, and `most`. */
function doublings(most: number): readonly number[] {
  const values: number[] = [];
  for (let value = 1; value < most; value *= 2) values.push(value);
  return [...values, Math.max(1, most)];
}

function withValue(values: readonly number[], value: number): readonly number[] {
  return [...new Set([...values, value])].sort((a, b) => a - b);
}

/** Two digits are enough for a number that people shall type. */
export function roundish(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}

/** Every combination of the axes' values. */
export function gridOf(axes: Axes): readonly Setting[] {
  return axes.batchSize.flatMap((batchSize) =>
    axes.workers.flatMap((workers) =>
      axes.connections.map((connections) => ({ batchSize, workers, connections })),
    ),
  );
}

/**
 * Leaves values out until the grid has at most `most` points: of the longest axis the one that differs least from its
 * neighbours, never the standard setting's.
 */
export function thinned(axes: Axes, standard: Setting, most: number): Axes {
  let left = axes;
  while (gridOf(left).length > most) {
    // Of axes that are equally long the batch size gives way last.
    const keys = ['workers', 'connections', 'batchSize'] as const;
    const longest = keys.reduce((a, b) => (left[b].length > left[a].length ? b : a));
    const values = left[longest];
    if (values.length === 1) break;
    const dispensable = leastMissed(values, standard[longest]);
    left = { ...left, [longest]: values.filter((value) => value !== dispensable) };
  }
  return left;
}

/** Among equals the ends stay, which show where things go. */
function leastMissed(values: readonly number[], standard: number): number {
  const gap = (at: number) => {
    const [before = 0, after = Number.POSITIVE_INFINITY] = [values[at - 1], values[at + 1]];
    const inner = at > 0 && at < values.length - 1;
    return Math.min(values[at] / before, after / values[at]) + (inner ? 0 : 0.001);
  };
  const others = values.map((_value, at) => at).filter((at) => values[at] !== standard);
  return values[others.reduce((least, at) => (gap(at) < gap(least) ? at : least))];
}

export const sameSetting = (one: Setting, other: Setting): boolean =>
  one.batchSize === other.batchSize && one.workers === other.workers && one.connections === other.connections;

/** A setting with the rows a second that its runs had. */
export interface Measured {
  readonly setting: Setting;
  readonly rowsPerSecond: { readonly min: number; readonly median: number; readonly max: number };
}

/**
 * The simplest of the settings that are within noise of the fastest: the standard one if it is among them, since it
 * asks for nothing; else that with the fewest connections, then workers, then the batch nearest to the standard one.
 */
export function recommended<M extends Measured>(measured: readonly M[], standard: Setting): M {
  const best = Math.max(...measured.map((each) => each.rowsPerSecond.median));
  const near = measured.filter((each) => each.rowsPerSecond.median >= (1 - NOISE_RATIO) * best);
  const far = ({ setting }: M) => Math.abs(Math.log2(setting.batchSize / standard.batchSize));
  const [simplest] = near.toSorted(
    (a, b) =>
      Number(sameSetting(b.setting, standard)) - Number(sameSetting(a.setting, standard)) ||
      a.setting.connections - b.setting.connections ||
      a.setting.workers - b.setting.workers ||
      far(a) - far(b),
  );
  return simplest;
}

export function spread(values: readonly number[]): Measured['rowsPerSecond'] {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { min: sorted[0], median, max: sorted[sorted.length - 1] };
}
