// Work that must be done even when a run is interrupted: clearing away.
import { FerrowError } from '../errors/ferrow-error.ts';

/** The interrupt that ended the run may still be on its way, and hit the first statements of the clean-up. */
export async function insist<T>(work: () => Promise<T>, attempts = 4): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempts <= 1 || FerrowError.from(error).code !== 'E_CANCELLED') throw error;
    return insist(work, attempts - 1);
  }
}
