"""LightGBM's LambdaRank on the folds of a LETOR set, for docs/results.md.

Needs `pip install lightgbm scikit-learn numpy`. Usage: python scripts/peer_lightgbm.py FOLDER_WITH_Fold1_to_Fold5
Prints the mean over folds of the test nDCG@10 (gain = grade, a query without a relevant document scores 0, ties by
descending document id, as in `irgan eval`) and the training time of one fold.
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


values = []
for fold in sorted(Path(sys.argv[1]).glob("Fold*")):
    train, valid, test = (read(fold / f"{name}.txt") for name in ("train", "vali", "test"))
    (x, y, groups), (vx, vy, valid_groups) = matrix(train), matrix(valid)
    model = lightgbm.LGBMRanker(
        n_estimators=500, learning_rate=0.05, num_leaves=15, min_child_samples=50, n_jobs=2, verbose=-1
    )
    start = time.time()
    model.fit(x, y, group=groups, eval_set=[(vx, vy)], eval_group=[valid_groups], eval_at=[10],
              callbacks=[lightgbm.early_stopping(50, verbose=False)])
    seconds = time.time() - start
    scores, at, fold_values = model.predict(matrix(test)[0]), 0, []
    for documents in test.values():
        fold_values.append(ndcg(documents, scores[at:at + len(documents)]))
        at += len(documents)
    values.append(np.mean(fold_values))
print(f"LightGBM lambdarank: nDCG@10 {np.mean(values):.4f}, folds {np.round(values, 4)}, {seconds:.2f} s to train the last")
