"""Generators of sentences."""

import contextlib
import os
import warnings

import numpy as np

from . import _irgan
from ._errors import IrganWarning
from ._estimator import Estimator


class TextGenerator(Estimator):
    """Generator of sentences: maximum likelihood, then the adversarial game of SeqGAN.

    :param preset: Named settings to start from: ``"small"``, ``"medium"``, ``"large"``, ``"ours"`` or ``"authors"``; by the number of
        tokens when there is none.
    :param seed: Seed of every random stream; 1 unless ``settings`` say otherwise. The same seed gives the same bits as ``seqgan train``.
    :param level: Kind of token: ``"word"``, ``"char"`` or ``"id"``.
    :param lowercase: Read all text in lower case.
    :param max_len: Longest sentence in tokens; longer ones are left out. 0 stands for 200.
    :param min_count: Least count of a word; rarer ones are unknown.
    :param data_seed: Seed of the sentences that are held out.
    :param settings: Any other setting, by the names that ``seqgan train --print-config`` prints and errors mention:
        ``{"mle.epochs": 5, "adversarial.schedule.rounds": 3}``.
    :param progress: As for :class:`Ranker`.

    Fitted attributes: ``vocabulary_size_`` and ``collapses_``, the signs of collapse that were seen.

    >>> sentences = [f"a {animal} {verb}" for animal in ("dog", "cat", "man") for verb in ("sleeps", "runs", "eats")] * 3
    >>> quick = {"mle.epochs": 2, "adversarial.schedule.rounds": 1, "generator.hidden": 8, "ensemble.members": 1}
    >>> model = TextGenerator(preset="small", settings=quick).fit(sentences)
    >>> len(model.generate(5, seed=1))
    5
    >>> model.score(["a dog runs", "a cat sleeps"]).shape
    (2,)
    """

    _Model = _irgan.TextModel

    def __init__(
        self,
        *,
        preset=None,
        seed=None,
        level="word",
        lowercase=False,
        max_len=0,
        min_count=1,
        data_seed=1,
        settings=None,
        progress=False,
    ):
        self.preset = preset
        self.seed = seed
        self.level = level
        self.lowercase = lowercase
        self.max_len = max_len
        self.min_count = min_count
        self.data_seed = data_seed
        self.settings = settings
        self.progress = progress

    def fit(self, sentences, y=None, *, valid=None):
        """Trains on an iterable of sentences, chosen by those of ``valid``; without them a tenth is held out. ``y`` is not used."""
        reading = (self.level, self.lowercase, self.max_len, self.min_count, self.data_seed)
        held = None if valid is None else _texts(valid)
        with contextlib.closing(self._watcher()) as watcher:
            model, self.collapses_ = _irgan.train_text(
                self.preset, self._settings(seed=self.seed), reading, _texts(sentences), held, watcher
            )
        self._take(model)
        for text in self.collapses_:
            warnings.warn(text, IrganWarning, stacklevel=2)
        return self

    def generate(self, n=10, *, temperature=1.0, top_k=None, top_p=None, prefix="", which="gan", seed=0):
        """Returns ``n`` sentences, drawn by ``seed``: the same as those of ``seqgan generate``.

        :param temperature: Divisor of the logits; 0 always takes the likeliest token.
        :param top_k: Draw from so many of the likeliest tokens only.
        :param top_p: Draw from the smallest set of likeliest tokens with this share of the mass only.
        :param prefix: Beginning of every sentence.
        :param which: ``"gan"``, the generator after the game, or ``"mle"``, that after maximum likelihood.
        """
        return self._fitted().generate(n, (temperature, top_k, top_p), prefix, which, seed)

    def score(self, sentences, y=None, *, which="gan", per_token=False):
        """Returns the log-likelihood of every sentence in nats, with its end, as ``seqgan score`` does: ``[N]``. With ``per_token`` it is
        divided by the number of tokens; ``numpy.exp`` of its negative is the perplexity. ``y`` is not used."""
        totals, lengths = self._fitted().score(_texts(sentences), which)
        return np.array(totals) / lengths if per_token else np.array(totals)

    def save(self, folder, *, force=False):
        """Writes the model into ``folder``, from which ``seqgan generate --model`` and :meth:`load` read it. A model that is there is
        replaced only with ``force``."""
        self._fitted().save(os.fspath(folder), force)

    @classmethod
    def load(cls, folder):
        """Reads the model in ``folder``, which :meth:`save` or ``seqgan train`` wrote."""
        generator = cls()
        generator._take(_irgan.TextModel.load(os.fspath(folder)))
        return generator

    def _take(self, model):
        self._model = model
        self.vocabulary_size_ = model.vocabulary_size


def _texts(sentences):
    """Returns sentences as a list of str."""
    if isinstance(sentences, str):
        raise TypeError("sentences: expected an iterable of sentences, found one str")
    texts = list(sentences)
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            raise TypeError(f"sentences:{number}: expected a str, found {text!r}")
    return texts
