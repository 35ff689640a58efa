"""ADBC: one driver's Arrow stream read by the other's bulk ingestion.

SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
"""
import sys

import adbc_driver_postgresql.dbapi as postgresql
import adbc_driver_sqlite.dbapi as sqlite

DRIVERS = {"sqlite": sqlite, "postgres": postgresql}


def main(source_engine, source, target_engine, target, table):
    with DRIVERS[source_engine].connect(source) as reading, DRIVERS[target_engine].connect(target) as writing:
        with reading.cursor() as cursor, writing.cursor() as into:
            cursor.execute(f"SELECT * FROM {table}")
            into.adbc_ingest(table, cursor.fetch_record_batch(), mode="create")
        writing.commit()


if sys.argv[1] == "--version":
    versions = [module.__package__ for module in (sqlite, postgresql)]
    from importlib.metadata import version

    print(", ".join(f"{name} {version(name)}" for name in versions))
else:
    main(*sys.argv[1:])
