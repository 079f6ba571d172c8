#!/usr/bin/env python3
"""Time of a critic step of WGAN-GP on lines in PyTorch: the shapes of `cargo bench --bench lines`.

Usage: peer_wgan_gp.py [CHANNELS BLOCKS [STEPS]]        (512 5 10 by default; PyTorch 2.x, 2 threads)

The network is that of Gulrajani et al. (2017) for characters: convolutions of five taps with zeros beyond the ends, residual
blocks x + 0.3 C(relu(C(relu(x)))), the gradient penalty by autograd's double backward, Adam (0, 0.9). What speeds PyTorch up
here is used: real and generated lines in one batch, real lines by embedding rows, the channels of a mixture as the mixture of
the channels (the first layer is affine), fused Adam. Prints milliseconds a step: the median and the fastest.
"""
import sys
import time

import torch
from torch import nn

torch.set_num_threads(2)
torch.manual_seed(1)
CHANNELS = int(sys.argv[1]) if len(sys.argv) > 1 else 512
BLOCKS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
STEPS = int(sys.argv[3]) if len(sys.argv) > 3 else 10
BATCH, LENGTH, VOCABULARY, PENALTY = 64, 32, 64, 10.0


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(CHANNELS, CHANNELS, 5, padding=2)
        self.second = nn.Conv1d(CHANNELS, CHANNELS, 5, padding=2)

    def forward(self, x):
        return x + 0.3 * self.second(torch.relu(self.first(torch.relu(x))))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.input = nn.Linear(VOCABULARY, CHANNELS)
        self.blocks = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        self.output = nn.Linear(CHANNELS * LENGTH, 1)

    def score(self, hidden):  # [B, T, C]
        return self.output(self.blocks(hidden.transpose(1, 2)).flatten(1)).squeeze(1)


critic = Critic()
adam = torch.optim.Adam(critic.parameters(), lr=1e-4, betas=(0.0, 0.9), fused=True)
real = torch.randint(0, VOCABULARY, (BATCH, LENGTH))
drawn = torch.softmax(torch.randn(BATCH, LENGTH, VOCABULARY), 2)


def step():
    of_real = nn.functional.embedding(real, critic.input.weight.t()) + critic.input.bias
    of_drawn = critic.input(drawn)
    scores = critic.score(torch.cat([of_real, of_drawn]))
    share = torch.rand(BATCH, 1, 1)
    mixed = (share * of_real + (1 - share) * of_drawn).detach().requires_grad_()
    (hidden_slope,) = torch.autograd.grad(critic.score(mixed).sum(), mixed, create_graph=True)
    slope = (hidden_slope @ critic.input.weight).flatten(1).norm(dim=1)
    loss = scores[BATCH:].mean() - scores[:BATCH].mean() + PENALTY * ((slope - 1) ** 2).mean()
    adam.zero_grad(set_to_none=True)
    loss.backward()
    adam.step()


step()
step()
times = []
for _ in range(STEPS):
    begin = time.perf_counter()
    step()
    times.append(1e3 * (time.perf_counter() - begin))
times.sort()
print(f"C{CHANNELS}-N{BLOCKS}: median {times[len(times) // 2]:.1f} ms, fastest {times[0]:.1f} ms a step")
