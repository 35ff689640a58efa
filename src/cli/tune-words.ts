// What `tune` found, in the words that terminal and page share. Pure.
import { SETTING_KEYS, type Setting, sameSetting } from '../transfer/tune-grid.ts';
import type { SettingResult, TuneReport } from '../transfer/tune-report.ts';
import type { Numbers } from './config-write.ts';
import { count, counted, duration } from './words.ts';

/** The keys of a configuration that were varied, with the values that are recommended. */
export function recommendedNumbers({ axes, recommended, measured }: TuneReport): Numbers {
  if (!measured) return {};
  const keys = SETTING_KEYS.filter((key) => axes[key].length > 1);
  return Object.fromEntries(keys.map((key) => [key, recommended[key]]));
}

/** What was done. */
export function sentenceOf(report: TuneReport): string {
  const { tableName, settings, sampleRows, tableRows, seconds } = report;
  const what = `${tableName}: ${counted(settings.length, 'setting')}`;
  return `${what} over up to ${count(sampleRows)} of ${counted(tableRows, 'row')}, ${duration(seconds)} in all`;
}

/** What to do. */
export function adviceOf(report: TuneReport): string {
  const { recommended, standard, because } = report;
  const { batchSize, workers, connections } = recommended;
  const all = `batch size ${count(batchSize)}, ${counted(workers, 'worker')}, ${counted(connections, 'connection')}`;
  const what = sameSetting(recommended, standard) ? `the defaults (${all})` : all;
  return `recommended: ${what}; ${because}`;
}

const NAMES = { batchSize: 'the batch size', workers: 'workers', connections: 'connections' } as const;

/** What was not varied, and why; nothing where all was. */
export function fixedAxesOf({ axes, idle, measured }: TuneReport): string {
  if (!measured) return '';
  const fixed = SETTING_KEYS.filter((key) => axes[key].length === 1);
  const say = (keys: readonly (keyof Setting)[], why: string) =>
    keys.length === 0 ? [] : [`not varied, since ${why}: ${keys.map((key) => NAMES[key]).join(', ')}`];
  return [
    ...say(
      fixed.filter((key) => idle.includes(key)),
      'it makes no difference here',
    ),
    ...say(
      fixed.filter((key) => !idle.includes(key)),
      'the budget is short',
    ),
  ].join('\n');
}

export function markOf(setting: Setting, { recommended, standard }: TuneReport): string {
  const marks = [
    ...(sameSetting(setting, recommended) ? ['recommended'] : []),
    ...(sameSetting(setting, standard) ? ['default'] : []),
  ];
  return marks.join(', ');
}

/** 0 to 1 of the fastest. */
export function shareOf(result: SettingResult, { settings }: TuneReport): number {
  return result.rowsPerSecond.median / Math.max(1, ...settings.map((each) => each.rowsPerSecond.median));
}
