"""Makes tests/data/layers.json: small recurrent and convolutional layers and layers of attention, their outputs, and
the gradients of a fixed projection of the outputs, by PyTorch in float64.

    pip install torch==2.15.0 numpy
    python scripts/record_layers.py

All inputs are sines rounded to multiples of 1/1024: no random generator, and exact in f32. Tensors are written
in this crate's layouts:

- recurrent weights are the transposes of PyTorch's, [inputs, blocks * hidden];
- the blocks of an LSTM are in the order i, f, o, c (PyTorch: i, f, g = c, o), those of a GRU in the order
  r, z, n (as PyTorch's);
- there is one bias, the sum of PyTorch's two, but for the candidate n of a GRU: its b_hn is "reset-bias";
- a filter of a convolution is [width, size] (PyTorch: [size, width]);
- attention has queries [sources, N, H] and padded memories [sources, S, H] here, and masks; the crate has neither.
"""

import json
import math
import pathlib

import torch

DATA = pathlib.Path(__file__).parent.parent / "tests" / "data"
BATCH, STEPS, INPUTS, HIDDEN = 2, 5, 3, 4
FILTERS = [(1, 2), (2, 3), (4, 2)]  # (width, count)
LENGTHS = [1, 3, 4, 6]  # the first is shorter than two of the widths, the second than one
SIZE = 3


