"""Search of text indexes."""

import os
import sys
import types
import warnings
from collections.abc import Mapping

import numpy as np

from . import _irgan
from ._errors import IrganWarning
from ._progress import watcher
from ._tables import frame, is_frame

#: Documents of a query that an index is opened for.
DEPTH = 1000


class Index:
    """A text index that ``irgan index`` or :meth:`build` made, open to be searched.

    :param path: Folder of the index.
    :param model: Folder of a ranker that ``irgan train --index`` trained: it ranks in the place of the score.
    :param score: ``"bm25"``, ``"lm-dirichlet"``, ``"lm-jm"`` or ``"tf-idf"``.
    :param k1: Saturation of the term frequency (BM25).
    :param b: Share of the length normalisation, in [0, 1] (BM25).
    :param mu: Pseudo-count of the collection's model (``"lm-dirichlet"``).
    :param lambda_: Share of the collection's model, in (0, 1] (``"lm-jm"``).
    :param field: Field to search; all texts together without one.
    :param feedback: ``True`` expands queries by RM3; ``{"documents": 10, "terms": 20, "original": 0.5}`` are its parameters.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "index")
    >>> index = Index.build(path, {"d1": "Salt and wind.", "d2": "A boundary layer.", "d3": "Layers of salt."})
    >>> found = index.search("salt layers", k=2)
    >>> found["docno"].tolist(), found["rank"].tolist()
    (['d3', 'd2'], [0, 1])
    >>> index
    <irgan.Index of 3 documents: bm25>
    """

    def __init__(
        self, path, *, model=None, score="bm25", k1=1.2, b=0.75, mu=1000.0, lambda_=0.4, field=None, feedback=None
    ):
        self.path = os.fspath(path)
        self._model = None if model is None else os.fspath(model)
        self._search = {
            "score": score,
            "k1": k1,
            "b": b,
            "mu": mu,
            "lambda": lambda_,
            "field": field,
            "feedback": _feedback(feedback),
        }
        self._depth = 0
        self._engine(DEPTH)  # what is wrong with the index or the settings is told now

    @classmethod
    def build(cls, path, documents, *, language="en", force=False, progress=False, **search):
        """Indexes ``documents`` into the folder ``path``, and returns the open index.

        They are a dictionary ``{docno: text}``, a data frame with the column ``docno`` and columns of texts, or an iterable of
        dictionaries such as ``{"docno": "d1", "title": "…", "text": "…"}``, or of pairs ``(docno, text)``. Every other text is a field that
        can be searched on its own. An index that is there is replaced only with ``force``. ``search`` are arguments of :class:`Index`.
        """
        left_out = set()
        listed = [_document(docno, fields, left_out) for docno, fields in _documents(documents)]
        watch = watcher(progress)
        if left_out:
            watch.note(f"left out of the documents, as they are no texts: {', '.join(sorted(left_out))}")
        try:
            _, empty = _irgan.build_index(os.fspath(path), listed, language, force, watch)
        finally:
            watch.close()
        if empty:
            warnings.warn(f"documents without text, which are never found: {empty}", IrganWarning, stacklevel=2)
        return cls(path, **search)

    def search(self, queries, k=10):
        """Returns the best ``k`` documents of one query or of many, as a data frame with PyTerrier's columns ``qid``, ``query``, ``docno``,
        ``score`` and ``rank`` (from 0); as a dictionary of these columns where pandas is not installed.

        ``queries`` is a text, whose ``qid`` is ``"1"``; a list of texts, ``"1"``, ``"2"``, …; a dictionary ``{qid: text}``; or a data frame
        with the columns ``qid`` and ``query``.
        """
        qids, texts = _queries(queries)
        numbers, documents, scores, ranks = self._engine(k).search(texts, k)
        return frame(
            {
                "qid": [qids[number] for number in numbers],
                "query": [texts[number] for number in numbers],
                "docno": documents,
                "score": np.array(scores, dtype=np.float64),
                "rank": np.array(ranks, dtype=np.int64),
            }
        )

    def document(self, docno):
        """Returns the texts of a document by their fields, ``{field: text}``; ``KeyError`` where there is none."""
        found = self._opened.document(str(docno))
        if found is None:
            raise KeyError(docno)
        return dict(found)

    def transformer(self, k=1000):
        """Returns a transformer for PyTerrier's pipelines: ``transform`` takes a frame of ``qid`` and ``query``, and returns the hits.

        It is a ``pyterrier.Transformer`` where PyTerrier is loaded, so that ``index.transformer() % 10 >> other`` works; without it an
        object with ``transform`` and ``__call__`` alone.
        """
        base = getattr(sys.modules.get("pyterrier"), "Transformer", _Callable)
        return types.new_class("Retriever", (_Retriever, base))(self, k)

    def __len__(self):
        return len(self._opened)

    def __repr__(self):
        return f"<irgan.Index of {len(self)} documents: {self._opened.name}>"

    def _engine(self, k):
        """Returns the searcher of the ``k`` best documents, which is opened again only for more than ever before."""
        if k < 1:
            raise ValueError(f"k: expected at least 1, found {k}")
        if k > self._depth:
            if self._model is None:
                self._opened = _irgan.TextSearch.open(self.path, self._search, k)
            else:
                self._opened = _irgan.TextSearch.ranked(self.path, self._model, k)
            self._depth = k
        return self._opened


