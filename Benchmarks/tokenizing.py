"""Text to tokens on one thread, against tiktoken with its own vocabularies on 16 MB of mixed text."""

import base64
import importlib.util
import pathlib
import random
import statistics
import sys
import sysconfig
import tempfile
import time

from decoding import output_of

# The vocabularies as the package openai-whisper carries them: name and pattern.
VOCABULARIES = ["gpt2:gpt2", "multilingual:whisper"]
SIZE = 16_000_000


def mixed_text():
    """Code from Python's library, its documents' prose, and words of several scripts; always the same."""
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    generator = random.Random(7)
    alphabets = [range(0x61, 0x7B), range(0x430, 0x450), range(0x3B1, 0x3CA), range(0x5D0, 0x5EB), range(0x627, 0x64B),
                 range(0x905, 0x93A), range(0x3042, 0x3097), range(0x4E00, 0x5E00), range(0xAC00, 0xB400)]  # fmt: skip
    parts, length = [], 0
    for path in sorted(library.rglob("*.py")):
        code = path.read_text(encoding="utf-8", errors="ignore")[:40_000]
        alphabet = generator.choice(alphabets)
        words = ("".join(chr(generator.choice(alphabet)) for _ in range(generator.randint(1, 9))) for _ in range(700))
        parts += [code, " ".join(words), f"\n{generator.random()}\n"]
        length += sum(len(part.encode()) for part in parts[-3:])
        if length >= SIZE:
            break
    return "".join(parts)


def tiktoken_encoding(assets, name):
    import tiktoken
    from tiktoken_ext.openai_public import r50k_pat_str

    lines = (line.split() for line in (assets / f"{name}.tiktoken").read_bytes().splitlines() if line.strip())
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines if base64.b64decode(token)}
    return tiktoken.Encoding(name, pat_str=r50k_pat_str, mergeable_ranks=ranks, special_tokens={})


def measure(options, results, machine, entry):
    import tiktoken

    name, pattern = entry.split(":")
    assets = pathlib.Path(importlib.util.find_spec("whisper").origin).parent / "assets"
    encoding = tiktoken_encoding(assets, name)
    text = mixed_text()
    megabytes = len(text.encode()) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        full, empty = pathlib.Path(folder) / "full.txt", pathlib.Path(folder) / "empty.txt"
        full.write_text(text)
        empty.write_text("")
        environment = {"APUS_ISA": options.isa} if options.isa else {}

        def seconds(path):
            start = time.perf_counter()
            count = output_of([options.program, "tokenize", str(assets / f"{name}.tiktoken"), "--pattern", pattern,
                               "--file", str(path), "--count"], **environment)  # fmt: skip
            return time.perf_counter() - start, int(count)

        loading = statistics.median(seconds(empty)[0] for _ in range(3))
        ours, theirs = [], []
        for _ in range(options.pairs):
            spent, count = seconds(full)
            ours.append(megabytes / (spent - loading))
            start = time.perf_counter()
            ids = encoding.encode_ordinary(text)
            theirs.append(megabytes / (time.perf_counter() - start))
            if len(ids) != count:
                sys.exit(f"{name}: Apus gives {count} tokens where tiktoken gives {len(ids)}")
    results.add(machine, "tokenizing", f"{name}, {megabytes:.0f} MB of mixed text", "encode", ours, theirs, "MB/s",
                f"tiktoken {tiktoken.__version__}", threads=1)  # fmt: skip
