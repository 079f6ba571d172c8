#!/usr/bin/env bash
# From documents to judged queries to a trained ranker, through the page of `irgan serve` in a real browser: Cranfield's documents, its
# judgements replayed by keys, the training command that the page shows, and nDCG@10 before and after on the queries that were not judged.
# usage: serve_journey.sh CRANFIELD OUT [QUERIES]    (folder of cran.all.1400, cran.qry, cran.qrels; a new folder; 50)
# Needs irgan on the path, chromium (or $CHROMIUM), node, and puppeteer-core where node finds it ($NODE_PATH).
set -euo pipefail
data=$(realpath "$1") out=$2 count=${3:-50}
scripts=$(realpath "$(dirname "$0")")
mkdir -p "$out/pictures" && cd "$out"

irgan index --collection "$data/cran.all.1400" --index idx -q
irgan qrels --judgements "$data/cran.qrels" --grades 1=4,2=3,3=2,4=1,5=0,-1=0 --out all.qrels
# Queries by their place, as the judgements count them; every fourth is judged until there are enough.
tr -d '\r' <"$data/cran.qry" | awk '/^\.I/ { if (text != "") print n "\t" text; n += 1; text = ""; next } /^\.W/ { next } { text = text " " $0 } END { print n "\t" text }' \
  >topics.tsv
awk -v count="$count" 'NR % 4 == 1 && n < count { print $1; n += 1 }' topics.tsv >ids
awk 'NR == FNR { judged[$1] = 1; next } !($1 in judged)' ids topics.tsv >others.tsv
awk 'NR == FNR { judged[$1] = 1; next } !($1 in judged)' ids all.qrels >others.qrels

# Starts `irgan serve` and waits until it listens; sets $url and $server.
serve() {
  rm -f listening
  irgan serve --port 0 "$@" >listening 2>>serve.log &
  server=$!
  until grep -q listening listening; do kill -0 $server; sleep 0.1; done
  url=$(sed 's/listening on //' listening)
}
stop() { kill $server; wait $server || true; }

serve --index idx --judgements mine.qrels --queries topics.tsv --pool-depth "${DEPTH:-20}" --pool-random 5
trap stop EXIT
node "$scripts/serve_journey.cjs" "$url" all.qrels ids pictures
command=$(curl -s "$url/judge" | grep -o '<code>irgan train [^<]*' | sed 's/<code>//' | head -1)
stop

# Every judgement is what was pressed: the grade of the file, or 0 of a document that it does not have.
awk 'NR == FNR { grade[$1 " " $3] = $4; next } { expected = ($1 " " $3 in grade) ? grade[$1 " " $3] : 0; if ($4 != expected) { print; wrong += 1 } }
  END { print NR - FNR_first " lines, " wrong + 0 " of them wrong"; exit wrong > 0 }' FNR_first="$(wc -l <all.qrels)" all.qrels mine.qrels

echo "$command"
$command -q
model=${command##* }
irgan search --index idx --queries others.tsv -k 1000 --out bm25.run
irgan rank --model "$model" --index idx --queries others.tsv --out trained.run -q
irgan compare others.qrels bm25.run trained.run -m nDCG@10 -m AP

serve --index idx --model "$model" --judgements mine.qrels --queries topics.tsv
PICTURES_ONLY=1 OPEN=2 node "$scripts/serve_journey.cjs" "$url" all.qrels ids pictures
