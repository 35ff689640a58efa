#!/bin/bash
# pgloader with its own defaults; it makes the table itself.
# SOURCE_ENGINE SOURCE TARGET_ENGINE TARGET TABLE
set -euo pipefail
# Whole, then cut: it ends in its debugger when a pipe closes before it has said everything.
if [ "$1" = --version ]; then said=$(pgloader --version); echo "${said%%$'\n'*}"; exit; fi
target=$(echo "$4" | sed 's/^postgres:/postgresql:/')
if [ "$1" = sqlite ]; then source="sqlite://$2"; else source=$(echo "$2" | sed 's/^postgres:/postgresql:/'); fi
log=$(pgloader --quiet "$source" "$target" 2>&1)
# It ends with 0 when rows failed: what it wrote of errors is the reason.
if echo "$log" | grep -q -E 'ERROR|FATAL'; then echo "$log" | grep -E 'ERROR|FATAL' | head -3 >&2; exit 1; fi
