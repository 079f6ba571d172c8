"""A tuned PyTorch LSTM on sentences, for docs/results.md: NLL of a test token beside that of `seqgan train`.

Needs `pip install torch`. Both programs read the same files of token ids, so that they are measured on the same events.

    python scripts/peer_lm.py prepare TEXT OUT [TEST]    OUT/train.txt, valid.txt, test.txt: lower case, one id a word;
                                                         words of one occurrence are 0; a tenth of TEXT is validation,
                                                         and without TEST another tenth is the test
    python scripts/peer_lm.py train OUT [--sizes E,H] [--rates ...] [--dropouts ...]

The network is that of `seqgan`: embedding, one LSTM, softmax, dropout on the LSTM's inputs and outputs; Adam, gradients
of norm 5 at most, batches of 64 sentences. After an epoch without a better validation likelihood the best weights come
back and the rate is halved; four such epochs end a training. Rate and dropout are chosen on the validation sentences.
"""
import argparse
import collections
import random
import re
import time
from pathlib import Path

LONGEST = 50


def sentences(path):
    text = Path(path).read_bytes()
    try:
        text = text.decode("utf-8")
    except UnicodeDecodeError:
        text = text.decode("cp1252", errors="replace")
    words = (re.findall(r"\w+(?:'\w+)*|[^\w\s]", line.lower()) for line in text.splitlines())
    return [line for line in words if 0 < len(line) <= LONGEST]


def prepare(text, out, test):
    train = sentences(text)
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


def load(path):
    return [[int(word) for word in line.split()] for line in open(path)]


def batches(lines, vocabulary, torch, size=64):
    """(inputs, targets) of `size` sentences each, time-major; targets beyond a sentence's end are -100."""
    for first in range(0, len(lines), size):
        part = lines[first : first + size]
        steps = max(map(len, part)) + 1
        inputs = torch.full((steps, len(part)), vocabulary)  # start
        targets = torch.full((steps, len(part)), -100)
        for row, line in enumerate(part):
            inputs[1 : len(line) + 1, row] = torch.tensor(line)
            targets[: len(line), row] = torch.tensor(line)
            targets[len(line), row] = vocabulary  # end
        yield inputs, targets


def fit(data, sizes, rate, dropout, torch):
    """Returns (validation NLL, test NLL, epochs, seconds) of one training."""
    torch.manual_seed(1)
    vocabulary = 1 + max(word for line in data["train"] for word in line)
    embedding, hidden = sizes
    embed = torch.nn.Embedding(vocabulary + 1, embedding)
    recurrent = torch.nn.LSTM(embedding, hidden)
    output = torch.nn.Linear(hidden, vocabulary + 1)
    model = torch.nn.ModuleList([embed, recurrent, output])
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    drop = torch.nn.Dropout(dropout)
    entropy = torch.nn.CrossEntropyLoss(ignore_index=-100, reduction="sum")

    def loss(inputs, targets):
        hidden_states, _ = recurrent(drop(embed(inputs)))
        return entropy(output(drop(hidden_states)).flatten(0, 1), targets.flatten())

    def nll(lines):
        drop.eval()
        with torch.no_grad():
            sums = [(loss(*batch).item(), (batch[1] >= 0).sum().item()) for batch in batches(lines, vocabulary, torch)]
        drop.train()
        return sum(s for s, _ in sums) / sum(n for _, n in sums)

    best, kept, worse, epochs, started = float("inf"), None, 0, 0, time.process_time()
    while worse < 4 and epochs < 60:
        epochs += 1
        random.Random(epochs).shuffle(data["train"])
        for inputs, targets in batches(data["train"], vocabulary, torch):
            optimizer.zero_grad()
            (loss(inputs, targets) / (targets >= 0).sum()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
        valid = nll(data["valid"])
        if valid < best:
            best, worse = valid, 0
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        else:
            worse += 1
            model.load_state_dict(kept)
            for group in optimizer.param_groups:
                group["lr"] /= 2
    model.load_state_dict(kept)
    return best, nll(data["test"]), epochs, time.process_time() - started


def train(folder, sizes, rates, dropouts):
    import torch

    torch.set_num_threads(1)
    data = {name: load(Path(folder) / f"{name}.txt") for name in ["train", "valid", "test"]}
    found = []
    for rate in rates:
        for dropout in dropouts:
            valid, test, epochs, seconds = fit(data, sizes, rate, dropout, torch)
            found.append((valid, test))
            print(
                f"E {sizes[0]} H {sizes[1]} rate {rate} dropout {dropout}: valid {valid:.4f}, test {test:.4f} "
                f"({epochs} epochs, {seconds:.0f} s of processor time)",
                flush=True,
            )
    valid, test = min(found)
    print(f"chosen on validation: valid {valid:.4f}, test {test:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("prepare")
    one.add_argument("text")
    one.add_argument("out")
    one.add_argument("test", nargs="?")
    two = commands.add_parser("train")
    two.add_argument("folder")
    two.add_argument("--sizes", default="128,128")
    two.add_argument("--rates", default="0.003,0.001")
    two.add_argument("--dropouts", default="0.2,0.35,0.5")
    args = parser.parse_args()
    if args.command == "prepare":
        prepare(args.text, args.out, args.test)
    else:
        numbers = [[float(n) for n in text.split(",")] for text in [args.rates, args.dropouts]]
        train(args.folder, [int(n) for n in args.sizes.split(",")], *numbers)
