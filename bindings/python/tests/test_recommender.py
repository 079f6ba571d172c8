"""`irgan.Recommender`."""

import numpy as np
import pytest

import irgan


@pytest.fixture(scope="module")
def fitted(likes):
    return irgan.Recommender("itemknn", positive=4).fit(likes)


def test_the_best_items_come_first_and_known_ones_are_left_out(fitted, likes):
    known = {item for user, item, rating, _ in likes if user == "u3" and rating >= 4}
    best = fitted.recommend("u3", 3)
    assert len(best) == 3 and not known & {item for item, _ in best}
    scores = [score for _, score in fitted.recommend("u3", 12, with_known=True)]
    assert len(scores) == 12 and scores == sorted(scores, reverse=True)
    table = fitted.recommend_all(["u3", "u4"], 2)
    assert list(table["user"]) == ["u3", "u3", "u4", "u4"] and list(table["rank"]) == [1, 2, 1, 2]
    assert list(table["item"])[:2] == [item for item, _ in best[:2]]
    assert len(fitted.recommend_all(k=1)["user"]) == len(fitted.users_) == 30


def test_columns_rows_arrays_and_frames_say_the_same(fitted, likes):
    users, items, ratings, times = (list(column) for column in zip(*likes))
    model = irgan.Recommender("itemknn", positive=4).fit(users, items, ratings)
    assert model.recommend("u3", 3) == fitted.recommend("u3", 3)
    numbers = np.array([(user[1:], item[1:], rating, time) for user, item, rating, time in likes], dtype=float)
    model = irgan.Recommender("itemknn", positive=4).fit(numbers)
    assert model.recommend(3, 3) == [(int(item[1:]), score) for item, score in fitted.recommend("u3", 3)]
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(likes, columns=["user_id", "item_id", "rating", "timestamp"])
    assert irgan.Recommender("itemknn", positive=4).fit(frame).recommend("u3", 3) == fitted.recommend("u3", 3)


def test_validation_rows_choose(likes):
    train, valid = likes[:150], likes[150:]
    model = irgan.Recommender("puresvd", positive=4, refit=False, settings={"interactions.svd-rank": 2}).fit(train, valid=valid)
    assert 0 < model.valid_score_ <= 1


@pytest.mark.parametrize(
    ("rows", "params", "kind", "words"),
    [
        ([], {}, irgan.DataError, "ratings: holds no ratings"),
        ([("a", "x", 1), ("a", "y")], {}, ValueError, "all of one length"),
        ([("a", "x", float("nan"))], {}, irgan.DataError, "row 1: expected a finite rating, found NaN"),
        ([("", "x")], {}, irgan.DataError, "ratings:1: expected an id of a user"),
        ([("a", "x", 1), ("a", "y", 2)], {"positive": 4}, irgan.DataError, r"`positives.least` \(positive=…\)"),
        ([("a", "x"), ("b", "y")], {}, irgan.DataError, r"`ratings.validation` \(valid=…\)"),
        ([("a", "x"), ("a", "y"), ("b", "y"), ("b", "z")], {"split": "last"}, irgan.DataError, r"`split.order` \(split=…\)"),
        ([("a", "x")], {"split": "first"}, ValueError, "split: unknown variant `first`"),
        (np.zeros((3, 5)), {}, ValueError, "an array of 2 to 4 columns"),
        (np.array([[0.5, 1.0]]), {}, ValueError, "whole numbers as the ids"),
    ],
)
def test_errors_name_the_cause_in_the_terms_of_python(rows, params, kind, words):
    with pytest.raises(kind, match=words) as told:
        irgan.Recommender("pop", **params).fit(rows)
    assert "--" not in str(told.value)


def test_unknown_users_and_columns_of_other_lengths_are_refused(fitted):
    with pytest.raises(irgan.SettingError, match="user `nobody` is not in the training data"):
        fitted.recommend("nobody")
    with pytest.raises(ValueError, match=r"the columns differ in length: \[1, 2\]"):
        irgan.Recommender("pop").fit(["a", "b"], ["x"])
