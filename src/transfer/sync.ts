// `ferrow sync`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Report } from './report.ts';
import type { TransferRequest } from './request.ts';

export async function sync(_request: TransferRequest): Promise<Report> {
  throw new FerrowError('E_INTERNAL', 'sync is being built');
}
