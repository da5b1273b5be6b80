#!/bin/sh
# A sweep over the cores of one machine, or of many, with GNU parallel: N shards, put together and judged.
#
#   share/jobs/tune.parallel.sh 8 keltner --data BTC/USD --tf 5m --method random --trials 2000
#
# For more machines add what parallel takes, such as PARALLEL='--sshloginfile hosts': they need the same program and
# candles, and a home that all of them share. Every shard goes on where it was stopped, so the same line repairs a sweep.
set -eu
shards=$1
shift
out=${AITRADE_SWEEP_DIR:-sweep}
mkdir -p "$out"
seq "$shards" | parallel --halt now,fail=1 --results "$out/log" \
  aitrade tune "$@" --threads 1 -q --json --shard "{}/$shards" '>' "$out/shard-{}.json"
ledgers=$(sed -n 's/.*"ledger":"\([^"]*\)".*/\1/p' "$out"/shard-*.json)
rm -f "$out/merged.ndjson"
# shellcheck disable=SC2086   # one word for each ledger
aitrade tune merge $ledgers --out "$out/merged.ndjson"
exec aitrade tune "$@" --resume "$out/merged.ndjson"
