// Random values of every type, seeded: an engine's own text of them is the same after they went through Ferrow, in the
// same engine, and in another one and home.
import { column } from '../corpus/matrix.ts';
import { comesHomeFromEverywhere } from '../pairs/matrix-of.ts';
import { RANDOM_COLUMNS, seeded } from './random-values.ts';

const ROWS = 50;

for (const engine of ['sqlite', 'duckdb', 'postgres'] as const) {
  const random = seeded(20_240_301);
  const columns = RANDOM_COLUMNS[engine].map(({ name, type, setup, literal }) => {
    const values = Array.from({ length: ROWS }, () => ({ sql: literal(random), there: {} }));
    return column(name, type, {}, values, setup === undefined ? {} : { setup: [setup] });
  });
  comesHomeFromEverywhere(engine, columns);
}