def sines(*shape, start, bound):
    """bound * sin(start), bound * sin(start + 1.7), ..., in multiples of 1/1024."""
    values = [round(bound * math.sin(start + 1.7 * i) * 1024) / 1024 for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def flat(tensor):
    """All numbers in row-major order, 10 digits each."""
    return [float(f"{value:.10g}") for value in tensor.detach().reshape(-1).tolist()]


def reordered(tensor, order):
    """[blocks * H, N] to [N, blocks * H] in another order of the blocks."""
    blocks = tensor.reshape(len(order), HIDDEN, -1)[order]
    return blocks.reshape(len(order) * HIDDEN, -1).T


def recurrent(kind, order):
    """One case: order[j] is the place among PyTorch's blocks of this crate's block j."""
    wide = len(order) * HIDDEN
    layer = kind(INPUTS, HIDDEN).double()
    with torch.no_grad():
        layer.weight_ih_l0.copy_(sines(wide, INPUTS, start=0.3, bound=0.9))
        layer.weight_hh_l0.copy_(sines(wide, HIDDEN, start=0.9, bound=0.8))
        layer.bias_ih_l0.copy_(sines(wide, start=1.9, bound=0.5))
        layer.bias_hh_l0.copy_(sines(wide, start=2.4, bound=0.4))
    x = sines(STEPS, BATCH, INPUTS, start=0.1, bound=1.5).requires_grad_()
    d_y = sines(STEPS, BATCH, HIDDEN, start=0.6, bound=1.0)
    y, last = layer(x)
    (y * d_y).sum().backward()

    def tensors(weight_ih, weight_hh, bias, reset_bias):
        found = {
            "input": flat(reordered(weight_ih, order)),
            "recurrent": flat(reordered(weight_hh, order)),
            "bias": flat(reordered(bias, order)),
        }
        return found | ({} if reset_bias is None else {"reset-bias": flat(reset_bias)})

    bias, reset_bias, d_reset_bias = layer.bias_ih_l0 + layer.bias_hh_l0, None, None
    if kind is torch.nn.GRU:
        reset_bias = layer.bias_hh_l0[2 * HIDDEN :]
        d_reset_bias = layer.bias_hh_l0.grad[2 * HIDDEN :]
        bias = torch.cat([bias[: 2 * HIDDEN], layer.bias_ih_l0[2 * HIDDEN :]])
    return {
        "x": flat(x),
        "parameters": tensors(layer.weight_ih_l0, layer.weight_hh_l0, bias, reset_bias),
        "d_y": flat(d_y),
        "y": flat(y),
        "memory": flat(last[1]) if kind is torch.nn.LSTM else [],
        "d_x": flat(x.grad),
        "gradients": tensors(
            layer.weight_ih_l0.grad, layer.weight_hh_l0.grad, layer.bias_ih_l0.grad, d_reset_bias
        ),
    }


def convolution():
    """relu(max over time of conv1d) of every filter, over whole windows of the unpadded sentence."""
    steps, features = max(LENGTHS), sum(count for _, count in FILTERS)
    inside = torch.tensor([[float(t < length) for t in range(steps)] for length in LENGTHS])
    leaf = sines(len(LENGTHS), steps, SIZE, start=0.2, bound=1.5).requires_grad_()
    x = leaf * inside.double()[:, :, None]
    bias = sines(features, start=1.1, bound=0.5).requires_grad_()
    weights = [
        sines(count, SIZE, width, start=0.7 * width, bound=0.8).requires_grad_() for width, count in FILTERS
    ]
    sentences = []
    for sentence, length in zip(x, LENGTHS):
        groups = []
        for (width, _), weight, b in zip(FILTERS, weights, bias.split([count for _, count in FILTERS])):
            visible = sentence[: max(length, width)].T[None]  # [1, D, T]
            groups.append(torch.nn.functional.conv1d(visible, weight, b)[0].amax(dim=1))
        sentences.append(torch.relu(torch.cat(groups)))
    y = torch.stack(sentences)
    d_y = sines(len(LENGTHS), features, start=0.4, bound=1.0)
    (y * d_y).sum().backward()

    def tensors(weights, bias):
        named = {f"width-{w}": flat(t.permute(0, 2, 1)) for (w, _), t in zip(FILTERS, weights)}
        return named | {"bias": flat(bias)}

    return {
        "x": flat(x),
        "parameters": tensors(weights, bias),
        "d_y": flat(d_y),
        "y": flat(y),
        "memory": [],
        "d_x": flat(leaf.grad),
        "gradients": tensors([weight.grad for weight in weights], bias.grad),
    }


QUERIES, SOURCES = 2, [1, 3, 4]  # queries of each source, and the vectors of each


def attention(kind):
    """softmax(score(q, m)) m, padding masked by -inf, as in Luong et al. (2015) and Bahdanau et al. (2015)."""
    longest = max(SOURCES)
    queries = sines(len(SOURCES), QUERIES, HIDDEN, start=0.5, bound=1.5).requires_grad_()
    memory = sines(len(SOURCES), longest, HIDDEN, start=0.2, bound=1.2).requires_grad_()
    key, query = (sines(HIDDEN, HIDDEN, start=at, bound=0.8).requires_grad_() for at in (0.7, 1.3))
    vector = sines(HIDDEN, start=1.1, bound=1.0).requires_grad_()
    if kind == "additive":
        units = torch.tanh((queries @ query)[:, :, None] + (memory @ key)[:, None])
        scores = units @ vector
    else:
        scores = torch.einsum("bnh,bsh->bns", queries, memory @ key if kind == "general" else memory)
    inside = torch.tensor([[s < length for s in range(longest)] for length in SOURCES])
    y = torch.softmax(scores.masked_fill(~inside[:, None], -math.inf), dim=-1) @ memory
    d_y = sines(len(SOURCES), QUERIES, HIDDEN, start=0.9, bound=1.0)
    (y * d_y).sum().backward()
    used = {"dot": {}, "general": {"key": key}}.get(kind, {"key": key, "query": query, "vector": vector})

    def rows(tensor):
        return [value for b, length in enumerate(SOURCES) for value in flat(tensor[b, :length])]

    assert all((memory.grad[b, length:] == 0).all() for b, length in enumerate(SOURCES))
    return {
        "queries": flat(queries),
        "memory": rows(memory),
        "parameters": {name: flat(tensor) for name, tensor in used.items()},
        "d_y": flat(d_y),
        "y": flat(y),
        "d_queries": flat(queries.grad),
        "d_memory": rows(memory.grad),
        "gradients": {name: flat(tensor.grad) for name, tensor in used.items()},
    }


def main():
    cases = {
        "lstm": recurrent(torch.nn.LSTM, [0, 1, 3, 2]),
        "gru": recurrent(torch.nn.GRU, [0, 1, 2]),
        "convolution": convolution(),
    } | {f"attention-{kind}": attention(kind) for kind in ["dot", "general", "additive"]}
    cells = [f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()]
    (DATA / "layers.json").write_text("{\n" + ",\n".join(cells) + "\n}\n")


if __name__ == "__main__":
    main()
