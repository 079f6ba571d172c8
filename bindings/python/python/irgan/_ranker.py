"""Rankers of feature vectors."""

import contextlib
import os

import numpy as np

from . import _irgan
from ._estimator import Estimator, warn_of
from ._tables import ids, is_frame


class Ranker(Estimator):
    """Ranker of documents by their feature vectors: IRGAN, or one of the baselines it is measured against.

    :param method: ``"irgan-pairwise"``, ``"irgan-pointwise"``, or a baseline: ``"mle"``, ``"listnet"``, ``"ranknet"``,
        ``"lambdarank"``, ``"rns"``, ``"dns"``.
    :param preset: Named settings to start from: ``"ours"`` or ``"authors"``.
    :param seed: Seed of every random stream; 1 unless ``settings`` say otherwise. The same seed gives the same bits as ``irgan train``.
    :param measure: Validation measure that chooses epochs and rounds, ``"nDCG@10"`` by default.
    :param bag: Number of models that differ by seed, of which the mean of the scores ranks.
    :param valid_share: Share of the queries that is held out to choose by where ``fit`` is given no ``valid``.
    :param settings: Any other setting, by the names that ``irgan train --print-config`` prints and errors mention:
        ``{"schedule.rounds": 50, "generator.optimizer.learning-rate": 0.01}``, or nested dictionaries of them.
    :param progress: ``True`` shows a bar; a callable is called with ``(phase, step, of, metrics)`` at every step.

    Fitted attributes: ``valid_score_`` (the measure on the validation data), ``player_`` (the network that ranks), ``n_features_in_``,
    ``feature_names_in_`` (of a data frame) and ``failure_`` (why the training ended early, or None).

    >>> import numpy as np
    >>> generator = np.random.default_rng(1)
    >>> X = generator.random((120, 3), dtype=np.float32)  # 20 queries of 6 documents
    >>> y = (X[:, 0] > 0.6).astype(int)  # the first feature tells
    >>> ranker = Ranker(method="listnet", settings={"fit.epochs": 20}).fit(X, y, [6] * 20)
    >>> scores = ranker.predict(X[:6])  # of one query
    >>> scores.shape, scores.dtype
    ((6,), dtype('float32'))
    >>> ranker
    Ranker(method='listnet', settings={'fit.epochs': 20})
    """

    _Model = _irgan.RankerModel

    def __init__(
        self,
        method="irgan-pairwise",
        *,
        preset="ours",
        seed=None,
        measure=None,
        bag=None,
        valid_share=0.25,
        settings=None,
        progress=False,
    ):
        self.method = method
        self.preset = preset
        self.seed = seed
        self.measure = measure
        self.bag = bag
        self.valid_share = valid_share
        self.settings = settings
        self.progress = progress

    def fit(self, X, y, groups=None, *, qid=None, valid=None):
        """Trains on ``X: [D, F]`` with grades ``y: [D]``, whole numbers from 0, or -1 where a document is unlabelled.

        ``groups: [Q]`` counts the documents of each query, as in LightGBM and XGBoost; ``qid: [D]`` names the query of every row in its
        place. Rows of one query stand together. A missing feature is NaN. ``valid`` is ``(X, y, groups)`` or, beside ``qid``,
        ``(X, y, qid)``; without it a share of the queries is held out.

        Arrays of float32 in C order are copied once, into the set that is normalised; others are converted before. The names of a data
        frame's columns are the names of the features. Ctrl-C stops the training within a second.
        """
        named = [str(name) for name in X.columns] if is_frame(X) else []
        data = self._documents(X, y, groups, qid, named)
        held = None if valid is None else self._validation(valid, qid is not None, named)
        settings = self._settings(seed=self.seed, measure=self.measure, bag=self.bag)
        chosen = (self.method, self.preset, settings)
        with contextlib.closing(self._watcher()) as watcher:
            model, fitted = _irgan.train_ranker(chosen, data, held, self.valid_share, watcher)
        self._take(model)
        self.valid_score_, self.failure_ = fitted["value"], fitted["failure"]
        warn_of(fitted["warnings"], fitted["failure"])
        return self

    def predict(self, X, groups=None, *, qid=None, player=None):
        """Returns scores ``[D]`` of float32, higher for better documents; only those of one query compare with each other.

        Features are normalised within each query, so the queries have to be told by ``groups`` or ``qid``; without either all rows are
        one query. ``player`` is ``"g"``, ``"d"`` or ``"both"`` in the place of the one that the validation data chose.
        """
        model = self._fitted()
        if is_frame(X) and self.feature_names_in_ is not None:
            missing = [name for name in self.feature_names_in_ if name not in X.columns]
            if missing:
                raise ValueError(f"X lacks features of the training data: {', '.join(missing)}")
            X = X[list(self.feature_names_in_)]
        X = _matrix(X)
        if groups is None and qid is None:
            groups = [len(X)] if len(X) else []
        return np.frombuffer(model.predict(X, _queries(groups, qid), player), dtype=np.float32)

    def save(self, folder, *, force=False):
        """Writes the model into ``folder``, from which ``irgan rank --model`` and :meth:`load` read it. A model that is there is replaced
        only with ``force``."""
        self._fitted().save(os.fspath(folder), force)

    @classmethod
    def load(cls, folder):
        """Reads the model in ``folder``, which :meth:`save` or ``irgan train`` wrote."""
        model = _irgan.RankerModel.load(os.fspath(folder))
        ranker = cls(method=model.method)
        ranker._take(model)
        return ranker

    def _take(self, model):
        """Keeps a model with the attributes that it has."""
        self._model = model
        self.player_ = model.player
        self.n_features_in_, names = model.features
        self.feature_names_in_ = np.array(names, dtype=object) if names else None

    @staticmethod
    def _documents(X, y, groups, qid, names):
        y = np.ascontiguousarray(y, dtype=np.float64)
        if y.ndim != 1:
            raise ValueError(f"y: expected one grade a row, found an array of shape {y.shape}")
        return _matrix(X), y, _queries(groups, qid), names

    def _validation(self, valid, by_id, names):
        if not isinstance(valid, (tuple, list)) or len(valid) != 3:
            raise ValueError(f"valid: expected (X, y, {'qid' if by_id else 'groups'})")
        X, y, queries = valid
        if is_frame(X) and [str(name) for name in X.columns] != names:
            raise ValueError("valid: its columns are not those of X")
        groups, qid = (None, queries) if by_id else (queries, None)
        return self._documents(X, y, groups, qid, names)


def _matrix(X):
    """Returns features as float32 in C order: the array itself where it is that already."""
    X = np.ascontiguousarray(X, dtype=np.float32)
    if X.ndim != 2:
        raise ValueError(f"X: expected a matrix with a row for each document, found an array of shape {X.shape}")
    return X


def _queries(groups, qid):
    """Returns the queries of rows as the library takes them."""
    if (groups is None) == (qid is None):
        raise ValueError("expected one of groups (the number of documents of each query) and qid (the query of each row)")
    if qid is not None:
        return ids(qid)
    counts = np.asarray(groups)
    if counts.ndim != 1 or not (counts.size == 0 or np.issubdtype(counts.dtype, np.integer)) or (counts < 0).any():
        raise ValueError("groups: expected the number of documents of each query, whole numbers")
    return counts.tolist()
