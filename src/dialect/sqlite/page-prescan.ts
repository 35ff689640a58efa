// The prescan by the file's own pages, where they can answer every probe; its chunks may be looked into by other threads. The
// plain twin is prescan.ts. Engine thread.
import { setImmediate } from 'node:timers/promises';
import { type Chunk, releasePayload } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ChunkFindings, ColumnEvidence } from '../../types/evidence.ts';
import type { ProbeRequest } from '../dialect.ts';
import type { ColumnFindings } from './codec/column-findings.ts';
import type { ColumnScan } from './codec/column-scan.ts';
import { addPages, findingsOf, judgesOf, ROWID } from './codec/page-evidence.ts';
import { ANY } from './declared-names.ts';
import type { PageCursor } from './page-source.ts';
import type { PageWay } from './page-way.ts';
import { rowidName, WHOLE } from './row-pages.ts';

/** What is looked at between two breaths. */
const SCAN_ROWS = 16_384;
const SCAN_BYTES = 2 * 1024 * 1024;

/** Null where SQLite itself must look. `stop` throws when the scan shall end. @throws FerrowError */
export async function prescanPages(
  way: PageWay,
  request: ProbeRequest,
  stop: () => void,
): Promise<ColumnEvidence[] | null> {
  const cursor = cursorOf(way, request);
  if (cursor === null) return null;
  const judges = judgesOf(request.columns.map(({ probes }) => probes));
  for (let chunk = cursor.next(); chunk; chunk = cursor.next()) {
    if (chunk.payload.form === 'pages') addPages(chunk.payload, chunk.rowCount, judges);
    releasePayload(chunk.payload);
    // An interrupt is heard between two chunks.
    await setImmediate();
    stop();
  }
  return evidenceOf(judges, request);
}

/** The same in steps: each chunk is given away by `next` or looked into by `look`, and `finish` hears what was found. */
export class PageProbe {
  readonly #cursor: PageCursor;
  readonly #request: ProbeRequest;
  readonly #found: ChunkFindings[] = [];
  #chunks = 0;

  private constructor(cursor: PageCursor, request: ProbeRequest) {
    this.#cursor = cursor;
    this.#request = request;
  }

  /** Null where SQLite itself must look. */
  static open(way: PageWay, request: ProbeRequest): PageProbe | null {
    const cursor = cursorOf(way, request);
    return cursor && new PageProbe(cursor, request);
  }

  next(): Chunk | null {
    const chunk = this.#cursor.next();
    if (chunk) this.#chunks++;
    return chunk;
  }

  /** False after the last chunk. @throws FerrowError E_CORRUPT */
  look(): boolean {
    const chunk = this.next();
    if (chunk?.payload.form !== 'pages') return false;
    const probes = this.#request.columns.map((column) => column.probes);
    this.#found.push({ seq: chunk.seq, findings: findingsOf(chunk.payload, chunk.rowCount, probes) });
    releasePayload(chunk.payload);
    return true;
  }

  /** Null where what was found in two chunks does not fit together, so that one must look through both. */
  finish(found: readonly ChunkFindings[]): ColumnEvidence[] | null {
    const all = [...this.#found, ...found].sort((a, b) => a.seq - b.seq);
    if (all.length !== this.#chunks || all.some(({ seq }, at) => seq !== at))
      throw new FerrowError('E_INTERNAL', `${all.length} of ${this.#chunks} chunks were looked into`);
    const judges = judgesOf(this.#request.columns.map(({ probes }) => probes));
    for (const { findings } of all) {
      const columns = findings as readonly ColumnFindings[];
      if (!judges.every((judge, at) => judge.append(columns[at]))) return null;
    }
    return evidenceOf(judges, this.#request);
  }

  close(): void {
    this.#cursor.close();
  }
}

function evidenceOf(judges: readonly ColumnScan[], { table }: ProbeRequest): ColumnEvidence[] {
  const name = (rowidName(table) ?? ROWID).replaceAll('"', '');
  return judges.map((judge) => {
    const evidence = judge.finish();
    const { firstOffending: first } = evidence;
    return first
      ? { ...evidence, firstOffending: { ...first, row: { [name]: first.row[ROWID] } } }
      : evidence;
  });
}

function cursorOf(way: PageWay, { table, where, columns }: ProbeRequest): PageCursor | null {
  // Whether a text is JSON is SQLite's to say.
  if (columns.some(({ probes }) => probes.includes('json'))) return null;
  const wires = columns.map(({ name }) => ({ name, wire: ANY, select: 'native' as const }));
  return way.open({ table, columns: wires, where, batchRows: SCAN_ROWS, batchBytes: SCAN_BYTES }, WHOLE);
}
