"""Adversarial training for ranking (IRGAN) and for text (SeqGAN), evaluation and retrieval, on plain CPUs.

=====================================  ==================================================================
:func:`evaluate`, :func:`compare`      measures of rankings, and tests of their differences
:class:`Ranker`                        rankers of feature vectors, in scikit-learn's manner
:class:`Recommender`                   recommenders of items to users
:class:`Index`                         an index of texts, its search, and a transformer for pipelines
:class:`TextGenerator`                 generators of sentences
=====================================  ==================================================================

Models are folders, the same ones that the programs ``irgan`` and ``seqgan`` write and read. One seed gives the same bits as there.
"""

from ._errors import DataError, IrganError, IrganWarning, SettingError
from ._evaluation import Qrels, Run, compare, evaluate
from ._index import Index
from ._irgan import VERSION as __version__
from ._ranker import Ranker
from ._recommender import Recommender
from ._text import TextGenerator

__all__ = [
    "DataError",
    "Index",
    "IrganError",
    "IrganWarning",
    "Qrels",
    "Ranker",
    "Recommender",
    "Run",
    "SettingError",
    "TextGenerator",
    "compare",
    "evaluate",
]
