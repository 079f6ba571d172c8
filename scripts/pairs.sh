#!/usr/bin/env bash
# Regenerates the tables of answers of docs/results.md on pairs of the Cornell Movie-Dialogs Corpus: every system and every placebo
# reward from one start, with attention and, by maximum likelihood, without. Validation pairs choose, test pairs are read once.
# Usage: IRGAN_DATA=FOLDER_WITH_cornell-pairs [SEEDS="1 2 3"] [CONTROLS=constant,random,shuffled] [THREADS=2] scripts/pairs.sh [OUT]
# (SEQGAN: a program built before)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${IRGAN_DATA:?the folder that holds cornell-pairs/}/cornell-pairs
out=${1:-runs/pairs}
if [ -z "${SEQGAN:-}" ]; then
  cargo build --release --quiet
  SEQGAN=target/release/seqgan
fi
seqgan=$SEQGAN
mkdir -p "$out"
for side in enc dec; do iconv -f WINDOWS-1252 -t UTF-8 "$data/test.$side" > "$out/lines.$side"; done
$seqgan split --source "$out/lines.enc" --target "$out/lines.dec" --valid-share 0.05 --test-share 0.05 --out "$out/parts" --force
cut -f 1 "$out/parts/test.tsv" | awk 'NF <= 15 && ++lines <= 20' > "$out/sources.txt"

train() { # NAME FLAGS...
  local name=$1
  shift
  /usr/bin/time -f "%U s user, %M kB" $seqgan train --quiet --pairs "$out/parts/train.tsv" --valid "$out/parts/valid.tsv" \
    --lowercase --max-source 20 --max-len 20 --min-count 2 --threads "${THREADS:-2}" --out "$out/$name" --force "$@"
  $seqgan eval --quiet --model "$out/$name" --reference "$out/parts/test.tsv" --format markdown
}

for seed in ${SEEDS:-1 2 3}; do
  printf '\n## Systems, seed %s\n\n' "$seed"
  train "systems-$seed" --seed "$seed" --systems mle,reinforce,regs-mc,regs-prefix,rival,reward \
    --controls "${CONTROLS:-constant,random,shuffled}"
  printf '\n## Maximum likelihood without attention, seed %s\n\n' "$seed"
  train "none-$seed" --seed "$seed" --attention none --input-feeding=false
done
printf '\n## Answers to 20 lines\n\n'
$seqgan answer --model "$out/systems-1" --input "$out/sources.txt" --systems --format markdown
