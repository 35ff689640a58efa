// THE list of rivals: a script each, the pairs that it can do, and where it comes from. A script is called with
// `--version`, or with SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE; it ends with 0 when the table is there.
import type { EngineName } from '../../test/support/judge.ts';
import type { Pair } from '../tables/places.ts';

export interface Rival {
  readonly name: string;
  /** In this folder: `.sh` is run by bash, `.py` by the environment's Python. */
  readonly script: string;
  readonly sources: readonly EngineName[];
  readonly targets: readonly EngineName[];
  /** From PyPI; the environment is a virtual one, by name. Null: the system has it, or has it not. */
  readonly environment: 'rivals' | 'ingestr' | null;
  readonly packages: readonly string[];
  /** A slow one moves so many rows at most, and is shown by its rate. */
  readonly rowsMax?: number;
}

const ALL: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];
const ROW_STORES: readonly EngineName[] = ['sqlite', 'postgres'];

export const RIVALS: readonly Rival[] = [
  {
    name: 'psql COPY | psql COPY',
    script: 'psql-copy.sh',
    sources: ['postgres'],
    targets: ['postgres'],
    environment: null,
    packages: [],
  },
  {
    name: 'sqlite3 -csv | psql',
    script: 'sqlite-csv.sh',
    sources: ['sqlite'],
    targets: ['postgres'],
    environment: null,
    packages: [],
  },
  {
    name: 'pgloader',
    script: 'pgloader.sh',
    sources: ROW_STORES,
    targets: ['postgres'],
    environment: null,
    packages: [],
  },
  {
    name: 'DuckDB extensions',
    script: 'duckdb-extensions.py',
    sources: ALL,
    targets: ALL,
    environment: 'rivals',
    packages: ['duckdb>=1.5', 'duckdb-extension-sqlite', 'duckdb-extension-postgres'],
  },
  {
    name: 'ADBC',
    script: 'adbc.py',
    sources: ROW_STORES,
    targets: ROW_STORES,
    environment: 'rivals',
    packages: ['adbc-driver-sqlite', 'adbc-driver-postgresql', 'pyarrow'],
  },
  {
    name: 'connectorx',
    script: 'connectorx-arrow.py',
    sources: ROW_STORES,
    targets: ALL,
    environment: 'rivals',
    packages: ['connectorx', 'pyarrow', 'duckdb>=1.5', 'adbc-driver-sqlite', 'adbc-driver-postgresql'],
  },
  {
    name: 'sling',
    script: 'sling.sh',
    sources: ALL,
    targets: ALL,
    environment: 'rivals',
    packages: ['sling-linux-amd64'],
  },
  {
    name: 'dlt',
    script: 'dlt-pipeline.py',
    sources: ROW_STORES,
    targets: ALL,
    environment: 'rivals',
    packages: ['dlt[duckdb,postgres,sqlalchemy]', 'pyarrow', 'psycopg2-binary'],
    rowsMax: 200_000,
  },
  {
    name: 'ingestr',
    script: 'ingestr.sh',
    sources: ALL,
    targets: ALL,
    environment: 'ingestr',
    packages: ['ingestr>=1,<2'],
  },
  {
    name: 'pandas to_sql',
    script: 'pandas-to-sql.py',
    sources: ALL,
    targets: ALL,
    environment: 'rivals',
    packages: ['pandas', 'SQLAlchemy', 'psycopg2-binary', 'duckdb-engine'],
    rowsMax: 50_000,
  },
];

export function rivalsOf({ source, target }: Pair, rivals: readonly Rival[]): Rival[] {
  return rivals.filter((rival) => rival.sources.includes(source) && rival.targets.includes(target));
}
