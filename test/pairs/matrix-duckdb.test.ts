// Every type of DuckDB with its edge values: there, there and back, and round all engines.
import { DUCKDB_MATRIX } from '../corpus/matrix-duckdb.ts';
import { carriesMatrix } from './matrix-of.ts';

carriesMatrix('duckdb', DUCKDB_MATRIX);
