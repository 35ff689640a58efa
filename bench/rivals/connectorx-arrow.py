"""connectorx reads into Arrow; it writes nothing, so DuckDB or ADBC takes the Arrow table.

SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
"""
import sys
from importlib.metadata import version

import connectorx


def main(source_engine, source, target_engine, target, table):
    url = source.replace("postgres://", "postgresql://", 1) if source_engine == "postgres" else f"sqlite://{source}"
    arrow = connectorx.read_sql(url, f"SELECT * FROM {table}", return_type="arrow")
    if target_engine == "duckdb":
        import duckdb

        connection = duckdb.connect(target)
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM arrow")
        connection.close()
        return
    import adbc_driver_postgresql.dbapi
    import adbc_driver_sqlite.dbapi

    driver = {"sqlite": adbc_driver_sqlite, "postgres": adbc_driver_postgresql}[target_engine].dbapi
    with driver.connect(target) as writing, writing.cursor() as into:
        into.adbc_ingest(table, arrow, mode="create")
        writing.commit()


if sys.argv[1] == "--version":
    print(f"connectorx {version('connectorx')}")
else:
    main(*sys.argv[1:])
