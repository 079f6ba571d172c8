#!/usr/bin/env bash
# Regenerates the MovieLens-100k tables of docs/results.md, on the IRGAN authors' split: first the two models that
# the authors published, then baselines and IRGAN. Nothing but the training file chooses anything.
# Usage: IRGAN_DATA=FOLDER_WITH_movielens-100k scripts/movielens.sh [OUT]      (IRGAN_BIN: a program built before)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${IRGAN_DATA:?the folder that holds movielens-100k/}/movielens-100k
out=${1:-runs/movielens}
if [ -z "${IRGAN_BIN:-}" ]; then
  cargo build --release --quiet
  IRGAN_BIN=target/release/irgan
fi
irgan=$IRGAN_BIN
train=$data/movielens-100k-train.txt
mkdir -p "$out"
$irgan qrels --ratings "$data/movielens-100k-test.txt" --out "$out/test.qrels" 2>/dev/null

test_of() { # RUN...
  $irgan eval "$out/test.qrels" "$@" --protocol irgan -m P@5 -m nDCG@5 -m AP -m RR --format markdown 2>/dev/null
}

rank() { # MODEL NAME FLAGS...
  local model=$1 name=$2
  shift 2
  $irgan rank --model "$model" --ratings "$train" -k 2000 --out "$out/$name.run" "$@" 2>/dev/null
}

printf '## The models that the authors published\n\n'
rank "$data/model_dns_ori_npy" authors-dns
rank "$data/gan_generator_npy" authors-irgan
test_of "$out/authors-dns.run" "$out/authors-irgan.run"

printf '\n## Closed forms by their defaults, then with settings drawn 15 times each on validation data; fitted on all training positives\n\n'
closed() { # NAME FLAGS...
  local name=$1
  shift
  $irgan train --method ease --baselines pop,itemknn,puresvd,ials --ratings "$train" --out "$out/$name" --force --quiet "$@" 2>/dev/null
  rank "$out/$name" "$name-ease"
  for method in pop itemknn puresvd ials; do rank "$out/$name/baselines/$method" "$name-$method"; done
}
closed default
closed tuned --tune 15
test_of "$out"/{default,tuned}-{pop,itemknn,puresvd,ease,ials}.run

printf '\n## BPR and DNS, settings drawn 15 times each on validation data, three seeds\n\n'
for seed in 1 2 3; do
  for method in bpr dns; do
    $irgan train --method "$method" --tune 15 --seed "$seed" --baselines none --ratings "$train" \
      --out "$out/$method-$seed" --force --quiet 2>/dev/null
    rank "$out/$method-$seed" "$method-$seed"
  done
done
test_of "$out"/{bpr,dns}-{1,2,3}.run

for seed in 1 2 3; do
  printf '\n## IRGAN by our own settings, seed %s\n\n' "$seed"
  $irgan train --pairwise --seed "$seed" --ratings "$train" \
    --out "$out/ours-$seed" --force --quiet 2>/dev/null
  for player in g d both; do rank "$out/ours-$seed" "ours-$seed-$player" --player "$player"; done
done
test_of "$out"/ours-{1,2,3}-{g,d,both}.run

printf '\n## IRGAN by the authors settings, from their DNS model\n\n'
authors() { # NAME FLAGS...
  local name=$1
  shift
  $irgan train --pointwise --preset authors --init-model "$data/model_dns_ori_npy" --init none \
    --baselines none --controls none --ratings "$train" --out "$out/$name" --force --quiet "$@" 2>/dev/null
  for player in g both; do rank "$out/$name" "$name-$player" --player "$player"; done
}
authors authors-refit
authors authors-15 --refit false --valid-share 0.05
authors authors-28 --refit false --valid-share 0.02 --rounds 28
test_of "$out"/authors-{refit,15,28}-{g,both}.run
