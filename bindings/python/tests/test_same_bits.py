"""The same seed gives the same bytes in Python and on the command line."""

import json

import numpy as np
import pytest
from conftest import run, same_files

import irgan

MODEL = ("model.toml", "*.safetensors")
ALONE = ("--baselines", "none", "--controls", "none")


def arrays(folder, X, y, groups):
    folder.mkdir()
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", np.asarray(y, dtype=np.int64))
    np.save(folder / "group.npy", np.asarray(groups))
    return folder / "X.npy"


@pytest.mark.parametrize("held_out", [False, True])
def test_a_ranker_is_that_of_the_command_line(tmp_path, vectors, held_out):
    X, y, groups = vectors
    train = (X[:128], y[:128], groups[:16])
    valid = (X[128:], y[128:], groups[16:])
    words = ["--train", arrays(tmp_path / "train", *train), "--rounds", 3, "--seed", 7, *ALONE, "--out", tmp_path / "run"]
    if not held_out:
        words += ["--valid", arrays(tmp_path / "valid", *valid)]
    run("irgan", "train", "--pairwise", *words, folder=tmp_path)

    ranker = irgan.Ranker(seed=7, settings={"schedule.rounds": 3})
    ranker.fit(*train, valid=None if held_out else valid).save(tmp_path / "model")
    same_files(tmp_path / "model", tmp_path / "run", MODEL)

    # Either reads what the other wrote, and scores alike.
    loaded = irgan.Ranker.load(tmp_path / "run")
    scores = loaded.predict(valid[0], valid[2])
    assert (scores == ranker.predict(valid[0], valid[2])).all()
    test = arrays(tmp_path / "test", *valid)
    run("irgan", "rank", "--model", tmp_path / "model", "--data", test, "--out", tmp_path / "test.run")
    lines = [line.split() for line in (tmp_path / "test.run").read_text().splitlines()]
    by_document = {document: np.float32(score) for _, _, document, _, score, _ in lines}
    order = [f"{query}-{document}" for query in range(1, 9) for document in range(1, 9)]
    assert (np.array([by_document[document] for document in order], dtype=np.float32) == scores).all()


def test_a_recommender_is_that_of_the_command_line(tmp_path, likes):
    (tmp_path / "likes.tsv").write_text("".join("\t".join(map(str, row)) + "\n" for row in likes))
    words = ["--ratings", "likes.tsv", "--positive", 4, "--rounds", 2, "--seed", 7, *ALONE, "--out", "run"]
    run("irgan", "train", "--pointwise", *words, folder=tmp_path)

    model = irgan.Recommender("irgan-pointwise", positive=4, seed=7, settings={"schedule.rounds": 2}).fit(likes)
    model.save(tmp_path / "model")
    same_files(tmp_path / "model", tmp_path / "run", (*MODEL, "*.txt"))
    told = json.loads(run("irgan", "recommend", "--model", tmp_path / "model", "--user", "u3", "-k", 2, "--format", "json"))
    assert [row["item"] for row in told] == [item for item, _ in model.recommend("u3", 2)]
    assert irgan.Recommender.load(tmp_path / "run").recommend("u3", 5) == model.recommend("u3", 5)


def test_a_generator_is_that_of_the_command_line(tmp_path, sentences):
    (tmp_path / "sentences.txt").write_text("".join(f"{sentence}\n" for sentence in sentences))
    words = ["--text", "sentences.txt", "--preset", "small", "--hidden", 8, "--mle-epochs", 2, "--rounds", 1, "--ensemble", 1]
    run("seqgan", "train", *words, "--seed", 7, "--controls", "none", "--out", "run", folder=tmp_path)

    quick = {"generator.hidden": 8, "mle.epochs": 2, "adversarial.schedule.rounds": 1, "ensemble.members": 1}
    model = irgan.TextGenerator(preset="small", seed=7, settings=quick).fit(sentences)
    model.save(tmp_path / "model")
    files = ("model.toml", "generator.safetensors", "mle.safetensors", "vocabulary.txt")
    same_files(tmp_path / "model", tmp_path / "run", files)
    told = run("seqgan", "generate", "--model", tmp_path / "model", "-n", 5, "--seed", 3)
    assert told.splitlines() == irgan.TextGenerator.load(tmp_path / "run").generate(5, seed=3)
    scored = json.loads(run("seqgan", "score", "--model", "model", "--format", "json", "sentences.txt", folder=tmp_path))
    assert [row["log-likelihood"] for row in scored] == model.score(sentences).tolist()


def test_measures_and_hits_are_those_of_the_command_line(tmp_path):
    texts = {"d1": "salt and wind", "d2": "a boundary layer", "d3": "layers of salt", "d4": "the wind and the salt"}
    (tmp_path / "texts.tsv").write_text("".join(f"{docno}\t{text}\n" for docno, text in texts.items()))
    (tmp_path / "queries.tsv").write_text("q1\tsalt wind\nq2\tlayers\n")
    (tmp_path / "qrels.txt").write_text("q1 0 d4 2\nq1 0 d1 1\nq2 0 d3 1\n")
    run("irgan", "index", "--collection", "texts.tsv", "--index", "theirs", folder=tmp_path)
    search = ["--queries", "queries.tsv", "-k", 3, "--out", "bm25.run"]
    run("irgan", "search", "--index", "theirs", *search, folder=tmp_path)
    lines = [line.split() for line in (tmp_path / "bm25.run").read_text().splitlines()]

    ours = irgan.Index.build(tmp_path / "ours", texts)
    for index in (ours, irgan.Index(tmp_path / "theirs")):
        found = index.search({"q1": "salt wind", "q2": "layers"}, k=3)
        assert [line[0] for line in lines] == list(found["qid"])
        assert [line[2] for line in lines] == list(found["docno"])
        assert [int(line[3]) - 1 for line in lines] == list(found["rank"])
        assert [np.float32(line[4]) for line in lines] == [np.float32(score) for score in found["score"]]

    words = ["qrels.txt", "bm25.run", "-m", "official", "--format", "json"]
    [told] = json.loads(run("irgan", "eval", *words, folder=tmp_path))
    assert irgan.evaluate(tmp_path / "qrels.txt", tmp_path / "bm25.run", "official").items() <= told.items()
