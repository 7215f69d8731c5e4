#!/usr/bin/env python3
"""Check that the held-back questions are new and that their checks are fair.

For every question of inside.jsonl and outside.jsonl the most similar training
question is sought, by the Jaccard index of character n-grams (three characters
in English, two in Chinese) and by Levenshtein similarity (1 - distance / longer
length). Both must stay below the limit. For every question of inside.jsonl the
training answers in its language that pass all its checks are counted: at least
one, at most three. Python's standard library only; the exit code is 1 if anything fails.
"""

import argparse
import json
import pathlib
import re
import statistics
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def plain(text):
    """Lower case, no punctuation, single spaces."""
    kept = []
    for character in unicodedata.normalize("NFKC", text).lower():
        kept.append(character if unicodedata.category(character)[0] in "LN" else " ")
    return " ".join("".join(kept).split())


def is_chinese(text):
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def grams(text, length):
    return {text[i : i + length] for i in range(max(1, len(text) - length + 1))}


def levenshtein(a, b):
    """Edit distance by bit vectors (Myers 1999; Hyyrö 2003)."""
    if not a or not b:
        return len(a) or len(b)
    places = {}
    for index, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << index
    mask, last = (1 << len(a)) - 1, 1 << len(a) - 1
    positive, negative, distance = mask, 0, len(a)
    for character in b:
        match = places.get(character, 0)
        diagonal = (((match & positive) + positive) ^ positive) | match | negative
        up = negative | (~(diagonal | positive) & mask)
        down = positive & diagonal
        if up & last:
            distance += 1
        elif down & last:
            distance -= 1
        up = (up << 1 | 1) & mask
        positive = (down << 1 | ~(diagonal | up)) & mask
        negative = up & diagonal
    return distance


def passes(answer, checks):
    folded = answer.lower()
    for check in checks:
        if "contains" in check:
            wanted = check["contains"]
            wanted = wanted if isinstance(wanted, list) else [wanted]
            if not any(text.lower() in folded for text in wanted):
                return False
        elif "regex" in check:
            if re.search(check["regex"], answer) is None:
                return False
        else:
            raise SystemExit(f"unknown check {check}: use contains or regex")
    return True


def nearest(prompt, training):
    """The greatest similarity of each kind, with the training question that has it."""
    chinese = is_chinese(prompt)
    text = plain(prompt)
    text = text.replace(" ", "") if chinese else text
    own = grams(text, 2 if chinese else 3)
    jaccard, edits = (0.0, ""), (0.0, "")
    for question, other, two, three in training:
        if is_chinese(question) != chinese:
            continue
        theirs = two if chinese else three
        common = len(own & theirs)
        jaccard = max(jaccard, (common / (len(own) + len(theirs) - common), question))
        longer = max(len(text), len(other))
        # A distance is at least the difference of the lengths.
        if 1 - abs(len(text) - len(other)) / longer > edits[0]:
            edits = max(edits, (1 - levenshtein(text, other) / longer, question))
    return jaccard, edits


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--data", type=pathlib.Path, default=HERE.parent / "data")
    arguments.add_argument("--eval", type=pathlib.Path, default=HERE)
    arguments.add_argument("--pairs", type=pathlib.Path, help="also compare with the chat rows that make_pairs.py wrote")
    arguments.add_argument("--limit", type=float, default=0.6, help="similarity below which a question is new")
    arguments.add_argument("--verbose", action="store_true", help="show the nearest training question of each")
    options = arguments.parse_args()

    answers, questions = {"en": [], "zh": []}, {}
    for path in sorted(options.data.glob("*.jsonl")):
        for row in rows(path):
            answers["zh" if "-zh" in path.name else "en"].append(row["answer"])
            questions.update(dict.fromkeys(row["questions"]))
    for row in rows(options.pairs) if options.pairs else []:
        questions.update(dict.fromkeys(turn["content"] for turn in row["messages"] if turn["role"] == "user"))
    training = []
    for question in questions:
        text = plain(question)
        text = text.replace(" ", "") if is_chinese(question) else text
        training.append((question, text, grams(text, 2), grams(text, 3)))
    failures, seen = 0, set()

    def fail(message):
        nonlocal failures
        failures += 1
        print(message)

    for name in ("inside", "outside"):
        figures = {}
        for task in rows(options.eval / f"{name}.jsonl"):
            prompt, identifier = task["prompt"], task["id"]
            if plain(prompt) in seen:
                fail(f"{identifier}: asked twice")
            seen.add(plain(prompt))
            jaccard, edits = nearest(prompt, training)
            language = "zh" if is_chinese(prompt) else "en"
            passing = [answer for answer in answers[language] if passes(answer, task["checks"])]
            figures.setdefault(language, []).append((jaccard[0], edits[0], len(passing)))
            if options.verbose:
                print(f"{identifier} {jaccard[0]:.2f} {edits[0]:.2f} {prompt} | {jaccard[1]} | {edits[1]}")
            for kind, (value, question) in (("n-grams", jaccard), ("edits", edits)):
                if value >= options.limit:
                    fail(f"{identifier}: {kind} {value:.2f}: {prompt} | {question}")
            if name == "inside" and not 1 <= len(passing) <= 3:
                fail(f"{identifier}: {len(passing)} answers pass: {[text[:50] for text in passing]}")
        for language, values in sorted(figures.items()):
            by_jaccard, by_edits, counts = zip(*values)
            line = f"{name} {language}: {len(values)} questions"
            for kind, numbers in (("n-grams", by_jaccard), ("edits", by_edits)):
                line += f"; {kind} max {max(numbers):.2f}, median {statistics.median(numbers):.2f}"
            if name == "inside":
                line += "; passing answers " + ", ".join(f"{n}: {counts.count(n)}" for n in sorted(set(counts)))
            print(line)
    print(f"{len(training)} training questions, {sum(map(len, answers.values()))} answers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
