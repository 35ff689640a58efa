#!/bin/bash
# psql COPY | psql COPY, binary: what one types when both sides are PostgreSQL.
# SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE; the table's definition is in $CREATE_TABLE.
set -euo pipefail
if [ "$1" = --version ]; then psql --version; exit; fi
psql "$4" --quiet --command "$CREATE_TABLE"
psql "$2" --quiet --command "COPY $5 TO STDOUT (FORMAT binary)" |
  psql "$4" --quiet --command "COPY $5 FROM STDIN (FORMAT binary)"
