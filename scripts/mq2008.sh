#!/usr/bin/env bash
# Regenerates the MQ2008 tables of docs/results.md: every method on the five folds with three seeds, with all,
# 25 % and 10 % of the training positives observed; the placebo rewards; the authors' settings; boosted trees (which need
# Rust 1.93); significance.
# Usage: IRGAN_DATA=FOLDER_WITH_mq2008 scripts/mq2008.sh [OUT]
set -euo pipefail
cd "$(dirname "$0")/.."
folds=${IRGAN_DATA:?the folder that holds mq2008/Fold1 … Fold5}/mq2008
out=${1:-runs/mq2008}
cargo build --release --quiet --features trees
irgan=target/release/irgan
baselines=mle,listnet,ranknet,lambdarank,rns,dns

run() { # NAME FLAGS...
  local name=$1 start end
  shift
  printf '\n## %s\n\n' "$name"
  start=$(date +%s.%N)
  "$irgan" cv --folds "$folds" --seeds 3 --format markdown --out "$out/$name" --force "$@" 2>/dev/null
  end=$(date +%s.%N)
  printf 'wall time: %.1f s\n' "$(echo "$end - $start" | bc)"
}

for observed in 1.0 0.25 0.1; do
  labels=()
  [ "$observed" = 1.0 ] || labels=(--observed "$observed")
  run "pairwise-$observed" --pairwise --baselines "$baselines" "${labels[@]}"
  run "pointwise-$observed" --pointwise --baselines none "${labels[@]}"
  for control in constant random shuffled; do
    run "pairwise-$observed-$control" --pairwise --baselines none --reward "$control" "${labels[@]}"
  done
done
run authors-pairwise --pairwise --preset authors --baselines none
run authors-pointwise --pointwise --preset authors --baselines none
run trees --method lambdamart --baselines xendcg,lambdarank

for seed in 1 2 3; do
  printf '\n## significance, seed %s\n\n' "$seed"
  all=$out/pairwise-1.0
  "$irgan" compare "$all/qrels.txt" "$all/lambdarank-$seed.run" "$all/irgan-pairwise-$seed.run" \
    "$all/irgan-pairwise-both-$seed.run" "$out/pointwise-1.0/irgan-pointwise-$seed.run" -m nDCG@10 -m AP --format markdown
  trees=$out/trees
  "$irgan" compare "$trees/qrels.txt" "$trees/lambdarank-$seed.run" "$trees/lambdamart-$seed.run" "$trees/xendcg-$seed.run" \
    -m nDCG@10 -m AP --format markdown
done
