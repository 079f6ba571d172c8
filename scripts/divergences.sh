#!/usr/bin/env bash
# The divergences that a discriminator may minimise, side by side: IRGAN-pairwise on MQ2008 (five folds, three seeds), and a convolutional
# discriminator on the built-in oracle, one table each.
# Usage: IRGAN_DATA=DIR scripts/divergences.sh [OUT]   (IRGAN_BIN, SEQGAN_BIN: programs built before; THREADS; PARTS: "ranking oracle"; SEEDS)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/divergences}
if [ -z "${IRGAN_BIN:-}" ] || [ -z "${SEQGAN_BIN:-}" ]; then
  cargo build --release --locked --quiet
fi
irgan=${IRGAN_BIN:-target/release/irgan}
seqgan=${SEQGAN_BIN:-target/release/seqgan}
threads=${THREADS:-2}
mkdir -p "$out"
all="js kl reverse-kl pearson neyman hellinger jeffrey tv wasserstein"

# Prints the flags that a divergence needs: bounded weights for the Wasserstein distance.
bound() { # NAME BOUND
  [ "$1" != wasserstein ] || echo "--d-weight-clip $2"
}

ranking() {
  local data=${IRGAN_DATA:?set IRGAN_DATA to the folder that holds mq2008}/mq2008
  for name in $all; do
    printf '\n## MQ2008, %s\n\n' "$name"
    # shellcheck disable=SC2046
    "$irgan" cv --pairwise --folds "$data" --seeds "${SEEDS:-3}" --baselines mle,lambdarank --divergence "$name" $(bound "$name" 0.1) \
      --threads "$threads" --format markdown --out "$out/mq2008-$name" --force 2> "$out/mq2008-$name.log"
  done
  printf '\n## MQ2008, against js, seed by seed\n\n'
  for name in $all; do
    [ "$name" != js ] || continue
    for seed in $(seq "${SEEDS:-3}"); do
      cp "$out/mq2008-$name/irgan-pairwise-$seed.run" "$out/mq2008-$name/$name-$seed.run"
      "$irgan" compare "$out/mq2008-js/qrels.txt" "$out/mq2008-js/irgan-pairwise-$seed.run" "$out/mq2008-$name/$name-$seed.run" \
        -m nDCG@10 --format markdown | tail -n +"$([ "$seed$name" = 1kl ] && echo 1 || echo 3)"
    done
  done
}

oracle() {
  for name in $all; do
    for seed in $(seq "${SEEDS:-3}"); do
      printf '\n## Oracle, %s, seed %s\n\n' "$name" "$seed"
      # shellcheck disable=SC2046
      "$seqgan" train --vocab 500 --sentences 5000 --judge discriminator --credit rollouts --rollouts 4 --divergence "$name" \
        $(bound "$name" 0.1) --seed "$seed" --controls none --ensemble 1 --temperatures 0.85,1 --threads "$threads" --quiet \
        --out "$out/oracle-$name-$seed" --force
    done
  done
}

for part in ${PARTS:-ranking oracle}; do "$part"; done
