#!/bin/bash
# sqlite3 -csv | psql COPY: what one types to move a SQLite table to PostgreSQL.
# SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE; the table's definition is in $CREATE_TABLE.
set -euo pipefail
if [ "$1" = --version ]; then echo "sqlite3 $(sqlite3 --version | cut -d' ' -f1), $(psql --version)"; exit; fi
psql "$4" --quiet --command "$CREATE_TABLE"
sqlite3 -readonly -csv "$2" "SELECT * FROM $5" | psql "$4" --quiet --command "COPY $5 FROM STDIN (FORMAT csv)"
