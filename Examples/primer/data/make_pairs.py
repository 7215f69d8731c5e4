#!/usr/bin/env python3
"""Write the chat rows on which the primer model is fine-tuned.

Reads questions-*.jsonl, talk-*.jsonl and outside-*.jsonl beside this script
(rows {"topic", "questions", "answer"}) and writes one JSON object a line:
{"messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]}.

Every question is written once as it stands. To it come altered copies, so that
a very small model gets used to how people type; what alters them, and how
often, is set by the options. The same seed gives the same file, byte by byte.
Python's standard library only.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent

LEAD_INS = {
    "en": ["please, ", "please tell me: ", "hi, ", "Hi, ", "Hello, ", "Hello! ", "excuse me, ", "one question: ", "so, "],
    "zh": ["请问", "请问，", "你好，", "您好，请问", "想问一下，", "麻烦问下，", "你好！"],
}
# A first word of these is written small after a lead-in; others may be names.
COMMON_STARTS = set(
    "a am an are can could define describe did do does explain for from give has have how if in is may must name of on "
    "one our should show some tell that the there these to was were what when where which who whose why will with "
    "would your my".split()
)
FINAL_MARKS = ".?!。？！"
HAN = "\u3400-\u9fff"


def language(path):
    return "zh" if "-zh" in path.name else "en"


def read(folder):
    """The pairs in file order: (language, kind, question, answer)."""
    pairs = []
    paths = [path for kind in ("questions", "talk", "outside") for path in sorted(folder.glob(f"{kind}-*.jsonl"))]
    if not paths:
        sys.exit(f"{folder}: no questions-*.jsonl, talk-*.jsonl or outside-*.jsonl; name their folder with --data")
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                    questions, answer = row["questions"], row["answer"]
                except (ValueError, KeyError) as error:
                    sys.exit(f"{path}, line {number}: {error!r}; a row has topic, questions and answer")
                kind = path.name.split("-")[0]
                pairs += [(language(path), kind, question, answer) for question in questions]
    return pairs


def outside_code(text, change):
    """Changes a text, but nothing between backquotes."""
    return "".join(part if index % 2 else change(part) for index, part in enumerate(re.split(r"(`[^`]*`)", text)))


def lower_case(text, _):
    # Names of environment variables and the like keep their letters.
    return outside_code(text, lambda part: re.sub(r"\w+", lambda word: word[0] if "_" in word[0] else word[0].lower(), part))


def no_final_mark(text, _):
    return text.rstrip(FINAL_MARKS + " ") or text


def half_width(text, _):
    return text.translate(str.maketrans("，。？！：；（）", ",.?!:;()"))


def no_gaps(text, _):
    """Chinese without blanks beside Latin letters."""
    text = re.sub(rf"(?<=[{HAN}]) (?=[\w`-])", "", text)
    return re.sub(rf"(?<=[\w`]) (?=[{HAN}])", "", text)


def typing_error(text, chance):
    """One letter of a longer word dropped, doubled or swapped with the next; commands stay whole."""
    words = [match for match in re.finditer(r"(?<![\w`/.:-])[A-Za-z]{5,}(?![\w`/.:])", text)]
    if not words or "`" in text:
        return text
    word = chance.choice(words)
    place = word.start() + chance.randrange(1, len(word[0]) - 1)
    letter, following = text[place], text[place + 1]
    new = chance.choice(["", letter * 2, None])
    if new is None:
        return text[:place] + following + letter + text[place + 2 :]
    return text[:place] + new + text[place + 1 :]


def lead_in(text, chance, tongue):
    if re.match(r"(?i)(please|hi\b|hello|hey|excuse|请|你好|您好|想问|麻烦)", text):
        return text
    lead = chance.choice(LEAD_INS[tongue])
    first = re.match(r"[A-Za-z]+", text)
    if first and first[0].lower() in COMMON_STARTS and not lead.endswith("! "):
        text = text[0].lower() + text[1:]
    return lead + text


def synonyms(folder, tongue):
    """Each word of synonyms-LANGUAGE.txt with the others of its groups, and a pattern that finds the words."""
    others = collections.defaultdict(list)
    for line in (folder / f"synonyms-{tongue}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            group = [word.strip() for word in line.split(",")]
            for word in group:
                others[word.lower()] += [other for other in group if other != word]
    words = "|".join(re.escape(word) for word in sorted(others, key=len, reverse=True))
    return others, re.compile(rf"(?i)\b(?:{words})\b" if tongue == "en" else f"(?i)(?:{words})")


def exchange(text, table, chance, share):
    """Some words replaced by others of the same meaning."""
    others, pattern = table

    def other(match):
        if chance.random() >= share:
            return match[0]
        new = chance.choice(others[match[0].lower()])
        return new[0].upper() + new[1:] if match[0][0].isupper() and new[0].islower() else new

    return outside_code(text, lambda part: pattern.sub(other, part))


LIGHT_WORDS = {
    "en": set("a an the is are do does did of to in on for with please me my it its this that there can could would i you so and".split()),
    "zh": set("的了吗呢啊呀吧就是请把给在我你它个下一这那会有和"),
}


def leave_out(text, tongue, chance, share):
    """Some light words left out, and now and then one that weighs, as in hasty typing."""

    def keep(piece):
        light = piece.lower() in LIGHT_WORDS[tongue]
        return chance.random() >= (share if light else share / 4)

    def thin(part):
        pieces = part.split(" ") if tongue == "en" else re.findall(rf"[{HAN}]|[^{HAN}]+", part)
        return (" " if tongue == "en" else "").join(piece for piece in pieces if not piece or keep(piece))

    new = outside_code(text, thin).strip()
    return new if len(new) * 2 > len(text) else text


def alter(pair, options, chance, tables):
    """An altered question; the same one where no alteration came up."""
    tongue, kind, text, _ = pair
    if kind != "talk":
        if chance.random() < options.synonyms:
            text = exchange(text, tables[tongue], chance, 0.5)
        if chance.random() < options.left_out:
            text = leave_out(text, tongue, chance, 0.3)
    if kind != "talk" and chance.random() < options.lead_in:
        text = lead_in(text, chance, tongue)
    if chance.random() < options.typing_errors:
        text = typing_error(text, chance)
    steps = [(options.lower_case, lower_case), (options.no_final_mark, no_final_mark)]
    if tongue == "zh":
        steps += [(options.half_width, half_width), (options.no_gaps, no_gaps)]
    for share, change in steps:
        if chance.random() < share:
            text = change(text, chance)
    return text


def share(text):
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text}: give a share from 0 to 1")
    return value


def count(text):
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text}: give 0 or more")
    return value


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    arguments.add_argument("out", type=pathlib.Path, help="the JSONL file to write")
    arguments.add_argument("--data", type=pathlib.Path, default=HERE, help="folder of the questions")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--copies", type=count, default=1, help="altered copies of each question; 0 for none")
    alterations = arguments.add_argument_group("shares of the altered copies that are")
    alterations.add_argument("--lower-case", type=share, default=0.4, help="without capitals")
    alterations.add_argument("--no-final-mark", type=share, default=0.4, help="without the last . ? or !")
    alterations.add_argument("--lead-in", type=share, default=0.35, help="begun with please, hi, 请问 and the like")
    alterations.add_argument("--typing-errors", type=share, default=0.15, help="with one wrong letter")
    alterations.add_argument("--half-width", type=share, default=0.3, help="Chinese with Latin punctuation")
    alterations.add_argument("--no-gaps", type=share, default=0.4, help="Chinese without blanks beside Latin letters")
    alterations.add_argument("--synonyms", type=share, default=0.6, help="with some words exchanged for their like")
    alterations.add_argument("--left-out", type=share, default=0.4, help="with some words left out")
    arguments.add_argument("--turns", type=count, default=7, help="most questions of one conversation")
    arguments.add_argument(
        "--single", type=share, default=0.4, help="share of conversations of one question; others have 2 and more"
    )
    options = arguments.parse_args()

    pairs = read(options.data)
    chance = random.Random(options.seed)
    answer_of = {}
    for tongue, _, question, answer in pairs:
        if answer_of.setdefault(question.lower(), answer) != answer:
            sys.exit(f"two answers to one question: {question}")
    tables = {tongue: synonyms(HERE, tongue) for tongue in ("en", "zh")}
    written = {question for _, _, question, _ in pairs}
    rows = list(pairs)
    for _ in range(options.copies):
        for pair in pairs:
            question = alter(pair, options, chance, tables)
            # A copy must be new, and must not become a question with another answer.
            if question not in written and answer_of.setdefault(question.lower(), pair[3]) == pair[3]:
                written.add(question)
                rows.append((*pair[:2], question, pair[3]))
    chance.shuffle(rows)

    # Every row is asked once, alone or in a conversation, whose questions have little to do with each other.
    by_tongue = {tongue: [row for row in rows if row[0] == tongue] for tongue in ("en", "zh")}
    altered = {tongue: len(rows) - sum(pair[0] == tongue for pair in pairs) for tongue, rows in by_tongue.items()}
    conversations = 0
    with open(options.out, "w", encoding="utf-8") as out:
        while any(by_tongue.values()):
            turns = 1
            if options.turns > 1 and chance.random() >= options.single:
                turns = chance.randint(2, options.turns)
            tongue = chance.choices(["en", "zh"], [len(by_tongue["en"]), len(by_tongue["zh"])])[0]
            messages = []
            for _ in range(turns):
                if not by_tongue[tongue] or chance.random() < 0.15:
                    tongue = "zh" if tongue == "en" else "en"
                if not by_tongue[tongue]:
                    break
                _, _, question, answer = by_tongue[tongue].pop()
                messages.append({"role": "user", "content": question})
                messages.append({"role": "assistant", "content": answer})
            if messages:
                out.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
                conversations += 1

    for tongue, name in (("en", "English"), ("zh", "Chinese")):
        own = [pair for pair in pairs if pair[0] == tongue]
        kinds = collections.Counter(pair[1] for pair in own)
        print(
            f"{name}: {len(own)} pairs ({', '.join(f'{number} {kind}' for kind, number in kinds.items())}), "
            f"{len({pair[3] for pair in own})} distinct answers; {altered[tongue]} altered copies"
        )
    distinct = len({pair[3] for pair in pairs})
    print(f"all: {len(pairs)} pairs, {distinct} distinct answers; {len(rows)} rows in {conversations} conversations in {options.out}")


if __name__ == "__main__":
    main()
