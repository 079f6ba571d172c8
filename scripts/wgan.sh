#!/usr/bin/env bash
# Lines of 32 characters from noise (docs/results.md): WGAN-GP and the ordinary objective with the same networks, 3 seeds.
# IRGAN_DATA holds coco/image_coco.txt, coco/test_coco.txt and quatrains/train_decoded.txt.
# Usage: IRGAN_DATA=DIR scripts/wgan.sh [OUT] [FLAGS OF seqgan train …]    DATA="coco quatrains" SEEDS="1 2 3" METHODS="wgan-gp gan"
# SEQGAN names another program than target/release/seqgan, which is built then.
set -euo pipefail
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds coco and quatrains}"
out="${1:-runs/wgan}"
shift || true
if [ -z "${SEQGAN:-}" ]; then
  cargo build --release --locked --quiet --bin seqgan
  SEQGAN=target/release/seqgan
fi
for set in ${DATA:-coco quatrains}; do
  case "$set" in
    coco) text="$data/coco/image_coco.txt" test="$data/coco/test_coco.txt" length=32 ;;
    quatrains) text="$data/quatrains/train_decoded.txt" test="" length=20 ;; # its validation lines alone
  esac
  for method in ${METHODS:-wgan-gp gan}; do
    for seed in ${SEEDS:-1 2 3}; do
      run="$out/$set-$method-$seed"
      "$SEQGAN" train --method "$method" --text "$text" --level char --lowercase --length "$length" --seed "$seed" \
        --out "$run" "$@" > "$out-$set-$method-$seed.txt"
      echo "== $set, $method, seed $seed"
      cat "$run/report.md"
      [ -z "$test" ] || "$SEQGAN" eval --model "$run" --reference "$test" -n 1000
    done
  done
done
