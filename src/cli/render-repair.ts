// What `ferrow repair` found, for people. Pure.
import type { RepairReport } from '../transfer/repair.ts';
import type { RenderOptions } from './render.ts';

export function renderRepair(_report: RepairReport, _options: RenderOptions): string {
  return '';
}
