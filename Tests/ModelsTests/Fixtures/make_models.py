#!/usr/bin/env python3
"""Makes the small random models of this folder, and what transformers computes with them.

Pinned: torch 2.13.0 with transformers 5.23.0 (`make`) and transformers 4.57.6 (`check4`).

    python make_models.py make   [NAME...]    # under transformers 5: writes the folders
    python make_models.py check4 [NAME...]    # under transformers 4: compares logits, writes config4.json

A folder NAME holds
    config.json, weights   as transformers 5 writes them (model.safetensors, shards, or pytorch_model.bin)
    config4.json           the same model's configuration as transformers 4 writes it
    golden.json            prompts, the positions whose logits are kept, nats per window
    logits.f32             rows of `vocabulary` little-endian float32, in the order of the prompts and their positions

Every forward is one call on the whole prompt by a freshly loaded model, in float32, with eager attention and one
thread. Where the rotary frequencies depend on the length of the call (dynamic, longrope), `context` in a prompt says
which length they were computed for: a reader whose frequencies follow the context in use opens the model with that
context.
"""

import json
import math
import pathlib
import shutil
import sys

import numpy
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
VERSION = int(transformers.__version__.split(".")[0])
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


class Case:
    def __init__(
        self, name, kind, config, seed, prompts=(1, 11, 40), window=16, tokens=50, original=None, save="safetensors",
        edit=None,
    ):
        self.name, self.kind, self.config, self.seed = name, kind, config, seed
        self.prompts, self.window, self.tokens, self.original, self.save = prompts, window, tokens, original, save
        self.edit = edit or {}  # keys of config.json as somebody may have written them

    def make_config(self):
        return transformers.AutoConfig.for_model(self.kind, **json.loads(json.dumps(self.config)))


def llama(**changes):
    values = dict(
        vocab_size=96,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=64,
        rope_theta=10000.0,
        rms_norm_eps=1e-5,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
    )
    values.update(changes)
    return values


def gemma(**changes):
    values = llama(
        head_dim=16, hidden_activation="gelu_pytorch_tanh", pad_token_id=0, bos_token_id=2, eos_token_id=1, num_hidden_layers=3
    )
    values.update(changes)
    return values


GPT2 = dict(
    vocab_size=96, n_positions=48, n_embd=32, n_layer=2, n_head=4, n_inner=64, bos_token_id=95, eos_token_id=95
)
BLOOM = dict(vocab_size=96, hidden_size=32, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2)
SHORT = [1.0, 1.1, 1.25, 1.3, 1.5, 1.7, 2.0, 2.2]
LONG = [1.0, 1.4, 2.1, 3.3, 4.0, 4.6, 5.5, 7.0]
# Frequencies that follow the length of the call: whole windows only, and a last one of a single token, left out.
FOLLOWS = dict(prompts=(12, 40, 56), window=40, tokens=81, original=16)
PAST = dict(prompts=(12, 60), window=40, tokens=81)

