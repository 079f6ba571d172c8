#!/usr/bin/env bash
# What rewards in 16 bits change: `--judge-precision bf16` beside 32 bits, on the built-in oracle. Needs a processor with AMX or AVX-512 BF16.
# First the authors' networks, which stand still: 20 steps of 64 sentences by 16 rollouts have the same draws in both precisions.
# Then whole games of the default networks. Last what learning in 16 bits changes, `--judge-learning-precision bf16`: the authors' discriminator is
# pre-trained on six draws.
# Usage: scripts/judge_precision.sh [OUT]   (SEQGAN_BIN: a program built before; SEEDS; PARTS, of rewards and learning)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/judge-precision}
if [ -z "${SEQGAN_BIN:-}" ]; then cargo build --release --locked --quiet --bin seqgan; fi
seqgan=${SEQGAN_BIN:-target/release/seqgan}
mkdir -p "$out"
still="--preset authors --ensemble 1 --controls none --evaluate-on 200 --temperatures 1 --evaluate-every 1000"
game="--vocab 1000 --sentences 5000 --judge discriminator --credit rollouts --ensemble 1 --controls none --temperatures 1 --rounds 30"
each=${SEEDS:-1 2 3}
parts=${PARTS:-rewards learning}

for seed in $each; do
  if [[ $parts == *learning* ]]; then
    for precision in f32 bf16; do
      # shellcheck disable=SC2086
      "$seqgan" train -q $still --seed "$seed" --sentences 2000 --mle-epochs 10 --d-draws 6 --rounds 0 --judge-learning-precision "$precision" \
        --out "$out/learning-$precision-$seed" --force > /dev/null
    done
  fi
  if [[ $parts != *rewards* ]]; then continue; fi
  if [ ! -f "$out/base-$seed/results.json" ]; then
    # shellcheck disable=SC2086
    "$seqgan" train -q $still --seed "$seed" --sentences 2000 --mle-epochs 10 --d-draws 3 --rounds 0 --out "$out/base-$seed" --force > /dev/null
  fi
  for precision in f32 bf16; do
    # shellcheck disable=SC2086
    "$seqgan" train -q $still --seed "$seed" --sentences 2000 --from adversarial --init "$out/base-$seed" --rounds 20 --g-steps 1 --g-lr 1e-12 \
      --d-epochs 0 --judge-precision "$precision" --out "$out/still-$precision-$seed" --force > /dev/null
    # shellcheck disable=SC2086
    "$seqgan" train -q $game --seed "$seed" --judge-precision "$precision" --out "$out/game-$precision-$seed" --force > /dev/null
  done
done

python3 - "$out" "$parts" $each <<'PYTHON'
import csv, json, statistics, sys

out, parts, seeds = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
precisions = ("f32", "bf16")


def metrics(run, name, phase="adversarial"):
    with open(f"{out}/{run}/metrics.csv") as file:
        return [float(row["value"]) for row in csv.DictReader(file) if row["metric"] == name and row["phase"] == phase]


def seconds(run):
    with open(f"{out}/{run}/timing.json") as file:
        return json.load(file)["seconds"]


def spread(values):
    return f"{statistics.mean(values):.4f} ± {statistics.stdev(values) if len(values) > 1 else 0:.4f}"


if "rewards" in parts:
    print("| seed | mean reward of 20 steps, f32 | largest difference of a step's mean | gradient variance, f32 | bf16 | seconds of the run, f32 | bf16 |")
    print("|---|---|---|---|---|---|---|")
    for seed in seeds:
        runs = [f"still-{precision}-{seed}" for precision in precisions]
        rewards = [metrics(run, "reward") for run in runs]
        variances = [statistics.mean(metrics(run, "gradient-variance")) for run in runs]
        most = max(abs(a - b) for a, b in zip(*rewards, strict=True))
        times = [seconds(run) for run in runs]
        print(f"| {seed} | {statistics.mean(rewards[0]):.4f} | {most:.1e} | {variances[0]:.3e} | {variances[1]:.3e} | {times[0]:.1f} | {times[1]:.1f} |")
    print("\n| game of 30 rounds | NLL_oracle at the end | NLL_test | seconds |")
    print("|---|---|---|---|")
    for precision in precisions:
        runs = [f"game-{precision}-{seed}" for seed in seeds]
        ends = [spread([metrics(run, name)[-1] for run in runs]) for name in ("nll-oracle", "nll-test")]
        print(f"| {precision} | {ends[0]} | {ends[1]} | {statistics.mean(seconds(run) for run in runs):.1f} |")
if "learning" in parts:
    print("\n| seed | precision | loss after each draw | accuracy on held-out sentences | seconds of the run |")
    print("|---|---|---|---|---|")
    for seed in seeds:
        for precision in precisions:
            run = f"learning-{precision}-{seed}"
            losses, accuracies = (metrics(run, name, "discriminator") for name in ("d-loss", "d-held-out"))
            each = [", ".join(f"{value:.4f}" for value in values) for values in (losses, accuracies)]
            print(f"| {seed} | {precision} | {each[0]} | {each[1]} | {seconds(run):.1f} |")
PYTHON
