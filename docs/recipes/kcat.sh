#!/usr/bin/env bash
# Alerts as they come, one line each. Usage: kcat.sh BOOTSTRAP [TOPIC] [more kcat options, such as -e to stop at the end]
set -euo pipefail
bootstrap=$1 topic=${2:-alerts}
kcat -q -C -b "$bootstrap" -t "$topic" -o beginning -X isolation.level=read_committed "${@:3}" |
  jq -r 'select(.test | not) | [.severity, .category, (.brand.name // "-"), .link.defanged] | @tsv'
