#!/usr/bin/env bash
# Re-ranking of Cranfield, CISI, NPL and NFCorpus (docs/results.md): five folds by query on three, development to test queries on
# the last, three seeds; Cranfield and NFCorpus again with a quarter and a tenth of the training positives.
# Usage: IRGAN_DATA=DIR scripts/texts.sh [OUT]      (IRGAN_BIN: a program built before)
# DIR/cranfield, DIR/cisi, DIR/npl and DIR/nfcorpus as datasets/README.md lays them out.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."
data="${IRGAN_DATA:?set IRGAN_DATA to the folder that holds cranfield, cisi, npl and nfcorpus}"
out="${1:-runs/texts}"
if [ -z "${IRGAN_BIN:-}" ]; then
  cargo build --release --locked --quiet --bin irgan
  IRGAN_BIN=target/release/irgan
fi
irgan=$IRGAN_BIN
mkdir -p "$out"
grades=1=4,2=3,3=2,4=1,5=0,-1=0
baselines=mle,lambdarank

# What is asked of a share of the training positives: flags and modes.
share() { [[ "$1" == 1 ]] || printf -- '--observed %s' "$1"; }
modes() { [[ "$1" == 1 ]] && echo pairwise pointwise || echo pairwise; }

echo "== Cranfield"
cran="$data/cranfield"
$irgan index --quiet --force --collection "$cran/cran.all.1400" --index "$out/cranfield"
cranfield=(--index "$out/cranfield" --queries "$cran/cran.qry" --query-ids by-position
  --qrels "$cran/cran.qrels" --grades "$grades" --folds 5)
for observed in ${OBSERVED:-1 0.25 0.1}; do
  for mode in $(modes "$observed"); do
    folder="$out/cranfield-$mode-$observed"
    echo "-- $mode, $observed of the training positives"
    $irgan cv "--$mode" "${cranfield[@]}" $(share "$observed") --seeds 3 --baselines "$baselines" \
      --out "$folder" --force 2>"$folder.log"
  done
done
for observed in ${OBSERVED:-1 0.25 0.1}; do
  folder="$out/cranfield-pairwise-$observed"
  echo "-- $observed of the training positives: against tuned BM25 with seed 1, then against it and maximum likelihood seed by seed"
  $irgan compare "$folder/qrels.txt" "$folder"/bm25-1.run "$out/cranfield"-p*wise-"$observed"/irgan-p*wise-1.run \
    "$folder"/{bm25-rm3,lambdarank,mle}-1.run -m nDCG@10
  for seed in 1 2 3; do
    for base in bm25 mle; do
      $irgan compare "$folder/qrels.txt" "$folder"/{"$base",irgan-pairwise}-"$seed".run -m nDCG@10
    done
  done
done

echo "== CISI and NPL"
npl="$data/npl" cisi="$data/cisi"
$irgan index --quiet --force --collection "$cisi/CISI.ALL" --index "$out/cisi"
$irgan index --quiet --force --collection "$npl/docs.tsv" --format tsv --index "$out/npl"
for name in cisi npl; do
  topics=$cisi/CISI.QRY
  [ $name = cisi ] || topics=$npl/topics.tsv
  folder="$out/$name-pairwise"
  $irgan cv --pairwise --index "$out/$name" --queries "$topics" --qrels "$data/$name/qrels.txt" --folds 5 --seeds 3 \
    --baselines "$baselines" --out "$folder" --force 2>"$folder.log"
  $irgan compare "$folder/qrels.txt" "$folder"/{bm25-rm3,irgan-pairwise,mle,lambdarank}-1.run -m nDCG@10,AP
done

echo "== NFCorpus"
nf="$data/nfcorpus"
for part in dev test; do
  $irgan index --quiet --force --collection "$nf/all_docs/$part.docs" --format tsv --index "$out/nf-$part"
done
test=(--index "$out/nf-test" --queries "$nf/all_queries/test.all.queries")
qrels="$nf/all_qrels/3-2-1/test.3-2-1.qrel"
# The retrieval's own parameters are tuned on the training queries by `train`; the tuned BM25 is its first feature.
for observed in ${OBSERVED:-1 0.25 0.1}; do
  for seed in 1 2 3; do
    for mode in $(modes "$observed"); do
      folder="$out/nf-$mode-$observed-$seed"
      $irgan train "--$mode" --seed "$seed" $(share "$observed") --index "$out/nf-dev" \
        --queries "$nf/all_queries/dev.all.queries" --qrels "$nf/all_qrels/3-2-1/dev.3-2-1.qrel" \
        --baselines "$baselines" --out "$folder" --force >"$folder.log" 2>&1
      $irgan rank --model "$folder" "${test[@]}" --out "$folder.run" 2>/dev/null
    done
    for method in ${baselines//,/ }; do
      $irgan rank --model "$out/nf-pairwise-$observed-$seed/baselines/$method" "${test[@]}" \
        --out "$out/nf-$method-$observed-$seed.run" 2>/dev/null
    done
    read -r k1 b < <(sed -n 's/^tuned.*BM25 k1 \([0-9.]*\) b \([0-9.]*\),.*/\1 \2/p' "$out/nf-pairwise-$observed-$seed.log")
    $irgan search --quiet --force "${test[@]}" -k 1000 --k1 "$k1" --b "$b" --out "$out/nf-bm25-$observed-$seed.run"
    $irgan search --quiet --force "${test[@]}" -k 1000 --k1 "$k1" --b "$b" --feedback --out "$out/nf-bm25-rm3-$observed-$seed.run"
  done
  echo "-- $observed of the training positives"
  $irgan eval "$qrels" "$out"/nf-{pairwise,pointwise,mle,lambdarank,bm25,bm25-rm3}-"$observed"-[123].run 2>/dev/null
  echo "-- against tuned BM25 and against maximum likelihood, seed by seed"
  for seed in 1 2 3; do
    for base in bm25 mle; do
      $irgan compare "$qrels" "$out"/nf-{"$base",pairwise}-"$observed-$seed".run -m nDCG@10
    done
  done
done
$irgan compare "$qrels" "$out"/nf-bm25-1-1.run "$out"/nf-{bm25-rm3,pairwise,pointwise,lambdarank,mle}-1-1.run -m nDCG@10
