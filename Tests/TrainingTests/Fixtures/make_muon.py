#!/usr/bin/env python3
"""Writes muon.json: three steps of torch.optim.Muon (torch 2.13.0) on small matrices.

torch orthogonalises in bfloat16; "float32" has the same steps with that cast taken out.
"""
import json
from pathlib import Path

import torch
from torch.optim import _muon

RATE, MOMENTUM, DECAY, STEPS = 0.02, 0.95, 0.1, 3


def steps(start, gradients):
    parameter = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.Muon(
        [parameter], lr=RATE, weight_decay=DECAY, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw")
    seen = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        seen.append(parameter.detach().flatten().tolist())
    return seen


def cases():
    torch.manual_seed(7)
    for shape in [(6, 4), (4, 6), (5, 5), (12, 20)]:
        start = torch.randn(shape)
        yield shape, start, [torch.randn(shape) for _ in range(STEPS)]


mine = [(shape, start, gradients, steps(start, gradients)) for shape, start, gradients in cases()]
torch.Tensor.bfloat16 = lambda self: self.clone()
exact = [steps(start, gradients) for _, start, gradients in cases()]
result = {
    "rate": RATE, "momentum": MOMENTUM, "decay": DECAY,
    "cases": [
        {
            "shape": list(shape), "start": start.flatten().tolist(),
            "gradients": [g.flatten().tolist() for g in gradients], "bfloat16": rounded, "float32": whole,
        }
        for (shape, start, gradients, rounded), whole in zip(mine, exact)
    ],
}
assert torch.__version__.startswith("2.13")
text = json.dumps(json.loads(json.dumps(result), parse_float=lambda x: float(f"{float(x):.8g}")))
Path(__file__).with_name("muon.json").write_text(text + "\n")
