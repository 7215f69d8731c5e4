#!/usr/bin/env python3
"""The first model of run.sh in PyTorch, for comparing time and loss. Pinned: torch 2.13.0.

    python pytorch.py TEXT [--steps 2000] [--compile]

Prints the loss on held-out text (200 batches) and the seconds of the steps alone.
"""

import argparse
import math
import time

import torch
from torch import nn
from torch.nn import functional

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        b, t, _ = x.shape
        heads = (part.view(b, t, HEADS, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, -1))
        y = functional.scaled_dot_product_attention(*heads, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, WIDTH))
        return x + self.down(functional.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Model(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                small = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * LAYERS) if small else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, x, y):
        h = self.tokens(x) + self.positions(torch.arange(x.shape[1]))
        logits = self.norm(self.blocks(h)) @ self.tokens.weight.T
        return functional.cross_entropy(logits.flatten(0, 1), y.flatten())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1337)
    text = open(options.text, encoding="utf-8").read()
    characters = {c: i for i, c in enumerate(sorted(set(text)))}
    data = torch.tensor([characters[c] for c in text])
    cut = int(len(data) * 0.9)

    def batch(data):
        starts = torch.randint(len(data) - CONTEXT, (BATCH,))
        rows = torch.stack([data[s : s + CONTEXT + 1] for s in starts])
        return rows[:, :-1], rows[:, 1:]

    model = Model(len(characters))
    step_of = torch.compile(model) if options.compile else model
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-3, betas=(0.9, 0.99), fused=True,
    )  # fmt: skip
    seconds = 0.0
    for step in range(options.steps):
        progress = max(0, (step - 100) / (options.steps - 100))
        rate = 1e-3 * (step + 1) / 101 if step < 100 else 1e-4 + 0.9e-3 * 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = rate
        start = time.perf_counter()
        loss = step_of(*batch(data[:cut]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step >= 5:
            seconds += time.perf_counter() - start
    seconds *= options.steps / max(1, options.steps - 5)
    model.eval()
    with torch.no_grad():
        losses = [model(*batch(data[cut:])).item() for _ in range(200)]
    print(f"held-out loss {sum(losses) / len(losses):.4f}, {options.steps} steps in {seconds:.1f} s")


main()
