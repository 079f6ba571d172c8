#!/usr/bin/env python3
"""Times BLEU and self-BLEU of the peers of `seqgan eval`: NLTK (on some sentences only) and fast-bleu (C++, threads).

Prints BLEU-2 to BLEU-5 of the sentences of GENERATED, each against all of REFERENCE, self-BLEU of GENERATED, and the processor time.
    seqgan eval --generated GENERATED --reference REFERENCE --level id --quiet     # the same numbers

Empty lines are left out.

Usage: scripts/peer_bleu.py GENERATED REFERENCE [--nltk 20]     # needs nltk and fast-bleu; files of tokens, blanks between them
"""
import argparse
import time


def read(path):
    with open(path) as file:
        return [line.split() for line in file if line.strip()]


def told(name, scores, started, share=1.0):
    means = [sum(values) / len(values) for values in scores]
    seconds = time.process_time() - started
    whole = f", {seconds / share:.0f} s for all at this rate" if share < 1 else ""
    print(f"{name}: {' '.join(f'{mean:.4f}' for mean in means)}; {seconds:.2f} s of processor time{whole}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generated")
    parser.add_argument("reference")
    parser.add_argument("--nltk", type=int, default=20, help="sentences that NLTK measures")
    args = parser.parse_args()
    generated, reference = read(args.generated), read(args.reference)
    weights = {n: tuple([1 / n] * n) for n in range(2, 6)}

    from fast_bleu import BLEU, SelfBLEU

    started = time.process_time()
    scores = BLEU(reference, weights).get_score(generated)
    told("fast-bleu, BLEU-2 to 5", [scores[n] for n in weights], started)
    started = time.process_time()
    scores = SelfBLEU(generated, weights).get_score()
    told("fast-bleu, self-BLEU-2 to 5", [scores[n] for n in weights], started)

    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    some, method = generated[: args.nltk], SmoothingFunction().method1
    started = time.process_time()
    scores = [[sentence_bleu(reference, one, weights[n], method) for one in some] for n in weights]
    told(f"NLTK, BLEU-2 to 5, {len(some)} sentences", scores, started, len(some) / len(generated))


if __name__ == "__main__":
    main()