CASES = [
    Case("gpt2", "gpt2", GPT2, 1, tokens=49),
    Case(
        "gpt2-inverse-layer",
        "gpt2",
        dict(GPT2, n_layer=3, n_inner=None, n_embd=24, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True),
        2,
    ),
    Case(
        "gpt2-unscaled",
        "gpt2",
        dict(
            GPT2,
            scale_attn_weights=False,
            tie_word_embeddings=False,
            activation_function="gelu",
            layer_norm_epsilon=0.01,
        ),
        3,
    ),
    Case("gpt2-pickle", "gpt2", GPT2, 4, save="pickle"),
    Case("gpt2-pickle-legacy", "gpt2", dict(GPT2, n_embd=24), 5, save="pickle-legacy"),
    Case("bloom", "bloom", BLOOM, 10),
    Case("bloom-six-heads", "bloom", dict(BLOOM, hidden_size=24, n_head=6, layer_norm_epsilon=0.01), 11, save="base"),
    Case("bloom-post-norm-residual", "bloom", dict(BLOOM, apply_residual_connection_post_layernorm=True), 12),
    Case(
        "llama",
        "llama",
        llama(tie_word_embeddings=False, num_attention_heads=4, num_key_value_heads=4, rms_norm_eps=0.01),
        20,
    ),
    Case("llama-tied", "llama", llama(num_attention_heads=4, num_key_value_heads=2, rope_theta=500000.0), 21, tokens=49),
    Case("llama-biases", "llama", llama(attention_bias=True, mlp_bias=True), 22),
    Case("llama-head-dim", "llama", llama(hidden_size=24, head_dim=16, num_attention_heads=2), 23),
    Case("llama-bfloat16", "llama", llama(), 24, save="bfloat16"),
    Case("llama-sharded", "llama", llama(tie_word_embeddings=False), 25, save="sharded"),
    Case("llama-linear", "llama", llama(rope_scaling=dict(rope_type="linear", factor=4.0)), 30, **PAST),
    Case(
        "llama-dynamic",
        "llama",
        llama(max_position_embeddings=16, rope_scaling=dict(rope_type="dynamic", factor=2.0)),
        31,
        **FOLLOWS,
    ),
    Case(
        "llama-llama3",
        "llama",
        llama(
            rope_scaling=dict(
                rope_type="llama3",
                factor=8.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                original_max_position_embeddings=32,
            )
        ),
        32,
        **PAST,
    ),
    Case(
        "llama-yarn",
        "llama",
        llama(rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)),
        33,
        **PAST,
    ),
    Case(
        "llama-yarn-mscale",
        "llama",
        llama(
            rope_scaling=dict(
                rope_type="yarn",
                factor=2.0,
                original_max_position_embeddings=32,
                mscale=0.707,
                mscale_all_dim=1.3,
                beta_fast=1.2,
                beta_slow=0.5,
            )
        ),
        34,
        **PAST,
    ),
    Case(
        "llama-yarn-attention-factor",
        "llama",
        llama(
            rope_scaling=dict(
                rope_type="yarn",
                factor=2.0,
                original_max_position_embeddings=32,
                attention_factor=0.8,
                beta_fast=1.5,
                beta_slow=0.4,
                truncate=False,
            )
        ),
        35,
        **PAST,
    ),
    Case(
        "llama-longrope",
        "llama",
        llama(
            rope_scaling=dict(
                rope_type="longrope",
                factor=4.0,
                original_max_position_embeddings=16,
                short_factor=SHORT,
                long_factor=LONG,
            )
        ),
        36,
        **FOLLOWS,
    ),
    Case("mistral", "mistral", llama(sliding_window=8, head_dim=16), 40),
    Case("mistral-no-window", "mistral", llama(sliding_window=None, tie_word_embeddings=False, head_dim=24), 41, tokens=49),
    Case("qwen2", "qwen2", llama(rope_theta=1000000.0, bos_token_id=None), 50),
    Case(
        "qwen2-window",
        "qwen2",
        llama(use_sliding_window=True, sliding_window=8, max_window_layers=1, num_hidden_layers=3, bos_token_id=None),
        51,
    ),
    Case("qwen3", "qwen3", llama(hidden_size=24, head_dim=16, num_attention_heads=4, num_key_value_heads=2, rms_norm_eps=0.01), 52),
    Case("qwen3-untied-bias", "qwen3", llama(head_dim=16, attention_bias=True, tie_word_embeddings=False), 53),
    Case("phi3", "phi3", llama(tie_word_embeddings=False, pad_token_id=0, sliding_window=None), 60),
    Case(
        "phi3-window",
        "phi3",
        llama(tie_word_embeddings=False, pad_token_id=0, sliding_window=8, partial_rotary_factor=0.75, rms_norm_eps=0.01),
        61,
    ),
    Case(
        "phi3-longrope",
        "phi3",
        llama(
            tie_word_embeddings=False,
            pad_token_id=0,
            sliding_window=None,
            original_max_position_embeddings=16,
            rope_scaling=dict(type="longrope", short_factor=SHORT, long_factor=LONG),
        ),
        62,
        **FOLLOWS,
    ),
    Case(
        "phi3-longrope-partial",
        "phi3",
        llama(
            tie_word_embeddings=True,
            pad_token_id=0,
            sliding_window=24,
            partial_rotary_factor=0.75,
            original_max_position_embeddings=16,
            rope_scaling=dict(type="longrope", short_factor=SHORT[:6], long_factor=LONG[:6]),
        ),
        63,
        **FOLLOWS,
    ),
    Case(
        "mixtral",
        "mixtral",
        llama(
            num_local_experts=4, num_experts_per_tok=2, intermediate_size=24, tie_word_embeddings=False, rope_theta=1000000.0
        ),
        70,
    ),
    Case("gemma", "gemma", gemma(num_hidden_layers=2, num_key_value_heads=2), 80),
    Case(
        "gemma2",
        "gemma2",
        gemma(
            sliding_window=8,
            query_pre_attn_scalar=24,
            attn_logit_softcapping=3.0,
            final_logit_softcapping=5.0,
            intermediate_size=40,
        ),
        81,
    ),
    Case(
        "gemma3",
        "gemma3_text",
        gemma(
            sliding_window=8,
            sliding_window_pattern=3,
            query_pre_attn_scalar=24,
            rope_theta=1000000.0,
            rope_local_base_freq=10000.0,
            num_hidden_layers=4,
            intermediate_size=32,
            hidden_size=24,
            rms_norm_eps=0.01,
        ),
        82,
    ),
    Case(
        "gemma3-linear",
        "gemma3_text",
        gemma(
            sliding_window=8,
            sliding_window_pattern=2,
            query_pre_attn_scalar=16,
            rope_theta=100000.0,
            rope_local_base_freq=500.0,
            rope_scaling=dict(rope_type="linear", factor=4.0),
        ),
        83,
        prompts=(12, 60),
    ),
]


