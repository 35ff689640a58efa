// A target whose ledger is to be read: unlike one that is to be filled it must be there.
import { existsSync } from 'node:fs';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Location } from '../types/location.ts';
import type { Database } from './database-factory.ts';

/** @throws FerrowError E_FILE_MISSING: opening it would make it */
export async function existing(target: Database): Promise<Location> {
  const location = await target.locate();
  if (location.engine === 'postgres' || existsSync(location.path)) return location;
  throw new FerrowError('E_FILE_MISSING', `${location.display}: there is no such file`);
}
