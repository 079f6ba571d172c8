#!/usr/bin/env bash
# Regenerates the samples of docs/guide/music-captions-poems.md: generators of chords, captions and poems by maximum likelihood.
# Usage: IRGAN_DATA=FOLDER [SETS="music captions poems"] [THREADS=2] scripts/samples.sh [OUT]      (SEQGAN: a program built before)
# IRGAN_DATA holds nottingham/train.txt and valid.txt, coco/image_coco.txt and quatrains/train_decoded.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${IRGAN_DATA:?the folder that holds nottingham, coco and quatrains}
out=${1:-runs/samples}
if [ -z "${SEQGAN:-}" ]; then
  cargo build --release --quiet
  SEQGAN=target/release/seqgan
fi
mkdir -p "$out"

train() { # NAME FLAGS...
  local name=$1
  shift
  /usr/bin/time -f "%U s user" "$SEQGAN" train --seed 1 --threads "${THREADS:-2}" --out "$out/$name" --force "$@"
}
likelihood="--rounds 0 --judge bleu --ensemble 1 --controls none"

for set in ${SETS:-music captions poems}; do
  printf '\n## %s\n\n' "$set"
  case $set in
    music)
      train music --text "$data/nottingham/train.txt" --valid "$data/nottingham/valid.txt" --level id --max-len 100 $likelihood
      "$SEQGAN" generate --model "$out/music" -n 3 --temperature 0.8 --seed 1
      ;;
    captions)
      train captions --text "$data/coco/image_coco.txt" --lowercase $likelihood
      "$SEQGAN" generate --model "$out/captions" -n 5 --temperature 0.8 --seed 1
      ;;
    poems)
      LC_ALL=C.UTF-8 sed -E 's/^(.{5})(.{15})$/\1\t\2/' "$data/quatrains/train_decoded.txt" > "$out/poems.tsv"
      "$SEQGAN" split --pairs "$out/poems.tsv" --valid-share 0.05 --test-share 0.02 --out "$out/parts" --force
      train poems --pairs "$out/parts/train.tsv" --valid "$out/parts/valid.tsv" --level char --max-len 16
      head -5 "$out/parts/test.tsv" | cut -f 1 > "$out/lines.txt"
      "$SEQGAN" answer --model "$out/poems" --input "$out/lines.txt"
      "$SEQGAN" answer --model "$out/poems" --input "$out/lines.txt" --temperature 0.7 --seed 1
      ;;
    *)
      echo "unknown set $set: expected music, captions or poems" >&2
      exit 2
      ;;
  esac
done
