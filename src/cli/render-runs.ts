// What `ferrow runs` found, for people. Pure.
import type { RunsReport } from '../transfer/runs.ts';
import type { RenderOptions } from './render.ts';

export function renderRuns(_report: RunsReport, _options: RenderOptions): string {
  return '';
}
