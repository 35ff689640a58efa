// The prescan's scan over the file's own pages. Pure; runs in crossing workers and on the engine thread. The plain twin is
// prescan.ts.
import type { PagesPayload } from '../../../batch/chunk.ts';
import type { Probe } from '../../../types/evidence.ts';
import type { ColumnFindings } from './column-findings.ts';
import { lookAt, lookAtRowids } from './column-look.ts';
import { ColumnScan } from './column-scan.ts';
import { PageScan } from './page-scan.ts';

/** A judge for each column, which names rows by ROWID. */
export function judgesOf(probes: readonly (readonly Probe[])[]): ColumnScan[] {
  const cells = { value: 0, json: -1, blobLength: -1 };
  return probes.map((asked) => new ColumnScan(cells, asked, (row) => ({ [ROWID]: String(row[1]) })));
}

/** What evidence calls the rowid until the table says which name it goes by. */
export const ROWID = 'rowid';

/** What is found in the rows of the pages, for each column of the payload. @throws FerrowError E_CORRUPT */
export function findingsOf(
  payload: PagesPayload,
  rowCount: number,
  probes: readonly (readonly Probe[])[],
): ColumnFindings[] {
  const judges = judgesOf(probes);
  addPages(payload, rowCount, judges);
  return judges.map((judge) => judge.findings());
}

/** Adds every row of the pages to the judges, one for each column of the payload. @throws FerrowError E_CORRUPT */
export function addPages(payload: PagesPayload, rowCount: number, judges: readonly ColumnScan[]): void {
  const scan = new PageScan(payload, rowCount);
  while (scan.next()) {
    judges.forEach((judge, column) => {
      const { place, real } = payload.columns[column];
      if (place === null) lookAtRowids(scan, judge);
      else lookAt(scan, scan.base(place), real, judge);
    });
  }
}
