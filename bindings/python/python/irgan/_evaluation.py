"""Evaluation of rankings."""

import os
import warnings
from collections.abc import Mapping

import numpy as np

from . import _irgan
from ._errors import IrganWarning
from ._tables import column, frame, ids, is_frame, numbers

QUERY = ("qid", "query_id", "q_id", "query-id", "query")
DOCUMENT = ("docno", "doc_id", "docid", "corpus-id", "document")
GRADE = ("label", "relevance", "rel", "score", "grade")
SCORE = ("score",)

#: Measures of the command line when none are named.
DEFAULT = ("nDCG@10", "P@5", "AP", "RR")


class Qrels:
    """Relevance judgements, read once and used for many runs.

    ``source`` is a dictionary ``{query: {document: grade}}``, a data frame with the columns ``qid``, ``docno`` and ``label`` (or those
    of ir_datasets and ranx: ``query_id``, ``doc_id``, ``relevance``; ``q_id``, ``doc_id``, ``score``), an object with ``to_dict()``
    such as ``ranx.Qrels``, or the path of a file: TREC's four columns, three columns, or BEIR's TSV, plain, ``.gz`` or ``.zst``.

    >>> qrels = Qrels({"q1": {"d1": 2, "d7": 0}})
    >>> len(qrels)
    1
    """

    def __init__(self, source):
        self._inner = _read(_irgan.Qrels, source, GRADE)
        guessed = self._inner.guessed
        if guessed:
            warnings.warn(guessed, IrganWarning, stacklevel=2)

    def __len__(self):
        return len(self._inner)


class Run:
    """The ranking of a system for many queries, read once.

    ``source`` is a dictionary ``{query: {document: score}}``, a data frame with the columns ``qid``, ``docno`` and ``score``, an object
    with ``to_dict()`` such as ``ranx.Run``, or the path of a file in TREC's or MS MARCO's format. Documents are ordered by their scores,
    equal ones by descending id, as in trec_eval.
    """

    def __init__(self, source, name=None):
        self._inner = _read(_irgan.Run, source, SCORE)
        given = None if isinstance(source, (str, os.PathLike)) else getattr(source, "name", None)
        self.name = name or given or self._inner.name


def _read(kind, source, value):
    """Returns judgements or a run of whatever ``source`` is."""
    if isinstance(source, (str, os.PathLike)):
        return kind.read(source)
    if is_frame(source):
        queries, documents = column(source, QUERY, "queries"), column(source, DOCUMENT, "documents")
        values = column(source, value, "grades" if value is GRADE else "scores")
        return kind.of_columns(ids(queries), ids(documents), numbers(values))
    if not isinstance(source, Mapping) and hasattr(source, "to_dict"):
        source = source.to_dict()
    if not isinstance(source, Mapping):
        raise TypeError(f"expected a dict of dicts, a data frame or a path, found {type(source).__name__}")
    if not isinstance(source, dict) or not all(isinstance(documents, dict) for documents in source.values()):
        plain = lambda documents: dict(documents) if isinstance(documents, Mapping) else documents
        source = {query: plain(documents) for query, documents in source.items()}
    return kind.of_dict(source)


def _setup(measures, level, judged_only, complete, depth):
    """Returns the options of an evaluation as the library takes them."""
    listed = [measures] if isinstance(measures, str) or not hasattr(measures, "__iter__") else list(measures)
    if not listed:
        raise ValueError("measures: expected at least one, such as nDCG@10")
    return {
        "measures": [str(measure) for measure in listed],
        "level": level,
        "judged_only": judged_only,
        "complete": complete,
        "depth": depth,
    }


