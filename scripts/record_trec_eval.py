"""Makes tests/data/{small.qrels,small.run,small.level1,small.level2}: judgements with grades 0 to 3,
negative grades, ties, documents without a judgement, queries that one side lacks; and what trec_eval
(through pytrec_eval) computes for them at relevance levels 1 and 2.

    pip install pytrec_eval-terrier==0.5.11
    python scripts/record_trec_eval.py

pytrec_eval contains trec_eval 9, which rounds scores to 32 bits (here they are multiples of 1/4, so
nothing is lost) and rounds the cutoffs of iprec_at_recall and 11pt_avg in another way than trec_eval
10 (so those two are not recorded).
"""

import pathlib
from collections import defaultdict

import pytrec_eval

DATA = pathlib.Path(__file__).parent.parent / "tests" / "data"
MEASURES = {
    "map", "gm_map", "Rprec", "bpref", "gm_bpref", "recip_rank", "infAP", "ndcg", "binG", "num_q", "num_ret",
    "num_rel", "num_rel_ret", "num_nonrel_judged_ret", "set_P", "set_recall", "set_F", "set_map",
    "set_relative_P", "P.1,5,10,100", "recall.1,5,10,100", "ndcg_cut.1,5,10,100", "map_cut.5,10,100",
    "success.1,5,10", "relative_P.5,10,100", "Rprec_mult.0.2,1.0,2.0",
}  # fmt: skip
COUNTS = ("num_",)


def numbers(seed):
    """A linear congruential generator: the same numbers everywhere."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


def make():
    draw = numbers(2017)
    qrels, run = defaultdict(dict), defaultdict(dict)
    for query in [f"q{i}" for i in range(1, 26)]:
        pool = [f"d{next(draw) % 500}" for _ in range(60)]
        for document in pool[: 10 + next(draw) % 30]:
            grade = [0, 0, 0, 1, 1, 2, 3, -1][next(draw) % 8]
            qrels[query][document] = 0 if query in ("q3", "q8") else grade  # nothing relevant
        for document in pool[next(draw) % 10 :][: [60, 60, 3, 25][next(draw) % 4]]:
            run[query][document] = next(draw) % 40 / 4 - 3
    del run["q5"], run["q17"], qrels["q11"]
    return qrels, run


def record(qrels, run, level):
    found = pytrec_eval.RelevanceEvaluator(qrels, MEASURES, relevance_level=level).evaluate(run)
    shown = lambda name, value: f"{value:.0f}" if name.startswith(COUNTS) else f"{value:.4f}"
    lines = []
    for query in sorted(found):
        lines += [f"{name}\t{query}\t{shown(name, value)}" for name, value in sorted(found[query].items())
                  if not name.startswith("gm_")]  # fmt: skip
    for name in sorted(found["q1"]):
        values = [found[query][name] for query in sorted(found)]
        lines.append(f"{name}\tall\t{shown(name, pytrec_eval.compute_aggregated_measure(name, values))}")
    (DATA / f"small.level{level}").write_text("\n".join(lines) + "\n")


def main():
    DATA.mkdir(exist_ok=True)
    qrels, run = make()
    lines = [f"{q} 0 {d} {grade}" for q in qrels for d, grade in qrels[q].items()]
    (DATA / "small.qrels").write_text("\n".join(lines) + "\n")
    lines = [f"{q} Q0 {d} 0 {score} small" for q in run for d, score in run[q].items()]
    (DATA / "small.run").write_text("\n".join(lines) + "\n")
    for level in (1, 2):
        record(qrels, run, level)


main()