class _Callable:
    """What is called as its ``transform``."""

    def __call__(self, queries):
        """Returns the hits of ``queries``."""
        return self.transform(queries)


class _Retriever:
    """Transformer of queries into the documents that an index finds for them."""

    def __init__(self, index, k):
        super().__init__()
        self.index = index
        self.k = k

    def transform(self, queries):
        """Returns the hits of ``queries``, a frame of ``qid`` and ``query``, with their other columns."""
        found = self.index.search(queries, self.k)
        others = [name for name in queries.columns if name not in found.columns] if is_frame(queries) else []
        return found.merge(queries[["qid", *others]].astype({"qid": str}), on="qid") if others else found

    def __repr__(self):
        return f"irgan.Index({self.index.path!r}).transformer(k={self.k})"


def _feedback(feedback):
    """Returns the parameters of RM3 as the library takes them."""
    if not feedback:
        return None
    given = {} if feedback is True else dict(feedback)
    values = given.pop("documents", 10), given.pop("terms", 20), given.pop("original", 0.5)
    if given:
        raise ValueError(f"feedback: expected documents, terms and original, found {', '.join(given)}")
    return values


def _queries(queries):
    """Returns the ids and the texts of queries of any kind."""
    if isinstance(queries, str):
        return ["1"], [queries]
    if is_frame(queries):
        missing = [name for name in ("qid", "query") if name not in queries.columns]
        if missing:
            raise ValueError(f"queries: expected the columns qid and query; {' and '.join(missing)} is missing")
        return queries["qid"].astype(str).tolist(), queries["query"].astype(str).tolist()
    if isinstance(queries, Mapping):
        if set(queries) >= {"qid", "query"} and not isinstance(queries["qid"], str):
            return [str(qid) for qid in queries["qid"]], list(queries["query"])
        return [str(qid) for qid in queries], list(queries.values())
    texts = list(queries)
    return [str(number) for number in range(1, len(texts) + 1)], texts


def _documents(documents):
    """Yields the id and the fields of documents of any kind."""
    if is_frame(documents):
        yield from _documents(documents.to_dict("records"))
    elif isinstance(documents, Mapping):
        yield from documents.items()
    else:
        for document in documents:
            if isinstance(document, Mapping):
                fields = dict(document)
                name = next((name for name in ("docno", "doc_id", "docid", "id", "_id") if name in fields), None)
                if name is None:
                    raise ValueError(f"documents: expected a docno, found {', '.join(map(str, fields))}")
                yield fields.pop(name), fields
            else:
                docno, text = document
                yield docno, text


def _document(docno, fields, left_out):
    """Returns a document as the library takes it; adds the names of fields that are no texts to ``left_out``."""
    named = {"text": fields} if isinstance(fields, str) else fields
    left_out.update(str(name) for name, text in named.items() if not isinstance(text, str))
    texts = [("body" if name == "text" else str(name), text) for name, text in named.items() if isinstance(text, str)]
    return str(docno), texts
