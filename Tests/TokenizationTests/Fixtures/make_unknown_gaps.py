"""Writes unknown-gaps.json: tokenizers whose vocabulary does not cover every text and has no unknown token, and what the
tokenizers package makes of texts with them: ids, or null where it raises an error.

    python3 -m pip install tokenizers==0.23.3
    python3 Tests/TokenizationTests/Fixtures/make_unknown_gaps.py
"""
import json
import pathlib

import tokenizers
from tokenizers import Tokenizer

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__

LETTERS = {"a": 0, "b": 1, "ab": 2}
BYTES = {**LETTERS, "<0xC3>": 3, "<0xA9>": 4}
MERGES = ["a b"]
SCORES = [["a", -1.0], ["b", -2.0], ["ab", -1.5]]
MODELS = {
    "WordLevel": {"type": "WordLevel", "vocab": LETTERS, "unk_token": "[UNK]"},
    "WordPiece": {"type": "WordPiece", "vocab": {**LETTERS, "##a": 3, "##b": 4}, "unk_token": "[UNK]",
                  "continuing_subword_prefix": "##", "max_input_chars_per_word": 5},
    "Unigram": {"type": "Unigram", "unk_id": None, "vocab": SCORES},
    "Unigram with a piece that covers an unknown character": {
        "type": "Unigram", "unk_id": None, "vocab": SCORES + [["zé", -1.0]]},
    "Unigram with bytes": {"type": "Unigram", "unk_id": None, "byte_fallback": True,
                           "vocab": SCORES + [["<0xC3>", -3.0], ["<0xA9>", -3.0]]},
    "Unigram with bytes and an unknown token": {"type": "Unigram", "unk_id": 3, "byte_fallback": True,
                                                "vocab": SCORES + [["<unk>", 0.0], ["<0xC3>", -3.0], ["<0xA9>", -3.0]]},
    "BPE that names none": {"type": "BPE", "vocab": LETTERS, "merges": MERGES, "unk_token": None},
    "BPE": {"type": "BPE", "vocab": LETTERS, "merges": MERGES, "unk_token": "[UNK]"},
    "BPE, fused": {"type": "BPE", "vocab": LETTERS, "merges": MERGES, "unk_token": "[UNK]", "fuse_unk": True},
    "BPE, whole words": {"type": "BPE", "vocab": LETTERS, "merges": MERGES, "unk_token": "[UNK]", "ignore_merges": True},
    "BPE with bytes": {"type": "BPE", "vocab": BYTES, "merges": MERGES, "unk_token": "[UNK]", "byte_fallback": True},
    "BPE with bytes that names none": {"type": "BPE", "vocab": BYTES, "merges": MERGES, "byte_fallback": True},
}
TEXTS = ["", "ab", "ab a", "az", "zz", "aéb", "b zé a", "é", "abababab", "a[UNK]", "b  a\tz"]


def main():
    cases = []
    for name, model in MODELS.items():
        file = {"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"}, "model": model}
        tokenizer = Tokenizer.from_str(json.dumps(file))
        rows = []
        for text in TEXTS:
            try:
                rows.append(tokenizer.encode(text).ids)
            except Exception:  # the package's errors have no type of their own
                rows.append(None)
        cases.append({"name": name, "tokenizer": file, "rows": rows})
    text = json.dumps({"texts": TEXTS, "cases": cases}, ensure_ascii=False, separators=(",", ":"))
    (pathlib.Path(__file__).parent / "unknown-gaps.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
