#!/usr/bin/env bash
# One model against a bag of five (`--bag 5`) on MQ2008, with all and a tenth of the training positives, and on Cranfield, CISI and NPL:
# five folds, three seeds, by default settings; the table of each, and a paired test seed by seed.
# Usage: IRGAN_DATA=DIR scripts/bags.sh [OUT]      (IRGAN_BIN: a program built before; SETS: some of the sets)
# DIR/mq2008, DIR/cranfield, DIR/cisi and DIR/npl as datasets/README.md lays them out.
set -euo pipefail
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds mq2008, cranfield, cisi and npl}"
out="${1:-runs/bags}"
if [ -z "${IRGAN_BIN:-}" ]; then
  cargo build --release --locked --quiet --bin irgan
  IRGAN_BIN=target/release/irgan
fi
irgan=$IRGAN_BIN
mkdir -p "$out"

# Sets `source` to the flags of a data set; makes its index.
of_set() { # NAME
  case "$1" in
    mq2008) source=(--folds "$data/mq2008") ;;
    mq2008-0.1) source=(--folds "$data/mq2008" --observed 0.1) ;;
    cranfield)
      $irgan index --quiet --force --collection "$data/cranfield/cran.all.1400" --index "$out/index-$1"
      source=(--queries "$data/cranfield/cran.qry" --query-ids by-position --qrels "$data/cranfield/cran.qrels"
        --grades 1=4,2=3,3=2,4=1,5=0,-1=0 --index "$out/index-$1" --folds 5)
      ;;
    cisi)
      $irgan index --quiet --force --collection "$data/cisi/CISI.ALL" --index "$out/index-$1"
      source=(--queries "$data/cisi/CISI.QRY" --qrels "$data/cisi/qrels.txt" --index "$out/index-$1" --folds 5)
      ;;
    npl)
      $irgan index --quiet --force --collection "$data/npl/docs.tsv" --format tsv --index "$out/index-$1"
      source=(--queries "$data/npl/topics.tsv" --qrels "$data/npl/qrels.txt" --index "$out/index-$1" --folds 5)
      ;;
  esac
}

for name in ${SETS:-mq2008 mq2008-0.1 cranfield cisi npl}; do
  of_set "$name"
  for bag in 1 5; do
    folder="$out/$name-$bag"
    printf '\n## %s, %s model(s)\n\n' "$name" "$bag"
    $irgan cv --pairwise "${source[@]}" --bag "$bag" --seeds 3 --baselines mle,lambdarank --format markdown \
      --out "$folder" --force 2>"$folder.log"
  done
  printf '\n## %s, a bag against one model, seed by seed\n\n' "$name"
  for seed in 1 2 3; do
    for ranker in irgan-pairwise irgan-pairwise-both mle lambdarank; do
      cp "$out/$name-5/$ranker-$seed.run" "$out/$name-5/bag-of-$ranker-$seed.run"
      $irgan compare "$out/$name-1/qrels.txt" "$out/$name-1/$ranker-$seed.run" "$out/$name-5/bag-of-$ranker-$seed.run" \
        -m nDCG@10 -m AP --format markdown
    done
  done
done
