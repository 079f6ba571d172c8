"""A tuned PyTorch LSTM on sentences, for docs/results.md: NLL of a test token beside that of `seqgan train`.

Needs `pip install torch`. Both programs read the same files of token ids, so that they are measured on the same events:
every token and the end of each sentence.

    python scripts/peer_lm.py prepare TEXT OUT [TEST] [--sentences N]
                                                         OUT/train.txt, valid.txt, test.txt: lower case, one id a word;
                                                         words of one occurrence are 0; a tenth of TEXT is validation,
                                                         and without TEST another tenth is the test
    python scripts/peer_lm.py train OUT [--sizes E,H] [--rates ...] [--dropouts ...] [--seeds N]
                                [--anneal 0.25] [--failures 3]

The network is that of `seqgan`: embedding, one LSTM, softmax, dropout on the LSTM's inputs and outputs; Adam, gradients
of norm 5 at most, batches of 64 sentences, of similar lengths to save time. After an epoch without a better validation
likelihood the best weights come back and the rate is multiplied by `--anneal`; the `--failures`th such epoch of all
ends a training (`seqgan` halves the rate, and ends after four in a row). Every rate is tried with the middle dropout,
then every other dropout with the best rate; the best on the validation sentences is trained again from other seeds.
One thread.
"""
import argparse
import collections
import random
import re
import statistics
import time
from pathlib import Path

LONGEST = 50
BATCH = 64


def sentences(path):
    text = Path(path).read_bytes()
    try:
        text = text.decode("utf-8")
    except UnicodeDecodeError:
        text = text.decode("cp1252", errors="replace")
    words = (re.findall(r"\w+(?:'\w+)*|[^\w\s]", line.lower()) for line in text.splitlines())
    return [line for line in words if 0 < len(line) <= LONGEST]


def prepare(text, out, test, most):
    train = sentences(text)[:most]
    random.Random(1).shuffle(train)
    tenth = len(train) // 10
    valid, train = train[:tenth], train[tenth:]
    if test:
        held_out = sentences(test)
    else:
        held_out, train = train[:tenth], train[tenth:]
    counts = collections.Counter(word for line in train for word in line)
    names = [word for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count > 1]
    number = {word: i + 1 for i, word in enumerate(names)}
    Path(out).mkdir(parents=True, exist_ok=True)
    for name, lines in [("train", train), ("valid", valid), ("test", held_out)]:
        ids = (" ".join(str(number.get(word, 0)) for word in line) for line in lines)
        (Path(out) / f"{name}.txt").write_text("\n".join(ids) + "\n")
    print(f"{out}: {len(train)} sentences, {sum(map(len, train))} words, {len(names) + 1} different")


class Sentences:
    """Sentences as one array, [T, N]: the token before each choice and the choice; -100 beyond a sentence's end."""

    def __init__(self, lines, vocabulary, torch):
        self.lengths = [len(line) + 1 for line in lines]
        shape = (max(self.lengths), len(lines))
        self.inputs, self.targets = torch.full(shape, vocabulary), torch.full(shape, -100)
        for row, line in enumerate(lines):
            self.inputs[1 : len(line) + 1, row] = torch.tensor(line)
            self.targets[: len(line) + 1, row] = torch.tensor([*line, vocabulary])

    def batches(self, chance=None):
        """(inputs, targets) of batches; with `chance` in random order, each sorted among 20 batches by length."""
        order = list(range(len(self.lengths)))
        if chance:
            chance.shuffle(order)
        some = 20 * BATCH if chance else len(order)
        parts = [sorted(order[i : i + some], key=lambda row: self.lengths[row]) for i in range(0, len(order), some)]
        rows = [part[i : i + BATCH] for part in parts for i in range(0, len(part), BATCH)]
        if chance:
            chance.shuffle(rows)
        for part in rows:
            steps = max(self.lengths[row] for row in part)
            yield self.inputs[:steps, part], self.targets[:steps, part]


