// The SQLite dialect. Its engines live in an engine thread, one owner per file; see HOUSE rules in ARCHITECTURE.md.
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation, Location } from '../../types/location.ts';
import type { Dialect } from '../dialect.ts';
import { ddl } from './ddl.ts';
import { locate } from './locate.ts';
import { quirks } from './quirks.ts';
import { types } from './types.ts';

/** Both engines and the driver under them. */
const load = () => import('./engines.ts');

export const sqlite: Dialect = {
  name: 'sqlite',
  quirks,
  locate,
  load,
  openSource: async (location, options) => (await load()).openSource(fileOf(location), options),
  openTarget: async (location, options) => (await load()).openTarget(fileOf(location), options),
  types,
  ddl,
};

function fileOf(location: Location): FileLocation {
  if (location.engine !== 'sqlite') {
    throw new FerrowError('E_INTERNAL', `the SQLite dialect was given a ${location.engine} location`);
  }
  return location;
}
