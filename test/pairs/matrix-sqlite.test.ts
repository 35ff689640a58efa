// Every type of SQLite with its edge values: there, there and back, and round all engines.
import { SQLITE_MATRIX } from '../corpus/matrix-sqlite.ts';
import { carriesMatrix } from './matrix-of.ts';

carriesMatrix('sqlite', SQLITE_MATRIX);
