"""Reading prompts and writing, against llama.cpp and, where a build of it is given, ik_llama.cpp."""

import json
import os
import pathlib
import subprocess
import sys
import time

import random_models

PEER = pathlib.Path(__file__).with_name("llama_peer.py")
KINDS = "Q4_0 Q4_K_M Q8_0 F16 Q5_K Q6_K Q3_K Q2_K IQ4_XS Q5_0 MXFP4".split()
DECODING = [f"1.1B:{kind}" for kind in KINDS] + ["15M:F32", "15M:Q8_0"]
TOGETHER = ["1.1B:Q4_0", "1.1B:Q4_K_M"]
LONG = ["1.1B:Q4_0"]


def output_of(command, **environment):
    result = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, **environment))
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {result.returncode}: {result.stderr[-500:]}")
    return result.stdout


def apus(options, path, prompt, generate, sequences=1):
    """What `apus bench` reaches in one measured run after a warm one."""
    environment = {"APUS_ISA": options.isa} if options.isa else {}
    command = [options.program, "bench", path, "--prompt", prompt, "--generate", generate, "--batch", sequences,
               "--repeats", 1, "--threads", options.threads, "--format", "json"]  # fmt: skip
    result = json.loads(output_of(list(map(str, command)), **environment))
    return dict(result, prefill=result["prefill_tokens_per_s"], decode=result["decode_tokens_per_s"])


def apus_first(options, path):
    """Seconds from the start of the program to its first token."""
    environment = {"APUS_ISA": options.isa} if options.isa else {}
    start = time.perf_counter()
    output_of([options.program, "generate", path, "-p", "etao", "-n", "1", "--temperature", "0", "--threads",
               str(options.threads)], **environment)  # fmt: skip
    return time.perf_counter() - start


def llama(options, path, flash, prompt, generate, sequences=1):
    work = dict(path=path, threads=options.threads, flash=flash, prompt=prompt, generate=generate, sequences=sequences)
    return json.loads(output_of([sys.executable, str(PEER), json.dumps(work)]))


def ik(options, path, prompt, generate):
    """What ik_llama.cpp's own benchmark reaches, repacking at run time."""
    command = [options.ik, "-m", path, "-p", prompt, "-n", generate, "-t", options.threads, "-r", 1, "-rtr", 1, "-o", "json"]
    rows = json.loads(output_of(list(map(str, command))))
    rate = lambda reading: next(row["avg_ts"] for row in rows if (row["n_gen"] == 0) == reading)
    return {"prefill": rate(True), "decode": rate(False)}


def settings_that_win(options, path, prompt, generate, sequences=1):
    """Flash attention on or off: the ones that are best at something, from one run with each."""
    tries = {flash: llama(options, path, flash, prompt, generate, sequences) for flash in (False, True)}
    return sorted({max(tries, key=lambda flash: tries[flash][what]) for what in ("prefill", "decode")})


def pairs_of(options, path, prompt, generate, sequences=1):
    """Runs in turn; where llama.cpp is best at reading with one setting and at writing with the other, it runs with
    both, and the better figure counts."""
    settings = settings_that_win(options, path, prompt, generate, sequences)
    pairs = []
    for number in range(options.pairs):
        ours = apus(options, path, prompt, generate, sequences)
        runs = [llama(options, path, flash, prompt, generate, sequences) for flash in settings]
        theirs = dict(
            runs[0], prefill=max(run["prefill"] for run in runs), decode=max(run["decode"] for run in runs),
            first=min(run["first"] for run in runs),
        )  # fmt: skip
        pairs.append((ours, theirs))
        print(f"  pair {number + 1}: prefill {ours['prefill']:.1f} | {theirs['prefill']:.1f}"
              f"  decode {ours['decode']:.1f} | {theirs['decode']:.1f}", file=sys.stderr, flush=True)  # fmt: skip
    return pairs


def measure_decoding(options, results, machine, entry):
    """Prefill 512, decode 128, first token and memory of one model."""
    name, kind = entry.split(":")
    path = random_models.file(options.folder, name, kind, options.threads)
    row = f"{name} {kind} ({os.path.getsize(path) / 1e6:.0f} MB)"
    print(row, file=sys.stderr)
    pairs = pairs_of(options, path, 512, 128)
    add = lambda what, ours, theirs, unit, peer, **facts: results.add(
        machine, "decoding", row, what, ours, theirs, unit, peer, threads=options.threads, **facts
    )
    peer = f"llama.cpp {pairs[0][1]['version']}"
    for what, limit in (("prefill", "arithmetic"), ("decode", "reads")):
        share = "bandwidth_share" if what == "decode" else "arithmetic_share"
        facts = {"share": [ours[share] for ours, _ in pairs], "limit": limit} if share in pairs[0][0] else {}
        length = "512" if what == "prefill" else "128"
        add(f"{what} {length}", [ours[what] for ours, _ in pairs], [theirs[what] for _, theirs in pairs], "tokens/s",
            peer, **facts)  # fmt: skip
    add("load to first token", [apus_first(options, path) for _ in pairs], [theirs["first"] for _, theirs in pairs],
        "s", peer)  # fmt: skip
    if pairs[0][0].get("memory"):
        resident = lambda run: sum(run["memory"].values()) / 1e6
        add("resident memory", [resident(ours) for ours, _ in pairs], [resident(theirs) for _, theirs in pairs], "MB",
            peer)  # fmt: skip
    if options.ik and name == "1.1B":
        runs = [(apus(options, path, 512, 128), ik(options, path, 512, 128)) for _ in range(options.pairs)]
        for what in ("prefill", "decode"):
            add(f"{what} {'512' if what == 'prefill' else '128'}", [ours[what] for ours, _ in runs],
                [theirs[what] for _, theirs in runs], "tokens/s", "ik_llama.cpp")  # fmt: skip


def measure_together(options, results, machine, entry):
    """Several sequences that take a step at the same time."""
    name, kind = entry.split(":")
    path = random_models.file(options.folder, name, kind, options.threads)
    for sequences in (2, 3, 4, 5, 8, 16):
        print(f"{name} {kind}, {sequences} sequences", file=sys.stderr)
        pairs = pairs_of(options, path, 16, 32, sequences)
        results.add(
            machine, "together", f"{name} {kind}, {sequences} sequences", "decode 32, all together",
            [ours["decode"] for ours, _ in pairs], [theirs["decode"] for _, theirs in pairs], "tokens/s",
            f"llama.cpp {pairs[0][1]['version']}", threads=options.threads,
        )  # fmt: skip


def measure_long(options, results, machine, entry):
    """A prompt of 4,096 tokens, and writing after it."""
    name, kind = entry.split(":")
    path = random_models.file(options.folder, name, kind, options.threads)
    print(f"{name} {kind}, 4,096 tokens", file=sys.stderr)
    pairs = pairs_of(options, path, 4096, 32)
    for what, label in (("prefill", "prefill 4,096"), ("decode", "decode at 4,096")):
        results.add(
            machine, "long", f"{name} {kind}", label, [ours[what] for ours, _ in pairs],
            [theirs[what] for _, theirs in pairs], "tokens/s", f"llama.cpp {pairs[0][1]['version']}",
            threads=options.threads,
        )  # fmt: skip
