// The prescan by the file's own pages, where they can answer every probe. The plain twin is prescan.ts. Engine thread;
// yields now and then so that an interrupt is heard.
import { setImmediate } from 'node:timers/promises';
import { releasePayload } from '../../batch/chunk.ts';
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { ProbeRequest } from '../dialect.ts';
import { ColumnScan } from './codec/column-scan.ts';
import { addPages } from './codec/page-evidence.ts';
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
  const rowid = (rowidName(request.table) ?? 'rowid').replaceAll('"', '');
  const scans = request.columns.map(
    ({ probes }) =>
      new ColumnScan({ value: 0, json: -1, blobLength: -1 }, probes, (row) => ({ [rowid]: String(row[1]) })),
  );
  for (let chunk = cursor.next(); chunk; chunk = cursor.next()) {
    if (chunk.payload.form === 'pages') addPages(chunk.payload, chunk.rowCount, scans);
    releasePayload(chunk.payload);
    await setImmediate();
    stop();
  }
  return scans.map((scan) => scan.finish());
}

function cursorOf(way: PageWay, { table, where, columns }: ProbeRequest): PageCursor | null {
  // Whether a text is JSON is SQLite's to say.
  if (columns.some(({ probes }) => probes.includes('json'))) return null;
  const wires = columns.map(({ name }) => ({ name, wire: ANY, select: 'native' as const }));
  return way.open({ table, columns: wires, where, batchRows: SCAN_ROWS, batchBytes: SCAN_BYTES }, WHOLE);
}
