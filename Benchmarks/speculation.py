"""Writing with guesses of the next tokens against writing without: the same tokens in either case.

The answers in tasks/ are given to the model, which computes as ever but takes the answer's tokens: a model of random
weights would neither summarise nor edit. The summary keeps many of the article's words, the edit most of the file's,
the story none of its prompt's.
"""

import json
import pathlib
import sys

import decoding
import random_models

TASKS = pathlib.Path(__file__).with_name("tasks")
SPECULATION = [f"1.1B:Q4_0:{task}" for task in ("summary", "code-edit", "story")]


def measure(options, results, machine, entry):
    name, kind, task = entry.split(":")
    path = random_models.file(options.folder, name, kind, options.threads)
    print(f"{name} {kind}, {task}", file=sys.stderr)
    command = [options.program, "bench", path, "--prompt-file", TASKS / f"{task}.prompt.txt", "--answer-file",
               TASKS / f"{task}.answer.txt", "--repeats", 1, "--threads", options.threads, "--format", "json"]  # fmt: skip
    environment = {"APUS_ISA": options.isa} if options.isa else {}
    runs = [json.loads(decoding.output_of(list(map(str, command)), **environment)) for _ in range(options.pairs)]
    results.add(
        machine, "speculation", f"{name} {kind}, {task}", f"decode {runs[0]['generate']}",
        [run["decode_tokens_per_s"] for run in runs], [run["plain_decode_tokens_per_s"] for run in runs], "tokens/s",
        "Apus without guesses", threads=options.threads,
    )  # fmt: skip
