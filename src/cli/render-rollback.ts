// What `ferrow rollback` found, for people. Pure.
import type { RollbackReport } from '../transfer/rollback.ts';
import type { RenderOptions } from './render.ts';

export function renderRollback(_report: RollbackReport, _options: RenderOptions): string {
  return '';
}
