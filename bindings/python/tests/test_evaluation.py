"""`irgan.evaluate` and `irgan.compare`."""

import math

import numpy as np
import pytest

import irgan

QRELS = {"q1": {"d1": 1, "d2": 0, "d3": 2}, "q2": {"d1": 1}}
# q1: d3 (2), d2 (0), d1 (1); q2: d9 (unjudged), d1 (1).
RUN = {"q1": {"d3": 3.0, "d2": 2.5, "d1": 1.0}, "q2": {"d9": 2, "d1": 1}}
# trec_eval: gains are grades. DCG of q1: 2/1 + 0 + 1/log2(4) = 2.5; ideal 2 + 1/log2(3). Of q2: 1/log2(3), ideal 1.
NDCG = {"q1": 2.5 / (2 + 1 / math.log2(3)), "q2": 1 / math.log2(3)}
# q1: (1/1 + 2/3) / 2; q2: 1/2.
AP = {"q1": 5 / 6, "q2": 1 / 2}


def test_values_of_dictionaries_are_those_worked_out_by_hand():
    means = irgan.evaluate(QRELS, RUN, ["nDCG@10", "AP"])
    assert means == pytest.approx({"nDCG@10": sum(NDCG.values()) / 2, "AP": sum(AP.values()) / 2})
    by_query = irgan.evaluate(QRELS, RUN, "ndcg_cut.10,map", per_query=True)
    assert {query: row["AP"] for query, row in by_query.items()} == pytest.approx(AP)
    assert {query: row["nDCG@10"] for query, row in by_query.items()} == pytest.approx(NDCG)


def test_files_frames_and_objects_say_the_same_as_dictionaries(tmp_path):
    qrels, run = tmp_path / "qrels.txt", tmp_path / "mine.run"
    qrels.write_text("".join(f"{q} 0 {d} {g}\n" for q, docs in QRELS.items() for d, g in docs.items()))
    run.write_text("".join(f"{q} Q0 {d} 1 {s} t\n" for q, docs in RUN.items() for d, s in docs.items()))
    expected = irgan.evaluate(QRELS, RUN, per_query=True)
    assert irgan.evaluate(qrels, str(run), per_query=True) == expected

    class Converted:
        def __init__(self, inner):
            self.inner = inner

        def to_dict(self):
            return self.inner

    assert irgan.evaluate(Converted(QRELS), Converted(RUN), per_query=True) == expected
    held = irgan.Qrels(QRELS), irgan.Run(RUN, name="mine")
    assert irgan.evaluate(*held, per_query=True) == expected
    assert len(held[0]) == 2 and held[1].name == "mine" and irgan.Run(run).name == "mine"


@pytest.mark.parametrize("names", [("qid", "docno", "label", "score"), ("q_id", "doc_id", "score", "score")])
def test_data_frames_of_other_libraries_are_taken(names):
    pandas = pytest.importorskip("pandas")
    query, document, grade, score = names

    def frame(table, value):
        rows = [(q, d, v) for q, docs in table.items() for d, v in docs.items()]
        return pandas.DataFrame(rows[::-1], columns=[query, document, value])

    found = irgan.evaluate(frame(QRELS, grade), frame(RUN, score), per_query=True)
    assert found == irgan.evaluate(QRELS, RUN, per_query=True)
    with pytest.raises(ValueError, match="a column of queries"):
        irgan.evaluate(frame(QRELS, grade).rename(columns={query: "x"}), RUN)


def test_ids_may_be_numbers_or_hold_blanks():
    assert irgan.evaluate({1: {7: 1}}, {np.int64(1): {"7": 1.0}}, "RR") == {"RR": 1.0}
    assert irgan.evaluate({"a b": {"c d": 1}}, {"a b": {"c d": 1.0}}, "RR") == {"RR": 1.0}


