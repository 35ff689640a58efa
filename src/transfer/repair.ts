// `ferrow repair`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferRequest } from './request.ts';

export interface RepairReport {
  readonly success: boolean;
}

export async function repair(_request: TransferRequest): Promise<RepairReport> {
  throw new FerrowError('E_INTERNAL', 'repair is being built');
}
