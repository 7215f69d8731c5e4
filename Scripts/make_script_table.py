"""Writes Sources/Tokenization/TokenizerJSON/ScriptTable+Entries.swift: which characters the UnicodeScripts
pre-tokenizer of the tokenizers package keeps together, found by asking the package about every code point.

    python3 -m pip install tokenizers==0.23.3 && python3 Scripts/make_script_table.py
"""
import pathlib
import tokenizers
from tokenizers import pre_tokenizers as P

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def scripts():
    """(first, last, class) with 0 for characters that join any script."""
    split = P.UnicodeScripts()
    representatives = []

    def same(a, b):
        return len(split.pre_tokenize_str(a + b)) == 1

    def find(c):
        if same("a", c) and same("Ж", c):
            return 0
        for number, representative in enumerate(representatives, 1):
            if same(representative, c):
                return number
        representatives.append(c)
        return len(representatives)

    result = []
    for code in CODE_POINTS:
        c = chr(code)
        last = result[-1] if result else None
        if last and last[1] == code - 1:
            known = last[2]
            # A run goes on where the next character is of the same class and no joker on either side.
            if known and same(representatives[known - 1], c) and not (same("a", c) and same("Ж", c)):
                last[1] = code
                continue
            if not known and same("a", c) and same("Ж", c):
                last[1] = code
                continue
        result.append([code, code, find(c)])
    return [r for r in result if r[2]]


def write(values, per_line=10):
    lines = [", ".join(values[i:i + per_line]) for i in range(0, len(values), per_line)]
    return ",\n".join("        " + line for line in lines) + ",\n"


values = [f"0x{v:X}" for triple in scripts() for v in triple]
path = pathlib.Path(__file__).parent.parent / "Sources/Tokenization/TokenizerJSON/ScriptTable+Entries.swift"
path.write_text(f"""// Written by Scripts/make_script_table.py with tokenizers 0.23.3; change that, not this.

extension ScriptTable {{
    /// First and last character and the number of their script.
    static let entries: [UInt32] = [
{write(values, 12)}    ]
}}
""")
