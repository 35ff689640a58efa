// The DuckDB dialect. Loading it opens nothing.
import { FerrowError } from '../../errors/ferrow-error.ts';
import { addMeanings } from '../../sql/meanings.ts';
import type { FileLocation, Location } from '../../types/location.ts';
import type { Dialect } from '../dialect.ts';
import { adopt } from './adopt.ts';
import { adoptView } from './adopt-view.ts';
import { duckdbKeyCondition } from './key-condition.ts';
import { locate } from './locate.ts';
import { quirks } from './quirks.ts';
import { script } from './script.ts';
import { quote, quoteTable } from './sql-text.ts';
import { duckdbWords } from './sql-words.ts';
import { types } from './types.ts';

/** Both engines and the driver under them. */
const load = () => import('./engines.ts');

export const duckdb: Dialect = {
  name: 'duckdb',
  quirks,
  locate: (url) => locate(url),
  load,
  openSource: async (location) => (await load()).openSource(ownLocation(location)),
  openTarget: async (location, options) => {
    const { openTarget } = await load();
    const rowsFrom = options.rowsFrom ? ownLocation(options.rowsFrom) : null;
    return openTarget(ownLocation(location), options, rowsFrom);
  },
  types,
  ddl: {
    quote,
    quoteTable,
    keyCondition: duckdbKeyCondition,
    randomly: (share) => `random() < ${share.toFixed(9)}`,
    adopt,
    adoptView,
    script,
    understand: (schema) => addMeanings(schema, duckdbWords),
  },
};

function ownLocation(location: Location): FileLocation {
  if (location.engine === 'duckdb') return location;
  throw new FerrowError('E_INTERNAL', `the DuckDB dialect was given a place of ${location.engine}`);
}
