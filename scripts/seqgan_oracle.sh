#!/usr/bin/env bash
# The oracle experiment by the authors' settings (docs/results.md): maximum likelihood on three seeds, then SeqGAN on
# the first. IRGAN_DATA/seqgan-oracle holds the published oracle (15 .npy arrays) and real_data.txt.
# Usage: IRGAN_DATA=DIR scripts/seqgan_oracle.sh [ROUNDS] [OUT]; an interrupted run is resumed.
set -euo pipefail
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds seqgan-oracle}/seqgan-oracle"
rounds="${1:-25}" out="${2:-runs/oracle}"
cargo build --release --locked --quiet --bin seqgan
common=(--preset authors --oracle "$data" --real "$data/real_data.txt" --controls none --evaluate-on 9984)

run() { # name, then flags: start it, or resume it
  if [[ -f "$out/$1/report.md" ]]; then return; fi
  if [[ -f "$out/$1/run.toml" ]]; then
    target/release/seqgan train --resume "$out/$1"
  else
    target/release/seqgan train "${common[@]}" --out "$out/$1" --force "${@:2}"
  fi
}

for seed in 0 1 2; do
  run "mle-$seed" --seed "$seed" --d-draws 0 --rounds 0
done
run seqgan --seed 1 --rounds "$rounds"
for run in mle-0 mle-1 mle-2 seqgan; do
  echo "== $run: phase, step, NLL_oracle"
  awk -F, '$3 == "nll-oracle" && ($1 != "mle" || $2 <= 1 || $2 == 11 || $2 == 21 || $2 >= 116) { print $1, $2, $4 }' \
    "$out/$run/metrics.csv"
done