def odd(**changes):
    """Still smaller, with a large epsilon and sizes that are no powers of two."""
    values = llama(
        vocab_size=40, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
        num_key_value_heads=1, rms_norm_eps=1e-3, pad_token_id=0, tie_word_embeddings=False,
    )
    values.update(changes)
    return values


# What published models seldom have, but their configurations allow.
BRIEF = dict(prompts=(1, 9, 20), window=12, tokens=30, save="bfloat16")
TYPES = ["full_attention", "sliding_attention", "full_attention"]
CASES += [
    Case("odd-llama-heads", "llama", odd(head_dim=20, num_key_value_heads=3, hidden_act="relu"), 101, **BRIEF),
    Case("odd-llama-null-kv", "llama", odd(num_key_value_heads=3, attention_bias=True), 102, **BRIEF,
         edit={"num_key_value_heads": None}),
    Case("odd-llama-float16-yarn", "llama", odd(rope_scaling=dict(
        rope_type="yarn", original_max_position_embeddings=16, factor=4.0, beta_fast=20, beta_slow=2)), 103,
        **{**BRIEF, "save": "float16"}),
    Case("odd-mistral-yarn", "mistral", odd(sliding_window=9, head_dim=12, rope_scaling=dict(
        rope_type="yarn", factor=4.0, original_max_position_embeddings=16)), 104, **BRIEF),
    Case("odd-mixtral", "mixtral", odd(
        num_local_experts=5, num_experts_per_tok=3, intermediate_size=12, sliding_window=6, head_dim=12,
        tie_word_embeddings=True), 105, **BRIEF),
    Case("odd-qwen2-types", "qwen2", odd(
        num_hidden_layers=3, use_sliding_window=True, sliding_window=5, layer_types=[TYPES[1], TYPES[0], TYPES[1]],
        intermediate_size=12), 106, **BRIEF),
    Case("odd-qwen3-types", "qwen3", odd(
        num_hidden_layers=3, head_dim=12, use_sliding_window=True, sliding_window=5, layer_types=TYPES,
        attention_bias=True, tie_word_embeddings=True, intermediate_size=12), 107, **BRIEF),
    Case("odd-phi3-partial", "phi3", odd(
        hidden_size=30, partial_rotary_factor=0.4, tie_word_embeddings=True, hidden_act="gelu"), 108, **BRIEF),
    Case("odd-gemma-untied", "gemma", odd(head_dim=10, attention_bias=True, hidden_activation="gelu"), 109, **BRIEF),
    Case("odd-gemma2-uncapped", "gemma2", odd(
        head_dim=12, query_pre_attn_scalar=7, sliding_window=5, attn_logit_softcapping=None,
        final_logit_softcapping=None, hidden_activation="silu", tie_word_embeddings=True), 110, **BRIEF),
    Case("odd-gemma3-types", "gemma3_text", odd(
        num_hidden_layers=3, head_dim=12, sliding_window=5, layer_types=TYPES, final_logit_softcapping=3.0,
        attn_logit_softcapping=2.0, attention_bias=True, rope_theta=50000.0, rope_local_base_freq=300.0,
        query_pre_attn_scalar=9, tie_word_embeddings=True, intermediate_size=12), 111, **BRIEF),
    Case("odd-bloom-one-head", "bloom", dict(
        vocab_size=40, hidden_size=20, n_layer=2, n_head=1, bos_token_id=1, eos_token_id=2, layer_norm_epsilon=0.02,
        tie_word_embeddings=False), 112, **BRIEF),
    Case("odd-gpt2-silu", "gpt2", dict(
        vocab_size=40, n_positions=48, n_embd=18, n_layer=3, n_head=3, n_inner=25, bos_token_id=1, eos_token_id=2,
        activation_function="silu", scale_attn_by_inverse_layer_idx=True, scale_attn_weights=False), 113, **BRIEF),
]


