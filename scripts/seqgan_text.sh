#!/usr/bin/env bash
# SeqGAN on real text (docs/results.md): COCO captions and Tang verses, one run each.
# IRGAN_DATA holds coco/image_coco.txt, coco/test_coco.txt and quatrains/train_decoded.txt.
# Usage: IRGAN_DATA=DIR scripts/seqgan_text.sh [OUT]
set -euo pipefail
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds coco and quatrains}"
out="${1:-runs/text}"
cargo build --release --locked --quiet --bin seqgan
seqgan() { target/release/seqgan "$@"; }
judge=(--judge discriminator --rounds 15 --g-steps 4) # SeqGAN's own judge, rollouts

seqgan train --preset ours --text "$data/coco/image_coco.txt" --lowercase --embedding 64 --hidden 128 --seed 1 \
  "${judge[@]}" --out "$out/coco"
echo "== captions against all test captions, then against 500 of them as Texygen does"
seqgan eval --model "$out/coco" --reference "$data/coco/test_coco.txt" --reverse
seqgan eval --model "$out/coco" --reference "$data/coco/test_coco.txt" --references 500 --temperatures 1

seqgan train --preset ours --text "$data/quatrains/train_decoded.txt" --level char --embedding 64 --hidden 128 --seed 1 \
  "${judge[@]}" --out "$out/quatrains"
seqgan generate --model "$out/quatrains" -n 10
