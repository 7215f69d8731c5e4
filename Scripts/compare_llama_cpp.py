#!/usr/bin/env python3
"""Compares what Apus converts and quantises with llama.cpp and transformers, and prints one table.

    python3 Scripts/compare_llama_cpp.py .build/release/apus [--model FOLDER] [--text FILE] [--python4 PYTHON]
        [--only logits,types,quantised,importance,parts,perplexity,back]

Needs llama-cpp-python, gguf, numpy, torch, tokenizers, safetensors and transformers 5 (`pip install` of these names);
`--python4` is a Python with transformers 4. MODEL is a trained Llama folder: perplexities say little of random weights.

logits      every small model of Tests/ModelsTests/Fixtures as F32 GGUF: llama.cpp's logits against transformers'
types       the type of each tensor after quantising, against llama.cpp's own choice
quantised   llama.cpp's perplexity of files that Apus quantised, against files that it quantised itself
importance  the same with an importance file that Apus kept: types, bytes of every tensor, and perplexity
parts       files written in parts: opened by llama.cpp, with the logits of the whole
perplexity  `apus perplexity --method llama.cpp` against llama.cpp's figure
back        GGUF to a folder: logits in transformers 5 and 4 against those of the original
"""

import argparse
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing

import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests/ModelsTests/Fixtures"
TYPES = ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K", "Q4_K_M"]

class Agreement(typing.NamedTuple):
    """Where both compute the same: positions, in prompts of so many tokens."""

    positions: range = range(1 << 20)
    prompts: range = range(1 << 20)
    note: str = ""


# Where llama.cpp computes something else than transformers, whoever wrote the file. What lies outside is shown in
# brackets and not counted.
NOWHERE = range(0)
SCALE = "llama.cpp divides scores of this architecture by the root of the head size alone"
WINDOW = "llama.cpp knows no window in this architecture"
LONG = "contexts are at least 256 tokens, where the long factors hold"
EXCEPTIONS = {
    "bloom-post-norm-residual": Agreement(NOWHERE, note="no key for shortcuts that start after the norm"),
    "gemma2": Agreement(range(1), note=SCALE),
    "gemma3": Agreement(range(1), note=SCALE),
    "gpt2-inverse-layer": Agreement(range(1), note="no key for scores divided by the layer's number"),
    "gpt2-unscaled": Agreement(range(1), note=SCALE),
    "llama-dynamic": Agreement(prompts=range(17), note="no dynamic scaling: the same up to the original context"),
    "llama-longrope": Agreement(prompts=range(17, 1 << 20), note=LONG),
    "llama-yarn-attention-factor": Agreement(NOWHERE, note="no ramp without whole ends (truncate: false)"),
    "mistral": Agreement(range(8), note=WINDOW),
    "phi3-longrope": Agreement(prompts=range(17, 1 << 20), note=LONG),
    "phi3-longrope-partial": Agreement(range(24), range(17, 1 << 20), f"{LONG}; {WINDOW}"),
    "phi3-window": Agreement(range(8), note=WINDOW),
    "qwen2-window": Agreement(range(8), note=WINDOW),
    "qwen3-untied-bias": Agreement(NOWHERE, note="no biases in this architecture"),
}
# What the file says and llama.cpp reads for other architectures only, but takes as an option.
OPTIONS = {"llama-yarn-mscale": dict(yarn_beta_fast=1.2, yarn_beta_slow=0.5)}


# In a process of its own: llama.cpp ends the whole process when it dislikes a file


def llama_context(path, context, float_cache, options={}):
    import llama_cpp as L

    L.llama_backend_init()
    model = L.llama_model_load_from_file(str(path).encode(), L.llama_model_default_params())
    if not model:
        sys.exit("llama.cpp does not open the file")
    parameters = L.llama_context_default_params()
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = context
    parameters.n_threads = parameters.n_threads_batch = 1  # waits for no other thread on a busy machine
    parameters.flash_attn_type = L.LLAMA_FLASH_ATTN_TYPE_DISABLED
    for name, value in options.items():
        setattr(parameters, name, value)
    if float_cache:
        parameters.type_k = parameters.type_v = L.GGML_TYPE_F32
    return model, L.llama_init_from_model(model, parameters)


