#!/usr/bin/env python3
"""Compares `irgan eval` with trec_eval (pytrec_eval) and ir_measures, measure by measure, over all queries.

    pip install ir_measures
    scripts/peer_measures.py IRGAN QRELS RUN

Every spelling is given to both sides as it stands. Prints one line a measure and ends with 1 if a value differs by more
than 1e-9, which is far above rounding of a mean and far below the digits that either program prints. Known to differ:
trec_eval before version 10, which pytrec_eval is, rounds `iprec_at_recall` and `11pt_avg` otherwise; gdeval, by which
ir_measures computes `dcg='exp-log2'`, prints five digits and takes queries that are numbers only.
"""

import json
import math
import subprocess
import sys

import ir_measures
import pytrec_eval

IR_MEASURES = """AP MAP AP(rel=2) AP@10 AP(rel=2)@100 RR MRR RR(rel=2) MRR@10 RR@10 P@5 Precision@5 P(rel=2)@10 R@100 Recall@100
R(rel=2)@10 nDCG NDCG nDCG@10 NDCG@5 nDCG(dcg='exp-log2')@10 Rprec RPrec Rprec(rel=2) Bpref BPref Bpref(rel=2) infAP
IPrec@0.1 Success@1 Success(rel=2)@10 SetP SetR SetF SetAP SetP(relative=True) NumQ NumRet NumRel NumRelRet
NumRet(rel=2) Judged@10 AP(judged_only=True) nDCG(judged_only=True)@10 P(judged_only=True)@5""".split()

TREC_EVAL = """map gm_map recip_rank Rprec bpref gm_bpref infAP ndcg binG 11pt_avg P_5 P.10 recall_100 recall.10 ndcg_cut_10
ndcg_cut.5 map_cut.10 map_cut_100 success.1 success_10 relative_P.5 Rprec_mult.0.2 iprec_at_recall.0.10 set_P set_recall set_F set_map
set_relative_P utility num_q num_ret num_rel num_rel_ret num_nonrel_judged_ret""".split()


def ours(irgan, qrels, run, names):
    command = [irgan, "eval", qrels, run, "--format", "json", "--log", "json"]
    values = {}
    for name in names:  # one at a time: two spellings of one measure are one column
        row = json.loads(subprocess.run(command + ["-m", name], capture_output=True, check=True).stdout)[0]
        values[name] = [value for key, value in row.items() if key not in ("run", "queries")][0]
    return values


def theirs_trec_eval(qrels, run, names):
    with open(qrels) as lines:
        judged = pytrec_eval.parse_qrel(lines)
    with open(run) as lines:
        retrieved = pytrec_eval.parse_run(lines)
    values = {}
    for name in names:
        stem, _, number = name.rpartition("_")
        asked = f"{stem}.{number}" if number.isdigit() else name  # pytrec_eval takes the dot only
        found = pytrec_eval.RelevanceEvaluator(judged, {asked}).evaluate(retrieved)
        key = next(iter(next(iter(found.values()))))
        values[name] = pytrec_eval.compute_aggregated_measure(key, [query[key] for query in found.values()])
    return values


def theirs_ir_measures(qrels, run, names):
    judged, retrieved = list(ir_measures.read_trec_qrels(qrels)), list(ir_measures.read_trec_run(run))
    shared = {one.query_id for one in judged} & {one.query_id for one in retrieved}  # as trec_eval without -c
    judged = [one for one in judged if one.query_id in shared]
    values = {}
    for name in names:
        measure = ir_measures.parse_measure(name)
        try:
            values[name] = ir_measures.calc_aggregate([measure], judged, retrieved)[measure]
        except (subprocess.CalledProcessError, RuntimeError) as cause:
            print(f"{name}: ir_measures fails: {cause}", file=sys.stderr)
            values[name] = math.nan
    return values


def main():
    irgan, qrels, run = sys.argv[1:]
    different = 0
    for peer, names, compute in [
        ("trec_eval", TREC_EVAL, theirs_trec_eval),
        ("ir_measures", IR_MEASURES, theirs_ir_measures),
    ]:
        mine, other = ours(irgan, qrels, run, names), compute(qrels, run, names)
        for name in names:
            equal = abs(mine[name] - other[name]) <= 1e-9 * max(1.0, abs(other[name]))
            different += not equal
            print(f"{peer:12} {name:26} {mine[name]:14.6f} {other[name]:14.6f} {'' if equal else '  DIFFERENT'}")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
