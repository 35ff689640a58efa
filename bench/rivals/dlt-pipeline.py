"""dlt: its sql_database source with Arrow tables, into its own destination for the target.

SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
"""
import os
import sys
import tempfile
from urllib.parse import urlsplit, urlunsplit

import dlt
from dlt.sources.sql_database import sql_table

CHUNK_ROWS = 50_000


def credentials(engine, place):
    if engine == "postgres":
        return place.replace("postgres://", "postgresql+psycopg2://", 1)
    return f"{engine}:///{place}"


def with_password(place):
    """dlt insists on a password, also where the server asks for none."""
    url = urlsplit(place)
    if url.password is None:
        url = url._replace(netloc=f"{url.username}:none@{url.hostname}:{url.port}")
    return urlunsplit(url._replace(scheme="postgresql"))


def destination(engine, place):
    if engine == "duckdb":
        return dlt.destinations.duckdb(place)
    if engine == "postgres":
        return dlt.destinations.postgres(with_password(place))
    return dlt.destinations.sqlalchemy(credentials(engine, place))


def main(source_engine, source, target_engine, target, table):
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "ferrow_bench",
            pipelines_dir=folder,
            destination=destination(target_engine, target),
            dataset_name="public" if target_engine == "postgres" else "main",
        )
        rows = sql_table(
            credentials(source_engine, source), table, backend="pyarrow", chunk_size=CHUNK_ROWS
        )
        pipeline.run(rows, write_disposition="append")


if sys.argv[1] == "--version":
    print(f"dlt {dlt.__version__}")
else:
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    main(*sys.argv[1:])
