"""What all estimators share: parameters in scikit-learn's manner, settings, and progress."""

import inspect
import json
import pathlib
import tempfile
import warnings

from ._errors import IrganWarning
from ._progress import watcher


class Estimator:
    """Estimator whose parameters are the arguments of its constructor, as scikit-learn's ``clone`` and searches want them."""

    @classmethod
    def _names(cls):
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep=True):
        """Returns the parameters of the constructor with their values."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params):
        """Replaces parameters of the constructor, and returns the estimator."""
        for name, value in params.items():
            if name not in self._names():
                raise ValueError(f"{type(self).__name__} has no parameter {name}; it has {', '.join(self._names())}")
            setattr(self, name, value)
        return self

    def __repr__(self):
        defaults = inspect.signature(type(self).__init__).parameters
        changed = (f"{name}={value!r}" for name, value in self.get_params().items() if value is not defaults[name].default)
        return f"{type(self).__name__}({', '.join(changed)})"

    def _settings(self, **given):
        """Returns the settings as the library reads them; parameters that are given win over ``settings``."""
        settings = dict(self.settings or {})
        settings.update((name, value) for name, value in given.items() if value is not None)
        seed = settings.get("seed")
        if isinstance(seed, int) and seed >= 2**63:
            settings["seed"] = str(seed)  # the integers of TOML end there
        return json.dumps(settings, default=_plain)

    def _watcher(self):
        return watcher(self.progress)

    def _fitted(self):
        """Returns the model of a fitted estimator."""
        model = getattr(self, "_model", None)
        if model is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet: call fit(), or load() one")
        return model

    def __getstate__(self):
        """Returns the parameters and, of a fitted estimator, the files of its model: what pickle and joblib keep."""
        state = dict(self.__dict__)
        model = state.pop("_model", None)
        if model is not None:
            with tempfile.TemporaryDirectory() as folder:
                model.save(folder, True)
                files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
                state["_files"] = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        return state

    def __setstate__(self, state):
        files = state.pop("_files", None)
        self.__dict__.update(state)
        if files is not None:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in files.items():
                    path = pathlib.Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
                self._model = self._Model.load(folder)

    def __sklearn_is_fitted__(self):
        return getattr(self, "_model", None) is not None


def _plain(value):
    """Returns a number or array of NumPy's as JSON has it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"settings: {value!r} is neither a number nor a text, a list or a dict")


def warn_of(texts, failure):
    """Warns of what a training went on with, and of why it ended early."""
    for text in texts:
        warnings.warn(text, IrganWarning, stacklevel=3)
    if failure:
        warnings.warn(f"{failure}; the model is the best before", IrganWarning, stacklevel=3)
