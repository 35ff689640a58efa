// `ferrow runs`.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { LedgerRequest } from './request.ts';

export interface RunsReport {
  readonly success: boolean;
}

export async function runs(_request: LedgerRequest, _clean: string | null): Promise<RunsReport> {
  throw new FerrowError('E_INTERNAL', 'runs is being built');
}
