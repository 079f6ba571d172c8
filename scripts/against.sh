#!/usr/bin/env bash
# The default training against one with FLAGS more on MQ2008, with all and a tenth of the training positives, and on Cranfield, CISI and
# NPL: five folds, three seeds; the table of each, and a paired test seed by seed.
# Usage: IRGAN_DATA=DIR scripts/against.sh FLAG…     such as --bag 5, or --replay 0.5
# (IRGAN_BIN: a program built before; OUT: folder of the runs; SETS: some of the sets; THREADS; BASELINES: trained beside)
# DIR/mq2008, DIR/cranfield, DIR/cisi and DIR/npl as datasets/README.md lays them out.
set -euo pipefail
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds mq2008, cranfield, cisi and npl}"
out="${OUT:-runs/against}"
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

baselines=${BASELINES:-mle,lambdarank}
rankers="irgan-pairwise irgan-pairwise-both"
[ "$baselines" = none ] || rankers="$rankers ${baselines//,/ }"
# Trains on the set of `source` and prints the table.
trained() { # FOLDER FLAGS…
  local folder=$1
  shift
  $irgan cv --pairwise "${source[@]}" "$@" --seeds 3 --baselines "$baselines" --threads "${THREADS:-2}" --format markdown --out "$folder" \
    --force 2> "$folder.log"
}

for name in ${SETS:-mq2008 mq2008-0.1 cranfield cisi npl}; do
  of_set "$name"
  printf '\n## %s\n\n' "$name"
  [ -f "$out/$name-default/qrels.txt" ] || trained "$out/$name-default"
  printf '\n## %s, %s\n\n' "$name" "$*"
  trained "$out/$name-flags" "$@"
  printf '\n## %s, %s against the default, seed by seed\n\n' "$name" "$*"
  for seed in 1 2 3; do
    for ranker in $rankers; do
      cp "$out/$name-flags/$ranker-$seed.run" "$out/$name-flags/flags-$ranker-$seed.run"
      $irgan compare "$out/$name-default/qrels.txt" "$out/$name-default/$ranker-$seed.run" "$out/$name-flags/flags-$ranker-$seed.run" \
        -m nDCG@10 -m AP --format markdown
    done
  done
done
