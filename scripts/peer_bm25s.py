"""Times bm25s on a collection of `irgan synth --collection`, beside `irgan search` on the same queries.

Needs `pip install bm25s PyStemmer`, and numba for its compiled back end. Usage: python scripts/peer_bm25s.py DIR [K]
[THREADS] [numpy|numba], where DIR holds documents.jsonl and topics.tsv. Prints the seconds of tokenising and indexing,
and of the top K of all queries (the median of three passes).
"""

import json
import pathlib
import sys
import time

import bm25s
import Stemmer


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    k = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    backend = sys.argv[4] if len(sys.argv) > 4 else "numpy"
    documents = [json.loads(line) for line in (folder / "documents.jsonl").open()]
    texts = [f"{document.get('title', '')} {document.get('text', '')}" for document in documents]
    queries = [line.rstrip("\n").split("\t")[1] for line in (folder / "topics.tsv").open()]
    stemmer = Stemmer.Stemmer("english")

    start = time.perf_counter()
    tokens = bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)
    retriever = bm25s.BM25(k1=1.2, b=0.75, backend=backend)
    retriever.index(tokens, show_progress=False)
    print(f"index {len(texts)} documents: {time.perf_counter() - start:.2f} s", flush=True)

    query_tokens = bm25s.tokenize(queries, stopwords="en", stemmer=stemmer, show_progress=False)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        retriever.retrieve(query_tokens, k=k, n_threads=threads, show_progress=False)
        times.append(time.perf_counter() - start)
    best = sorted(times)[1]
    print(f"top {k} of {len(queries)} queries, {threads} threads: {best:.2f} s, {len(queries) / best:.0f} a second")


if __name__ == "__main__":
    main()
