#!/usr/bin/env bash
# A training by two ranks on two hosts that are network namespaces of this machine, joined by a virtual cable: one rank is killed
# (SIGKILL), the training resumes, and its files are compared with those of a training alone. Needs root, ip, unshare and Open MPI.
# SEQGAN names a program with the feature mpi; otherwise target/release/seqgan is built with it.
# Usage: scripts/two_hosts.sh [OUT]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/two-hosts}
if [ -z "${SEQGAN:-}" ]; then
  cargo build --release --locked --quiet --features mpi --bin seqgan
  SEQGAN=target/release/seqgan
fi
seqgan=$(realpath "$SEQGAN")
mkdir -p "$out"
out=$(realpath "$out")
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1

# Hosts a and b, with an address each.
cleaned() { ip netns delete irgan-a 2>/dev/null || true; ip netns delete irgan-b 2>/dev/null || true; }
cleaned
trap cleaned EXIT
ip netns add irgan-a
ip netns add irgan-b
ip link add irgan-va netns irgan-a type veth peer name irgan-vb netns irgan-b
for host in a:1 b:2; do
  name=${host%:*}
  ip netns exec "irgan-$name" ip address add "10.9.0.${host#*:}/24" dev "irgan-v$name"
  ip netns exec "irgan-$name" ip link set "irgan-v$name" up
  ip netns exec "irgan-$name" ip link set lo up
done

# In the place of ssh: what mpirun asks of the other host is run in its namespace.
printf '#!/bin/sh\nshift\nexec ip netns exec irgan-b unshare --uts sh -c "hostname irgan-b; $*"\n' > "$out/agent"
chmod +x "$out/agent"
on_two_hosts() { # ARGUMENTS OF seqgan
  # shellcheck disable=SC2016
  ip netns exec irgan-a unshare --uts sh -c 'hostname irgan-a; exec mpirun "$@"' sh \
    --mca plm_rsh_agent "$out/agent" --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include 10.9.0.0/24 \
    --mca oob_tcp_if_include 10.9.0.0/24 --host 10.9.0.1:1,10.9.0.2:1 -n 2 --bind-to none "$seqgan" "$@"
}

training=(--vocab 50 --sentences 500 --held-out 100 --steps 8 --judge discriminator --credit rollouts --mle-epochs 3 --rounds 60
  --g-steps 3 --threads 1 --controls none --ensemble 1 --checkpoint-every 1 --quiet)
"$seqgan" train "${training[@]}" --out "$out/alone" --force >/dev/null

on_two_hosts train "${training[@]}" --out "$out/hosts" --force >"$out/killed.log" 2>&1 &
running=$!
until [ "$(grep -c '^adversarial,2[0-9],d-loss' "$out/hosts/metrics.csv" 2>/dev/null)" -gt 0 ] 2>/dev/null; do sleep 0.1; done
for process in $(pgrep -x seqgan); do
  if [ "$(ip netns identify "$process")" = irgan-b ]; then kill -KILL "$process"; fi
done
code=0
wait "$running" || code=$?
echo "the rank of host b is killed after round $(tail -n 1 "$out/hosts/metrics.csv" | cut -d, -f2) of 60: mpirun exits with $code"
on_two_hosts train --resume "$out/hosts" --quiet >/dev/null
for file in generator.safetensors metrics.csv results.json; do
  cmp "$out/alone/$file" "$out/hosts/$file"
  echo "$file: equal to that of a training alone"
done
