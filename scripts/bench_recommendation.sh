#!/usr/bin/env bash
# Time and memory of whole commands on generated interactions of 30,000 users and 40,000 items, rank 64 (docs/results.md).
# An epoch is the difference between two commands.
# Usage: scripts/bench_recommendation.sh [OUT]      (IRGAN_BIN: a program built before)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/bench-recommendation}
if [ -z "${IRGAN_BIN:-}" ]; then
  cargo build --release --quiet
  IRGAN_BIN=target/release/irgan
fi
mkdir -p "$out"
"$IRGAN_BIN" synth --interactions --users 30000 --items 40000 --liked 34 --out "$out/data" --force

timed() { # NAME FLAGS...
  local name=$1
  shift
  /usr/bin/time -f "$name: %e s, %U s user, %S s system, %M kB" "$IRGAN_BIN" "$@" >/dev/null 2>"$out/log"
  tail -1 "$out/log"
}

for candidates in 1024 40000; do
  for epochs in 0 1; do
    timed "softmax of $candidates candidates (40000: all), $epochs generator epochs" train --pointwise \
      --ratings "$out/data/train.tsv" --positive 4 --rank 64 --init none --baselines none --controls none --rounds 1 \
      --d-epochs 0 --g-epochs "$epochs" --g-batch 256 --sampled-k "$candidates" --refit false --out "$out/run" --force --quiet
  done
done
timed "ten best items of every user" rank --model "$out/run" --player g --ratings "$out/data/train.tsv" --positive 4 -k 10 --out "$out/top.run"
