// `ferrow sync`: a transfer of only those rows that are new or changed. It is told apart from others by what is analysed
// before it; see analyse-sync.ts.
import type { Report } from './report.ts';
import type { TransferRequest } from './request.ts';
import { transfer } from './transfer.ts';

/** Plans and runs a sync; the report always comes back. */
export async function sync(request: TransferRequest): Promise<Report> {
  return transfer({ ...request, options: { ...request.options, strategy: 'incremental' } });
}
