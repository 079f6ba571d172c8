#!/usr/bin/env bash
# Two ranks of one thread beside two threads of one process, three times in turn: a step of the generator with 16 rollouts a prefix, a round
# of IRGAN on planted pools of 1,000 documents, and the search of 1,000 topics in 100,000 documents, in a single index and in two shards (one a rank), without the start of the processes, which
# is a row of its own; and a whole training over the index of 2,000 documents. Seconds of the clock: only on an idle machine. Needs `mpirun` and
# programs with the feature mpi.
# Usage: scripts/ranks.sh [OUT]   (IRGAN_BIN, SEQGAN_BIN: programs built before)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/ranks}
if [ -z "${IRGAN_BIN:-}" ] || [ -z "${SEQGAN_BIN:-}" ]; then
  cargo build --release --locked --quiet --features mpi
fi
irgan=${IRGAN_BIN:-target/release/irgan}
seqgan=${SEQGAN_BIN:-target/release/seqgan}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out"

game="--vocab 1000 --sentences 2000 --judge discriminator --credit rollouts --ensemble 1 --controls none --evaluate-on 200 --temperatures 1"
# shellcheck disable=SC2086
$seqgan train -q $game --mle-epochs 2 --d-draws 1 --rounds 1 --g-steps 1 --d-epochs 1 --rollouts 2 --out "$out/base" --force > "$out/base.txt"
$irgan synth --collection --documents 100000 --queries 10000 --out "$out/texts" --force 2> /dev/null
head -n 1000 "$out/texts/topics.tsv" > "$out/few.tsv"
$irgan index -q --collection "$out/texts/documents.jsonl" --index "$out/idx" --force
$irgan index -q --collection "$out/texts/documents.jsonl" --index "$out/shards" --shards 2 --force
$irgan synth --collection --out "$out/small" --force 2> /dev/null
$irgan index -q --collection "$out/small/documents.jsonl" --index "$out/small-idx" --force

$irgan synth --queries 100 --documents 1000 --out "$out/pools" --force 2> /dev/null

# Prints the nanoseconds that a command takes.
clocked() {
  local begun
  begun=$(date +%s%N)
  "$@" > "$out/said.txt" 2>&1 || { cat "$out/said.txt" >&2; exit 1; }
  echo $(($(date +%s%N) - begun))
}
# Prints the nanoseconds of a game of so many steps; what stands before the program is the launcher.
steps() { # STEPS THREADS LAUNCHER…
  local count=$1 threads=$2
  shift 2
  # shellcheck disable=SC2086
  clocked "$@" "$seqgan" train -q --threads "$threads" $game --from adversarial --init "$out/base" --rounds 1 --g-steps "$count" --d-epochs 1 \
    --rollouts 16 --out "$out/run" --force
}
# Prints the nanoseconds of a training of so many rounds on pools of 1,000 documents.
rounds() { # ROUNDS THREADS LAUNCHER…
  local count=$1 threads=$2
  shift 2
  clocked "$@" "$irgan" train --pairwise -q --threads "$threads" --train "$out/pools/train.txt" --valid "$out/pools/vali.txt" --hidden 46 \
    --fit-epochs 1 --baselines none --controls none --rounds "$count" --patience 1000 --out "$out/game" --force
}
# Prints the nanoseconds of a search.
topics() { # INDEX FILE THREADS LAUNCHER…
  local index=$1 file=$2 threads=$3
  shift 3
  clocked "$@" "$irgan" search -q --threads "$threads" --index "$out/$index" --queries "$file" -k 1000 --out "$out/$index.run" --force
}
# Prints the nanoseconds of a training over an index.
training() { # THREADS LAUNCHER…
  local threads=$1 texts="$out/small"
  shift
  clocked "$@" "$irgan" train --pairwise -q --threads "$threads" --index "$out/small-idx" --queries "$texts/topics.train.tsv" \
    --qrels "$texts/qrels.train.txt" --out "$out/ranker" --force
}
ranks=(mpirun -n 2 --bind-to none)
echo "| unit | two threads | two ranks | ratio |"
echo "|---|---|---|---|"
for _ in 1 2 3; do
  few=$(steps 2 2) many=$(steps 12 2)
  few_ranks=$(steps 2 1 "${ranks[@]}") many_ranks=$(steps 12 1 "${ranks[@]}")
  awk -v a=$((many - few)) -v b=$((many_ranks - few_ranks)) \
    'BEGIN { printf "| step of the generator | %.2f s | %.2f s | %.2f |\n", a / 1e10, b / 1e10, b / a }'
  few=$(rounds 2 2) many=$(rounds 22 2)
  few_ranks=$(rounds 2 1 "${ranks[@]}") many_ranks=$(rounds 22 1 "${ranks[@]}")
  awk -v a=$((many - few)) -v b=$((many_ranks - few_ranks)) \
    'BEGIN { printf "| round of IRGAN | %.3f s | %.3f s | %.2f |\n", a / 2e10, b / 2e10, b / a }'
  for index in idx shards; do
    few=$(topics "$index" "$out/few.tsv" 2) many=$(topics "$index" "$out/texts/topics.tsv" 2)
    few_ranks=$(topics "$index" "$out/few.tsv" 1 "${ranks[@]}") many_ranks=$(topics "$index" "$out/texts/topics.tsv" 1 "${ranks[@]}")
    awk -v a=$((many - few)) -v b=$((many_ranks - few_ranks)) -v start=$((few - (many - few) / 9)) -v start_ranks=$((few_ranks - (many_ranks - few_ranks) / 9)) -v index_="$index" \
      'BEGIN { printf "| 1,000 topics, %s | %.3f s | %.3f s | %.2f |\n", index_, a / 9e9, b / 9e9, b / a
               printf "| start and end of a search, %s | %.2f s | %.2f s | |\n", index_, start / 1e9, start_ranks / 1e9 }'
  done
  cmp "$out/idx.run" "$out/shards.run"
  threads=$(training 2) by_ranks=$(training 1 "${ranks[@]}")
  awk -v a="$threads" -v b="$by_ranks" 'BEGIN { printf "| training over an index | %.2f s | %.2f s | %.2f |\n", a / 1e9, b / 1e9, b / a }'
done
