"""LightGBM's LambdaRank and XENDCG on the folds of a LETOR set, for docs/results.md; scripts/trees does the same with Rust crates.

Needs `pip install lightgbm numpy`. Usage: python scripts/peer_lightgbm.py FOLDER_WITH_Fold1_to_Fold5
Prints the mean over folds of nDCG@10 (gain = grade, a query without a relevant document scores 0, ties by descending
document id, as in `irgan eval`) on the validation and test parts, the number of trees being the best on each fold's validation
part, in steps of 5; and the processor time of training 500 trees on each of the five folds, with one thread and with two.
"""
import sys
import time
from pathlib import Path

import lightgbm
import numpy as np


def read(path):
    """Documents of every query: (document id, grade, features)."""
    queries = {}
    for line in open(path):
        body, comment = line.split("#", 1)
        grade, query, *features = body.split()
        document = comment.split("=")[1].split()[0]
        queries.setdefault(query, []).append((document, int(grade), [float(f.split(":")[1]) for f in features]))
    return queries


def dcg(grades):
    return sum(grade / np.log2(rank + 2) for rank, grade in enumerate(grades[:10]))


def ndcg(documents, scores):
    ranked = sorted(sorted(zip(documents, scores), key=lambda d: d[0][0], reverse=True), key=lambda d: -d[1])
    ideal = dcg(sorted((grade for _, grade, _ in documents), reverse=True))
    return dcg([grade for (_, grade, _), _ in ranked]) / ideal if ideal else 0.0


def matrix(queries):
    rows = [document for documents in queries.values() for document in documents]
    return np.array([r[2] for r in rows]), np.array([r[1] for r in rows]), [len(d) for d in queries.values()]


def train(objective, leaf, data, threads):
    x, y, groups = data
    settings = dict(objective=objective, learning_rate=0.05, num_leaves=15, min_data_in_leaf=leaf, num_threads=threads,
                    seed=1, verbose=-1)
    return lightgbm.train(settings, lightgbm.Dataset(x, y, group=groups, free_raw_data=False), num_boost_round=500)


def mean_ndcg(model, queries, trees):
    scores, at, values = model.predict(matrix(queries)[0], num_iteration=trees), 0, []
    for documents in queries.values():
        values.append(ndcg(documents, scores[at:at + len(documents)]))
        at += len(documents)
    return np.mean(values)


folds = [[read(fold / f"{name}.txt") for name in ("train", "vali", "test")] for fold in sorted(Path(sys.argv[1]).glob("Fold*"))]
data = [matrix(fold[0]) for fold in folds]
print("LightGBM | validation nDCG@10 | test nDCG@10 | trees a fold | 1 thread, s")
for objective in ("lambdarank", "rank_xendcg"):
    for leaf in (20, 50, 100):
        start = time.process_time()
        models = [train(objective, leaf, fold, 1) for fold in data]
        seconds = time.process_time() - start
        chosen = []
        for model, (_, valid, test) in zip(models, folds):
            value, trees = max((mean_ndcg(model, valid, trees), -trees) for trees in range(5, 501, 5))
            chosen.append((value, mean_ndcg(model, test, -trees), -trees))
        valid, test, trees = np.mean(chosen, axis=0)
        print(f"{objective}, {leaf} documents a leaf | {valid:.4f} | {test:.4f} | {trees:.0f} | {seconds:.2f}", flush=True)
    start = time.process_time()
    for fold in data:
        train(objective, 50, fold, 2)
    print(f"{objective}, 50 documents a leaf, two threads: {time.process_time() - start:.2f} s", flush=True)
