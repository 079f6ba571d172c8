#!/usr/bin/env python3
"""Times irgan's package for Python beside ranx and pytrec_eval, and beside the program.

    pip install ./bindings/python ranx pytrec-eval-terrier   # pytrec_eval with its wheels
    scripts/peer_python.py measures                # 1,000 queries of 1,000 documents, 100 judged, in dictionaries
    scripts/peer_python.py fit IRGAN               # the same training by the program and by Python, whole processes

`measures` prints the best of five rounds, in each of which every library has its turn: from dictionaries, and again with what each can
hold ready (judgements of pytrec_eval; judgements and run of ranx and irgan). The values of all are compared to 1e-9. ranx compiles its
measures before the first round. `fit` prints the best and the median of five rounds, in seconds by the watch and of the processor, and the
ratios of the medians; in each round both have their turn, the first in turn changes. That both wrote the same bytes is checked.
"""

import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

QUERIES, DOCUMENTS, JUDGED, ROUNDS = 1_000, 1_000, 100, 5


def collection():
    """Judgements and a run of random documents; no two scores of a query are equal, also as float32, to which pytrec_eval rounds."""
    draw = random.Random(1)
    qrels, run = {}, {}
    for query in range(QUERIES):
        documents = draw.sample(range(10_000), DOCUMENTS)
        qrels[f"q{query}"] = {f"d{document}": draw.randrange(3) for document in draw.sample(documents, JUDGED)}
        scores = draw.sample(range(1 << 20), DOCUMENTS)
        run[f"q{query}"] = {f"d{document}": score / (1 << 20) for document, score in zip(documents, scores)}
    return qrels, run


def measures():
    import irgan
    import pytrec_eval
    import ranx

    qrels, run = collection()
    trec_names = {"ndcg_cut.10", "map", "recip_rank", "P.5"}
    ranx_names = ["ndcg@10", "map", "mrr", "precision@5"]
    names = ["nDCG@10", "AP", "RR", "P@5"]

    def by_irgan(qrels, run):
        return list(irgan.evaluate(qrels, run, names).values())

    def by_ranx(qrels, run):
        return list(ranx.evaluate(qrels, run, ranx_names).values())

    def by_trec_eval(evaluator, run):
        found = list(evaluator.evaluate(run).values())
        keys = ("ndcg_cut_10", "map", "recip_rank", "P_5")
        return [statistics.fmean(query[key] for query in found) for key in keys]

    ready = {
        "irgan": (irgan.Qrels(qrels), irgan.Run(run)),
        "ranx": (ranx.Qrels(qrels), ranx.Run(run)),
        "pytrec_eval": (pytrec_eval.RelevanceEvaluator(qrels, trec_names), run),
    }
    turns = {
        "irgan, from dictionaries": lambda: by_irgan(qrels, run),
        "irgan, held": lambda: by_irgan(*ready["irgan"]),
        "pytrec_eval, from dictionaries": lambda: by_trec_eval(pytrec_eval.RelevanceEvaluator(qrels, trec_names), run),
        "pytrec_eval, held": lambda: by_trec_eval(*ready["pytrec_eval"]),
        "ranx, from dictionaries": lambda: by_ranx(ranx.Qrels(qrels), ranx.Run(run)),
        "ranx, held": lambda: by_ranx(*ready["ranx"]),
    }
    values = {name: turn() for name, turn in turns.items()}
    for name, found in values.items():
        for measure, mine, other in zip(names, values["irgan, held"], found):
            assert abs(mine - other) < 1e-9, (name, measure, mine, other)
    best = {name: [] for name in turns}
    for _ in range(ROUNDS):
        for name, turn in turns.items():
            start = time.perf_counter()
            turn()
            best[name].append(time.perf_counter() - start)
    for name, times in best.items():
        print(f"{name:32} {min(times):8.3f} s")


FIT = """
import sys, numpy, irgan
train, valid = ([numpy.load(f"{folder}/{name}.npy") for name in ("X", "y", "group")] for folder in sys.argv[1:3])
settings = {"schedule.rounds": ROUNDS, "patience": ROUNDS}
irgan.Ranker(settings=settings).fit(*train, valid=valid).save(sys.argv[3], force=True)
"""


def processor():
    """Seconds of the processor that all ended children took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def fit(program, rounds=10):
    import numpy as np

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        draw = np.random.default_rng(1)
        for part, queries in (("train", 200), ("valid", 60)):
            (folder / part).mkdir()
            features = draw.random((queries * 100, 46), dtype=np.float32)
            hidden = features[:, :5].sum(1) + 0.5 * draw.standard_normal(len(features))
            np.save(folder / part / "X.npy", features)
            np.save(folder / part / "y.npy", np.digitize(hidden, [3.0, 3.8]))
            np.save(folder / part / "group.npy", np.full(queries, 100))
        train, valid, model = folder / "train", folder / "valid", folder / "model"
        python = [sys.executable, "-c", FIT.replace("ROUNDS", str(rounds)), train, valid, model]
        ours = [program, "train", "--pairwise", "--train", train / "X.npy", "--valid", valid / "X.npy", "--rounds", str(rounds)]
        ours += ["--patience", str(rounds), "--baselines", "none", "--controls", "none", "--out", folder / "run", "--force", "--quiet"]
        times = {"program": [], "Python": []}
        commands = {"program": ours, "Python": python}
        for turn in range(ROUNDS):
            for name in sorted(commands, reverse=turn % 2 == 1):
                start, used = time.perf_counter(), processor()
                subprocess.run([str(word) for word in commands[name]], check=True, stdout=subprocess.DEVNULL)
                times[name].append((time.perf_counter() - start, processor() - used))
        for file in sorted(path.name for path in model.iterdir()):
            assert (model / file).read_bytes() == (folder / "run" / file).read_bytes(), file
        for place, kind in enumerate(["by the watch", "of the processor"]):
            seconds = {name: [pair[place] for pair in found] for name, found in times.items()}
            for name, found in seconds.items():
                print(f"{name:8} best {min(found):6.2f} s, median {statistics.median(found):6.2f} s {kind}")
            ratio = statistics.median(seconds["Python"]) / statistics.median(seconds["program"])
            print(f"Python / program: {ratio:.3f} {kind}")


if __name__ == "__main__":
    {"measures": measures, "fit": fit}[sys.argv[1]](*sys.argv[2:])
