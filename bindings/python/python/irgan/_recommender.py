"""Recommenders of items to users."""

import contextlib
import os

import numpy as np

from . import _irgan
from ._estimator import Estimator, warn_of
from ._tables import column, frame, ids, is_frame, numbers

USER = ("user", "user_id", "userId", "userID")
ITEM = ("item", "item_id", "itemId", "itemID", "movieId")
RATING = ("rating", "value")
TIME = ("time", "timestamp")


class Recommender(Estimator):
    """Recommender of the items that users like, from what they liked before: IRGAN, or one of the baselines it is measured against.

    :param method: ``"irgan-pairwise"``, ``"irgan-pointwise"``, or a baseline: ``"ease"``, ``"ials"``, ``"itemknn"``, ``"puresvd"``,
        ``"pop"``, ``"bpr"``, ``"mle"``, ``"dns"``.
    :param preset: Named settings to start from: ``"ours"`` or ``"authors"``.
    :param seed: Seed of every random stream; 1 unless ``settings`` say otherwise. The same seed gives the same bits as ``irgan train``.
    :param measure: Validation measure that chooses epochs and rounds.
    :param positive: Least rating that counts as a positive, where there are ratings.
    :param valid_share: Share of every user's positives that is held out to choose by where ``fit`` is given no ``valid``.
    :param split: Positives that are held out: ``"random"`` or, by their times, the ``"last"``.
    :param refit: Train the chosen epochs and rounds again on training and validation positives together.
    :param tune: Number of settings, drawn at random, that are tried for the method.
    :param settings: Any other setting, as for :class:`Ranker`.
    :param progress: As for :class:`Ranker`.

    Fitted attributes: ``valid_score_``, ``player_``, ``users_``, ``items_`` and ``failure_``.

    >>> users = ["ann", "ann", "ann", "ben", "ben", "ben", "cleo", "cleo"]
    >>> items = ["tea", "milk", "sugar", "tea", "sugar", "milk", "tea", "milk"]
    >>> model = Recommender(method="itemknn").fit(users + ["dan"], items + ["soap"])
    >>> [item for item, score in model.recommend("cleo", 1)]
    ['sugar']
    """

    _Model = _irgan.RecommenderModel

    def __init__(
        self,
        method="irgan-pairwise",
        *,
        preset="ours",
        seed=None,
        measure=None,
        positive=4.0,
        valid_share=0.2,
        split="random",
        refit=True,
        tune=0,
        settings=None,
        progress=False,
    ):
        self.method = method
        self.preset = preset
        self.seed = seed
        self.measure = measure
        self.positive = positive
        self.valid_share = valid_share
        self.split = split
        self.refit = refit
        self.tune = tune
        self.settings = settings
        self.progress = progress

    def fit(self, users, items=None, ratings=None, times=None, *, valid=None):
        """Trains on rows of a user, an item and, where they are known, a rating and a time.

        They come as columns, ``fit(users, items, ratings)``, or in one table, ``fit(table)``: a data frame with the columns ``user`` and
        ``item`` (``user_id``, ``item_id``) and perhaps ``rating`` and ``time`` (``timestamp``), an array of 2 to 4 columns in this order,
        or a list of such tuples. Rows without a rating are positives. ``valid`` is another such table, or a tuple of columns.

        Ids are texts or whole numbers; numbers come back as numbers from a model that was fitted on them, and as texts from one that was
        loaded.
        """
        data = _columns(users, items, ratings, times)
        held = None
        if valid is not None:
            held = _columns(*valid) if isinstance(valid, tuple) else _columns(valid, None, None, None)
        chosen = (self.method, self.preset, self._settings(seed=self.seed, measure=self.measure))
        split = (self.positive, self.valid_share, self.split)
        with contextlib.closing(self._watcher()) as watcher:
            rows = [None if table is None else _rows(table) for table in (data, held)]
            model, fitted = _irgan.train_recommender(chosen, *rows, split, (self.refit, self.tune), watcher)
        self._take(model, *(_kind(column) for column in data[:2]))
        self.valid_score_, self.failure_ = fitted["value"], fitted["failure"]
        warn_of(fitted["warnings"], fitted["failure"])
        return self

    def recommend(self, user, k=10, *, with_known=False, player=None):
        """Returns the ``k`` best items of a user, best first, as ``[(item, score), …]``; those that the user is known to like are left out
        unless ``with_known``."""
        best = self._fitted().recommend([str(user)], k, with_known, player)[0]
        return [(self._item(item), score) for item, score in best]

    def recommend_all(self, users=None, k=10, *, with_known=False, player=None):
        """Returns the best items of many users, of all without ``users``, as a data frame with the columns ``user``, ``item``, ``score``
        and ``rank`` (from 1), or as a dictionary of them where pandas is not installed."""
        model = self._fitted()
        users = self.users_ if users is None else list(users)
        found = model.recommend([str(user) for user in users], k, with_known, player)
        rows = [(user, item, score, rank) for user, best in zip(users, found) for rank, (item, score) in enumerate(best, 1)]
        of_user, items, scores, ranks = zip(*rows) if rows else ((), (), (), ())
        items = [self._item(item) for item in items]
        return frame(
            {
                "user": list(of_user),
                "item": items,
                "score": np.array(scores, dtype=np.float32),
                "rank": np.array(ranks, dtype=np.int64),
            }
        )

    def save(self, folder, *, force=False):
        """Writes the model into ``folder``, from which ``irgan recommend --model`` and :meth:`load` read it. A model that is there is
        replaced only with ``force``."""
        self._fitted().save(os.fspath(folder), force)

    @classmethod
    def load(cls, folder):
        """Reads the model in ``folder``, which :meth:`save` or ``irgan train --ratings`` wrote."""
        model = _irgan.RecommenderModel.load(os.fspath(folder))
        recommender = cls(method=model.method)
        recommender._take(model, str, str)
        return recommender

    def _take(self, model, user, item):
        """Keeps a model, whose ids are of the kinds ``user`` and ``item``."""
        self._model, self._item = model, item
        self.player_ = model.player
        self.users_ = [user(name) for name in model.users]
        self.items_ = [item(name) for name in model.items]


