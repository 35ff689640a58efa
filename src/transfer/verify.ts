// `ferrow verify`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferRequest } from './request.ts';

export interface VerifyReport {
  readonly success: boolean;
}

export async function verify(_request: TransferRequest): Promise<VerifyReport> {
  throw new FerrowError('E_INTERNAL', 'verify is being built');
}
