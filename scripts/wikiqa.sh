#!/usr/bin/env bash
# Regenerates the WikiQA tables of docs/results.md: IRGAN against the same network trained by maximum likelihood and with
# random and dynamic negatives, with three seeds; the placebo rewards; without overlap features; wall times.
# Usage: IRGAN_DATA=FOLDER_WITH_wikiqa scripts/wikiqa.sh [OUT]      (IRGAN_BIN: a program built before; SEEDS: 1 2 3)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${IRGAN_DATA:?the folder that holds wikiqa/raw/WikiQA-train.txt, -dev.txt and -test.txt}/wikiqa/raw
out=${1:-runs/wikiqa}
if [ -z "${IRGAN_BIN:-}" ]; then
  cargo build --release --quiet
  IRGAN_BIN=target/release/irgan
fi
mkdir -p "$out"
"$IRGAN_BIN" qrels --qa "$data/WikiQA-test.txt" --keep right --out "$out/right.qrels"  # 243 questions
"$IRGAN_BIN" qrels --qa "$data/WikiQA-test.txt" --keep both --out "$out/both.qrels"    # 237: also a wrong answer

rank() { # MODEL NAME FLAGS...
  local model=$1 name=$2
  shift 2
  "$IRGAN_BIN" rank --model "$model" --data "$data/WikiQA-test.txt" --tag "$name" --out "$out/$name.run" "$@" 2>/dev/null
}

train() { # NAME FLAGS...
  local name=$1 start end
  shift
  start=$(date +%s.%N)
  "$IRGAN_BIN" train --pairwise --qa "$data/WikiQA-train.txt" --valid "$data/WikiQA-dev.txt" \
    --out "$out/$name" --force --quiet "$@" > "$out/$name.report" 2> "$out/$name.notes"
  end=$(date +%s.%N)
  printf '\n## %s: %.0f s\n\n' "$name" "$(echo "$end - $start" | bc)"
  cat "$out/$name.report"
}

for seed in ${SEEDS:-1 2 3}; do
  train "ours-$seed" --seed "$seed" --baselines mle,rns,dns --controls constant,shuffled
  rank "$out/ours-$seed" "chosen-$seed"
  for player in g d both; do rank "$out/ours-$seed" "$player-$seed" --player "$player"; done
  for method in mle rns dns; do rank "$out/ours-$seed/baselines/$method" "$method-$seed"; done
  train "cosine-$seed" --seed "$seed" --overlap false --baselines rns,dns --controls none
  rank "$out/cosine-$seed" "cosine-chosen-$seed"
  for method in rns dns; do rank "$out/cosine-$seed/baselines/$method" "cosine-$method-$seed"; done
done

for qrels in right both; do
  printf '\n## test questions: %s\n\n' "$qrels"
  "$IRGAN_BIN" eval "$out/$qrels.qrels" "$out"/{chosen,g,d,both,mle,rns,dns,cosine}-*.run \
    -m AP -m RR -m P@1 --format markdown 2>/dev/null
done
