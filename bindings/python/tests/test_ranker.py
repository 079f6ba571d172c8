"""`irgan.Ranker`."""

import copy
import math
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest

import irgan

QUICK = {"fit.epochs": 5}


def quick(**params):
    return irgan.Ranker("listnet", settings=QUICK, **params)


@pytest.fixture(scope="module")
def fitted(vectors):
    return quick().fit(*vectors)


def test_a_fitted_ranker_ranks_and_tells_what_it_is(fitted, vectors):
    X, y, groups = vectors
    scores = fitted.predict(X, groups)
    assert scores.shape == (192,) and scores.dtype == np.float32
    assert np.corrcoef(scores, y)[0, 1] > 0.5
    assert fitted.n_features_in_ == 4 and fitted.feature_names_in_ is None and fitted.player_ == "ranker"
    assert 0.5 < fitted.valid_score_ <= 1 and fitted.failure_ is None
    assert fitted.predict(X[:0]).shape == (0,)


def test_query_ids_say_the_same_as_group_sizes(vectors):
    X, y, groups = vectors
    qid = np.repeat(np.arange(1, 25), 8)
    by_id, by_size = quick().fit(X, y, qid=qid), quick().fit(X, y, groups)
    assert (by_id.predict(X, qid=qid) == by_size.predict(X, groups)).all()
    valid = (X[64:], y[64:], qid[64:])
    assert (quick().fit(X[:64], y[:64], qid=qid[:64], valid=valid).predict(X[:8]) != 0).any()


def test_any_layout_and_type_of_array_gives_the_same(fitted, vectors):
    X, y, groups = vectors
    expected = fitted.predict(X, groups)
    for same in (np.asfortranarray(X), X.astype(np.float64), X.tolist(), np.repeat(X, 2, axis=0)[::2]):
        assert (fitted.predict(same, groups) == expected).all()
    X.flags.writeable = False
    assert (quick().fit(X, y.astype(float).tolist(), np.array(groups)).predict(X, groups) == expected).all()
    X.flags.writeable = True


def test_parameters_are_those_of_the_constructor():
    ranker = irgan.Ranker("dns", seed=3, settings=QUICK)
    params = ranker.get_params()
    assert params["method"] == "dns" and params["settings"] is QUICK and params["valid_share"] == 0.25
    again = irgan.Ranker(**params)
    assert again.get_params() == params and repr(again) == repr(ranker)
    assert repr(ranker) == "Ranker(method='dns', seed=3, settings={'fit.epochs': 5})"
    assert ranker.set_params(seed=4) is ranker and ranker.seed == 4
    with pytest.raises(ValueError, match="Ranker has no parameter rounds; it has method"):
        ranker.set_params(rounds=4)
    with pytest.raises(AttributeError, match="not fitted yet"):
        ranker.predict(np.zeros((1, 4)))


def test_scikit_learn_clones_it():
    base = pytest.importorskip("sklearn.base")
    ranker = irgan.Ranker("dns", settings=QUICK)
    assert base.clone(ranker).get_params() == ranker.get_params()


def test_a_fitted_ranker_can_be_pickled_and_copied(fitted, vectors):
    X, _, groups = vectors
    for again in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert (again.predict(X, groups) == fitted.predict(X, groups)).all() and again.get_params() == fitted.get_params()
    assert not pickle.loads(pickle.dumps(quick())).__sklearn_is_fitted__()


def test_settings_are_nested_or_dotted_and_parameters_win(vectors):
    X, y, groups = vectors
    dotted = irgan.Ranker("listnet", seed=5, settings={"fit.epochs": np.int64(5), "seed": 1}).fit(X, y, groups)
    nested = irgan.Ranker("listnet", settings={"fit": {"epochs": 5}, "seed": 5}).fit(X, y, groups)
    assert (dotted.predict(X, groups) == nested.predict(X, groups)).all()
    assert (dotted.predict(X, groups) != quick(seed=2**64 - 1).fit(X, y, groups).predict(X, groups)).any()


def test_a_bag_of_models_is_trained_and_saved(vectors, tmp_path):
    X, y, groups = vectors
    bag = quick(bag=2).fit(X, y, groups)
    bag.save(tmp_path / "bag")
    assert (irgan.Ranker.load(tmp_path / "bag").predict(X, groups) == bag.predict(X, groups)).all()


def test_a_model_is_replaced_only_by_force(fitted, vectors, tmp_path):
    fitted.save(tmp_path)
    with pytest.raises(irgan.DataError, match=r"holds a model already; choose another folder, or set `run.force` \(force=True\)"):
        fitted.save(tmp_path)
    fitted.save(tmp_path, force=True)
    assert irgan.Ranker.load(str(tmp_path)).method == "listnet"
    with pytest.raises(OSError):
        fitted.save(tmp_path / "model.toml" / "below")
    with pytest.raises((irgan.IrganError, OSError), match="nothing"):
        irgan.Ranker.load(tmp_path / "nothing")


