#!/usr/bin/env bash
# Checks everything in deploy/ and docker-compose.yml with the tools that will read it: promtool, amtool, the compose
# schema, kubectl's kustomize with Kubernetes' schemas, and our own rules for dashboards. Two minutes at most.
# What is missing is taken from Debian's packages into .cache/tools, without installing a service; what cannot be had is
# skipped by name.
set -euo pipefail
cd "$(dirname "$0")/.."
tools="$PWD/.cache/tools"
export PATH="$PATH:$tools/usr/bin"

fetch() { # command, Debian package
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || { echo "SKIPPED: $1 is missing and there is no apt-get"; return; }
  mkdir -p "$tools"
  (
    cd "$tools"
    apt-get download "$2" >/dev/null 2>&1 || { apt-get update -qq >/dev/null 2>&1 || true; apt-get download "$2" >/dev/null 2>&1; }
    dpkg-deb -x "$2"_*.deb . && rm -f "$2"_*.deb
  ) || echo "SKIPPED: $1 could not be had from package $2"
}

fetch promtool prometheus
fetch amtool prometheus-alertmanager
fetch kubectl kubernetes-client

# Grafana's own linter for dashboards has no release that Go's module proxy serves; test_dashboards.py holds its rules:
# a data source to choose, titles, descriptions, units, queries that parse, counters as rates over $__rate_interval.
command -v dashboard-linter >/dev/null || echo "SKIPPED: dashboard-linter cannot be had; its rules are tests here"

exec .venv/bin/python -m pytest tests/deploy -q -p no:cacheprovider "$@"
