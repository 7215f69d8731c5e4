"""Writes UnicodeData.swift: what tokenizers need to know of Unicode's characters, as compact strings.

    pip install unicodedata2==16.0.0 regex==2024.11.6 tokenizers==0.23.3
    python make_unicode_data.py > UnicodeData.swift

Categories, scripts and word characters are Unicode 16.0's, as in the regular expressions (Oniguruma; Rust's regex) of
tokenizers 0.23 and tiktoken 0.14. llama.cpp's tables are Unicode 15.1's: what came later is marked as such, with
unicodedata2==15.1.0 in another interpreter (its path in PYTHON_15_1).
The normalisation forms, lower case and BERT's classes come from older or newer tables in tokenizers: the package itself
is asked for each character, so that the tables here are its own.
"""

import json
import os
import subprocess
import sys

import regex
import unicodedata2 as ucd
from regex import _regex_core
from tokenizers import normalizers, pre_tokenizers

assert ucd.unidata_version == "16.0.0"
CATEGORIES = "Cn Cc Cf Co Cs Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp".split()
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcd"
EVERY = range(0x110000)
SCALARS = [c for c in EVERY if not 0xD800 <= c < 0xE000]


def runs(values):
    start = 0
    for index in range(1, len(values) + 1):
        if index == len(values) or values[index] != values[start]:
            yield values[start], index - start
            start = index


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while True:
        text = digits[number % 36] + text
        number //= 36
        if number == 0:
            return text


def ranges(members):
    """Lengths of stretches outside, inside, outside, ... in base 36."""
    flags = [False] * 0x110000
    for c in members:
        flags[c] = True
    parts = [base36(n) for _, n in runs(flags)]
    if flags[0]:
        parts.insert(0, "0")
    if len(parts) % 2:
        parts.pop()
    return " ".join(parts)


def literal(name, text, comment):
    print(f"\n    /// {comment}")
    print(f'    static let {name}: StaticString = """')
    width = 104
    lines = [text[i : i + width] for i in range(0, len(text), width)] or [""]
    for i, line in enumerate(lines):
        tail = "\\" if i + 1 < len(lines) else ""
        # A space before the end of a line would be easy to lose: it is written as an escape.
        if line.endswith(" "):
            line = line[:-1] + "\\u{20}"
        if line.startswith(" "):
            line = "\\u{20}" + line[1:]
        print(f"        {line}{tail}")
    print('        """')


def mapping(table):
    """Entries `distance from the last character:mapped characters;` in base 36."""
    last = 0
    parts = []
    for c in sorted(table):
        parts.append(base36(c - last) + ":" + " ".join(base36(m) for m in table[c]))
        last = c
    return ";".join(parts)


def stretched(table):
    """Like `mapping`, for single characters at equal distances: `start,count,step,difference;`, signed decimal."""
    parts = []
    keys = sorted(table)
    i = 0
    while i < len(keys):
        start, delta = keys[i], table[keys[i]] - keys[i]
        step, count = 1, 1
        for candidate in (1, 2):
            n = 1
            while i + n < len(keys) and keys[i + n] == start + n * candidate and table[keys[i + n]] - keys[i + n] == delta:
                n += 1
            if n > count:
                step, count = candidate, n
        parts.append(f"{start},{count},{step},{delta}")
        i += count
    return ";".join(parts)


def category_text():
    values = [ucd.category(chr(c)) for c in EVERY]
    return "".join(LETTERS[CATEGORIES.index(v)] + (base10 if (base10 := str(n)) != "1" else "") for v, n in runs(values))


def later_than_15_1():
    script = (
        "import unicodedata2 as u, json; assert u.unidata_version == '15.1.0';"
        "print(json.dumps([c for c in range(0x110000) if u.category(chr(c)) == 'Cn']))"
    )
    old = set(json.loads(subprocess.check_output([os.environ.get("PYTHON_15_1", "python"), "-c", script])))
    return [c for c in old if ucd.category(chr(c)) != "Cn"]


def decompositions():
    """The canonical and the compatibility decompositions, one level, that tokenizers knows."""
    nfd, nfkd = normalizers.NFD(), normalizers.NFKD()
    canonical, compatible = {}, {}
    for c in SCALARS:
        text = ucd.decomposition(chr(c))
        if not text or 0xAC00 <= c < 0xD7A4:
            continue
        if text.startswith("<"):
            if nfkd.normalize_str(chr(c)) != chr(c):
                compatible[c] = [int(x, 16) for x in text.split()[1:]]
        elif nfd.normalize_str(chr(c)) != chr(c):
            canonical[c] = [int(x, 16) for x in text.split()]
    return canonical, compatible


def combining_classes():
    nfd = normalizers.NFD()
    classes = {}
    for c in SCALARS:
        value = ucd.combining(chr(c))
        if not value or nfd.normalize_str(chr(c)) != chr(c):
            if value:
                classes[c] = value
            continue
        if value > 220:
            known = nfd.normalize_str("a" + chr(c) + "\u0316") == "a\u0316" + chr(c)
        else:
            known = nfd.normalize_str("a\u0345" + chr(c)) == "a" + chr(c) + "\u0345"
        if known:
            classes[c] = value
    return classes


