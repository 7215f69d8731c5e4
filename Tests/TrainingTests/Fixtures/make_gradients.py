#!/usr/bin/env python3
"""Writes gradients.json: what PyTorch computes as the gradients of the small models in Tests/ModelsTests/Fixtures.

Pinned: torch 2.13.0 with transformers 5.23.0. Run: python make_gradients.py

The loss is the mean cross entropy over the last prompt of a model's golden.json, its third target left out. Computed in
double precision with eager attention. Of each parameter's gradient the file keeps the norm and three sums with random
signs, whose error is of the size of the gradient's own error. Sign k of element i is the lowest bit of
mix(i * 4 + k), with mix as below, on 64-bit integers.
"""

import json
import pathlib

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "ModelsTests" / "Fixtures"
SIGNS = 3
torch.use_deterministic_algorithms(True)


def mix(x):
    x = x * -7046029254386353131  # 0x9E3779B97F4A7C15
    x = x ^ ((x >> 32) & 0xFFFFFFFF)
    x = x * -4658895280553007687  # 0xBF58476D1CE4E5B9
    return x ^ ((x >> 32) & 0xFFFFFFFF)


def sums(gradient):
    flat = gradient.reshape(-1)
    index = torch.arange(flat.numel(), dtype=torch.int64)
    return [float((flat * ((mix(index * 4 + k) & 1) * 2 - 1)).sum()) for k in range(SIGNS)]


def as_stored(name, grad):
    """Mixtral's experts are tensors of their own in files, and one tensor in memory."""
    if ".mlp." not in name or not (".experts." in name or name.endswith(".gate.weight")):
        return [(name, grad)]
    stem = name.split(".mlp.")[0] + ".block_sparse_moe"
    if name.endswith(".gate.weight"):
        return [(stem + ".gate.weight", grad)]
    parts = grad.chunk(2, 1) if name.endswith("gate_up_proj") else [grad]
    names = ["w1", "w3"] if len(parts) == 2 else ["w2"]
    return [
        (f"{stem}.experts.{expert}.{weight}.weight", part[expert])
        for weight, part in zip(names, parts) for expert in range(len(grad))
    ]  # fmt: skip


def gradients(folder):
    prompt = json.loads((folder / "golden.json").read_text())["prompts"][-1]
    extra = {"experts_implementation": "eager"} if folder.name == "mixtral" else {}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **extra
    ).double().train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "reorder_and_upcast_attn"):  # it refuses double precision
            module.reorder_and_upcast_attn = False
    tokens = torch.tensor(prompt["tokens"])
    logits = model(tokens[None]).logits[0]
    targets = tokens[1:].clone()
    targets[2] = -100
    loss = torch.nn.functional.cross_entropy(logits[:-1], targets)
    loss.backward()
    named = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    parameters = dict(part for name, grad in named.items() for part in as_stored(name, grad))
    return {
        "loss": float(loss),
        "parameters": {name: {"norm": float(grad.norm()), "sums": sums(grad)} for name, grad in parameters.items()},
    }


def main():
    names = sorted(path.parent.name for path in MODELS.glob("*/golden.json") if not path.parent.name.startswith("odd-"))
    result = {name: gradients(MODELS / name) for name in names}
    (HERE / "gradients.json").write_text(json.dumps(result) + "\n")


main()
