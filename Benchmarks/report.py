"""Keeps what was measured in results.json and draws RESULTS.md from it.

A row is one comparison: pairs of runs in turn, so that a busy machine disturbs both alike. What each pair gives is
divided within the pair; the ratio shown is the median of the pairs' ratios.
"""

import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TABLES = {
    "decoding": "Reading a prompt and writing, one sequence",
    "together": "Sequences decoded together",
    "long": "Long contexts",
    "speculation": "Speculation",
    "matrix": "Products of float32 matrices (rows × columns × depth)",
    "training": "Training, 16 windows of 256 tokens a step unless a row says otherwise",
    "tokenizing": "Tokenizing",
    "vocabularies": "Learning vocabularies",
}


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    name = re.search(r"model name\s*:\s*(.*)", text)
    return re.sub(r"\s+", " ", name.group(1)).strip() if name else os.uname().machine


def kind_of_machine(isa):
    """The section of the results: what the processor offers, and what of it was used."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split() if os.path.exists("/proc/cpuinfo") else []
    if "avx512_vnni" in flags:
        return "AVX-512" if isa is None else f"{isa.upper()} code on an AVX-512 processor"
    return "AVX2" if "avx2" in flags else os.uname().machine


def commit():
    """The commit of the program that was measured; a plus where the tree had changes."""
    git = lambda *words: subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "Sources", "Package.swift")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


class Results:
    def __init__(self, folder=HERE):
        self.json, self.page = folder / "results.json", folder / "RESULTS.md"
        self.rows = json.loads(self.json.read_text()) if self.json.exists() else []

    def add(self, machine, table, row, what, ours, theirs, unit, peer, **facts):
        """Replaces what was known of this row. `facts` are shown beside it: threads, share of a limit…"""
        entry = dict(
            machine=machine, table=table, row=row, what=what, ours=ours, theirs=theirs, unit=unit, peer=peer,
            commit=commit(), processor=processor(), date=str(datetime.date.today()), **facts,
        )  # fmt: skip
        key = lambda other: tuple(other[field] for field in ("machine", "table", "row", "what", "peer"))
        places = [index for index, other in enumerate(self.rows) if key(other) == key(entry)]
        if places:
            self.rows[places[0]] = entry
        else:
            self.rows.append(entry)
        self.json.write_text("[\n" + ",\n".join(json.dumps(row) for row in self.rows) + "\n]\n")
        self.page.write_text(self.text())
        print(line(entry), flush=True)

    def text(self):
        parts = [
            "# Results\n\nWritten by `Benchmarks/run.py`, which installs the tools compared with and makes the models.",
            "Both sides use the same file, threads and tokens; runs take turns, and a ratio is the median of the pairs' "
            "ratios Apus / other. For rates more is better, for seconds and bytes less. Values are medians ± half the "
            "range, of 5 pairs unless the row says otherwise. llama.cpp runs with the better of its flash attention on "
            "and off. The share of reads is of a loop over memory that prefetches, measured in turn by `apus bench`; models "
            "that fit a cache pass it, and so do rows measured before commit a4cccf2, whose loop did not prefetch.",
        ]
        for machine in dict.fromkeys(row["machine"] for row in self.rows):
            parts.append(f"## {machine}")
            for table, heading in TABLES.items():
                rows = [row for row in self.rows if row["machine"] == machine and row["table"] == table]
                if not rows:
                    continue
                processors = ", ".join(dict.fromkeys(row["processor"] for row in rows))
                parts.append(f"### {heading}\n\n{processors}.")
                parts.append("\n".join([HEAD, RULE] + [line(row) for row in rows]))
        return "\n\n".join(parts) + "\n"


HEAD = "| work | what | Apus | other | | ratio | of pairs | of the limit | measured |"
RULE = "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def cell(values):
    middle = statistics.median(values)
    return f"{number(middle)} ± {(max(values) - min(values)) / 2 / middle:.0%}" if middle else number(middle)


def line(row):
    ratios = [ours / theirs for ours, theirs in zip(row["ours"], row["theirs"])]
    share = f"{statistics.median(row['share']):.0%} of {row['limit']}" if "share" in row else ""
    pairs = "" if len(ratios) == 5 else f"; {len(ratios)} pairs"
    return (
        f"| {row['row']} | {row['what']} | {cell(row['ours'])} | {cell(row['theirs'])} {row['peer']} | {row['unit']} "
        f"| **{statistics.median(ratios):.2f}** | {min(ratios):.2f}–{max(ratios):.2f} | {share} "
        f"| {row['date']}, {row['commit']}{pairs} |"
    )
