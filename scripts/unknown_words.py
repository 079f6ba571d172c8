"""BLEU of sentences with unknown words by NLTK, for `tests/programs/text_words.rs`.

Every `<unk>` becomes a word of its own, so that it matches nothing. `pip install nltk`, then
`python scripts/unknown_words.py`.
"""

from itertools import count

from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

REAL = ["the cat sees the house", "a dog follows the river", "my bird likes the tree"]
DRAWN = ["the cat follows the river", "the <unk> sees the <unk>", ""]

numbers = count()


def words(sentence):
    return [f"unknown {next(numbers)}" if word == "<unk>" else word for word in sentence.split()]


references = [words(sentence) for sentence in REAL]
method = SmoothingFunction().method1
for n in range(2, 6):
    weights = (1 / n,) * n
    values = [sentence_bleu(references, words(s), weights, method) if s else 0 for s in DRAWN]
    print(f"BLEU-{n}", sum(values) / len(values))