def randomise(model, seed, kind):
    """Weights that make every path count: attention far from flat, norms and biases away from one and zero. Some of the
    configurations have large epsilons, so that these count too."""
    generator = torch.Generator().manual_seed(seed)
    tied = model.config.tie_word_embeddings
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 1:
                is_norm = name.endswith("weight")
                centre = 1.0 if is_norm and not kind.startswith("gemma") else 0.0
                parameter.copy_(centre + 0.3 * noise)
            elif "emb" in name or "wte" in name or "wpe" in name:
                parameter.copy_((0.5 if tied else 1.0) * noise)
            else:
                transposed = kind == "gpt2" and "lm_head" not in name
                inputs = parameter.shape[0] if transposed else parameter.shape[-1]
                parameter.copy_(1.4 * noise / math.sqrt(inputs))


def save(model, case, folder):
    if case.save == "bfloat16":
        model = model.to(torch.bfloat16)
        model.config.dtype = torch.bfloat16
    if case.save == "float16":
        model = model.to(torch.float16)
        model.config.dtype = torch.float16
    if case.save in ("pickle", "pickle-legacy", "base"):
        # As published GPT-2 and BLOOM files name their tensors: without "transformer.", the causal masks included.
        state = {key: value.contiguous() for key, value in model.transformer.state_dict().items()}
        model.config.save_pretrained(folder)
        if case.save == "base":
            from safetensors.torch import save_file

            save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
            return
        size = model.config.n_positions
        for layer in range(model.config.n_layer):
            state[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(size, size, dtype=torch.uint8)).view(1, 1, size, size)
            state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
        torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=case.save == "pickle")
    else:
        model.save_pretrained(folder, max_shard_size="24KB" if case.save == "sharded" else "1GB")
    if case.edit:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | case.edit, indent=2) + "\n")


def load(case, config=None):
    extra = {"config": config} if config is not None else {}
    if case.kind == "mixtral" and VERSION == 5:
        extra["experts_implementation"] = "eager"
    model = transformers.AutoModelForCausalLM.from_pretrained(
        HERE / case.name, dtype=torch.float32, attn_implementation="eager", **extra
    )
    return model.eval()


def forward(case, tokens, config=None, double=False):
    """Logits `[tokens, vocabulary]` of one call of a fresh model: no state of an earlier call can matter."""
    model = load(case, config)
    if double:
        model = model.double()
        if case.kind == "gpt2":  # its upcast to float32 refuses float64
            for block in model.transformer.h:
                block.attn.reorder_and_upcast_attn = False
    with torch.no_grad():
        return model(torch.tensor([tokens]), use_cache=False).logits[0].numpy()


