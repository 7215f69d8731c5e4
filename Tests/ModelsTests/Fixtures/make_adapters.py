#!/usr/bin/env python3
"""Writes adapters/: low-rank adapters for some of the small models beside this script, and what PEFT computes with them.

Pinned: torch 2.13.0 with transformers 5.23.0 and peft 0.21.2. Run: python make_adapters.py

Every folder of adapters/ is what `save_pretrained` of PEFT writes, with random matrices B; the base is the folder
beside this script that `base_model_name_or_path` names. logits.f32 holds the logits of the last prompt of the base's
golden.json at its positions.
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "adapters"
torch.use_deterministic_algorithms(True)

ADAPTERS = {
    "llama": ("llama", dict(r=4, lora_alpha=8, target_modules="all-linear")),
    # Ranks and alphas of their own, by patterns; scales by the root of the rank; some maps only.
    "llama-patterns": (
        "llama",
        dict(
            r=4, lora_alpha=8, target_modules=["q_proj", "k_proj", "down_proj"], use_rslora=True,
            rank_pattern={"layers.0.self_attn.q_proj": 2, r"^model\.layers\.\d+\.mlp\.down_proj$": 3},
            alpha_pattern={"k_proj": 5, r"layers.(0|7).mlp.down_proj": 1.5},
        ),
    ),
    "gpt2": ("gpt2", dict(r=3, lora_alpha=6, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True)),
    "bloom": ("bloom", dict(r=4, lora_alpha=4, target_modules="all-linear")),
    "gemma2": ("gemma2", dict(r=2, lora_alpha=8, target_modules="all-linear")),
    "phi3": ("phi3", dict(r=4, lora_alpha=8, target_modules="all-linear")),
    "qwen3": ("qwen3", dict(r=4, lora_alpha=8, target_modules=r".*\.(q_proj|v_proj|gate_proj)")),
    "mixtral": ("mixtral", dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"])),
}  # fmt: skip


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    for seed, (name, (base, settings)) in enumerate(ADAPTERS.items()):
        torch.manual_seed(seed)
        extra = {"experts_implementation": "eager"} if base == "mixtral" else {}
        model = transformers.AutoModelForCausalLM.from_pretrained(
            HERE / base, dtype=torch.float32, attn_implementation="eager", **extra
        )
        model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
        for key, parameter in model.named_parameters():
            if "lora_B" in key:
                torch.nn.init.normal_(parameter, std=0.2)
        folder = OUT / name
        model.save_pretrained(folder)
        (folder / "README.md").unlink()
        config = json.loads((folder / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = base
        if isinstance(config["target_modules"], list):
            config["target_modules"].sort()
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
        prompt = json.loads((HERE / base / "golden.json").read_text())["prompts"][-1]
        with torch.no_grad():
            logits = model(torch.tensor(prompt["tokens"])[None]).logits[0, prompt["positions"]]
        (folder / "logits.f32").write_bytes(logits.float().numpy().tobytes())


main()
