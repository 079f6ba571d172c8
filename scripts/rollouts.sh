#!/usr/bin/env bash
# Variance of the policy gradient at the logits by the number of Monte Carlo rollouts, at a generator that stands still: the built-in oracle,
# 100 steps of 64 sentences with a rate of nearly 0 after maximum likelihood, and a judge of one epoch.
# Usage: scripts/rollouts.sh [OUT]   (SEQGAN_BIN: a program built before; SEEDS, COUNTS)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/rollouts}
if [ -z "${SEQGAN_BIN:-}" ]; then cargo build --release --locked --quiet --bin seqgan; fi
seqgan=${SEQGAN_BIN:-target/release/seqgan}
mkdir -p "$out"
oracle="--vocab 1000 --sentences 5000 --judge discriminator --credit rollouts --ensemble 1 --controls none --evaluate-on 200 --temperatures 1 --threads 1"

echo "| rollouts | gradient variance, 10⁻⁶ | mean reward | seconds of the run |"
echo "|---|---|---|---|"
for count in ${COUNTS:-1 2 4 8 16}; do
  for seed in ${SEEDS:-1 2 3}; do
    if [ ! -f "$out/base-$seed/results.json" ]; then
      # shellcheck disable=SC2086
      "$seqgan" train -q $oracle --seed "$seed" --mle-epochs 20 --d-draws 5 --rounds 0 --rollouts 2 --out "$out/base-$seed" --force > /dev/null
    fi
    # shellcheck disable=SC2086
    "$seqgan" train -q $oracle --seed "$seed" --from adversarial --init "$out/base-$seed" --rounds 1 --g-steps 100 --g-lr 1e-9 --d-epochs 1 \
      --rollouts "$count" --out "$out/$count-$seed" --force > /dev/null
  done
  awk -F, -v count="$count" '
    FILENAME ~ /metrics/ && FNR == 1 { files++ }
    $3 == "gradient-variance" { variance[files] = 1e6 * $4 }
    $3 == "reward" { reward += $4 }
    /"seconds":/ { split($0, part, ":"); seconds += part[2] }
    END {
      for (i in variance) { sum += variance[i]; squares += variance[i] ^ 2; n++ }
      mean = sum / n
      printf "| %s | %.2f ± %.2f | %.4f | %.1f |\n", count, mean, (n > 1 ? sqrt((squares - n * mean ^ 2) / (n - 1)) : 0), reward / n, seconds / n
    }' "$out/$count"-*/metrics.csv "$out/$count"-*/timing.json
done
