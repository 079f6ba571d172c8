from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import Any

from numpy import float32, float64
from numpy.typing import ArrayLike, NDArray

__version__: str

_Path = str | PathLike[str]
_Progress = bool | Callable[[str, int, int, dict[str, float]], Any]
_Table = Any
"""A pandas data frame; a dictionary of columns where pandas is not installed."""

class IrganError(Exception): ...
class SettingError(IrganError, ValueError): ...
class DataError(IrganError, ValueError): ...
class IrganWarning(UserWarning): ...

class Qrels:
    def __init__(self, source: Mapping[Any, Mapping[Any, int]] | _Path | Any) -> None: ...
    def __len__(self) -> int: ...

class Run:
    name: str
    def __init__(self, source: Mapping[Any, Mapping[Any, float]] | _Path | Any, name: str | None = None) -> None: ...

def evaluate(
    qrels: Qrels | Mapping[Any, Mapping[Any, int]] | _Path | Any,
    run: Run | Mapping[Any, Mapping[Any, float]] | _Path | Any,
    measures: str | Iterable[Any] = ...,
    *,
    per_query: bool = False,
    level: int = 1,
    judged_only: bool = False,
    complete: bool = False,
    depth: int | None = None,
) -> dict[str, Any]: ...
def compare(
    qrels: Qrels | Mapping[Any, Mapping[Any, int]] | _Path | Any,
    runs: Mapping[str, Any] | Iterable[Any],
    measures: str | Iterable[Any] = ...,
    *,
    all_pairs: bool = False,
    test: str = "fisher",
    correction: str = "holm",
    alpha: float = 0.05,
    seed: int = 0,
    level: int = 1,
    judged_only: bool = False,
    complete: bool = False,
    depth: int | None = None,
) -> _Table: ...

class Ranker:
    method: str
    valid_score_: float
    failure_: str | None
    player_: str
    n_features_in_: int
    feature_names_in_: Any
    def __init__(
        self,
        method: str = "irgan-pairwise",
        *,
        preset: str = "ours",
        seed: int | None = None,
        measure: str | None = None,
        bag: int | None = None,
        valid_share: float = 0.25,
        settings: Mapping[str, Any] | None = None,
        progress: _Progress = False,
    ) -> None: ...
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Ranker: ...
    def fit(
        self,
        X: ArrayLike | Any,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        qid: ArrayLike | None = None,
        valid: tuple[Any, ArrayLike, ArrayLike] | None = None,
    ) -> Ranker: ...
    def predict(
        self, X: ArrayLike | Any, groups: ArrayLike | None = None, *, qid: ArrayLike | None = None, player: str | None = None
    ) -> NDArray[float32]: ...
    def save(self, folder: _Path, *, force: bool = False) -> None: ...
    @classmethod
    def load(cls, folder: _Path) -> Ranker: ...

class Recommender:
    method: str
    valid_score_: float
    failure_: str | None
    player_: str
    users_: list[Any]
    items_: list[Any]
    def __init__(
        self,
        method: str = "irgan-pairwise",
        *,
        preset: str = "ours",
        seed: int | None = None,
        measure: str | None = None,
        positive: float = 4.0,
        valid_share: float = 0.2,
        split: str = "random",
        refit: bool = True,
        tune: int = 0,
        settings: Mapping[str, Any] | None = None,
        progress: _Progress = False,
    ) -> None: ...
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Recommender: ...
    def fit(
        self,
        users: Any,
        items: Iterable[Any] | None = None,
        ratings: ArrayLike | None = None,
        times: ArrayLike | None = None,
        *,
        valid: Any = None,
    ) -> Recommender: ...
    def recommend(
        self, user: Any, k: int = 10, *, with_known: bool = False, player: str | None = None
    ) -> list[tuple[Any, float]]: ...
    def recommend_all(
        self, users: Iterable[Any] | None = None, k: int = 10, *, with_known: bool = False, player: str | None = None
    ) -> _Table: ...
    def save(self, folder: _Path, *, force: bool = False) -> None: ...
    @classmethod
    def load(cls, folder: _Path) -> Recommender: ...

class TextGenerator:
    vocabulary_size_: int
    collapses_: list[str]
    def __init__(
        self,
        *,
        preset: str | None = None,
        seed: int | None = None,
        level: str = "word",
        lowercase: bool = False,
        max_len: int = 0,
        min_count: int = 1,
        data_seed: int = 1,
        settings: Mapping[str, Any] | None = None,
        progress: _Progress = False,
    ) -> None: ...
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> TextGenerator: ...
    def fit(self, sentences: Iterable[str], y: None = None, *, valid: Iterable[str] | None = None) -> TextGenerator: ...
    def generate(
        self,
        n: int = 10,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        prefix: str = "",
        which: str = "gan",
        seed: int = 0,
    ) -> list[str]: ...
    def score(
        self, sentences: Iterable[str], y: None = None, *, which: str = "gan", per_token: bool = False
    ) -> NDArray[float64]: ...
    def save(self, folder: _Path, *, force: bool = False) -> None: ...
    @classmethod
    def load(cls, folder: _Path) -> TextGenerator: ...

class Index:
    path: str
    def __init__(
        self,
        path: _Path,
        *,
        model: _Path | None = None,
        score: str = "bm25",
        k1: float = 1.2,
        b: float = 0.75,
        mu: float = 1000.0,
        lambda_: float = 0.4,
        field: str | None = None,
        feedback: bool | Mapping[str, Any] | None = None,
    ) -> None: ...
    @classmethod
    def build(
        cls, path: _Path, documents: Any, *, language: str = "en", force: bool = False, progress: _Progress = False, **search: Any
    ) -> Index: ...
    def search(self, queries: Any, k: int = 10) -> _Table: ...
    def document(self, docno: str) -> dict[str, str]: ...
    def transformer(self, k: int = 1000) -> Any: ...
    def __len__(self) -> int: ...
