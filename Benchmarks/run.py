#!/usr/bin/env python3
"""Measures Apus against the best of its field, in turn, and writes Benchmarks/RESULTS.md.

    python3 Benchmarks/run.py                          all tables (about two hours on two processors)
    python3 Benchmarks/run.py decoding --models 1.1B:Q4_0,15M:F32 --pairs 3
    python3 Benchmarks/run.py decoding --isa avx2      the AVX2 code, against llama.cpp built for AVX2
    python3 Benchmarks/run.py decoding --ik FOLDER/llama-bench    against a build of ik_llama.cpp too

Installs the tools compared with into .build/benchmarks, makes random models of real shapes there (10 GB for all tables),
and keeps each figure with its commit, processor and date. Build Apus first: ./apus doctor.
"""

import argparse
import os
import pathlib
import sys

import peers

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="decoding, together, long, speculation, matrix, training, tokenizing, vocabularies")
    parser.add_argument("--program", default=str(ROOT / ".build/release/apus"))
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / ".build/benchmarks", help="models are kept there")
    parser.add_argument("--venv", type=pathlib.Path, help="the virtual environment (default: in the folder)")
    parser.add_argument("--models", help="for example 1.1B:Q4_0,15M:F32 (default: those of each table)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--isa", choices=["avx2"], help="which code runs, on a processor that has better")
    parser.add_argument("--ik", help="the program llama-bench of ik_llama.cpp")
    parser.add_argument("--results", type=pathlib.Path, default=HERE, help="where results.json and RESULTS.md lie")
    parser.add_argument("--prepared", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    build = options.isa or "native"
    if not options.prepared:
        options.folder.mkdir(parents=True, exist_ok=True)
        peers.enter(options.venv or options.folder / f"venv-{build}", build, __file__)

    import decoding
    import matrix
    import report
    import speculation
    import tokenizing
    import training
    import vocabularies

    each = {
        "decoding": (decoding.measure_decoding, decoding.DECODING),
        "together": (decoding.measure_together, decoding.TOGETHER),
        "long": (decoding.measure_long, decoding.LONG),
        "speculation": (speculation.measure, speculation.SPECULATION),
        "matrix": (matrix.measure, matrix.MATRICES),
        "training": (training.measure, training.TRAINING),
        "tokenizing": (tokenizing.measure, tokenizing.VOCABULARIES),
        "vocabularies": (vocabularies.measure, vocabularies.VOCABULARIES),
    }
    results, machine = report.Results(options.results), report.kind_of_machine(options.isa)
    for table in options.tables or each:
        if table not in each:
            sys.exit(f"There is no table {table}; there are {', '.join(each)}.")
        measure, entries = each[table]
        chosen = options.models.split(",") if options.models else entries
        for entry in chosen:
            measure(options, results, machine, entry)


if __name__ == "__main__":
    main()
