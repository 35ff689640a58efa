// Every type of PostgreSQL with its edge values: there, there and back, and round all engines.
import { POSTGRES_MATRIX } from '../corpus/matrix-postgres.ts';
import { carriesMatrix } from './matrix-of.ts';

carriesMatrix('postgres', POSTGRES_MATRIX);
