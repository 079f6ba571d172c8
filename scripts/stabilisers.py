#!/usr/bin/env python3
"""Each stabiliser alone, and each relative of the reward, on small games: the tables of docs/guide/stabilisers.md.

Tasks: `planted` and `mq2008` (irgan, nDCG@10 on validation data after the last round, not the best one), `oracle` (seqgan, NLL_oracle
after the last round) with a row a stabiliser; `relatives` (seqgan on the same oracles) with a row a reward. A row tells the mean over the
seeds, its change against the plain game, the standard deviation over the seeds, and in how many of them the guard saw a collapse.
`--rows` names the rows to run by a regular expression, beside the plain game, which all are compared with. Finished runs are kept in the
folder OUT and not made again. Needs no package.

Usage: scripts/stabilisers.py [--seeds 1,2,3] [--tasks planted,oracle,relatives] [--size small|usual] [--bin target/release]
                              [--rows REGEX] [--out runs/stabilisers]
       IRGAN_DATA=DIR scripts/stabilisers.py --tasks mq2008     # DIR holds mq2008/Fold1 … Fold5; the first fold
"""
import argparse
import csv
import json
import os
import re
import statistics
import subprocess

RANKING = {
    "plain": [],
    "freeze-d 0.8": ["--freeze-d", "0.8"],
    "freeze-g 0.75": ["--freeze-g", "0.75"],
    "label-smoothing 0.1": ["--label-smoothing", "0.1"],
    "historical-average 0.01": ["--historical-average", "0.01"],
    "historical-average 1": ["--historical-average", "1"],
    "entropy 0 (usual 0.3)": ["--entropy", "0"],
    "reward-baseline none": ["--reward-baseline", "none"],
    "redraw-every 2": ["--redraw-every", "2"],
    "replay 0.5": ["--replay", "0.5"],
}
SENTENCES = {
    "plain": [],
    "freeze-d 0.6": ["--freeze-d", "0.6"],
    "freeze-g 0.55": ["--freeze-g", "0.55"],
    "label-smoothing 0.1": ["--label-smoothing", "0.1"],
    "historical-average 0.01": ["--historical-average", "0.01"],
    "historical-average 1": ["--historical-average", "1"],
    "entropy 0.01": ["--entropy", "0.01"],
    "rollout-rate 0.8": ["--rollout-rate", "0.8"],
    "reward-baseline none": ["--reward-baseline", "none"],
    "reward-baseline critic": ["--reward-baseline", "critic"],
    "credit critic": ["--credit", "critic"],
    "replay 0.5": ["--replay", "0.5"],
    "d-target 0.5": ["--d-target", "0.5"],
    "d-target 0.9": ["--d-target", "0.9"],
    "minibatch-features 16,8": ["--minibatch-features", "16,8"],
    "batch-norm": ["--batch-norm"],
}
DISCRIMINATOR = ["--judge", "discriminator"]
RELATIVES = {
    "rival": [],
    "rival, exact": ["--judge", "rival", "--credit", "exact"],
    "mediator (CoT)": ["--judge", "mediator"],
    "SeqGAN, rollouts": DISCRIMINATOR,
    "SeqGAN, critic": DISCRIMINATOR + ["--credit", "critic"],
    "SeqGAN, sentence": DISCRIMINATOR + ["--credit", "sentence"],
    "MaliGAN, rollouts": DISCRIMINATOR + ["--reward-form", "maligan", "--reward-baseline", "constant:1"],
    "MaliGAN, sentence": DISCRIMINATOR
    + ["--reward-form", "maligan", "--reward-baseline", "constant:1", "--credit", "sentence"],
    "SentiGAN, rollouts": DISCRIMINATOR + ["--reward-form", "sentigan", "--reward-baseline", "none"],
    "RankGAN, rollouts": ["--judge", "ranker"],
    "RankGAN, sentence": ["--judge", "ranker", "--credit", "sentence"],
    "PG-BLEU": ["--judge", "bleu", "--credit", "rollouts"],
}
ORACLE = {
    "small": "--vocab 200 --steps 10 --sentences 2000 --held-out 500 --mle-epochs 20 --rounds 4 --g-steps 10 --rollouts 2 "
    "--evaluate-on 1000",
    "usual": "--vocab 1000 --rollouts 4",
}
ROUNDS = {"small": "30", "usual": "120"}


