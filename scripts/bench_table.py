#!/usr/bin/env python3
"""Prints one table of criterion's results: unit, size, time, and the ratio to the matrix products of the same unit alone.

A bench `GROUP/UNIT products alone/SIZE` is the limit of `GROUP/UNIT…/SIZE`. Needs no package.

Usage: scripts/bench_table.py target/criterion [--since FILE] [--peers FILE]     # with --since only results newer than the file

The file of peers is CSV: group, unit, seconds of the same unit by another program on the same machine, its name.
"""
import argparse
import csv
import json
import os
import platform

ALONE = " products alone"


def results(folder, since):
    """Yields (group, unit, size, seconds, half of the 95 % interval)."""
    for path, _, files in sorted(os.walk(folder)):
        if os.path.basename(path) != "new" or "estimates.json" not in files:
            continue
        if since and os.path.getmtime(os.path.join(path, "estimates.json")) < os.path.getmtime(since):
            continue
        with open(os.path.join(path, "benchmark.json")) as file:
            described = json.load(file)
        group, unit = described["group_id"], described["function_id"]
        with open(os.path.join(path, "estimates.json")) as file:
            mean = json.load(file)["mean"]
        interval = mean["confidence_interval"]
        half = (interval["upper_bound"] - interval["lower_bound"]) / 2
        name, _, size = unit.partition("/")
        yield group, name, size, mean["point_estimate"] / 1e9, half / 1e9


def time(seconds):
    for unit, factor in [("s", 1), ("ms", 1e3), ("µs", 1e6)]:
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def processor():
    with open("/proc/cpuinfo") as file:
        lines = file.read()
    name = next((line.split(": ")[1] for line in lines.split("\n") if line.startswith("model name")), platform.machine())
    return name, "AVX-512" if "avx512f" in lines else "AVX2" if "avx2" in lines else "neither AVX2 nor AVX-512"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--since")
    parser.add_argument("--peers")
    args = parser.parse_args()
    found = list(results(args.folder, args.since))
    if not found:
        raise SystemExit(f"{args.folder}: no results; run `cargo bench` first")
    peers = {}
    if args.peers:
        with open(args.peers, newline="") as file:
            peers = {(group, unit): (float(seconds), name) for group, unit, seconds, name in csv.reader(file)}
    unknown = set(peers) - {(group, name) for group, name, *_ in found}
    if unknown:
        raise SystemExit(f"{args.peers}: no bench is called {sorted(unknown)[0]}; groups and units are those of the table")
    limits = {(group, name[: -len(ALONE)]): seconds for group, name, _, seconds, _ in found if name.endswith(ALONE)}
    print("{}, {} threads, {}\n".format(processor()[0], os.cpu_count(), processor()[1]))
    print("| unit | size | time | products alone | ratio | peer |\n|---|---|---|---|---|---|")
    for group, name, size, seconds, half in found:
        if name.endswith(ALONE):
            continue
        limit = limits.get((group, name.split(" ")[0]))
        compared = f"{time(limit)} | {seconds / limit:.2f}" if limit else " | "
        peer = ""
        if (group, name) in peers:
            other, who = peers[group, name]
            peer = f"{time(other)}, {who}: {other / seconds:.2g} times as long"
        print(f"| {group}: {name} | {size} | {time(seconds)} ± {100 * half / seconds:.0f} % | {compared} | {peer} |")


if __name__ == "__main__":
    main()
