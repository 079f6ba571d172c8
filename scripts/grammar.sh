#!/usr/bin/env bash
# Five ways to learn the sentences of a grammar (arithmetic, 12 tokens at most): maximum likelihood, and from random weights the policy
# gradient, straight-through and soft Gumbel-softmax against the same convolutional discriminator, and lines from noise against a critic
# (WGAN-GP): share of grammatical sentences among 4,000 drawn, their entropy in nats, and both by rounds.
# Usage: scripts/grammar.sh [OUT]     (SEQGAN_BIN: a program built before; SEEDS="1 2 3"; THREADS; ROUNDS; METHODS="likelihood wgan-gp": these alone;
# TEMPERATURES="0.2 0.5 1 2": both Gumbel-softmax trainings at these temperatures in the place of the others)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/grammar}
if [ -z "${SEQGAN_BIN:-}" ]; then
  cargo build --release --locked --quiet --bin seqgan
fi
seqgan=${SEQGAN_BIN:-target/release/seqgan}
mkdir -p "$out"

# Tells whether a training is asked for.
wanted() { # NAME
  [ -z "${METHODS:-}" ] || [[ " $METHODS " = *" $1 "* ]]
}

run() { # NAME SEED FLAGS...
  local name=$1 seed=$2
  shift 2
  wanted "$name" || return 0
  "$seqgan" train --cfg arithmetic --sentences 5000 --held-out 1000 --seed "$seed" --data-seed "$seed" --ensemble 1 --controls none \
    --temperatures 1 --evaluate-every 5 --threads "${THREADS:-2}" --quiet --out "$out/$name-$seed" --force "$@" > "$out/$name-$seed.txt"
  local row='mle'
  [ "$name" = likelihood ] || row='gan'
  awk -v name="$name" -v seed="$seed" -v row="$row" '$1 == row && $2 == "1.00" { printf "| `%s` | %s | %s | %s | %s |\n", name, seed, $3, $(NF - 1), $NF }' \
    "$out/$name-$seed.txt"
  ! grep -q COLLAPSE "$out/$name-$seed.txt" || grep -m 1 COLLAPSE "$out/$name-$seed.txt" >&2
}

lines() { # NAME SEED FLAGS...
  local name=$1 seed=$2
  shift 2
  wanted "$name" || return 0
  "$seqgan" train --cfg arithmetic --sentences 5000 --held-out 1000 --seed "$seed" --data-seed "$seed" --evaluate-on 4000 \
    --threads "${THREADS:-2}" --quiet --out "$out/$name-$seed" --force "$@" > "$out/$name-$seed.txt"
  awk -v name="$name" -v seed="$seed" '/last round/ { printf "| `%s` | %s | – | %s | %s |\n", name, seed, $(NF - 1), $NF }' "$out/$name-$seed.txt"
}

printf '| training | seed | NLL_test | grammatical | entropy |\n|---|---|---|---|---|\n'
rounds="--mle-epochs 0 --rounds ${ROUNDS:-40} --g-steps 40"
for seed in ${SEEDS:-1 2 3}; do
  for tau in ${TEMPERATURES:-}; do
    for relaxation in straight-through soft; do
      # shellcheck disable=SC2086
      run "gumbel-$relaxation-$tau" "$seed" $rounds --method gumbel --relaxation "$relaxation" --gumbel-temperature "$tau"
    done
  done
  [ -z "${TEMPERATURES:-}" ] || continue
  run likelihood "$seed" --rounds 0
  # shellcheck disable=SC2086
  {
    run policy-gradient "$seed" $rounds --judge discriminator --credit rollouts
    run gumbel-straight-through "$seed" $rounds --method gumbel
    run gumbel-soft "$seed" $rounds --method gumbel --relaxation soft --gumbel-temperature 5:1
  }
  lines wgan-gp "$seed" --method wgan-gp --rounds 40 --g-steps 40
done