def evaluate(
    qrels, run, measures=DEFAULT, *, per_query=False, level=1, judged_only=False, complete=False, depth=None
):
    """Returns the measures of a run, as trec_eval computes them: ``{measure: mean}``.

    ``qrels`` and ``run`` are whatever :class:`Qrels` and :class:`Run` take, or these themselves, which are read only once.

    ``measures`` are names of ir_measures or of trec_eval, in a list or in one text: ``["nDCG@10", "AP"]``, ``"ndcg_cut.5,10 map"``,
    ``"P(rel=2)@5"``, ``"official"``.

    :param per_query: Return ``{query: {measure: value}}`` instead, as pytrec_eval does.
    :param level: Lowest grade that is relevant, for measures of binary relevance.
    :param judged_only: Look at judged documents only.
    :param complete: Count judged queries that the run lacks as empty rankings; they are left out, with a warning, otherwise.
    :param depth: Look at no more than this many documents a query.

    >>> qrels = {"q1": {"d1": 1, "d2": 0}, "q2": {"d3": 2}}
    >>> run = {"q1": {"d2": 0.9, "d1": 0.5}, "q2": {"d3": 3.0}}
    >>> evaluate(qrels, run, ["RR", "P@1"])
    {'RR': 0.75, 'P@1': 0.5}
    >>> evaluate(qrels, run, "RR", per_query=True)
    {'q1': {'RR': 0.5}, 'q2': {'RR': 1.0}}
    """
    setup = _setup(measures, level, judged_only, complete, depth)
    judged, ranked = _held(Qrels, qrels), _held(Run, run)
    names, means, queries, values, left_out = _irgan.evaluate(judged._inner, ranked._inner, setup)
    _tell(ranked.name, len(judged), complete, *left_out)
    if not per_query:
        return dict(zip(names, means))
    width = len(names)
    rows = (values[start : start + width] for start in range(0, len(values), width))
    return {query: dict(zip(names, row)) for query, row in zip(queries, rows)}


def compare(
    qrels,
    runs,
    measures=DEFAULT,
    *,
    all_pairs=False,
    test="fisher",
    correction="holm",
    alpha=0.05,
    seed=0,
    level=1,
    judged_only=False,
    complete=False,
    depth=None,
):
    """Compares runs with the first of them, or all with each other: is one better by more than chance?

    ``runs`` is a dictionary of names and runs, or a list of runs. The result has a row for every measure and pair: a data frame, or a
    dictionary of columns where pandas is not installed, with the columns ``measure``, ``run``, ``base``, ``queries`` (that both have),
    ``mean``, ``base_mean``, ``difference``, ``low`` and ``high`` (its interval of confidence ``1 - alpha``), ``cohen_dz``, ``p``,
    ``p_adjusted``, ``wins``, ``ties``, ``losses`` and ``resolvable``, the smallest difference that so many queries would show with
    probability 0.8.

    :param test: Paired two-sided test: ``"fisher"`` (randomisation), ``"t"`` or ``"wilcoxon"``.
    :param correction: For the number of comparisons on a measure: ``"holm"``, ``"bonferroni"`` or ``"none"``.

    >>> qrels = {"q1": {"d1": 1}, "q2": {"d1": 1}}
    >>> first = {"q1": {"d2": 2, "d1": 1}, "q2": {"d1": 1}}
    >>> second = {"q1": {"d1": 2}, "q2": {"d1": 1}}
    >>> table = compare(qrels, {"first": first, "second": second}, "RR")
    >>> print(table["run"][0], table["base"][0], table["mean"][0], table["base_mean"][0])
    second first 1.0 0.75
    """
    setup = _setup(measures, level, judged_only, complete, depth)
    judged = _held(Qrels, qrels)
    named = _named(runs)
    if len(named) < 2:
        raise ValueError(f"expected at least 2 runs to compare, found {len(named)}")
    plan = (test, correction, seed, alpha)
    rows = _irgan.compare(judged._inner, [run._inner for _, run in named], setup, all_pairs, plan)
    names = [name for name, _ in named]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    for key in ("run", "base"):
        columns[key] = [names[number] for number in columns[key]]
    return frame({key: values if isinstance(values[0], str) else np.array(values) for key, values in columns.items()})


def _named(runs):
    """Returns the runs with their names, each name once."""
    if isinstance(runs, Mapping):
        return [(str(name), _held(Run, run)) for name, run in runs.items()]
    held = [_held(Run, run) for run in runs]
    names = [run.name for run in held]
    numbered = (f"{name} {number}" if names.count(name) > 1 else name for number, name in enumerate(names, 1))
    return list(zip(numbered, held))


def _held(kind, source):
    return source if isinstance(source, kind) else kind(source)


def _tell(name, judged, complete, missing, unjudged, suspicion):
    """Warns of queries that do not take part."""
    if suspicion:
        warnings.warn(f"{name}: {suspicion}", IrganWarning, stacklevel=3)
    if missing and not complete:
        text = f"{name}: {missing} of {judged} judged queries are not in the run; they are left out (complete=True counts them as empty)"
        warnings.warn(text, IrganWarning, stacklevel=3)
    if unjudged:
        warnings.warn(f"{name}: queries of the run without any judgement, left out: {unjudged}", IrganWarning, stacklevel=3)
