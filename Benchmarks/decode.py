#!/usr/bin/env python3
"""Measures reading a prompt, writing, and the time to the first token, of Apus and of llama.cpp in turn.

    python3 Benchmarks/decode.py [--program .build/release/apus] [--venv FOLDER] [--models 1.1B:Q4_0,15M:F32,…]

Installs llama-cpp-python (built for this processor), gguf and numpy into a virtual environment, makes random Llama
models there, and writes the table to Benchmarks/RESULTS.md. Both tools use the same file, threads and tokens; what each
pair of runs gives is divided within the pair, so that a busy machine disturbs both alike.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PACKAGES = ["llama-cpp-python", "gguf", "numpy"]
SHAPES = {
    "1.1B": dict(width=2048, feed_forward=5632, layers=22, heads=32, kv_heads=4, vocabulary=32000),
    "15M": dict(width=288, feed_forward=768, layers=6, heads=6, kv_heads=6, vocabulary=32000),
}
CONTEXT = 1024


# The models


def make_model(path, name, base):
    """A random Llama of the given shape as GGUF, with a vocabulary like SentencePiece's."""
    import gguf
    import numpy

    shape = SHAPES[name]
    width, feed_forward, vocabulary = shape["width"], shape["feed_forward"], shape["vocabulary"]
    kv = width // shape["heads"] * shape["kv_heads"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"random {name}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // shape["heads"])
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(1 if base == "F16" else 0)

    pieces = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % byte for byte in range(256)]
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = (a + b + c for a in letters for b in [""] + list(letters) for c in [""] + list(letters))
    for word in dict.fromkeys(words):
        pieces += [("\u2581" + word).encode(), word.encode()]
    pieces = list(dict.fromkeys(pieces))[:vocabulary]
    pieces += [b"word%d" % number for number in range(vocabulary - len(pieces))]
    types = [2, 3, 3] + [6] * 256 + [1] * (vocabulary - 259)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0 if index < 259 else float(259 - index) for index in range(vocabulary)])
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)

    generator = numpy.random.Generator(numpy.random.PCG64(7))
    dtype = numpy.float16 if base == "F16" else numpy.float32
    # Slices of one pool: a billion fresh random numbers would take longer than the measurement.
    pool = (generator.standard_normal(1 << 24, dtype=numpy.float32) * 0.02).astype(dtype)

    def matrix(tensor, rows, columns):
        start = int(generator.integers(len(pool)))
        turned = numpy.roll(pool, start)
        writer.add_tensor(tensor, numpy.resize(turned, rows * columns).reshape(rows, columns))

    def norm(tensor):
        writer.add_tensor(tensor, numpy.ones(width, numpy.float32))

    matrix("token_embd.weight", vocabulary, width)
    for layer in range(shape["layers"]):
        block = f"blk.{layer}."
        norm(block + "attn_norm.weight")
        matrix(block + "attn_q.weight", width, width)
        matrix(block + "attn_k.weight", kv, width)
        matrix(block + "attn_v.weight", kv, width)
        matrix(block + "attn_output.weight", width, width)
        norm(block + "ffn_norm.weight")
        matrix(block + "ffn_gate.weight", feed_forward, width)
        matrix(block + "ffn_up.weight", feed_forward, width)
        matrix(block + "ffn_down.weight", width, feed_forward)
    norm("output_norm.weight")
    matrix("output.weight", vocabulary, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def model_file(folder, name, kind, threads):
    """The file of a model in a type, made when it is not there yet; llama.cpp quantises it."""
    import llama_cpp

    path = folder / f"{name}-{kind}.gguf"
    if path.exists():
        return path
    base = "F32" if kind == "F32" or name == "15M" else "F16"
    source = folder / f"{name}-{base}.gguf"
    if not source.exists():
        make_model(str(source) + ".part", name, base)
        os.rename(str(source) + ".part", source)
    if kind != base:
        ftype = {"Q4_K": "Q4_K_S", "Q5_K": "Q5_K_S"}.get(kind, kind)
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.nthread = threads
        parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{ftype}")
        part = str(path) + ".part"
        if llama_cpp.llama_model_quantize(str(source).encode(), part.encode(), parameters) != 0:
            sys.exit(f"llama.cpp could not quantise {source}")
        os.rename(part, path)
    return path


# llama.cpp, in a process of its own


def peer(path, threads, flash, prompt, generate, repeats):
    """Prints what llama.cpp reaches as JSON: rates of each repeat, and the seconds from opening to the first token."""
    import ctypes

    import llama_cpp as L

    quiet = L.llama_log_callback(lambda level, text, data: None)
    L.llama_log_set(quiet, None)
    L.llama_backend_init()

    def open_context(model, context):
        parameters = L.llama_context_default_params()
        parameters.n_ctx = context
        parameters.n_batch = parameters.n_ubatch = 512
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = L.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash else L.LLAMA_FLASH_ATTN_TYPE_DISABLED
        return L.llama_init_from_model(model, parameters)

    def run(context, tokens):
        array = (L.llama_token * len(tokens))(*tokens)
        if L.llama_decode(context, L.llama_batch_get_one(array, len(tokens))) != 0:
            sys.exit("llama.cpp could not run the batch")
        L.llama_synchronize(context)
        L.llama_get_logits_ith(context, -1)[0]

    start = time.perf_counter()
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    context = open_context(model, CONTEXT)
    vocabulary = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    run(context, [1, 300, 301, 302, 303])
    first = time.perf_counter() - start
    L.llama_free(context)

    rates = {"prefill": [], "decode": []}
    if repeats:
        context = open_context(model, prompt + generate)
        for round in range(repeats + 1):  # the first is not counted
            L.llama_memory_clear(L.llama_get_memory(context), True)
            start = time.perf_counter()
            tokens = [(index * 7919 + 13) % vocabulary for index in range(prompt)]
            for stretch in range(0, prompt, 512):
                run(context, tokens[stretch : stretch + 512])
            between = time.perf_counter()
            for step in range(generate):
                run(context, [(step * 31 + 7) % vocabulary])
            end = time.perf_counter()
            if round:
                rates["prefill"].append(prompt / (between - start))
                rates["decode"].append(generate / (end - between))
    print(json.dumps({"first": first, **rates, "version": L.__version__}))


# Measuring


class Measurement:
    """What one tool gives in the runs of all pairs."""

    def __init__(self):
        self.prefill, self.decode, self.first = [], [], []


def output_of(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {result.returncode}: {result.stderr[-500:]}")
    return result.stdout


def run_apus(options, path, into):
    start = time.perf_counter()
    output_of([options.program, "generate", path, "-p", "etao", "-n", "1", "--temperature", "0", "--threads",
               str(options.threads)])  # fmt: skip
    into.first.append(time.perf_counter() - start)
    result = json.loads(output_of([
        options.program, "bench", path, "--prompt", str(options.prompt), "--generate", str(options.generate),
        "--repeats", "1", "--threads", str(options.threads), "--format", "json",
    ]))  # fmt: skip
    into.prefill.append(result["prefill_tokens_per_s"])
    into.decode.append(result["decode_tokens_per_s"])


def run_peer(options, path, flash, into):
    command = [sys.executable, __file__, "--peer", path, "--threads", str(options.threads), "--prompt",
               str(options.prompt), "--generate", str(options.generate)] + (["--flash"] if flash else [])  # fmt: skip
    result = json.loads(output_of(command))
    into.first.append(result["first"])
    into.prefill += result["prefill"]
    into.decode += result["decode"]
    return result["version"]


def compare(options, path):
    """Both tools in turn. llama.cpp runs with the flash attention setting that a first try found best; where one is
    better for prompts and the other for writing, with both, and the better figure of each pair counts."""
    tries = {flash: Measurement() for flash in (False, True)}
    for flash, into in tries.items():
        version = run_peer(options, path, flash, into)
    best = {max(tries, key=lambda flash: getattr(tries[flash], what)[0]) for what in ("prefill", "decode")}
    ours, theirs = Measurement(), Measurement()
    for pair in range(options.pairs):
        run_apus(options, path, ours)
        settings = Measurement()
        for flash in sorted(best):
            run_peer(options, path, flash, settings)
        theirs.prefill.append(max(settings.prefill))
        theirs.decode.append(max(settings.decode))
        theirs.first.append(min(settings.first))
        print(f"  pair {pair + 1}: prefill {ours.prefill[-1]:.1f} | {theirs.prefill[-1]:.1f}"
              f"  decode {ours.decode[-1]:.1f} | {theirs.decode[-1]:.1f}"
              f"  first {ours.first[-1]:.2f} | {theirs.first[-1]:.2f} s", file=sys.stderr, flush=True)  # fmt: skip
    return ours, theirs, version


def spread(values):
    """Half the distance from lowest to highest, as a share of the median."""
    return (max(values) - min(values)) / 2 / statistics.median(values)


def row(name, kind, size, what, ours, theirs, unit):
    ratios = [a / b for a, b in zip(ours, theirs)]
    places = 1 if unit == "tokens/s" else 2
    cell = lambda values: f"{statistics.median(values):.{places}f} ± {spread(values):.0%}"
    return (f"| {name} {kind} ({size / 1e6:.0f} MB) | {what} | {cell(ours)} | {cell(theirs)} | {unit} "
            f"| {statistics.median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} |")  # fmt: skip


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    name = re.search(r"model name\s*:\s*(.*)", text)
    return name.group(1).strip() if name else os.uname().machine


def write_results(options, rows, version):
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    heading = "## Decoding against llama.cpp"
    section = [
        heading,
        "",
        f"`Benchmarks/decode.py`, {datetime.date.today()}, commit {commit.stdout.strip()}, {processor()}, "
        f"{options.threads} threads, llama-cpp-python {version} built for this processor, the better of its flash "
        f"attention on and off; {options.pairs} pairs of runs in turn, medians ± half the range.",
        f"Prompt {options.prompt} tokens, then {options.generate} written one by one; first token: from the start of "
        "the program (llama.cpp: from opening the file) to the first token, the file in the page cache. The ratio is "
        "the median of the pairs' ratios Apus / llama.cpp: for rates more is better, for seconds less.",
        "",
        "| model | what | Apus | llama.cpp | unit | ratio | of pairs |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]
    path = options.results
    old = path.read_text() if path.exists() else "# Results\n\nEach table is written by the script that it names.\n\n"
    kept = re.sub(rf"{re.escape(heading)}\n.*?(?=^## |\Z)", "", old, flags=re.S | re.M).rstrip() + "\n\n"
    path.write_text(kept + "\n".join(section))


def prepare(options):
    """Runs again inside the virtual environment, made and filled when needed."""
    python = options.venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", options.venv], check=True)
    if subprocess.run([python, "-c", "import llama_cpp, gguf, numpy"], capture_output=True).returncode != 0:
        environment = dict(os.environ, CMAKE_ARGS="-DGGML_NATIVE=ON")
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True, env=environment)
    os.execv(python, [python, __file__, *sys.argv[1:], "--prepared"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/release/apus"))
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / ".build/benchmarks", help="where models are kept")
    parser.add_argument("--venv", type=pathlib.Path, default=None)
    parser.add_argument("--models", default="1.1B:Q4_0,1.1B:Q4_K_M,15M:F32,15M:Q8_0")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=128)
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "RESULTS.md")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--flash", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--prepared", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options.peer, options.threads, options.flash, options.prompt, options.generate, 1)
        return
    options.venv = options.venv or options.folder / "venv"
    if not options.prepared:
        prepare(options)
    options.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for entry in options.models.split(","):
        name, kind = entry.split(":")
        path = str(model_file(options.folder, name, kind, options.threads))
        print(f"{name} {kind}", file=sys.stderr)
        ours, theirs, version = compare(options, path)
        size = os.path.getsize(path)
        rows += [
            row(name, kind, size, "prefill", ours.prefill, theirs.prefill, "tokens/s"),
            row(name, kind, size, "decode", ours.decode, theirs.decode, "tokens/s"),
            row(name, kind, size, "first token", ours.first, theirs.first, "s"),
        ]
    print("\n".join(rows))
    write_results(options, rows, version)


if __name__ == "__main__":
    main()