def test_what_takes_no_part_is_told_with_its_count():
    with pytest.warns(irgan.IrganWarning) as told:
        assert irgan.evaluate(QRELS, {"q1": RUN["q1"], "q9": {"d1": 1.0}}, "RR") == {"RR": 1.0}
    texts = [str(warning.message) for warning in told]
    assert any("1 of 2 judged queries are not in the run" in text and "complete=True" in text for text in texts)
    assert any("without any judgement, left out: 1" in text for text in texts)
    assert irgan.evaluate(QRELS, {"q1": RUN["q1"]}, "RR", complete=True) == {"RR": 0.5}


@pytest.mark.parametrize(
    ("qrels", "run", "measures", "kind", "words"),
    [
        (QRELS, RUN, "nDGC@10", irgan.SettingError, "nDGC"),
        (QRELS, {"q1": {"d1": math.nan}}, "RR", irgan.DataError, "query q1, document d1: expected a finite score"),
        (QRELS, {}, "RR", irgan.DataError, "holds no ranking"),
        (QRELS, RUN, [], ValueError, "measures: expected at least one"),
        ({"q1": {"d1": 0.5}}, RUN, "RR", ValueError, "query q1, document d1: expected a whole grade, found 0.5"),
        ({"q1": {"d1": 10**7}}, RUN, "RR", ValueError, "d1"),
        ({"q7": {"d1": 1}}, RUN, "RR", irgan.DataError, "no query in common"),
        ({"q1": ["d1"]}, RUN, "RR", TypeError, "query q1: expected a dict of documents"),
        ({"q1": {1.5: 1}}, RUN, "RR", TypeError, "expected an id as str or int, found 1.5"),
        (7, RUN, "RR", TypeError, "a dict of dicts, a data frame or a path"),
        ("nowhere.txt", RUN, "RR", FileNotFoundError, "nowhere.txt"),
    ],
)
def test_errors_name_the_cause(qrels, run, measures, kind, words):
    with pytest.raises(kind, match=words.replace("(", r"\(")):
        irgan.evaluate(qrels, run, measures)


def test_a_document_twice_in_a_frame_is_refused():
    pandas = pytest.importorskip("pandas")
    twice = pandas.DataFrame({"qid": ["q1", "q1"], "docno": ["d1", "d1"], "score": [1.0, 2.0], "label": [1, 1]})
    with pytest.raises(irgan.DataError, match="document d1 occurs twice"):
        irgan.evaluate(QRELS, twice[["qid", "docno", "score"]])
    with pytest.raises(irgan.DataError, match="query q1: document d1 is judged twice"):
        irgan.evaluate(twice[["qid", "docno", "label"]], RUN)


def test_a_comparison_has_a_row_for_each_measure_and_pair():
    worse = {query: {document: -score for document, score in documents.items()} for query, documents in RUN.items()}
    table = irgan.compare(QRELS, {"mine": RUN, "worse": worse}, ["RR", "P@1"], test="t")
    assert list(table["measure"]) == ["RR", "P@1"]
    assert list(table["run"]) == ["worse"] * 2 and list(table["base"]) == ["mine"] * 2
    # RR of mine: 1 and 1/2; of worse: 1 (d1 of grade 1 is first) and 1.
    assert table["difference"][0] == 0.25 and [table[key][0] for key in ("wins", "ties", "losses")] == [1, 1, 0]
    assert list(irgan.compare(QRELS, [RUN, worse, RUN], "RR", all_pairs=True)["run"]) == ["run 2", "run 3", "run 3"]
    with pytest.raises(irgan.SettingError, match=r"`compare.alpha` \(alpha=…\)"):
        irgan.compare(QRELS, [RUN, worse], alpha=2)
    with pytest.raises(ValueError, match="test: unknown variant `u`, expected one of `fisher`"):
        irgan.compare(QRELS, [RUN, worse], test="u")
    with pytest.raises(ValueError, match="at least 2 runs"):
        irgan.compare(QRELS, [RUN])
