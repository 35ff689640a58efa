// Writes a result: JSON, and the HTML report made from it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { htmlReport } from './html.ts';
import type { BenchResult } from './result.ts';

const RESULTS = resolve(import.meta.dirname, '../results');

/** Gives the paths. Without a folder, a new pair of files in bench/results/. */
export function keepResult(result: BenchResult, folder: string | null): string[] {
  const name = folder === null ? `bench-${result.at.replaceAll(/[:.]/g, '-')}` : 'latest';
  const into = folder ?? RESULTS;
  mkdirSync(into, { recursive: true });
  const json = join(into, `${name}.json`);
  const html = join(into, folder === null ? `${name}.html` : 'report.html');
  writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(html, htmlReport(result));
  return [json, html];
}
