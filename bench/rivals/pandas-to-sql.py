"""pandas: read_sql in chunks, to_sql through SQLAlchemy.

SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
"""
import sys

import pandas
import sqlalchemy

CHUNK_ROWS = 10_000


def engine_of(engine, place):
    if engine == "postgres":
        return sqlalchemy.create_engine(place.replace("postgres://", "postgresql+psycopg2://", 1))
    return sqlalchemy.create_engine(f"{engine}:///{place}")


def main(source_engine, source, target_engine, target, table):
    reading = engine_of(source_engine, source).connect().execution_options(stream_results=True)
    writing = engine_of(target_engine, target)
    query = sqlalchemy.text(f"SELECT * FROM {table}")
    for chunk in pandas.read_sql(query, reading, chunksize=CHUNK_ROWS):
        chunk.to_sql(table, writing, if_exists="append", index=False)
    writing.dispose()


if sys.argv[1] == "--version":
    print(f"pandas {pandas.__version__}, SQLAlchemy {sqlalchemy.__version__}")
else:
    main(*sys.argv[1:])
