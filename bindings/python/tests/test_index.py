"""`irgan.Index`."""

import sys
import types

import numpy as np
import pytest

import irgan

TEXTS = {"d1": "Salt and wind.", "d2": "A boundary layer.", "d3": "Layers of salt, layers of snow."}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return irgan.Index.build(tmp_path_factory.mktemp("index") / "texts", TEXTS)


def test_hits_have_the_columns_of_pyterrier(index):
    found = index.search("salt layers", k=2)
    assert list(found) == ["qid", "query", "docno", "score", "rank"]
    assert list(found["qid"]) == ["1", "1"] and list(found["docno"]) == ["d3", "d2"] and list(found["rank"]) == [0, 1]
    assert found["score"][0] > found["score"][1] > 0
    assert list(index.search(["snow", "wind", "none"])["qid"]) == ["1", "2"]
    assert list(index.search({"a": "snow", "b": "wind"})["docno"]) == ["d3", "d1"]
    assert index.search("salt layers", k=5000)["docno"].tolist() == ["d3", "d2", "d1"]
    assert index.search("salt layers", k=1)["docno"].tolist() == ["d3"]
    assert len(index) == 3 and index.document("d2") == {"body": "A boundary layer."}
    with pytest.raises(KeyError):
        index.document("d9")


def test_without_pandas_a_table_is_a_dictionary_of_arrays(index, monkeypatch):
    monkeypatch.setattr("irgan._tables.pandas", lambda: None)
    found = index.search({"a": "snow", "b": "salt"}, k=1)
    assert type(found) is dict and {name: values.tolist() for name, values in found.items() if name != "score"} == {
        "qid": ["a", "b"],
        "query": ["snow", "salt"],
        "docno": ["d3", "d1"],
        "rank": [0, 0],
    }
    assert index.transformer(k=1).transform({"qid": ["a", "b"], "query": ["snow", "salt"]})["docno"].tolist() == ["d3", "d1"]


def test_scores_and_feedback_are_settings(index):
    scores = {score: index_of(index, score=score).search("salt")["score"][0] for score in ("bm25", "lm-dirichlet", "lm-jm", "tf-idf")}
    assert len(set(scores.values())) == 4
    assert index_of(index, k1=0.5).search("salt")["score"][0] != scores["bm25"]
    found = index_of(index, feedback={"documents": 1, "terms": 5}).search("snow")
    assert set(found["docno"]) > {"d3"} and "bm25-rm3" in repr(index_of(index, feedback=True))


def index_of(index, **search):
    return irgan.Index(index.path, **search)


def test_documents_come_in_any_form(tmp_path):
    listed = [{"docno": name, "title": name, "text": text, "year": 1999} for name, text in TEXTS.items()]
    by_field = irgan.Index.build(tmp_path / "fields", listed, field="title")
    assert list(by_field.search("d2")["docno"]) == ["d2"] and len(by_field.search("salt")["docno"]) == 0
    pairs = irgan.Index.build(tmp_path / "pairs", list(TEXTS.items()))
    assert list(pairs.search("snow")["docno"]) == ["d3"]
    with pytest.warns(irgan.IrganWarning, match="documents without text, which are never found: 1"):
        irgan.Index.build(tmp_path / "empty", {"d1": "", "d2": "wind"})
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"docno": list(TEXTS), "text": list(TEXTS.values())})
    assert list(irgan.Index.build(tmp_path / "frame", frame).search("snow")["docno"]) == ["d3"]


@pytest.mark.parametrize(
    ("documents", "kind", "words"),
    [
        ({}, irgan.DataError, "holds no document"),
        ([("d1", "a"), ("d1", "b")], irgan.DataError, "documents:2: expected a new document id"),
        ({"d 1": "a"}, irgan.DataError, "documents:1: expected a document id without white space"),
        ([{"text": "a"}], ValueError, "expected a docno, found text"),
    ],
)
def test_documents_that_cannot_be_indexed_leave_nothing(tmp_path, documents, kind, words):
    with pytest.raises(kind, match=words):
        irgan.Index.build(tmp_path / "index", documents)
    assert not any(tmp_path.iterdir())


def test_errors_name_the_cause_in_the_terms_of_python(index, tmp_path):
    for params, words in [
        ({"score": "bm26"}, "score: unknown variant `bm26`"),
        ({"field": "author"}, r"`search.field` \(field=…\) author"),
        ({"feedback": {"docs": 3}}, "feedback: expected documents, terms and original, found docs"),
        ({"b": 2}, r"\(b=…\)"),
    ]:
        with pytest.raises(ValueError, match=words):
            index_of(index, **params)
    with pytest.raises(ValueError, match="k: expected at least 1"):
        index.search("salt", k=0)
    with pytest.raises(irgan.SettingError, match=r"`index.force` \(force=True\)"):
        irgan.Index.build(index.path, TEXTS)
    with pytest.raises((irgan.IrganError, OSError), match="nowhere"):
        irgan.Index(tmp_path / "nowhere")


def test_a_transformer_takes_and_returns_frames(index, monkeypatch):
    pandas = pytest.importorskip("pandas")
    queries = pandas.DataFrame({"qid": ["q1", "q2"], "query": ["snow", "salt"], "user": ["ann", "ben"]})
    retriever = index.transformer(k=2)
    found = retriever.transform(queries)
    assert found.equals(retriever(queries))
    assert list(found.columns) == ["qid", "query", "docno", "score", "rank", "user"]
    assert list(found["docno"]) == ["d3", "d1", "d3"]
    assert list(found["user"]) == ["ann", "ben", "ben"] and found["score"].dtype == np.float64
    with pytest.raises(ValueError, match="query is missing"):
        retriever.transform(queries[["qid"]])

    # Where PyTerrier is loaded, the transformer is one of its own.
    class Transformer:
        def __rshift__(self, other):
            return (self, other)

    monkeypatch.setitem(sys.modules, "pyterrier", types.SimpleNamespace(Transformer=Transformer))
    mine = index.transformer(k=2)
    assert isinstance(mine, Transformer) and (mine >> 7) == (mine, 7) and mine.transform(queries).equals(found)
