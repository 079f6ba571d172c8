"""A tuned PyTorch encoder-decoder on the processor, for docs/results.md: its speed beside that of `cargo bench --bench pairs`.

Needs `pip install torch`. The model is that of the bench: V 10,000, E = H = 256, one LSTM on each side, general
attention, Adam, gradients of norm 5 at most; batches of 64 pairs of 20 + 20 tokens, packed.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/peer_seq2seq.py --threads 1
    python scripts/peer_seq2seq.py [--threads 2] [--fed] [--shortest 20] [--compile] [--units mle,draw,beam]

Unlike a usual program it
- never keeps all logits: projection, softmax, loss and gradient are one function over blocks of rows that fit the cache;
- has one product for all gates where it steps, computes nothing for padding, and draws by inverse CDF over blocks of the
  vocabulary instead of `multinomial`;
- takes Adam's fused step, searches the beams of all sources at once, and draws for 250 sources at a time, which is faster
  than for 64, 125 or 1,000.

Every line is a unit: seconds of the clock and of the processor, the fewest of `--repeat` runs.
"""
import argparse
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

V, E, H, T, B = 10_000, 256, 256, 20, 64
BLOCK = 100  # tokens of a block of the vocabulary
torch.set_flush_denormal(True)


class ProjectionLoss(torch.autograd.Function):
    """sum_n -w log softmax(h_n W)[y_n], W: [V, H + 1] with the bias last; gradients are made going forward."""

    ROWS = 320

    @staticmethod
    def forward(ctx, h, weight, targets, w):
        rows = h.shape[0]
        ones = torch.cat([h, h.new_ones(rows, 1)], 1)
        d_h, d_weight = torch.empty_like(h), torch.zeros_like(weight)
        buffer, loss = torch.empty(min(ProjectionLoss.ROWS, rows), V), 0.0
        for first in range(0, rows, ProjectionLoss.ROWS):
            here = ones[first : first + ProjectionLoss.ROWS]
            z, n = buffer[: len(here)], torch.arange(len(here))
            y = targets[first : first + ProjectionLoss.ROWS]
            torch.mm(here, weight.t(), out=z)
            chosen = z[n, y]
            total = z.exp_().sum(1)
            loss += (w * (total.log() - chosen)).sum()
            z[n, y] -= total  # exp(z) - total * onehot
            scale = (w / total)[:, None]
            torch.mul(z @ weight[:, :H], scale, out=d_h[first : first + len(here)])
            d_weight.addmm_(z.t(), here * scale)
        ctx.save_for_backward(d_h, d_weight)
        return loss

    @staticmethod
    def backward(ctx, d):
        d_h, d_weight = ctx.saved_tensors
        return d_h * d, d_weight * d, None, None