def nats(logits, tokens):
    """Negative log-likelihood of every token but the first."""
    logits = logits.astype(numpy.float64)
    top = logits.max(axis=1, keepdims=True)
    log_sum = top[:, 0] + numpy.log(numpy.exp(logits - top).sum(axis=1))
    return float(sum(log_sum[i] - logits[i, tokens[i + 1]] for i in range(len(tokens) - 1)))


def positions(length):
    if length <= 16:
        return list(range(length))
    spread = {round(i * (length - 1) / 9) for i in range(10)}
    return sorted({0, 1, 2} | spread | {length - 3, length - 2, length - 1})


def windows(tokens, size):
    cut = [tokens[start : start + size] for start in range(0, len(tokens), size)]
    return [window for window in cut if len(window) > 1]


def make(case):
    folder = HERE / case.name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    model = transformers.AutoModelForCausalLM.from_config(case.make_config(), dtype=torch.float32)
    randomise(model, case.seed, case.kind)
    save(model, case, folder)
    vocabulary = model.config.vocab_size

    generator = numpy.random.Generator(numpy.random.PCG64(case.seed))
    draw = lambda count: [int(token) for token in generator.integers(3, vocabulary - 1, count)]
    prompts, rows, noise = [], [], 0.0
    for length in case.prompts:
        tokens = draw(length)
        logits = forward(case, tokens)
        exact = forward(case, tokens, double=True)
        noise = max(noise, float(abs(logits - exact).max() / abs(exact).max()))
        entry = {"tokens": tokens, "positions": positions(length), "row": len(rows)}
        if case.original is not None:
            entry["context"] = length
        rows.extend(logits[entry["positions"]])
        prompts.append(entry)
    text = draw(case.tokens)
    golden = {
        "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "vocabulary": vocabulary,
        "prompts": prompts,
        "perplexity": {
            "tokens": text,
            "context": case.window,
            "windows": [
                {"nll": nats(forward(case, window), window), "tokens": len(window) - 1}
                for window in windows(text, case.window)
            ],
        },
    }
    numpy.stack(rows).astype("<f4").tofile(folder / "logits.f32")
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    spread = float(numpy.stack(rows).std(axis=1).mean())
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{case.name:30} {size / 1000:7.1f} kB  spread {spread:6.2f}  float32 against float64 {noise:.1e}")
    assert noise < 2e-5, case.name


# The configurations kept as transformers 4 writes them: one per way of saying it. Not llama-longrope: version 4 reads
# the original context only from the top of a configuration (as Phi-3 has it), never from `rope_scaling`, so that it
# computes something else there; everywhere else both versions agree to 5e-7 of the largest logit.
WITH_CONFIG4 = {
    "gpt2", "bloom", "llama", "llama-bfloat16", "llama-linear", "llama-dynamic", "llama-llama3", "llama-yarn-mscale",
    "mistral", "qwen2-window", "qwen3", "phi3-window", "phi3-longrope", "phi3-longrope-partial",
    "mixtral", "gemma", "gemma2", "gemma3", "gemma3-linear",
}  # fmt: skip


def check4(case):
    folder = HERE / case.name
    golden = json.loads((folder / "golden.json").read_text())
    rows = numpy.fromfile(folder / "logits.f32", "<f4").reshape(-1, golden["vocabulary"])
    config = case.make_config()
    config.architectures = json.loads((folder / "config.json").read_text()).get("architectures")
    config.torch_dtype = torch.bfloat16 if case.save == "bfloat16" else torch.float32
    if case.name in WITH_CONFIG4:
        (folder / "config4.json").write_text(config.to_json_string())
    worst = 0.0
    for prompt in golden["prompts"]:
        logits = forward(case, prompt["tokens"], case.make_config())[prompt["positions"]]
        expected = rows[prompt["row"] : prompt["row"] + len(prompt["positions"])]
        worst = max(worst, float(abs(logits - expected).max() / abs(expected).max()))
    print(f"{case.name:30} transformers {transformers.__version__} against 5: {worst:.1e}{'' if worst < 1e-5 else '  DIFFERS'}")


if __name__ == "__main__":
    command, names = sys.argv[1], sys.argv[2:]
    assert VERSION == {"make": 5, "check4": 4}[command]
    for case in CASES:
        if not names or case.name in names:
            {"make": make, "check4": check4}[command](case)
