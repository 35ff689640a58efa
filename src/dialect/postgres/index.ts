// The PostgreSQL dialect.
import { FerrowError } from '../../errors/ferrow-error.ts';
import { addMeanings } from '../../sql/meanings.ts';
import type { Location, PostgresLocation } from '../../types/location.ts';
import type { Dialect } from '../dialect.ts';
import { adopt } from './adopt.ts';
import { adoptView } from './adopt-view.ts';
import { postgresKeyCondition } from './key-condition.ts';
import { locate } from './locate.ts';
import { quote, quoteTable } from './names.ts';
import { postgresQuirks } from './quirks.ts';
import { script } from './script.ts';
import { postgresWordsByBytes } from './sql-words.ts';
import { postgresTypes } from './types.ts';
import { unlogged } from './unlogged.ts';

/** Both engines and the driver under them. */
const load = () => import('./engines.ts');

export const postgres: Dialect = {
  name: 'postgres',
  quirks: postgresQuirks,
  locate,
  load,
  openSource: async (location, options) => (await load()).openSource(server(location), options),
  openTarget: async (location, options) => (await load()).openTarget(server(location), options),
  types: postgresTypes,
  ddl: {
    quote,
    quoteTable,
    keyCondition: postgresKeyCondition,
    randomly: (share) => `random() < ${share.toFixed(9)}`,
    adopt,
    unlogged,
    adoptView,
    script,
    understand: (schema) => addMeanings(schema, postgresWordsByBytes),
  },
};

function server(location: Location): PostgresLocation {
  if (location.engine === 'postgres') return location;
  throw new FerrowError('E_INTERNAL', `PostgreSQL was given a location of ${location.engine}`);
}
