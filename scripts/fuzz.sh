#!/usr/bin/env bash
# Fuzzes the readers for MINUTES in all by cargo-fuzz with its address sanitizer; needs a nightly toolchain.
# Usage: scripts/fuzz.sh MINUTES [TARGET ...]      targets: those of fuzz/src/targets.rs, all without a name
# Prints a line for each target: inputs run, places of the code reached, largest memory in MB, findings. An input of more
# than 1 GB of memory or 20 seconds is a finding as a panic is. Findings stay in fuzz/artifacts/TARGET, logs in fuzz/logs.
# Exit status 1 when there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:?usage: scripts/fuzz.sh MINUTES [TARGET ...]}
shift
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
cargo build --release --locked
cargo +nightly fuzz build --fuzz-dir fuzz
programs=$(dirname "$(ls -t fuzz/target/*/release/read target/*/release/read 2>/dev/null | head -1)")

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
all=$("$programs/prepare" "$folder" target/release/irgan target/release/seqgan)
read -ra targets <<<"${*:-${all//$'\n'/ }}"
seconds=$((minutes * 60 / ${#targets[@]}))
mkdir -p fuzz/logs
found=0
printf '%-26s %12s %8s %6s %9s\n' target inputs reached MB findings
for target in "${targets[@]}"; do
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
    FUZZ_TARGET=$target FUZZ_FOLDER=$folder TMPDIR=/dev/shm "$programs/read" "fuzz/corpus/$target" "$folder/seeds/$target" \
        -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=20000 -close_fd_mask=1 \
        -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1 >"fuzz/logs/$target.txt" 2>&1 || true
    findings=$(find "fuzz/artifacts/$target" -type f | wc -l)
    found=$((found + findings))
    printf '%-26s %12s %8s %6s %9s\n' "$target" \
        "$(awk '/stat::number_of_executed_units/ {print $2}' "fuzz/logs/$target.txt")" \
        "$(awk '/ cov: / {for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1)} END {print c}' "fuzz/logs/$target.txt")" \
        "$(awk '/stat::peak_rss_mb/ {print $2}' "fuzz/logs/$target.txt")" "$findings"
done
[ "$found" -eq 0 ]
