"""DuckDB moves the table itself, by its own sqlite and postgres extensions (PyPI), loaded from the wheel.

SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
"""
import importlib
import os
import pathlib
import sys
import tempfile

import duckdb

EXTENSIONS = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}


def load(connection, engine, folder):
    """The wheel names the file by another name than the extension's own, by which alone it can be loaded."""
    package = importlib.import_module(f"duckdb_extension_{engine}")
    wheel = next(pathlib.Path(package.__file__).parent.rglob("*.duckdb_extension"))
    named = os.path.join(folder, f"{EXTENSIONS[engine]}.duckdb_extension")
    os.symlink(wheel, named)
    connection.load_extension(named)


def attach(connection, name, engine, place, *options):
    types = [f"TYPE {engine}"] if engine in EXTENSIONS else []
    clause = ", ".join([*types, *options])
    connection.execute(f"ATTACH '{place}' AS {name}" + (f" ({clause})" if clause else ""))


def main(source_engine, source, target_engine, target, table):
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect()
        for engine in {source_engine, target_engine} & EXTENSIONS.keys():
            load(connection, engine, folder)
        attach(connection, "source", source_engine, source, "READ_ONLY")
        attach(connection, "target", target_engine, target)
        connection.execute(f"CREATE TABLE target.{table} AS SELECT * FROM source.{table}")
        connection.close()


if sys.argv[1] == "--version":
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect()
        for engine in EXTENSIONS:
            load(connection, engine, folder)
    print(f"duckdb {duckdb.__version__}")
else:
    main(*sys.argv[1:])