def exclusions(canonical):
    """Characters with a canonical pair that composition never makes."""
    nfc = normalizers.NFC()
    out = []
    for c, parts in canonical.items():
        if len(parts) == 2 and nfc.normalize_str("".join(map(chr, parts))) != chr(c):
            out.append(c)
    return out


def main():
    print("// Made by make_unicode_data.py beside this file; do not edit.")
    print("// Unicode 16.0 (unicodedata2 16.0.0, regex 2024.11.6), with the older tables of tokenizers 0.23.3 where said.")
    print("\n/// Unicode's character data in short form; `UnicodeTables` reads it.")
    print("enum UnicodeData {")
    print("    /// The categories in the order of their letters in `categories`.")
    print("    static let categoryNames = [")
    for i in range(0, len(CATEGORIES), 10):
        print("        " + ", ".join(f'"{x}"' for x in CATEGORIES[i : i + 10]) + ",")
    print("    ]")
    literal("categories", category_text(), "Runs of general categories from U+0000 on: a letter, and how many if not 1.")
    literal("whiteSpace", ranges([c for c in SCALARS if regex.match(r"\p{White_Space}", chr(c))]), "White_Space.")
    literal("word", ranges([c for c in SCALARS if regex.match(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]", chr(c))]),
            "Word characters: alphabetic, marks, decimal digits, connectors, joiners.")
    literal("alphabetic", ranges([c for c in SCALARS if regex.match(r"\p{Alphabetic}", chr(c))]), "Alphabetic.")
    literal("later", ranges(later_than_15_1()), "Assigned after Unicode 15.1.")
    strip = normalizers.StripAccents()
    literal("combiningMarks", ranges([c for c in SCALARS if strip.normalize_str(chr(c)) == ""]),
            "What tokenizers' StripAccents takes away.")
    bert = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    literal("bertMarks", ranges([c for c in SCALARS if bert.normalize_str(chr(c)) == ""]),
            "What tokenizers' BertNormalizer takes away as an accent.")
    clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    literal("bertControls", ranges([c for c in SCALARS if clean.normalize_str(chr(c)) == ""]),
            "What tokenizers' BertNormalizer takes away as a control character.")
    punctuation = pre_tokenizers.Punctuation("isolated")
    literal("punctuation",
            ranges([c for c in SCALARS if len(punctuation.pre_tokenize_str("a" + chr(c) + "a")) == 3]),
            "What tokenizers' Punctuation, and BertPreTokenizer, call punctuation.")
    digits = pre_tokenizers.Digits(individual_digits=True)
    literal("numeric", ranges([c for c in SCALARS if len(digits.pre_tokenize_str("a" + chr(c) + "a")) == 3]),
            "What tokenizers' Digits calls a digit: Rust's `char::is_numeric`.")
    names = sorted(
        {n for n in _regex_core.PROPERTIES if n == "SCRIPT"} and set(_regex_core.PROPERTIES["SCRIPT"][1].items()),
        key=lambda item: item[1],
    )
    by_value = {}
    for name, value in names:
        by_value.setdefault(value, []).append(name)
    scripts = []
    for value, aliases in by_value.items():
        pattern = regex.compile(r"\p{Script=%s}" % aliases[0])
        members = [c for c in SCALARS if pattern.match(chr(c))]
        if members and not {"UNKNOWN", "ZZZZ"} & set(aliases):
            scripts.append(",".join(sorted(aliases)).lower() + "=" + ranges(members))
    literal("scripts", ";".join(scripts), "Scripts: names without case and separators, then ranges.")
    lower = normalizers.Lowercase()
    table = {c: lower.normalize_str(chr(c)) for c in SCALARS if lower.normalize_str(chr(c)) != chr(c)}
    assert [c for c in table if len(table[c]) != 1] == [0x130]
    literal("lowerCase", stretched({c: ord(t) for c, t in table.items() if len(t) == 1}),
            "Lower case (Rust's `char::to_lowercase`), but for U+0130, which becomes U+0069 U+0307.")
    fold = {c: ord(f) for c in SCALARS if len(f := chr(c).casefold()) == 1 and f != chr(c)}
    fold.update({0x1E9E: 0xDF})
    literal("foldCase", stretched(fold), "Simple case folding.")
    canonical, compatible = decompositions()
    literal("canonical", mapping(canonical), "Canonical decompositions, one level, without Hangul syllables.")
    literal("compatible", mapping(compatible), "Compatibility decompositions, one level.")
    literal("excluded", ranges(exclusions(canonical)), "Pairs that are never composed.")
    classes = combining_classes()
    literal("combiningClasses", ";".join(
        f"{value}=" + ranges([c for c in classes if classes[c] == value]) for value in sorted(set(classes.values()))),
        "Canonical combining classes other than 0.")
    print("}")


main()
