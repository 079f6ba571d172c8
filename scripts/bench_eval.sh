#!/bin/sh
# Times `irgan eval` on 7,000 queries × 1,000 documents (about 265 MB) with five measures, one core.
#
#     scripts/bench_eval.sh [folder]        (default: a temporary folder, removed afterwards)
#
# The files are the same on every machine: awk makes them from counters. If trec_eval is on the
# PATH it is timed on the same files.
set -eu
folder=${1:-$(mktemp -d)}
[ $# -gt 0 ] || trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"
if [ ! -s "$folder/run" ]; then
    awk -v folder="$folder" 'BEGIN {
        for (q = 1; q <= 7000; q++)
            for (d = 1; d <= 1000; d++) {
                id = (q * 7919 + d * 104729) % 8841823
                printf "%d Q0 %07d %d %.6f bm25\n", 1000000 + q, id, d, 30 - d * 0.017 > (folder "/run")
                if (d % 20 == 3) printf "%d 0 %07d %d\n", 1000000 + q, id, int((d + q) / 20) % 4 > (folder "/qrels")
            }
    }'
fi
ls -l "$folder/run" "$folder/qrels"
cargo build --release --bin irgan
cat "$folder/run" "$folder/qrels" > /dev/null # warm page cache
for _ in 1 2 3 4 5; do
    RAYON_NUM_THREADS=1 bash -c "time ./target/release/irgan eval '$folder/qrels' '$folder/run' \
        -m nDCG@10 -m P@10 -m AP -m RR -m R@1000"
done
if command -v trec_eval > /dev/null; then
    bash -c "time trec_eval -m ndcg_cut.10 -m P.10 -m map -m recip_rank -m recall.1000 '$folder/qrels' '$folder/run'"
fi
