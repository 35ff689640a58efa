// `ferrow rollback`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { LedgerRequest } from './request.ts';

export interface RollbackReport {
  readonly success: boolean;
}

export async function rollback(_request: LedgerRequest): Promise<RollbackReport> {
  throw new FerrowError('E_INTERNAL', 'rollback is being built');
}
