// After a table's last chunk, before it takes its name: does the target hold what was read? Counts by each side's own SQL
// and, for a full verification, the digest of what was written against one of what the target gives back, and each column's
// figures by both sides' own SQL.
import type { TargetEngine } from '../dialect/dialect.ts';
import { type Digest, DigestSum, differingColumns, digestText, sameDigest } from '../digest/digest.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { type ByteGate, GateAccount } from '../stream/byte-gate.ts';
import { crossingStage } from '../stream/crossing-stage.ts';
import { readerStream } from '../stream/reader-stream.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { CrossingSpec } from '../threads/messages.ts';
import type { VerifyLevel } from './report.ts';
import type { Session } from './session.ts';
import type { TableRun } from './table-run.ts';
import { writtenAs } from './verify-columns.ts';
import { DifferenceBook } from './verify-differences.ts';
import { compareFigures, hasFigures } from './verify-figures.ts';
import { OwnDigests, type ReadBack } from './verify-own.ts';
import { compareSample, stagedSides } from './verify-sample.ts';

/** What a verification works with; all of it the run's. */
export interface Verifying {
  readonly session: Session;
  readonly level: VerifyLevel;
  readonly pool: Crossings;
  readonly gate: ByteGate;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/** @throws FerrowError E_COUNT_MISMATCH, E_CONTENT_MISMATCH */
export async function verifyLoaded(table: TableRun, verifying: Verifying): Promise<void> {
  const { level, session } = verifying;
  if (level === 'none' || table.sourceRows === null) return;
  if (level === 'full') {
    await verifyAll(table, verifying);
    table.verified = 'full';
    return;
  }
  await verifyCount(table, session.target.engine);
  const sampled = level === 'sample' && (await verifySample(table, table.sourceRows, verifying));
  table.verified = sampled ? 'sample' : 'count';
}

/** Count, content and figures. A count that differs is what is told, since then all differ. */
async function verifyAll(table: TableRun, verifying: Verifying): Promise<void> {
  const { session } = verifying;
  const count = () => verifyCount(table, session.target.engine);
  const figures = () => (hasFigures(table) ? compareFigures(table, session) : Promise.resolve());
  if (table.plan.load.transactional) {
    // One connection alone sees the rows; counting begins the transaction of a table that has none.
    await count();
    await verifyContent(table, await openReadBack(table, verifying), verifying);
    await figures();
    return;
  }
  const reading = await openReadBack(table, verifying);
  // Side by side: the figures are the engines' work, and much of the rest is ours.
  const checked = await Promise.allSettled([count(), verifyContent(table, reading, verifying), figures()]);
  for (const each of checked) if (each.status === 'rejected') throw each.reason;
}

/** The target's own count against the source's own count, both by SQL. */
async function verifyCount(table: TableRun, engine: TargetEngine): Promise<void> {
  const staged = await engine.countStaged(table.plan.load);
  const { rows: rejected } = table.rejects;
  if (staged + rejected === table.sourceRows) return;
  const left = rejected > 0 ? ` and ${rejected} were rejected` : '';
  throw new FerrowError(
    'E_COUNT_MISMATCH',
    `table "${table.name}": the source holds ${table.sourceRows} rows, ${staged} arrived${left}`,
    { table: table.name },
  );
}

/** A random sample of the source's rows against those that arrived; false where rows have no key to be looked up by. */
async function verifySample(table: TableRun, sourceRows: number, verifying: Verifying): Promise<boolean> {
  const { source, target } = verifying.session;
  const sides = stagedSides(table.plan, await target.engine.stagedTable(table.plan.load));
  if (sides.keyColumns.length === 0) return false;
  const { matched } = await compareSample(sides, { source, target }, sourceRows, verifying);
  const book = new DifferenceBook(sides, 1);
  book.add(matched);
  const [first] = book.entries;
  if (first === undefined) return true;
  const key = Object.entries(first.key).map(([name, value]) => [name, value ?? 'NULL']);
  const said =
    first.kind === 'changed'
      ? `column "${first.column}" is ${first.source ?? 'NULL'} in the source and ${first.target ?? 'NULL'} in the target`
      : `it is ${first.kind === 'missing' ? 'missing in the target' : 'in the target more than once'}`;
  const row = key.map(([name, value]) => `${name}=${value}`).join(', ');
  throw new FerrowError(
    'E_CONTENT_MISMATCH',
    `table "${table.name}": of a sample of rows that with ${row}: ${said}`,
    {
      table: table.name,
      row: Object.fromEntries(key),
      ...(first.column === null ? {} : { column: first.column }),
    },
  );
}

async function verifyContent(table: TableRun, reading: ReadBack, verifying: Verifying): Promise<void> {
  const own = table.read.references ? new OwnDigests(table, reading, verifying.session) : null;
  const held = await (own?.compared() ?? digestStaged(table, reading, verifying));
  const written = table.written.total;
  table.hashes = { source: digestText(written.rows), target: digestText(held.rows) };
  if (sameDigest(written, held)) return;
  const differing = await (own?.differingColumns() ?? differingColumns(written, held));
  const { message, column } = describeDifference(table, written, held, differing);
  throw new FerrowError('E_CONTENT_MISMATCH', `table "${table.name}": ${message}`, {
    table: table.name,
    ...(column === undefined ? {} : { column }),
    hint: 'this is no fault of your data: run again with --if-exists replace, and please report it if it stays',
  });
}

function describeDifference(
  table: TableRun,
  written: Digest,
  held: Digest,
  differing: readonly number[],
): { message: string; column: string | undefined } {
  const names = differing.map((at) => table.crossing.columns[at].name);
  const rows = `${written.rowCount} rows were written, ${held.rowCount} are there`;
  const [column] = names;
  const where =
    column === undefined
      ? 'each column holds what it should, but in other rows'
      : `other values in ${names.map((name) => `"${name}"`).join(', ')}`;
  const hashes = `digest ${digestText(written.rows)} written, ${digestText(held.rows)} found`;
  return { message: `the target does not hold what was written: ${where} (${rows}; ${hashes})`, column };
}

async function openReadBack({ plan }: TableRun, { session, connections }: Verifying): Promise<ReadBack> {
  const { engine, dialect } = session.target;
  const { load, batchRows, batchBytes } = plan;
  const columns = load.columns.map(({ name, wire }) => ({ name, wire, select: 'native' as const }));
  const table = await engine.stagedTable(load);
  const request = { table, columns, where: null, batchRows, batchBytes };
  // Rows that nobody else sees yet are read by the connection that wrote them.
  const most = load.transactional ? 1 : connections;
  const cursors = Math.max(1, Math.min(most, dialect.quirks.readersMax));
  const partitions = await engine.partitions(request, load.transactional ? 1 : cursors * 4);
  return { request, cursors, partitions };
}

/** Over as many cursors as the target allows. */
async function digestStaged(
  table: TableRun,
  { request, cursors, partitions }: ReadBack,
  verifying: Verifying,
): Promise<Digest> {
  const { target } = verifying.session;
  const spec = readBack(table, target.dialect.name);
  const sum = new DigestSum(request.columns.length);
  const lane = async () => {
    for (let partition = partitions.shift(); partition; partition = partitions.shift()) {
      const gate = new GateAccount(verifying.gate);
      try {
        const { signal, pool } = verifying;
        const chunks = readerStream(target.engine, request, partition, { gate, signal });
        const stage = { pool, spec, untouched: false, digestOnly: true, table: table.name, signal };
        for await (const { crossed, gateBytes } of crossingStage(stage)(chunks)) {
          if (crossed?.digest) sum.add(crossed.digest);
          gate.give(gateBytes);
        }
      } finally {
        gate.close();
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: cursors }, lane));
  for (const each of lanes) if (each.status === 'rejected') throw each.reason;
  return sum.total;
}

/** Out of the target's storage, in the types in which the rows were put there. */
function readBack({ crossing }: TableRun, source: CrossingSpec['source']): CrossingSpec {
  return {
    ...crossing,
    id: `${crossing.id}/read-back`,
    leavesOut: false,
    source,
    target: null,
    form: 'columns',
    columns: crossing.columns.map(writtenAs),
  };
}
