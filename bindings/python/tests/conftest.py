"""Data and programs that several tests share."""

import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest


@pytest.fixture(scope="session")
def vectors():
    """24 queries of 8 documents with 4 features, of which the first tells the grade."""
    generator = np.random.default_rng(3)
    X = generator.random((192, 4), dtype=np.float32)
    y = np.digitize(X[:, 0] + 0.2 * X[:, 1], [0.6, 0.95])
    return X, y, [8] * 24


@pytest.fixture(scope="session")
def likes():
    """Rows of user, item, rating and time: 30 users like items of one of two kinds."""
    generator = np.random.default_rng(5)
    rows = []
    for user in range(30):
        for item in generator.choice(12, size=7, replace=False):
            rating = 5 if item % 2 == user % 2 else 2
            rows.append((f"u{user}", f"i{item}", rating, len(rows)))
    return rows


@pytest.fixture(scope="session")
def sentences():
    """60 sentences over a dozen words."""
    subjects, verbs, places = ("the dog", "a cat", "one man"), ("sleeps", "eats", "sings", "runs"), ("here", "at home")
    return [f"{who} {does} {where}" for who in subjects for does in verbs for where in places] * 3


def program(name):
    """Returns the path of one of the programs; skips the test where they are not built."""
    folder = os.environ.get("IRGAN_PROGRAMS")
    path = pathlib.Path(folder, name).resolve() if folder else shutil.which(name)
    if path is None or not pathlib.Path(path).exists():
        pytest.skip(f"the program {name} is neither in IRGAN_PROGRAMS nor on the path")
    return str(path)


def run(name, *words, folder=None):
    """Runs a program and returns what it prints."""
    done = subprocess.run([program(name), *map(str, words)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def same_files(left, right, names):
    """Asserts that two folders have the same bytes in the files of these patterns."""
    left, right = pathlib.Path(left), pathlib.Path(right)
    found = sorted(path.name for pattern in names for path in left.glob(pattern))
    assert found and found == sorted(path.name for pattern in names for path in right.glob(pattern))
    for name in found:
        assert (left / name).read_bytes() == (right / name).read_bytes(), name
