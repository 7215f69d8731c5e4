#!/usr/bin/env python3
"""Writes adapter_gradients.json: what PyTorch and PEFT compute as the gradients of the adapters in
Tests/ModelsTests/Fixtures/adapters.

Pinned: torch 2.13.0 with transformers 5.23.0 and peft 0.21.2. Run: python make_adapter_gradients.py

Loss, precision and what is kept of a gradient are those of make_gradients.py.
"""

import json
import pathlib

import peft
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


def gradients(folder):
    base = MODELS / json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
    prompt = json.loads((base / "golden.json").read_text())["prompts"][-1]
    extra = {"experts_implementation": "eager"} if base.name == "mixtral" else {}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        base, dtype=torch.float32, attn_implementation="eager", **extra
    )
    model = peft.PeftModel.from_pretrained(model, folder, is_trainable=True).double().train()
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
    found = {
        name.removeprefix("base_model.model.").replace(".default", ""): {"norm": float(p.grad.norm()), "sums": sums(p.grad)}
        for name, p in model.named_parameters() if p.grad is not None
    }  # fmt: skip
    assert all("lora_" in name for name in found)
    return {"base": base.name, "loss": float(loss), "parameters": found}


def main():
    names = sorted(path.parent.name for path in (MODELS / "adapters").glob("*/adapter_config.json"))
    result = {name: gradients(MODELS / "adapters" / name) for name in names}
    (HERE / "adapter_gradients.json").write_text(json.dumps(result) + "\n")


main()
