// `npm run bench`: parses the options, runs what they say, keeps the result as JSON and as an HTML report.
// `npm run bench -- --help` explains.

import { benchGrowth } from './growth.ts';
import { build } from './measure/ferrow.ts';
import { machine } from './measure/machine.ts';
import { serverClock } from './measure/server-cpu.ts';
import { benchMemory } from './memory.ts';
import { benchMicro } from './micro/micro.ts';
import { type BenchOptions, HELP, parseOptions } from './options.ts';
import { benchPairs } from './pairs.ts';
import { keepResult } from './report/keep.ts';
import type { BenchResult, GrowthRun, RivalState, TableRun } from './report/result.ts';
import { printResult } from './report/text-table.ts';
import { prepare, type Readiness } from './rivals/environment.ts';
import type { Rival } from './rivals/rivals.ts';
import { startBenchServer } from './tables/places.ts';

const log = (line: string) => void process.stderr.write(`${line}\n`);

async function main(options: BenchOptions): Promise<boolean> {
  switch (options.what) {
    case 'help':
      process.stdout.write(HELP);
      return true;
    case 'memory':
      return benchMemory({ ...options, pair: options.pairs[0], shape: options.tables[0].shape });
    case 'micro':
      return benchMicro(options);
    case 'growth':
    case 'pairs':
      return benchTransfers(options);
  }
}

async function benchTransfers(options: BenchOptions): Promise<boolean> {
  const started = performance.now();
  const at = new Date().toISOString();
  build();
  const { ready, states } = prepareRivals(options);
  const server = await startBenchServer();
  try {
    const clock = await serverClock(server.url);
    const { pairs, rounds, seed } = options;
    const tables: TableRun[] = [];
    const soFar = async (growth: readonly GrowthRun[]): Promise<BenchResult> => ({
      at,
      machine: await machine(server.url),
      seed,
      rounds,
      elapsedSeconds: (performance.now() - started) / 1000,
      rivals: states,
      tables,
      growth,
    });
    for (const spec of options.what === 'pairs' ? options.tables : []) {
      tables.push(await benchPairs({ spec, pairs, rounds, rivals: ready, server, clock, log }));
      // A full run takes hours: what is measured outlives one that is ended.
      keepResult(await soFar([]), options.outputFolder);
    }
    const result = await soFar(await benchGrowth({ ...options, server, clock, log }));
    printResult(result);
    for (const path of keepResult(result, options.outputFolder)) process.stdout.write(`kept in ${path}\n`);
    return tables.every((table) => table.pairs.every((pair) => pair.findings.length === 0));
  } finally {
    await server.stop();
  }
}

function prepareRivals(options: BenchOptions) {
  const ready = new Map<Rival, Extract<Readiness, { version: string }>>();
  const states: RivalState[] = [];
  for (const rival of options.what === 'pairs' ? options.rivals : []) {
    const readiness = prepare(rival, options.environmentFolder);
    const { name } = rival;
    if ('notRun' in readiness) {
      log(`${name} is not run: ${readiness.notRun}`);
      states.push({ name, version: null, notRun: readiness.notRun });
    } else {
      ready.set(rival, readiness);
      states.push({ name, version: readiness.version, notRun: null });
    }
  }
  return { ready, states };
}

// Exit handlers stop the server and what is being measured, which has a process group of its own.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = (await main(parseOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
