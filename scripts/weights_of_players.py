"""Weights of EASE and iALS together on MovieLens-100k: one split against several, without the test file, for docs/results.md.

Needs numpy. Usage: IRGAN_BIN=target/release/irgan python scripts/weights_of_players.py TRAINING_FILE OUT
Holds a fifth of every user's positives (4 and more) out, six times. From the rest `irgan train` chooses a weight of the discriminator by
one split and trains both players again; a curve has nDCG@5 of the held-out positives by weight. Prints the mean of the held-out
fifths for the weights of one split, for equal weights, and for those that the five other fifths choose.
"""
import collections
import os
import random
import subprocess
import sys
from math import log2
from pathlib import Path

import numpy as np

ratings, out = Path(sys.argv[1]).read_text().splitlines(), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def divide(seed):
    """Writes the lines that stay; returns the held-out items of every user."""
    rng, by_user = random.Random(seed), collections.defaultdict(list)
    for line, (user, item, rating) in enumerate(line.split()[:3] for line in ratings):
        if float(rating) >= 4:
            by_user[user].append(line)
    held = set()
    for lines in by_user.values():
        rng.shuffle(lines)
        held |= set(lines[:len(lines) // 5])
    (out / f"rest-{seed}.txt").write_text("".join(f"{text}\n" for line, text in enumerate(ratings) if line not in held))
    items = collections.defaultdict(set)
    for line in held:
        user, item = ratings[line].split()[:2]
        items[user].add(item)
    return items


def scores(seed, player):
    """Scores of every item that a user is not known to like, standardised for each user."""
    run = out / f"{seed}-{player}.run"
    irgan("rank", "--model", out / f"model-{seed}", "-k", 2000, "--player", player, "--out", run)
    by_user = collections.defaultdict(dict)
    for line in open(run):
        user, _, item, _, score, _ = line.split()
        by_user[user][item] = float(score)
    run.unlink()
    return by_user


def standardised(values):
    values = np.array(values)
    return (values - values.mean()) / (values.std() or 1)


def irgan(*arguments):
    subprocess.run([os.environ["IRGAN_BIN"], *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def train(seed):
    """Weight of the discriminator that one split chose, and nDCG@5 of every user by 21 weights."""
    held = divide(seed)
    irgan("train", "--pairwise", "--inner-folds", 0, "--rounds", 0, "--controls", "none", "--baselines", "none", "--seed", seed,
          "--ratings", out / f"rest-{seed}.txt", "--out", out / f"model-{seed}", "--force", "--quiet")
    description = (out / f"model-{seed}" / "model.toml").read_text().splitlines()
    weight = next((float(line.split("=")[1]) for line in description if line.startswith("weight =")), 0.5)
    g, d, curves = scores(seed, "g"), scores(seed, "d"), []
    for user, of_items in g.items():
        items = sorted(of_items, reverse=True)
        hits = np.array([item in held[user] for item in items])
        if hits.any():
            both = [standardised([scores[user][item] for item in items]) for scores in (g, d)]
            curves.append([ndcg(hits, (1 - step / 20) * both[0] + step / 20 * both[1]) for step in range(21)])
    return weight, np.array(curves)


def ndcg(hits, combined):
    best = np.argsort(-combined, kind="stable")[:5]
    ideal = sum(1 / log2(rank + 2) for rank in range(min(5, hits.sum())))
    return sum(1 / log2(rank + 2) for rank, item in enumerate(best) if hits[item]) / ideal


weights, curves = zip(*(train(seed) for seed in range(1, 7)))
one = [round(weight * 20) for weight in weights]
others = [[curve.mean(0) for other, curve in enumerate(curves) if other != fold] for fold in range(6)]
several = [2 + int(np.argmax(np.mean(of_others, axis=0)[2:19])) for of_others in others]
for name, steps in (("one split", one), ("equal", [10] * 6), ("five others", several)):
    mean = np.mean([curve.mean(0)[step] for curve, step in zip(curves, steps)])
    print(f"{name}: weights {[step / 20 for step in steps]}, nDCG@5 {mean:.4f}")
gains = np.concatenate([curve[:, b] - curve[:, a] for curve, a, b in zip(curves, one, several)])
print(f"five others against one split: {gains.mean():+.4f} ± {gains.std() / len(gains) ** 0.5:.4f}")
