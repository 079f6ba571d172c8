#!/usr/bin/env bash
# Regenerates the Gowalla table of docs/results.md by the protocol of LightGCN's papers: all items but the training positives are
# ranked, Recall@20 and nDCG@20. One training by the defaults; the test file chooses nothing.
# Usage: IRGAN_DATA=FOLDER_WITH_gowalla scripts/gowalla.sh [OUT]      (IRGAN_BIN: a program built before)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${IRGAN_DATA:?the folder that holds gowalla/}/gowalla
out=${1:-runs/gowalla}
if [ -z "${IRGAN_BIN:-}" ]; then
  cargo build --release --quiet
  IRGAN_BIN=target/release/irgan
fi
irgan=$IRGAN_BIN
mkdir -p "$out"
$irgan qrels --layout adjacency --ratings "$data/test.adj" --out "$out/test.qrels" 2>/dev/null

/usr/bin/time -f "%U s user, %S s system, %M kB" $irgan train --pointwise --layout adjacency --ratings "$data/train.adj" \
  --out "$out/model" --force
runs=()
rank() { # MODEL NAME FLAGS...
  local model=$1 name=$2
  shift 2
  $irgan rank --model "$model" -k 20 --out "$out/$name.run" "$@" 2>/dev/null
  runs+=("$out/$name.run")
}
for player in g d both; do rank "$out/model" "$player" --player "$player"; done
for baseline in "$out"/model/baselines/*; do rank "$baseline" "$(basename "$baseline")"; done
$irgan eval "$out/test.qrels" "${runs[@]}" -m Recall@20,nDCG@20 --format markdown 2>/dev/null
