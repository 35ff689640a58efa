#!/bin/bash
# sling, whose binary is in the PyPI package sling-linux-amd64.
# SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
set -euo pipefail
binary=$(python -c 'import pathlib, sling_linux_amd64 as package
print(next((pathlib.Path(package.__file__).parent / "bin").glob("sling-*")))')
if [ "$1" = --version ]; then said=$("$binary" --version); echo "sling ${said##* }"; exit; fi
url() { if [ "$1" = postgres ]; then echo "$2"; else echo "$1://$2"; fi; }
schema() { if [ "$1" = postgres ]; then echo public; else echo main; fi; }
export SLING_HOME_DIR; SLING_HOME_DIR=$(mktemp -d)
trap 'rm -rf "$SLING_HOME_DIR"' EXIT
"$binary" run --src-conn "$(url "$1" "$2")" --src-stream "$(schema "$1").$5" \
  --tgt-conn "$(url "$3" "$4")" --tgt-object "$(schema "$3").$5" --mode full-refresh
