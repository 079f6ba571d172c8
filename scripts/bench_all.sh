#!/usr/bin/env bash
# Runs the benches and writes one table for this machine: unit, size, time, and for units that stand beside their matrix products alone
# that time and the ratio; the bench of retrieval prints its own beside tantivy. Run it on an idle machine: half an hour on two cores;
# BENCHES="text ranking" runs these alone.
# Usage: scripts/bench_all.sh [OUT]     # Markdown, runs/bench.md by default; PEERS=FILE names times of other programs (bench_table.py)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/bench.md}
mkdir -p "$(dirname "$out")"
target=${CARGO_TARGET_DIR:-target}
since=$(mktemp)
for bench in ${BENCHES:-math ranking letor evaluation retrieval interactions answers text text_layers lines pairs}; do
  cargo bench --locked --bench "$bench"
done
python3 scripts/bench_table.py "$target/criterion" --since "$since" ${PEERS:+--peers "$PEERS"} > "$out"
rm "$since"
cat "$out"
