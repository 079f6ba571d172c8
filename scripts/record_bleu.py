"""Makes tests/data/bleu.json: small sentences of token numbers, and NLTK's BLEU-1 to BLEU-5 of them with
smoothing method 1; self-BLEU of small samples, each sentence against the list of all others; corpus BLEU of samples
with one reference a sentence, of at least 5 tokens, so that every order has n-grams (where NLTK would count one for none).

    pip install nltk==3.10.4
    python scripts/record_bleu.py
"""

import json
import pathlib

from nltk.translate.bleu_score import SmoothingFunction, corpus_bleu, sentence_bleu

DATA = pathlib.Path(__file__).parent.parent / "tests" / "data"
ORDERS = range(1, 6)
# What random draws may miss: (references, hypothesis).
CASES = [
    ([[1, 2, 3, 4, 5, 6]], []),
    ([[1, 2, 3], []], []),
    ([[]], [1]),
    ([[1, 2, 3]], [1]),
    ([[1, 2, 3]], [3, 1]),
    ([[1, 2, 3, 4, 5, 6]], [1, 2, 3, 4, 5, 6]),
    ([[7, 8], [1, 2, 3, 4]], [1, 2, 3, 4]),
    ([[1, 2, 3, 4, 5, 6]], [7, 8, 9, 7, 8, 9]),
    ([[1, 2, 3, 4, 1, 5], [6, 3, 7, 2, 4, 1, 5]], [1] * 7),
    ([[1] * 11, [1] * 13], [1] * 12),  # as near: the shorter one
    ([[1] * 13, [2] * 2], [1] * 12),
    ([[1, 2] * 4, [2, 1] * 2], [1, 2] * 3),
    ([[1, 2, 3, 4], [1, 2, 3, 4]], [1, 2, 3, 4, 5, 6, 7, 8]),
    ([[0, 4294967294, 0, 4294967294]], [4294967294, 0, 4294967294]),
]  # fmt: skip


def numbers(seed):
    """A linear congruential generator: the same numbers everywhere."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


def sentence(draw, shortest, longest, vocabulary):
    return [next(draw) % vocabulary for _ in range(shortest + next(draw) % (longest - shortest + 1))]


def bleu(references, hypothesis):
    smooth = SmoothingFunction().method1
    return [float(sentence_bleu(references, hypothesis, (1 / n,) * n, smooth)) for n in ORDERS]


def self_bleu(sentences):
    scores = [bleu(sentences[:i] + sentences[i + 1 :], sentences[i]) for i in range(len(sentences))]
    return [sum(column) / len(scores) for column in zip(*scores)]


def of_corpus(hypotheses, references):
    lists = [[reference] for reference in references]
    return [float(corpus_bleu(lists, hypotheses, (1 / n,) * n)) for n in ORDERS]


def main():
    draw = numbers(2002)
    cases = list(CASES)
    for _ in range(40):
        vocabulary = 2 + next(draw) % 12
        references = [sentence(draw, 1, 14, vocabulary) for _ in range(1 + next(draw) % 6)]
        cases.append((references, sentence(draw, 1, 14, vocabulary)))
    samples = [[sentence(draw, 0, 12, vocabulary) for _ in range(size)]
               for vocabulary, size in [(3, 5), (6, 20), (40, 30)]]  # fmt: skip
    samples.append([[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8, 9], [1, 2, 7, 8], [1, 1]])  # a twin, lone lengths
    corpora = []
    for vocabulary, size in [(2, 8), (3, 40), (5, 100)]:
        corpora.append([[sentence(draw, 5, 12, vocabulary) for _ in range(size)] for _ in range(2)])
    recorded = {
        "bleu": [{"references": r, "hypothesis": h, "values": bleu(r, h)} for r, h in cases],
        "self_bleu": [{"sentences": sample, "values": self_bleu(sample)} for sample in samples],
        "corpus_bleu": [{"hypotheses": h, "references": r, "values": of_corpus(h, r)} for h, r in corpora],
    }
    lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, items)) + "\n]" for name, items in recorded.items()]
    (DATA / "bleu.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
