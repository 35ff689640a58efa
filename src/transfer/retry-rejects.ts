// `ferrow retry-rejects`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Report } from './report.ts';
import type { LedgerRequest } from './request.ts';

export async function retryRejects(_request: LedgerRequest): Promise<Report> {
  throw new FerrowError('E_INTERNAL', 'retry-rejects is being built');
}