def _columns(users, items, ratings, times):
    """Returns the four columns of a table, or of columns that are given."""
    if items is not None:
        return users, items, ratings, times
    if is_frame(users):
        optional = (column(users, names, "") if any(name in users.columns for name in names) else None for names in (RATING, TIME))
        return column(users, USER, "users"), column(users, ITEM, "items"), *optional
    if isinstance(users, np.ndarray):
        table = users
        if table.ndim != 2 or not 2 <= table.shape[1] <= 4:
            raise ValueError(f"expected an array of 2 to 4 columns: user, item[, rating[, time]]; found the shape {table.shape}")
        columns = list(table.T)
        if np.issubdtype(table.dtype, np.floating):
            columns[:2] = [_whole(of_ids) for of_ids in columns[:2]]
    else:
        rows = [tuple(row) for row in users]
        widths = {len(row) for row in rows} or {2}
        if len(widths) > 1 or not widths <= {2, 3, 4}:
            raise ValueError("expected rows of user, item[, rating[, time]], all of one length")
        columns = [list(values) for values in zip(*rows)] or [[], []]
    return (*columns, None, None)[:4]


def _whole(values):
    """Returns ids that stand as floats beside ratings as whole numbers."""
    if not np.array_equal(values, np.floor(values)):
        raise ValueError("expected whole numbers as the ids of users and items")
    return values.astype(np.int64)


def _rows(columns):
    """Returns columns as the library takes them, after a check that they have one length."""
    users, items = ids(columns[0]), ids(columns[1])
    values = [None if values is None else numbers(values) for values in columns[2:]]
    lengths = {len(users), len(items), *(len(value) for value in values if value is not None)}
    if len(lengths) > 1:
        raise ValueError(f"the columns differ in length: {sorted(lengths)}")
    return users, items, *values


def _kind(values):
    """Returns the type of ids: int where all are whole numbers, else str."""
    return int if np.issubdtype(np.asarray(values).dtype, np.integer) else str
