// Results for people: columns on stdout; and for later: JSON in bench/results/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';

/** Prints rows in columns; the first is left-justified, numbers are right-justified. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}

/** Writes a result with the machine it was measured on; gives the path. */
export function keepResult(name: string, result: object): string {
  const folder = resolve(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const machine = {
    cores: cpus().length,
    model: cpus()[0]?.model,
    arch: arch(),
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    node: process.version,
  };
  const path = resolve(folder, `${name}-${at.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify({ at, machine, ...result }, null, 2)}\n`);
  return path;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