class Training:
    """Trains networks of one size on the files of one folder."""

    def __init__(self, folder, sizes, schedule, torch):
        lines = {name: load(Path(folder) / f"{name}.txt") for name in ["train", "valid", "test"]}
        self.vocabulary = 1 + max(word for line in lines["train"] for word in line)
        self.data = {name: Sentences(part, self.vocabulary, torch) for name, part in lines.items()}
        self.sizes, (self.anneal, self.failures), self.torch = sizes, schedule, torch
        counts = [f"{name} {sum(part.lengths)}" for name, part in self.data.items()]
        print(f"{folder}: tokens with the ends of sentences: {', '.join(counts)}", flush=True)

    def fit(self, rate, dropout, seed):
        """Returns (validation NLL, test NLL) of one training, and prints them."""
        torch, (embedding, hidden), tokens = self.torch, self.sizes, self.vocabulary + 1
        torch.manual_seed(seed)
        embed, recurrent = torch.nn.Embedding(tokens, embedding), torch.nn.LSTM(embedding, hidden)
        torch.nn.init.uniform_(embed.weight, -0.1, 0.1)  # as in PyTorch's example of a language model
        output, drop = torch.nn.Linear(hidden, tokens), torch.nn.Dropout(dropout)
        model = torch.nn.ModuleList([embed, recurrent, output, drop])
        optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=True)

        def loss(inputs, targets):
            states, _ = recurrent(drop(embed(inputs)))
            counts = targets >= 0
            return torch.nn.functional.cross_entropy(output(drop(states[counts])), targets[counts], reduction="sum")

        def nll(name):
            model.eval()
            with torch.no_grad():
                sums = [(loss(*batch).item(), (batch[1] >= 0).sum().item()) for batch in self.data[name].batches()]
            model.train()
            return sum(s for s, _ in sums) / sum(n for _, n in sums)

        best, kept, worse, epochs, started = float("inf"), None, 0, 0, time.process_time()
        while worse < self.failures and epochs < 60:
            epochs += 1
            for inputs, targets in self.data["train"].batches(random.Random(1000 * seed + epochs)):
                optimizer.zero_grad()
                (loss(inputs, targets) / (targets >= 0).sum()).backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                optimizer.step()
            valid = nll("valid")
            if valid < best:
                best = valid
                kept = {name: value.clone() for name, value in model.state_dict().items()}
            else:
                worse += 1
                model.load_state_dict(kept)
                for group in optimizer.param_groups:
                    group["lr"] *= self.anneal
        model.load_state_dict(kept)
        seconds, test = time.process_time() - started, nll("test")
        print(
            f"E {embedding} H {hidden} rate {rate} dropout {dropout} seed {seed}: valid {best:.4f}, test {test:.4f} "
            f"({epochs} epochs, {seconds:.0f} s of processor time)",
            flush=True,
        )
        return best, test


def load(path):
    return [[int(word) for word in line.split()] for line in open(path)]


def train(folder, sizes, rates, dropouts, seeds, schedule):
    import torch

    torch.set_num_threads(1)
    training, middle = Training(folder, sizes, schedule, torch), dropouts[len(dropouts) // 2]
    found = {(rate, middle): training.fit(rate, middle, 1) for rate in rates}
    rate = min(found, key=found.get)[0]
    found |= {(rate, dropout): training.fit(rate, dropout, 1) for dropout in dropouts if dropout != middle}
    rate, dropout = chosen = min(found, key=found.get)
    tests = [found[chosen][1]] + [training.fit(rate, dropout, seed)[1] for seed in range(2, seeds + 1)]
    spread = f" ± {statistics.stdev(tests):.4f} over {seeds} seeds" if seeds > 1 else ""
    print(f"chosen on validation: rate {rate}, dropout {dropout}: test {statistics.mean(tests):.4f}{spread}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("prepare")
    one.add_argument("text")
    one.add_argument("out")
    one.add_argument("test", nargs="?")
    one.add_argument("--sentences", type=int, help="take only so many of TEXT, from its beginning")
    two = commands.add_parser("train")
    two.add_argument("folder")
    two.add_argument("--sizes", default="128,128")
    two.add_argument("--rates", default="0.003,0.006")
    two.add_argument("--dropouts", default="0.2,0.35,0.5")
    two.add_argument("--seeds", type=int, default=1)
    two.add_argument("--anneal", type=float, default=0.25)
    two.add_argument("--failures", type=int, default=3)
    args = parser.parse_args()
    if args.command == "prepare":
        prepare(args.text, args.out, args.test, args.sentences)
    else:
        numbers = [[float(n) for n in text.split(",")] for text in [args.rates, args.dropouts]]
        train(args.folder, [int(n) for n in args.sizes.split(",")], *numbers, args.seeds, (args.anneal, args.failures))
