#!/usr/bin/env bash
# Maximum likelihood of `seqgan train` beside a tuned PyTorch LSTM of the same size (docs/results.md), on the same token ids:
# COCO captions, replies of the Cornell Movie-Dialogs Corpus (the first 12,500; CORNELL=N for others) and Tang verses.
# IRGAN_DATA holds coco/image_coco.txt, coco/test_coco.txt, cornell-pairs/test.dec and quatrains/train.txt.
# PYTHON: one with PyTorch. SETS: those to train on. SEEDS: those of seqgan. PyTorch is tuned over RATES and DROPOUTS with its seed 1, and trained
# from as many seeds by the best.
# Usage: IRGAN_DATA=DIR [PYTHON=python] [SEQGAN=program] [CORNELL=N] scripts/seqgan_peer.sh [OUT]
set -euo pipefail
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds coco, cornell-pairs and quatrains}"
out="${1:-runs/peer}"
python="${PYTHON:-python}"
if [ -z "${SEQGAN:-}" ]; then
  cargo build --release --locked --quiet --bin seqgan
  SEQGAN=target/release/seqgan
fi
# Maximum likelihood alone: a judge that learns nothing, no round, no control.
alone=(--judge bleu --rounds 0 --controls none --ensemble 1 --evaluate-every 1000 --evaluate-on 100 --temperatures 1)

$python scripts/peer_lm.py prepare "$data/coco/image_coco.txt" "$out/coco" "$data/coco/test_coco.txt"
$python scripts/peer_lm.py prepare "$data/cornell-pairs/test.dec" "$out/cornell" --sentences "${CORNELL:-12500}"
$python scripts/peer_lm.py prepare "$data/quatrains/train.txt" "$out/quatrains"
seeds="${SEEDS:-1 2 3}"
for name in ${SETS:-coco cornell quatrains}; do
  files="$out/$name"
  for seed in $seeds; do
    echo "== $name, seed $seed: seqgan"
    time $SEQGAN train --quiet --threads 1 --text "$files/train.txt" --valid "$files/valid.txt" --level id --seed "$seed" \
      "${alone[@]}" --out "$files/$seed" --force
    $SEQGAN score --model "$files/$seed" --which mle "$files/test.txt" >/dev/null # NLL_test: the logarithm of the perplexity
  done
  echo "== $name: PyTorch"
  $python scripts/peer_lm.py train "$files" --rates "${RATES:-0.003,0.006}" --dropouts "${DROPOUTS:-0.2,0.35,0.5}" \
    --seeds "$(wc -w <<< "$seeds")"
done