def run(program, arguments, folder):
    """Makes a run unless it is finished, and returns what it said."""
    said = folder + ".said"
    if not os.path.exists(os.path.join(folder, "results.json")) or not os.path.exists(said):
        command = [program, "train", *arguments, "--out", folder, "--force", "--on-collapse", "ignore", "--threads", "1"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(" ".join(command) + "\n" + done.stderr[-2000:])
        with open(said, "w") as file:
            file.write(done.stdout + done.stderr)
    with open(said) as file:
        return file.read()


def last(folder, metric):
    """Returns the value of a metric after the last round of the game."""
    with open(os.path.join(folder, "metrics.csv")) as file:
        values = [row for row in csv.DictReader(file) if row["phase"] == "adversarial" and row["metric"] == metric]
    return float(values[-1]["value"])


def summary(values):
    return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else float("nan")


def collapsed(said):
    return bool(re.search(r"collapse, round \d+", said))


def chosen(rows, pattern):
    """Returns the rows whose names the pattern is found in, and the plain game."""
    return {name: flags for name, flags in rows.items() if name == "plain" or re.search(pattern, name)}


def table(task, rows, seeds, of_run, measure):
    """Prints the table of a task; `of_run(flags, seed, folder)` returns the end measure and what the run said."""
    print(f"\n### {task}: {measure}, seeds {', '.join(map(str, seeds))}\n", flush=True)
    print("| game | mean | change | deviation | change of it | collapses |\n|---|---|---|---|---|---|", flush=True)
    plain = None
    for name, flags in rows.items():
        found = [of_run(flags, seed, f"{task}-{re.sub('[^a-z0-9.]+', '-', name.lower())}-{seed}") for seed in seeds]
        mean, deviation = summary([value for value, _ in found])
        plain = plain or (mean, deviation)
        collapses = sum(collapsed(said) for _, said in found)
        spread = f"{deviation:.4f} | {deviation - plain[1]:+.4f}" if len(seeds) > 1 else "– | –"
        change = f"{mean - plain[0]:+.4f}"
        print(f"| {name} | {mean:.4f} | {change} | {spread} | {collapses} of {len(seeds)} |", flush=True)


def relatives(rows, seeds, of_run):
    """Prints NLL_oracle and NLL_test of every reward at τ 1, and the gain over maximum likelihood's temperature curve."""
    print(f"\n### relatives: means over seeds {', '.join(map(str, seeds))}\n", flush=True)
    print("| reward | NLL_oracle | NLL_test | best gain of NLL_oracle at equal NLL_test | collapses |\n|---|---|---|---|---|")
    for position, (name, flags) in enumerate(rows.items()):
        runs = [of_run(flags, seed, f"relatives-{re.sub('[^a-z0-9.]+', '-', name.lower())}-{seed}") for seed in seeds]
        if position == 0:
            row("maximum likelihood", [of_curve(results, "mle") for results, _ in runs], None, "")
        gains = [re.search(r"gan against mle.*gain ([+-][0-9.]+)", " | ".join(results["notes"])) for results, _ in runs]
        gains = [float(gain.group(1)) if gain else float("nan") for gain in gains]
        collapses = f"{sum(collapsed(said) for _, said in runs)} of {len(seeds)}"
        row(name, [of_curve(results, "gan") for results, _ in runs], gains, collapses)


def of_curve(results, name):
    points = next(curve["points"] for curve in results["curves"] if curve["name"] == name)
    point = next(point for point in points if abs(point["temperature"] - 1.0) < 1e-6)
    return point["nll_oracle"], point["nll_test"]


def row(name, points, gains, collapses):
    oracle, test = (statistics.mean(values) for values in zip(*points))
    known = [gain for gain in gains or [] if gain == gain]
    none = "" if gains is None else "nowhere better"
    gain = f"{statistics.mean(known):+.4f} ({len(known)} of {len(gains)} seeds)" if known else none
    print(f"| {name} | {oracle:.4f} | {test:.4f} | {gain} | {collapses} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--tasks", default="planted,oracle,relatives")
    parser.add_argument("--size", default="usual", choices=list(ORACLE))
    parser.add_argument("--bin", default="target/release")
    parser.add_argument("--rows", default="", help="regular expression of the rows to run")
    parser.add_argument("--out", default="runs/stabilisers")
    args = parser.parse_args()
    ranked, judged_rows, rewards = (chosen(rows, args.rows) for rows in (RANKING, SENTENCES, RELATIVES))
    seeds = [int(seed) for seed in args.seeds.split(",")]
    irgan, seqgan = os.path.join(args.bin, "irgan"), os.path.join(args.bin, "seqgan")
    os.makedirs(args.out, exist_ok=True)

    def ranking(data):
        def of_run(flags, seed, name):
            folder = os.path.join(args.out, name)
            game = ["--rounds", ROUNDS[args.size], "--patience", "100000", "--baselines", "none", "--controls", "none"]
            said = run(irgan, ["--pairwise", "--seed", str(seed), *game, *data, *flags], folder)
            return last(folder, "g"), said

        return of_run

    def sentences(flags, seed, name):
        folder = os.path.join(args.out, name)
        game = ["--ensemble", "1", "--controls", "none", *ORACLE[args.size].split()]
        said = run(seqgan, ["--seed", str(seed), "--data-seed", str(seed), *game, *flags], folder)
        return folder, said

    def judged(flags, seed, name):
        folder, said = sentences(DISCRIMINATOR + flags, seed, name)
        return last(folder, "nll-oracle"), said

    def rewarded(flags, seed, name):
        folder, said = sentences(flags, seed, name)
        with open(os.path.join(folder, "results.json")) as file:
            return json.load(file), said

    for task in args.tasks.split(","):
        if task == "planted":
            table(task, ranked, seeds, ranking([]), "the generator's nDCG@10 after the last round")
        elif task == "mq2008":
            fold = os.path.join(os.environ["IRGAN_DATA"], "mq2008", "Fold1")
            data = ["--train", os.path.join(fold, "train.txt"), "--valid", os.path.join(fold, "vali.txt")]
            table(task, ranked, seeds, ranking(data), "the generator's nDCG@10 after the last round")
        elif task == "oracle":
            table(task, judged_rows, seeds, judged, "NLL_oracle after the last round (smaller is better)")
        elif task == "relatives":
            relatives(rewards, seeds, rewarded)
        else:
            raise SystemExit(f"task {task}: expected planted, mq2008, oracle or relatives")


if __name__ == "__main__":
    main()
