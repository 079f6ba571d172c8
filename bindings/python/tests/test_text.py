"""`irgan.TextGenerator`."""

import numpy as np
import pytest

import irgan

QUICK = {"generator.hidden": 8, "mle.epochs": 2, "adversarial.schedule.rounds": 1, "ensemble.members": 1}


@pytest.fixture(scope="module")
def fitted(sentences):
    return irgan.TextGenerator(preset="small", settings=QUICK).fit(sentences)


def test_sentences_are_drawn_by_a_seed(fitted, sentences):
    words = {word for sentence in sentences for word in sentence.split()}
    drawn = fitted.generate(20, seed=1)
    assert len(drawn) == 20 and drawn == fitted.generate(20, seed=1) != fitted.generate(20, seed=2)
    assert {word for sentence in drawn for word in sentence.split()} <= words | {"<unk>"}
    assert len(set(fitted.generate(5, temperature=0))) == 1
    assert all(sentence.startswith("the dog") for sentence in fitted.generate(5, prefix="the dog", which="mle"))


def test_likelihoods_of_all_continuations_sum_to_one(fitted):
    # Of a sentence of one word: all words, and the end; the model never writes its special tokens.
    words = ["the", "dog", "a", "cat", "one", "man", "sleeps", "eats", "sings", "runs", "here", "at", "home"]
    assert np.exp(fitted.score(words)).sum() < 1
    totals = fitted.score(["the dog sleeps here"])
    assert fitted.score(["the dog sleeps here"], per_token=True) == pytest.approx(totals / 5)


def test_validation_sentences_choose(sentences):
    model = irgan.TextGenerator(preset="small", settings=QUICK).fit(sentences, valid=["a dog sings here"])
    assert model.vocabulary_size_ == 13 + 4


@pytest.mark.parametrize(
    ("given", "params", "kind", "words"),
    [
        ("one text", {}, TypeError, "an iterable of sentences, found one str"),
        (["a b", 3], {}, TypeError, "sentences:2: expected a str, found 3"),
        (["a b"], {}, irgan.DataError, r"`corpus.validation` \(valid=…\)"),
        (["", ""], {}, irgan.DataError, "no usable sentence"),
        (["a b", "c"], {"level": "words"}, ValueError, "level: unknown variant `words`"),
        (["a b", "c"], {"settings": {"mle.epoch": 1}}, irgan.SettingError, "unknown field `epoch`"),
        (["a b", "c"], {"preset": "tiny"}, ValueError, "preset: unknown variant `tiny`"),
    ],
)
def test_errors_name_the_cause(given, params, kind, words):
    with pytest.raises(kind, match=words) as told:
        irgan.TextGenerator(**params).fit(given)
    assert "--" not in str(told.value)


def test_a_model_refuses_what_it_cannot_write(fitted, sentences):
    with pytest.raises(irgan.SettingError, match="the model does not know `zebra`"):
        fitted.generate(prefix="zebra")
    with pytest.raises(irgan.SettingError, match=r"`draws.count` \(n=…\) 0: expected 1"):
        fitted.generate(0)
    with pytest.raises(irgan.SettingError, match=r"`ensemble.members` \(settings="):
        fitted.generate(which="ensemble")
    with pytest.raises(irgan.DataError, match="not one token of the held-out sentences"):
        irgan.TextGenerator(preset="small", settings=QUICK).fit(sentences, valid=["zebra"])