def llama_logits(model, context, tokens):
    """Logits `[tokens, vocabulary]` of one call."""
    import llama_cpp as L

    L.llama_memory_clear(L.llama_get_memory(context), True)
    batch = L.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for index, token in enumerate(tokens):
        batch.token[index] = token
        batch.pos[index] = index
        batch.n_seq_id[index] = 1
        batch.seq_id[index][0] = 0
        batch.logits[index] = 1
    if L.llama_decode(context, batch) != 0:
        sys.exit("llama.cpp could not run the batch")
    vocabulary = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    rows = numpy.ctypeslib.as_array(L.llama_get_logits(context), (len(tokens), vocabulary)).copy()
    L.llama_batch_free(batch)
    return rows


def peer_logits(path, prompts, options):
    """Logits of all prompts' tokens, one after another, as a file of float32."""
    prompts = json.loads(pathlib.Path(prompts).read_text())
    rows = []
    for tokens in prompts:
        model, context = llama_context(path, max(64, len(tokens)), True, json.loads(options))
        rows.append(llama_logits(model, context, tokens))
    numpy.concatenate(rows).astype("<f4").tofile(f"{path}.logits")


def peer_perplexity(path, text, size):
    """The figure of llama.cpp's perplexity tool: whole windows, BOS in place of each one's first token where the model
    asks for it, and only what the second half predicts counts."""
    import llama_cpp as L

    model, context = llama_context(path, size, True)
    vocabulary = L.llama_model_get_vocab(model)
    data = pathlib.Path(text).read_bytes()
    tokens = (L.llama_token * (len(data) + 8))()
    count = L.llama_tokenize(vocabulary, data, len(data), tokens, len(tokens), True, False)
    tokens = list(tokens[:count])
    nll, counted = 0.0, 0
    for start in range(0, count - size + 1, size):
        window = tokens[start : start + size]
        if L.llama_vocab_get_add_bos(vocabulary):
            window[0] = L.llama_vocab_bos(vocabulary)
        logits = llama_logits(model, context, window)[size // 2 : -1].astype(numpy.float64)
        top = logits.max(axis=1)
        sums = top + numpy.log(numpy.exp(logits - top[:, None]).sum(axis=1))
        nll += float((sums - logits[numpy.arange(len(logits)), window[size // 2 + 1 :]]).sum())
        counted += len(logits)
    print(json.dumps({"perplexity": math.exp(nll / counted), "tokens": counted}))


def importance_matrix(path):
    """An importance file in the form that llama.cpp's call takes."""
    import ctypes

    import gguf
    import llama_cpp as L

    tensors = {tensor.name: tensor.data for tensor in gguf.GGUFReader(path).tensors}
    names = [name.removesuffix(".in_sum2") for name in tensors if name.endswith(".in_sum2")]
    matrix = (L.llama_model_imatrix_data * (len(names) + 1))()
    kept = []
    for index, name in enumerate(names):
        counts = tensors[name + ".counts"].reshape(-1, 1)
        sums = tensors[name + ".in_sum2"].reshape(len(counts), -1)
        means = numpy.where(counts > 0, sums / numpy.maximum(counts, 1), 1).astype(numpy.float32).ravel()
        kept.append(means)
        matrix[index].name = name.encode()
        matrix[index].data = means.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        matrix[index].size = len(means)
    return matrix, kept


def peer_quantize(source, kinds, importance=None):
    """llama.cpp's own files. Q4_K and Q5_K are its small mixtures: their other names mean the medium ones there."""
    import llama_cpp as L

    matrix = importance_matrix(importance) if importance else None
    for kind in kinds.split(","):
        parameters = L.llama_model_quantize_default_params()
        parameters.nthread = 1
        if matrix:
            parameters.imatrix = matrix[0]
        parameters.ftype = getattr(L, "LLAMA_FTYPE_MOSTLY_" + {"Q4_K": "Q4_K_S", "Q5_K": "Q5_K_S"}.get(kind, kind))
        target = str(pair_of(pathlib.Path(source), kind + ("-weighed" if matrix else ""))[1])
        if L.llama_model_quantize(source.encode(), target.encode(), parameters) != 0:
            sys.exit(f"llama.cpp could not quantise the file as {kind}")


def peer_transformers(folder, prompts):
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    prompts = json.loads(pathlib.Path(prompts).read_text())
    rows = []
    for tokens in prompts:
        # Freshly loaded: rotary frequencies that follow the length must not remember an earlier prompt.
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager"
        ).eval()
        with torch.no_grad():
            rows.append(model(torch.tensor([tokens]), use_cache=False).logits[0].numpy())
    numpy.concatenate(rows).astype("<f4").tofile(f"{folder}.logits")
    transformers.AutoTokenizer.from_pretrained(folder)
    print(transformers.__version__)


PEERS = {
    "logits": peer_logits,
    "perplexity": lambda path, text, size: peer_perplexity(path, text, int(size)),
    "quantize": peer_quantize,
    "transformers": peer_transformers,
}


class Failed(Exception):
    pass


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace")
    if result.returncode != 0:
        last = [line for line in result.stderr.splitlines() if line.strip()][-3:]
        raise Failed(f"ended with {result.returncode}: {' / '.join(last)[-300:]}")
    return result.stdout


def call_peer(name, *arguments, python=sys.executable):
    return run(python, __file__, "--peer", name, *arguments)


# The models


def add_tokenizer(folder):
    """A byte-level tokenizer of as many tokens as the model has: the small models are made without one."""
    import tokenizers

    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    visible = [letter for letter in letters if letter.isascii()] + ["\u0120", "\u010a"]
    rest = [letter for letter in letters if letter not in visible]
    special = ["<unk>", "<s>", "</s>", "<|endoftext|>"]  # llama.cpp looks for the last in Phi-3
    words = (special + visible + rest)[:size]
    words += [f"w{number}" for number in range(size - len(words))]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
        )
    )


def fixture(name, folder):
    target = folder / name
    shutil.copytree(FIXTURES / name, target, ignore=shutil.ignore_patterns("logits.f32", "golden.json", "config4.json"))
    add_tokenizer(target)
    golden = json.loads((FIXTURES / name / "golden.json").read_text())
    rows = numpy.fromfile(FIXTURES / name / "logits.f32", "<f4").reshape(-1, golden["vocabulary"])
    return target, golden, rows


def widen(source, target):
    """The same function with rows that divide by 256: a Llama of width 192 with two groups of three heads becomes one
    of width 256 and two groups of four, and an orthogonal matrix turns the residual stream, so that no weight is zero.
    Its perplexity is the original's."""
    import torch
    from safetensors.torch import load_file, save_file

    config = json.loads((source / "config.json").read_text())
    width, heads, groups, size = (
        config[key] for key in ("hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim")
    )
    wide, group = 256 * -(-width // 256), heads // groups
    new_group = next(count for count in range(group, 64) if groups * count * size % 256 == 0)
    weights = load_file(source / "model.safetensors")
    generator = torch.Generator().manual_seed(3)
    turn, _ = torch.linalg.qr(torch.randn(wide, wide, generator=generator, dtype=torch.float64))
    turn = turn[:, :width]
    scale = math.sqrt(width / wide)  # the norm divides by the root of more elements

    def reads(matrix, norm):
        return matrix.double() * (norm.double() * scale) @ turn.T

    def writes(matrix):
        return turn @ matrix.double()

    def more_heads(matrix, divide):
        """Each group's last head several times over; where outputs are read, each reads its share."""
        split = matrix.reshape(groups, group, size, -1)
        copies = new_group - group + 1
        last = split[:, -1:].expand(-1, copies, -1, -1) / (copies if divide else 1)
        return torch.cat([split[:, :-1], last], 1).reshape(groups * new_group * size, -1)

    result = {"model.embed_tokens.weight": writes(weights["model.embed_tokens.weight"].T).T}
    for layer in range(config["num_hidden_layers"]):
        block = f"model.layers.{layer}."
        of = lambda name: weights[f"{block}{name}.weight"]
        attention, mlp = of("input_layernorm"), of("post_attention_layernorm")
        result[block + "self_attn.q_proj.weight"] = more_heads(reads(of("self_attn.q_proj"), attention), False)
        result[block + "self_attn.k_proj.weight"] = reads(of("self_attn.k_proj"), attention)
        result[block + "self_attn.v_proj.weight"] = reads(of("self_attn.v_proj"), attention)
        result[block + "self_attn.o_proj.weight"] = writes(more_heads(of("self_attn.o_proj").T.double(), True).T)
        result[block + "mlp.gate_proj.weight"] = reads(of("mlp.gate_proj"), mlp)
        result[block + "mlp.up_proj.weight"] = reads(of("mlp.up_proj"), mlp)
        result[block + "mlp.down_proj.weight"] = writes(of("mlp.down_proj"))
        for name in ("input_layernorm", "post_attention_layernorm"):
            result[f"{block}{name}.weight"] = torch.ones(wide)
    result["model.norm.weight"] = torch.ones(wide)
    head = weights.get("lm_head.weight", weights["model.embed_tokens.weight"])
    result["lm_head.weight"] = reads(head, weights["model.norm.weight"])

    target.mkdir()
    for file in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        if (source / file).exists():
            shutil.copy(source / file, target / file)
    config.update(
        hidden_size=wide, num_attention_heads=groups * new_group, tie_word_embeddings=False,
        rms_norm_eps=config["rms_norm_eps"] * width / wide,
    )  # fmt: skip
    (target / "config.json").write_text(json.dumps(config))
    save_file(
        {name: value.float().contiguous() for name, value in result.items()},
        target / "model.safetensors",
        metadata={"format": "pt"},
    )


def deep(kind, layers, folder, **changes):
    """A small random model with many layers, on whose number llama.cpp's mixtures depend."""
    import torch
    import transformers

    values = dict(
        vocab_size=96, hidden_size=64, intermediate_size=64, num_hidden_layers=layers, num_attention_heads=8,
        num_key_value_heads=8, head_dim=8, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    config = transformers.AutoConfig.for_model(kind, **{**values, **changes})
    torch.manual_seed(1)
    transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)
    add_tokenizer(folder)


# The parts of the table


def relative(values, expected):
    return float(abs(values - expected).max() / abs(expected).max())


def compare_logits(options, folder):
    for name in options.fixtures:
        try:
            source, golden, rows = fixture(name, folder)
            path = folder / f"{name}.gguf"
            run(options.program, "convert", source, path, "--type", "F32")
            listing = folder / "prompts.json"
            listing.write_text(json.dumps([prompt["tokens"] for prompt in golden["prompts"]]))
            call_peer("logits", path, listing, json.dumps(OPTIONS.get(name, {})))
            logits = numpy.fromfile(f"{path}.logits", "<f4").reshape(-1, golden["vocabulary"])
            agreement = EXCEPTIONS.get(name, Agreement())
            note = agreement.note
            if name in OPTIONS:
                note = "with " + ", ".join(f"{key} {value}" for key, value in OPTIONS[name].items())
            start, parts, worst = 0, [], 0.0
            for prompt in golden["prompts"]:
                length = len(prompt["tokens"])
                own = logits[start : start + length][prompt["positions"]]
                start += length
                expected = rows[prompt["row"] : prompt["row"] + len(prompt["positions"])]
                inside = [
                    index
                    for index, position in enumerate(prompt["positions"])
                    if position in agreement.positions and length in agreement.prompts
                ]
                if inside:
                    error = float(abs(own[inside] - expected[inside]).max() / abs(expected).max())
                    worst = max(worst, error)
                    parts.append(f"{length}: {error:.1e}")
                if len(inside) < len(prompt["positions"]):
                    parts.append(f"({length}: {relative(own, expected):.1e})")
            yield "logits", name, ", ".join(parts), worst < 1e-3, note
        except Failed as error:
            agreement = EXCEPTIONS.get(name, Agreement())
            yield "logits", name, str(error), agreement.positions == NOWHERE, agreement.note


def tensor_types(path):
    import gguf

    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}


def pair_of(source, kind):
    return tuple(source.with_name(f"{source.stem}-{kind}-{who}.gguf") for who in ("apus", "llama"))


def quantised_pair(options, source, kind):
    """Apus's file and llama.cpp's."""
    ours, theirs = pair_of(source, kind)
    if not ours.exists():
        run(options.program, "quantize", source, ours, kind)
    if not theirs.exists():
        call_peer("quantize", source, ",".join(TYPES))
    return ours, theirs


def compare_types(options, folder, trained):
    sources = [*trained]
    for name in ("gpt2", "llama-tied", "mixtral", "gemma3"):
        path = folder / f"{name}.gguf"
        if not path.exists():
            source, _, _ = fixture(name, folder)
            run(options.program, "convert", source, path, "--type", "F32")
        sources.append(path)
    for name, kind, layers, changes in (
        ("llama, 22 layers", "llama", 22, {}),
        ("llama, 80 layers in groups of 8", "llama", 80, {"num_key_value_heads": 1}),
        ("mixtral of 8 experts, 9 layers", "mixtral", 9, {"num_local_experts": 8}),
        ("phi3, 17 layers", "phi3", 17, {}),
    ):
        deep(kind, layers, folder / name, **changes)
        path = folder / f"{name}.gguf"
        run(options.program, "convert", folder / name, path, "--type", "F32")
        sources.append(path)
    for source in sources:
        same = []
        for kind in TYPES:
            try:
                ours, theirs = map(tensor_types, quantised_pair(options, source, kind))
            except Failed as error:
                yield "types", f"{source.stem} {kind}", str(error), False, ""
                continue
            differing = [
                f"{name} {ours.get(name)} not {theirs.get(name)}"
                for name in sorted(ours.keys() | theirs.keys())
                if ours.get(name) != theirs.get(name)
            ]
            result = f"{len(ours)} tensors" + (f", {len(differing)} differ: {'; '.join(differing[:3])}" if differing else "")
            if differing:
                yield "types", f"{source.stem} {kind}", result, False, ""
                continue
            same.append(kind)
        yield "types", source.stem, f"{len(ours)} tensors alike in {', '.join(same)}", True, ""


def compare_quantised(options, trained):
    for source in trained:
        original = json.loads(call_peer("perplexity", source, options.text, options.context))["perplexity"]
        yield "quantised", f"{source.stem} F32", f"{original:.4f}", True, ""
        for kind in TYPES:
            try:
                files = quantised_pair(options, source, kind)
                ours, theirs = (
                    json.loads(call_peer("perplexity", path, options.text, options.context))["perplexity"] for path in files
                )
            except Failed as error:
                yield "quantised", f"{source.stem} {kind}", str(error), False, ""
                continue
            ratio = ours / theirs - 1
            yield "quantised", f"{source.stem} {kind}", f"{ours:.4f} | {theirs:.4f}: {ratio:+.3%}", abs(ratio) < 0.01, ""


def tensor_bytes(path):
    import gguf

    return {tensor.name: tensor.data.tobytes() for tensor in gguf.GGUFReader(path).tensors}


def compare_importance(options, folder, trained):
    sources = [*trained]
    path = folder / "mixtral-weighed.gguf"
    shutil.copytree(FIXTURES / "mixtral", folder / "mixtral-weighed")
    add_tokenizer(folder / "mixtral-weighed")
    run(options.program, "convert", folder / "mixtral-weighed", path, "--type", "F32")
    sources.append(path)
    for source in sources:
        importance = source.with_suffix(".importance.gguf")
        calibration = folder / "calibration.txt"
        calibration.write_bytes(options.text.read_bytes()[:20000])
        for kind in TYPES:
            try:
                ours, theirs = pair_of(source, kind + "-weighed")
                first = not importance.exists()
                run(options.program, "quantize", source, ours, kind, "--calibrate", calibration if first else importance,
                    *(["--save-importance", importance] if first else []))  # fmt: skip
                call_peer("quantize", source, kind, importance)
                mine, other = tensor_types(ours), tensor_types(theirs)
                differing = [f"{name} {mine[name]} not {other.get(name)}" for name in mine if mine[name] != other.get(name)]
                mine, other = tensor_bytes(ours), tensor_bytes(theirs)
                same = sum(mine[name] == other.get(name) for name in mine)
                result = f"{same} of {len(mine)} tensors the same bytes" + "".join(f"; {text}" for text in differing[:3])
                fine = not differing
                if source in trained:
                    a, b = (
                        json.loads(call_peer("perplexity", path, options.text, options.context))["perplexity"]
                        for path in (ours, theirs)
                    )
                    result += f", perplexity {a:.4f} | {b:.4f}: {a / b - 1:+.3%}"
                    fine = fine and abs(a / b - 1) < 0.01
                yield "importance", f"{source.stem} {kind}", result, fine, ""
                ours.unlink(), theirs.unlink()
            except Failed as error:
                yield "importance", f"{source.stem} {kind}", str(error), False, ""


def compare_parts(options, folder):
    for name in ("llama", "mixtral"):
        try:
            target = folder / f"{name}-in-parts"
            shutil.copytree(FIXTURES / name, target)
            add_tokenizer(target)
            run(options.program, "convert", target, folder / f"{name}-one.gguf", "--type", "F32")
            run(options.program, "convert", target, folder / f"{name}-many.gguf", "--type", "F32", "--split", "10000")
            parts = sorted(folder.glob(f"{name}-many-*.gguf"))
            golden = json.loads((FIXTURES / name / "golden.json").read_text())
            listing = folder / "prompts.json"
            listing.write_text(json.dumps([golden["prompts"][1]["tokens"]]))
            rows = []
            for path in (folder / f"{name}-one.gguf", parts[0]):
                call_peer("logits", path, listing, "{}")
                rows.append(pathlib.Path(f"{path}.logits").read_bytes())
            yield "parts", f"{name} in {len(parts)} parts", "the same logits", rows[0] == rows[1], ""
        except Failed as error:
            yield "parts", name, str(error), False, ""


def compare_perplexity(options, trained):
    for source in trained:
        for path in [source, *(quantised_pair(options, source, kind)[0] for kind in ("Q8_0", "Q4_K_M"))]:
            result = json.loads(
                run(options.program, "perplexity", path, options.text, "--method", "llama.cpp", "--context", options.context,
                    "--format", "json")
            )  # fmt: skip
            peer = json.loads(call_peer("perplexity", path, options.text, options.context))
            ratio = result["perplexity"] / peer["perplexity"] - 1
            same = abs(ratio) < (1e-4 if path == source else 0.005) and result["tokens"] == peer["tokens"]
            yield ("perplexity", path.stem, f"{result['perplexity']:.5f} | {peer['perplexity']:.5f}: {ratio:+.4%} of "
                   f"{result['tokens']} | {peer['tokens']} tokens", same, "")  # fmt: skip


def compare_back(options, folder):
    for name in options.fixtures:
        try:
            path = folder / f"{name}.gguf"
            source = folder / name
            if not path.exists():
                source, _, _ = fixture(name, folder)
                run(options.program, "convert", source, path, "--type", "F32")
            golden = json.loads((FIXTURES / name / "golden.json").read_text())
            rows = numpy.fromfile(FIXTURES / name / "logits.f32", "<f4").reshape(-1, golden["vocabulary"])
            again = folder / f"{name}-again"
            run(options.program, "convert", path, again)
            listing = folder / "prompts.json"
            listing.write_text(json.dumps([prompt["tokens"] for prompt in golden["prompts"]]))
        except Failed as error:
            yield "back", name, str(error), False, ""
            continue
        for python in filter(None, (sys.executable, options.python4)):
            try:
                version = call_peer("transformers", again, listing, python=python).strip()
            except Failed as error:
                yield "back", f"{name} in {python}", str(error), False, ""
                continue
            logits = numpy.fromfile(f"{again}.logits", "<f4").reshape(-1, golden["vocabulary"])
            start, worst = 0, 0.0
            for prompt in golden["prompts"]:
                own = logits[start : start + len(prompt["tokens"])][prompt["positions"]]
                start += len(prompt["tokens"])
                worst = max(worst, relative(own, rows[prompt["row"] : prompt["row"] + len(prompt["positions"])]))
            yield "back", f"{name} in transformers {version}", f"{worst:.1e}", worst < 1e-4, ""


def main():
    if sys.argv[1] == "--peer":
        PEERS[sys.argv[2]](*sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--model", type=pathlib.Path, help="a trained Llama folder")
    parser.add_argument("--text", type=pathlib.Path, default=ROOT / "README.md")
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--python4")
    parser.add_argument("--only", default="logits,types,quantised,importance,parts,perplexity,back")
    parser.add_argument("--fixtures", default="")
    options = parser.parse_args()
    parts = options.only.split(",")
    every = sorted(path.parent.name for path in FIXTURES.glob("*/golden.json"))
    # The odd ones are configurations that llama.cpp mostly has no keys for: by name only.
    options.fixtures = [
        name for name in every
        if (name in options.fixtures.split(",") if options.fixtures else not name.startswith("odd-"))
    ]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        trained = []
        if options.model and set(parts) & {"types", "quantised", "importance", "perplexity"}:
            widen(options.model, folder / "widened")
            for name, source in ((options.model.name, options.model), ("widened", folder / "widened")):
                run(options.program, "convert", source, folder / f"{name}.gguf", "--type", "F32")
                trained.append(folder / f"{name}.gguf")
        print("| part | what | result | as expected | note |\n| --- | --- | --- | --- | --- |")
        generators = {
            "logits": lambda: compare_logits(options, folder),
            "types": lambda: compare_types(options, folder, trained),
            "quantised": lambda: compare_quantised(options, trained),
            "importance": lambda: compare_importance(options, folder, trained),
            "parts": lambda: compare_parts(options, folder),
            "perplexity": lambda: compare_perplexity(options, trained),
            "back": lambda: compare_back(options, folder),
        }
        for part in parts:
            for kind, what, result, fine, note in generators[part]():
                failures += not fine
                print(f"| {kind} | {what} | {result} | {'yes' if fine else 'NO'} | {note} |", flush=True)
    print(f"{failures} not as expected")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
