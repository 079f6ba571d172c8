"""Tables that come in and go out: pandas where it is there, dictionaries of columns where it is not."""

import sys

import numpy as np


def pandas():
    """Returns pandas, or None where it is not installed."""
    try:
        import pandas
    except ImportError:
        return None
    return pandas


def is_frame(data):
    """Returns true for a pandas data frame, without importing pandas for it."""
    loaded = sys.modules.get("pandas")
    return loaded is not None and isinstance(data, loaded.DataFrame)


def frame(columns):
    """Returns ``columns``, a dictionary of lists and arrays, as a data frame; as arrays where pandas is not installed."""
    library = pandas()
    if library is None:
        return {name: np.asarray(values) for name, values in columns.items()}
    return library.DataFrame(columns)


def column(table, names, what):
    """Returns the column of ``table`` that has one of ``names``."""
    for name in names:
        if name in table.columns:
            return table[name]
    raise ValueError(f"expected a column of {what}, called {' or '.join(names)}; found {', '.join(map(str, table.columns))}")


def ids(values):
    """Returns ids as a list of str."""
    return np.asarray(values).astype(str).tolist()


def numbers(values):
    """Returns numbers as an array of float64, in one piece."""
    return np.ascontiguousarray(values, dtype=np.float64)