class Model(nn.Module):
    def __init__(self, fed):
        super().__init__()
        self.fed = fed
        self.source, self.target = nn.Embedding(V, E), nn.Embedding(V, E)
        self.encoder = nn.LSTM(E, H)
        self.decoder = nn.LSTM(E + H if fed else E, H)
        self.key = nn.Linear(H, H, bias=False)
        self.join = nn.Linear(2 * H, H)
        self.output = nn.Parameter(torch.randn(V, H + 1) * 0.05)
        for table in [self.source, self.target]:
            nn.init.normal_(table.weight, std=0.1)

    def encode(self, sources, lengths):
        """Vectors [B, S, H], keys, mask [B, S], last state."""
        packed = pack_padded_sequence(self.source(sources), lengths, enforce_sorted=False)
        outputs, last = self.encoder(packed)
        memory = pad_packed_sequence(outputs)[0].transpose(0, 1).contiguous()
        inside = torch.arange(memory.shape[1])[None] < lengths[:, None]
        return memory, self.key(memory), inside, (last[0][0], last[1][0])

    def attend(self, h, memory, keys, inside):
        """h: [B, N, H] to the attentional vectors [B, N, H]."""
        scores = torch.bmm(h, keys.transpose(1, 2))
        if inside is not None:
            scores = scores.masked_fill(~inside[:, None], float("-inf"))
        context = torch.bmm(torch.softmax(scores, -1), memory)
        return torch.tanh(self.join(torch.cat([context, h], -1)))

    def gates(self):
        """[inputs + H, 4 H] and bias: one product a step."""
        cell = self.decoder
        return torch.cat([cell.weight_ih_l0, cell.weight_hh_l0], 1).t(), cell.bias_ih_l0 + cell.bias_hh_l0

    @staticmethod
    def step(weight, bias, x, h, c):
        i, f, g, o = torch.addmm(bias, torch.cat([x, h], 1), weight).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    def told(self, inputs, lengths, encoded):
        """Attentional vectors of all steps, [T, B, H]; inputs: [T, B]."""
        memory, keys, inside, (h, c) = encoded
        inside = None if bool(inside.all()) else inside
        x = self.target(inputs)
        if not self.fed:
            packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
            hidden = pad_packed_sequence(self.decoder(packed, (h[None], c[None]))[0])[0]
            return self.attend(hidden.transpose(0, 1), memory, keys, inside).transpose(0, 1)
        cell, found, fed = self.decoder, [], torch.zeros_like(h)
        from_x = F.linear(x, cell.weight_ih_l0[:, :E], cell.bias_ih_l0 + cell.bias_hh_l0)
        weight = torch.cat([cell.weight_ih_l0[:, E:], cell.weight_hh_l0], 1).t()
        for now in from_x:
            i, f, g, o = torch.addmm(now, torch.cat([fed, h], 1), weight).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            fed = self.attend(h[:, None], memory, keys, inside)[:, 0]
            found.append(fed)
        return torch.stack(found)

    def loss(self, sources, source_lengths, answers, lengths):
        """Mean negative log-likelihood of a token; answers: [T, B]."""
        encoded = self.encode(sources, source_lengths)
        inputs = torch.cat([torch.zeros_like(answers[:1]), answers[:-1]])
        outputs = self.told(inputs, lengths, encoded)
        valid = torch.arange(len(answers))[:, None] < lengths[None]
        targets = answers[valid]
        return ProjectionLoss.apply(outputs[valid], self.output, targets, 1.0 / len(targets))

    def advance(self, tokens, state, cell):
        memory, keys, inside, h, c, fed = state
        x = self.target(tokens)
        h, c = self.step(*cell, torch.cat([x, fed], 1) if self.fed else x, h, c)
        output = self.attend(h[:, None], memory, keys, inside)[:, 0]
        return output, (memory, keys, inside, h, c, output)

    def start(self, sources, lengths):
        memory, keys, inside, (h, c) = self.encode(sources, lengths)
        return memory, keys, None if bool(inside.all()) else inside, h, c, torch.zeros_like(h)

    @torch.inference_mode()
    def draw(self, sources, lengths):
        state, cell = self.start(sources, lengths), self.gates()
        count = sources.shape[1]
        tokens, found = torch.zeros(count, dtype=torch.long), []
        weight, bias = self.output[:, :H].t(), self.output[:, H]
        row = torch.arange(count)
        for _ in range(T):
            output, state = self.advance(tokens, state, cell)
            mass = torch.addmm(bias, output, weight).exp_().view(count, V // BLOCK, BLOCK)
            sums = mass.sum(2).cumsum(1)
            target = torch.rand(count, 1) * sums[:, -1:]
            block = torch.searchsorted(sums, target, right=True).clamp_(max=V // BLOCK - 1)[:, 0]
            before = torch.where(block > 0, sums[row, block - 1], 0.0)[:, None]
            inner = mass[row, block].cumsum(1)
            place = torch.searchsorted(inner, target - before, right=True).clamp_(max=BLOCK - 1)[:, 0]
            tokens = block * BLOCK + place
            found.append(tokens)
        return torch.stack(found)

    @torch.inference_mode()
    def beam(self, sources, lengths, width):
        count = sources.shape[1]
        memory, keys, inside, h, c, fed = self.start(sources, lengths)

        def wide(a):
            return a.repeat_interleave(width, 0)

        cell = self.gates()
        state = (wide(memory), wide(keys), None if inside is None else wide(inside), wide(h), wide(c), wide(fed))
        score = torch.full((count, width), float("-inf"))
        score[:, 0] = 0.0
        tokens = torch.zeros(count * width, dtype=torch.long)
        history = torch.zeros(count, width, 0, dtype=torch.long)
        first = torch.arange(count)[:, None] * width
        weight, bias = self.output[:, :H].t(), self.output[:, H]
        for _ in range(T):
            output, state = self.advance(tokens, state, cell)
            z = torch.addmm(bias, output, weight)
            best, which = z.topk(width, dim=1)
            log_p = (best - z.exp_().sum(1, keepdim=True).log()).view(count, width, width)
            score, place = (score[:, :, None] + log_p).view(count, -1).topk(width, dim=1)
            parent = place // width
            tokens = which.view(count, -1).gather(1, place)
            history = torch.cat([history.gather(1, parent[:, :, None].expand(-1, -1, history.shape[2])), tokens[:, :, None]], 2)
            rows = (first + parent).flatten()
            memory, keys, inside, h, c, fed = state  # beams of a source share its memory
            state, tokens = (memory, keys, inside, h[rows], c[rows], fed[rows]), tokens.flatten()
        return history, score


def pairs(count, shortest):
    generator = torch.Generator().manual_seed(1)

    def side():
        lengths = torch.randint(shortest, T + 1, (count,), generator=generator)
        tokens = torch.randint(1, V, (T, count), generator=generator)
        return tokens * (torch.arange(T)[:, None] < lengths[None]), lengths

    return side(), side()


def timed(name, repeat, work):
    clock, processor = [], []
    for _ in range(repeat):
        begin, used = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
    print(f"{name}: {min(clock):.3f} s, {min(processor):.3f} s of processor time", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fed", action="store_true", help="input feeding")
    parser.add_argument("--shortest", type=int, default=T, help="fewest tokens of a side")
    parser.add_argument("--compile", action="store_true", help="torch.compile the loss")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--units", default="mle,draw,beam")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = Model(args.fed)
    name = f"V{V}-E{E}-H{H}-T{T}-B{B}" + ("-fed" if args.fed else "")
    if "mle" in args.units:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        (sources, source_lengths), (answers, lengths) = pairs(10 * B, args.shortest)
        loss = torch.compile(model.loss) if args.compile else model.loss

        def epoch():
            for first in range(0, 10 * B, B):
                here = slice(first, first + B)
                optimizer.zero_grad(set_to_none=True)
                loss(sources[:, here], source_lengths[here], answers[:, here], lengths[here]).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 5.0, foreach=True)
                optimizer.step()

        epoch()
        timed(f"mle/10 batches/{name}", args.repeat, epoch)
    (sources, lengths), _ = pairs(1000, args.shortest)
    if "draw" in args.units:
        parts = [slice(first, first + 250) for first in range(0, 1000, 250)]
        draw = lambda: [model.draw(sources[:, here], lengths[here]) for here in parts]  # noqa: E731
        timed(f"draw/1000 answers/{name}", args.repeat, draw)
    if "beam" in args.units:
        some = sources[:, :100], lengths[:100]
        timed(f"beam-5/100 answers/{name}", args.repeat, lambda: model.beam(*some, 5))


if __name__ == "__main__":
    main()
