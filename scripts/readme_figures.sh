#!/usr/bin/env bash
# Prints the figures of README.md: the table, then every other baseline and placebo reward; draws docs/report.svg.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet --bin irgan
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
train() { target/release/irgan train --pairwise --quiet --out "$work/$1" "${@:2}" 2>/dev/null; }

train table
target/release/irgan report "$work/table" --picture docs/report.svg --quiet
echo "== every baseline and placebo reward"
train all --baselines listnet,ranknet,rns,dns --controls constant,random,shuffled