def test_the_columns_of_a_frame_are_the_names_of_features(vectors, tmp_path):
    pandas = pytest.importorskip("pandas")
    X, y, groups = vectors
    frame = pandas.DataFrame(X, columns=["bm25", "length", "clicks", "age"])
    ranker = irgan.Ranker("listnet", settings={**QUICK, "features": "bm25,length"}).fit(frame, pandas.Series(y), groups)
    assert list(ranker.feature_names_in_) == list(frame.columns)
    expected = ranker.predict(frame, groups)
    assert (ranker.predict(frame[["age", "clicks", "length", "bm25"]], groups) == expected).all()
    assert (ranker.predict(X, groups) == expected).all()
    with pytest.raises(ValueError, match="lacks features of the training data: clicks"):
        ranker.predict(frame.drop(columns="clicks"), groups)
    ranker.save(tmp_path)
    assert (irgan.Ranker.load(tmp_path).predict(frame, groups) == expected).all()


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"X": np.zeros(3)}, ValueError, "X: expected a matrix"),
        ({"X": np.full((192, 4), np.inf)}, irgan.DataError, "inf"),
        ({"y": [0.5] * 192}, irgan.DataError, "row 0: expected a whole grade from -1"),
        ({"y": [0] * 192}, irgan.DataError, "at least 2 are needed"),
        ({"y": [1, 0]}, ValueError, "2"),
        ({"groups": [8] * 23}, irgan.DataError, "the groups count 184 documents, but there are 192 rows"),
        ({"groups": [192.5]}, ValueError, "groups: expected the number of documents"),
        ({"groups": [-1]}, ValueError, "groups: expected the number of documents"),
        ({"groups": None}, ValueError, "one of groups"),
        ({"groups": None, "qid": [1, 2] * 96}, irgan.DataError, "query 1 goes on in row 2"),
        ({"valid": 3}, ValueError, r"valid: expected \(X, y, groups\)"),
        ({"method": "lambdarnk"}, ValueError, "method: unknown variant `lambdarnk`"),
        ({"method": "ease"}, irgan.SettingError, "ease"),
        ({"settings": {"fit.epoch": 3}}, irgan.SettingError, "unknown field `epoch`"),
        ({"settings": {"fit": object()}}, TypeError, "settings: <object"),
        ({"measure": "nDGC"}, irgan.SettingError, "nDGC"),
        ({"valid_share": 2}, irgan.SettingError, r"`split.share` \(valid_share=…\)"),
        ({"progress": 3}, TypeError, "progress: expected True, False or a callable"),
        ({"settings": {"schedule.freeze-d": 1, "generator.reward": "nDCG@10"}, "method": "irgan-pairwise"}, irgan.SettingError,
         r"`schedule.freeze-d` \(settings=\{'schedule.freeze-d': …\}\)"),
    ],
)  # fmt: skip
def test_errors_name_the_cause_in_the_terms_of_python(vectors, change, kind, words):
    X, y, groups = vectors
    data = {"X": X, "y": y, "groups": groups}
    params = {name: change.pop(name) for name in list(change) if name in irgan.Ranker().get_params()}
    with pytest.raises(kind, match=words) as told:
        irgan.Ranker(**params).fit(**{**data, **change})
    assert "--" not in str(told.value)


def test_a_model_refuses_other_features_and_players(fitted, vectors):
    X, _, groups = vectors
    with pytest.raises(irgan.DataError, match="the data have 3 features, but the training data had 4"):
        fitted.predict(X[:, :3], groups)
    with pytest.raises(ValueError, match="player: unknown variant `generator`"):
        fitted.predict(X, groups, player="generator")
    with pytest.raises(irgan.IrganError):
        fitted.predict(X, groups, player="d")


def test_a_callable_hears_every_step_and_may_stop_the_training(vectors):
    heard = []
    quick(progress=lambda *event: heard.append(event)).fit(*vectors)
    phases, steps, most, metrics = zip(*heard)
    assert set(phases) == {"listnet"} and steps[0] == 1 and set(most) == {5}
    assert all(isinstance(value, float) and math.isfinite(value) for value in metrics[0].values())

    def stop(phase, step, of, metrics):
        raise RuntimeError(f"enough after {step}")

    with pytest.raises(RuntimeError, match="enough after 1"):
        irgan.Ranker(progress=stop).fit(*vectors)


def test_the_bar_is_one_line_on_a_terminal_and_few_in_a_file(vectors, capsys):
    quick(progress=True).fit(*vectors)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("listnet 1/5  ") and lines[-1].startswith("listnet 5/5  ") and len(lines) == 2

    import io

    from irgan._progress import Bar

    bar = Bar(io.StringIO(), lives=True)
    for step in (1, 2, 3):
        bar.event("mle", step, 3, {"loss": 0.5})
    bar.close()
    shown = bar.stream.getvalue()
    assert shown.startswith("\r             mle [######") and shown.endswith("[####################] 3/3  loss 0.5000\n")
    assert shown.count("\n") == 1


def test_ctrl_c_stops_a_training_within_a_second(vectors):
    began = threading.Event()
    sent = []

    def interrupt():
        began.wait(60)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    ranker = irgan.Ranker(settings={"schedule.rounds": 10**6, "patience": 10**6}, progress=lambda *_: began.set())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background has it ignored
    try:
        with pytest.raises(KeyboardInterrupt):
            ranker.fit(*vectors)
    finally:
        signal.signal(signal.SIGINT, before)
    # A second by the watch, and as much again for a machine that does other work.
    assert time.monotonic() - sent[0] < 2
    assert not ranker.__sklearn_is_fitted__()


def test_other_threads_run_while_a_training_does(vectors):
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.monotonic()
    irgan.Ranker(settings={"schedule.rounds": 20, "patience": 20}).fit(*vectors)
    end = time.monotonic()
    done.set()
    thread.join()
    within = sum(start < tick < end for tick in ticks)
    assert within > 10 * (end - start), f"{within} ticks in {end - start:.2f} s"
