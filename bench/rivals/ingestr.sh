#!/bin/bash
# ingestr 1.x; its PyPI package fetches a binary from GitHub when it first runs.
# SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
set -euo pipefail
if [ "$1" = --version ]; then ingestr --version; exit; fi
url() { if [ "$1" = postgres ]; then echo "${2/#postgres:/postgresql:}"; else echo "$1:///$2"; fi; }
schema() { if [ "$1" = postgres ]; then echo public; else echo main; fi; }
ingestr ingest --yes --source-uri "$(url "$1" "$2")" --source-table "$(schema "$1").$5" \
  --dest-uri "$(url "$3" "$4")" --dest-table "$(schema "$3").$5"
