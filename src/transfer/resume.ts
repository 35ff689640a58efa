// `ferrow resume`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Report } from './report.ts';
import type { LedgerRequest } from './request.ts';

export async function resume(_request: LedgerRequest): Promise<Report> {
  throw new FerrowError('E_INTERNAL', 'resume is being built');
}
