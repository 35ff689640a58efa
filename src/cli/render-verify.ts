// What `ferrow verify` found, for people. Pure.
import type { VerifyReport } from '../transfer/verify.ts';
import type { RenderOptions } from './render.ts';

export function renderVerify(_report: VerifyReport, _options: RenderOptions): string {
  return '';
}
