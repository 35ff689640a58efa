// The prescan's scan over the file's own pages. Pure; the plain twin is prescan.ts.
import type { PagesPayload } from '../../../batch/chunk.ts';
import { lookAt, lookAtRowids } from './column-look.ts';
import type { ColumnScan } from './column-scan.ts';
import { PageScan } from './page-scan.ts';

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
