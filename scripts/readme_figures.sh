#!/usr/bin/env bash
# Prints every figure of README.md: the table, the other baselines, and the players under each reward control.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet --bin irgan
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
train() { target/release/irgan train --pairwise --quiet --out "$work/$1" "${@:2}" 2>/dev/null; }

train table
echo "== other baselines"
train baselines --baselines listnet,ranknet,rns,dns | grep -E '^(listnet|ranknet|rns|dns) '
for reward in constant random shuffled; do
    echo "== --reward $reward"
    train "$reward" --reward "$reward" --baselines none | sed -n 2,4p
done
