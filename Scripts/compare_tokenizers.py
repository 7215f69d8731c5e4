#!/usr/bin/env python3
"""Compares the ids of Apus's tokenizers with those of the reference packages, on many strings of many kinds.

    pip install tokenizers tiktoken sentencepiece llama-cpp-python
    Scripts/compare_tokenizers.py --program "PROGRAM [ARGUMENTS]" [--count 100000] [--seed 1] MODEL...

PROGRAM MODEL [--pattern NAME] reads strings from standard input, each as its length in bytes in decimal, a newline and
the bytes, and prints a line of ids, divided by spaces, for each. MODEL is a tokenizer.json (compared with tokenizers), a
.tiktoken file, as FILE:PATTERN (tiktoken), a SentencePiece .model (sentencepiece) or a GGUF file (llama_cpp).
No special tokens are added, and special tokens in the text are text.

Strings that are not UTF-8 are compared where the reference takes bytes (llama_cpp, and tiktoken's own byte encoder);
for the others they are decoded with U+FFFD first, on both sides.
"""

import argparse
import base64
import os
import random
import re
import shlex
import subprocess
import sys
import threading
import time

SCRIPTS = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x900, 0x97F),
    (0xE01, 0xE5B), (0x1100, 0x11FF), (0x3041, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF),
    (0x2000, 0x206F), (0x2190, 0x23FF), (0xFF00, 0xFFEF), (0x300, 0x36F), (0x1D400, 0x1D7FF), (0x10000, 0x1013F),
]
SPACES = " \t\n\r\u00a0\u2003\u3000\u2028\u0085\u000b\u200b"
EMOJI = ["👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🏳️‍🌈", "❤️", "1️⃣", "🤦🏼‍♂️", "😀", "☎️", "🧑🏿‍🚀"]
ENDINGS = ["'s", "'S", "'t", "'re", "'RE", "'ve", "'m", "'ll", "'Ll", "'d", "'x", "’s", "'ſ", "''s"]
WORDS = (
    "the The THE of and hello Hello world don't I'm we'll naïve café Straße größer Zürich Éclair мир Привет Κόσμε "
    "שלום مرحبا नमस्ते สวัสดี 你好世界 こんにちは 안녕하세요 def return import class function const int void nullptr std::vector "
    "camelCase snake_case HTTPServer x86_64 3.14159 1,000,000 2024-01-31 0xDEADBEEF user@example.com www.example.org "
    "tokenization antidisestablishmentarianism Ångström ﬁne ½ ² ⅷ ① ǅ ʰ i̇ İstanbul ΟΔΟΣ"
).split()
SPECIALS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<unk>", "<pad>", "[CLS]", "[SEP]", "[MASK]", "<|eot_id|>",
    "<|begin_of_text|>", "<0x0A>", "<0xZZ>", "<|im_start", "|im_end|>", "<|reserved_special_token_0|>", "<extra_id_0>",
    "▁", "▁the", "Ġthe", "##ing", "<s", "[UNK]", "<mask>", "<|fim_prefix|>", "<|end▁of▁sentence|>",
]
PAST_UNICODE = re.compile(rb"\xf4[\x90-\xbf][\x80-\xbf]{2}|[\xf5-\xf7][\x80-\xbf]{3}")
CODE = [
    "def f(x):\n    return x ** 2  # square\n", "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}\n",
    "    if x == None:\n\n\n        pass\n", "const x = {a: 1, 'b': [2, 3]};\r\n", "#include <stdio.h>\n\n\n\n", "//////====----****",
    "<div class=\"a b\">&nbsp;</div>", "SELECT * FROM t WHERE id>=10;--", "\\frac{a}{b}\\\\\n$$x^{2}$$", "path/to/file.txt:12:34",
]


def some_string(random, books):
    """One string, as bytes, of a kind drawn by chance."""
    kind = random.randrange(14)
    if kind == 0:  # any characters
        return "".join(chr(c) for _ in range(random.randint(0, 60)) if not 0xD800 <= (c := random.randrange(0x110000)) < 0xE000).encode()
    if kind == 1:  # one script
        low, high = random.choice(SCRIPTS)
        return "".join(chr(random.randint(low, high)) if random.random() > 0.15 else " " for _ in range(random.randint(1, 80))).encode()
    if kind == 2:  # scripts mixed
        parts = []
        for _ in range(random.randint(1, 12)):
            low, high = random.choice(SCRIPTS)
            parts.append("".join(chr(random.randint(low, high)) for _ in range(random.randint(1, 8))))
            parts.append(random.choice(SPACES + "  '.,-"))
        return "".join(parts).encode()
    if kind == 3:  # emoji
        return "".join(random.choice(EMOJI) + random.choice(["", "", " ", "a", "\n"]) for _ in range(random.randint(1, 15))).encode()
    if kind == 4:  # words with endings
        return "".join(
            random.choice(["", " ", " ", "  ", "\n", "\t"]) + random.choice(WORDS) + random.choice(["", "", random.choice(ENDINGS), ".", ",", "!?"])
            for _ in range(random.randint(1, 25))).encode()
    if kind == 5:  # white space
        return "".join(random.choice(SPACES) * random.randint(1, 20) + random.choice(["", "a", "1", ".", "é"]) for _ in range(random.randint(1, 10))).encode()
    if kind == 6:  # digits
        return "".join(random.choice("0123456789" + "٣४②½") * random.randint(1, 9) + random.choice(["", ".", ",", " ", "x", "-"]) for _ in range(random.randint(1, 15))).encode()
    if kind == 7:  # code
        return "".join(random.choice(CODE) for _ in range(random.randint(1, 6))).encode()
    if kind == 8:  # look-alikes of special tokens
        return "".join(random.choice(SPECIALS) + random.choice(["", " ", "\n", "a", random.choice(WORDS)]) for _ in range(random.randint(1, 8))).encode()
    if kind == 9:  # not UTF-8
        if random.random() < 0.5:
            return bytes(random.randrange(256) for _ in range(random.randint(1, 40)))
        data = bytearray("".join(random.choice(WORDS) + " " for _ in range(random.randint(1, 10))).encode())
        for _ in range(random.randint(1, 5)):
            data[random.randrange(len(data))] = random.randrange(256)
        return bytes(data[: random.randint(1, len(data))])
    if kind == 10:  # long runs
        return (random.choice([" ", "a", "1", "\n", "=", "é", "中", "ab", "\u0301", "'"]) * random.randint(1, 600)).encode()
    if kind == 11:  # combining marks and case
        return "".join(random.choice("aeionuAEIONUßſKİıΣσς") + "".join(chr(random.randint(0x300, 0x36F)) for _ in range(random.randint(0, 3))) for _ in range(random.randint(1, 30))).encode()
    if kind == 12 and books:
        book = random.choice(books)
        start = random.randrange(max(1, len(book) - 400))
        return book[start : start + random.randint(1, 400)].decode("utf-8", "ignore").encode()
    symbols = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»„“”‘’…–—€£¥§¶†‡•©®™"
    return "".join(random.choice(symbols) * random.randint(1, 4) + random.choice(["", " ", "a", "\n", "A1"]) for _ in range(random.randint(1, 20))).encode()


def reference(model):
    """A function from bytes to ids, the arguments for the program, and whether it takes bytes that are not UTF-8."""
    if ":" in model and model.rsplit(":", 1)[0].endswith(".tiktoken"):
        import tiktoken
        import tiktoken_ext.openai_public as public

        path, pattern = model.rsplit(":", 1)
        if pattern in ("gpt2", "r50k", "p50k", "whisper"):
            text = public.r50k_pat_str
        else:
            # The encodings' functions load ranks over the network: only their patterns are wanted.
            public.load_tiktoken_bpe = lambda *a, **k: {}
            text = getattr(public, pattern + "_base")()["pat_str"]
        ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in open(path, "rb") if line.strip())}
        encoding = tiktoken.Encoding(pattern, pat_str=text, mergeable_ranks=ranks, special_tokens={})
        return (lambda data: encoding.encode_ordinary(data.decode())), [path, "--pattern", pattern], False
    head = open(model, "rb").read(4) if os.path.isfile(model) else b""
    if head == b"GGUF":
        import llama_cpp

        llama = llama_cpp.Llama(model_path=model, vocab_only=True, verbose=False)
        return (lambda data: llama.tokenize(data, add_bos=False, special=False)), [model], True
    if model.endswith(".model"):
        import sentencepiece

        processor = sentencepiece.SentencePieceProcessor(model_file=model)
        return (lambda data: processor.encode(data.decode())), [model], False
    import tokenizers

    path = os.path.join(model, "tokenizer.json") if os.path.isdir(model) else model
    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.encode_special_tokens = True
    return (lambda data: tokenizer.encode(data.decode(), add_special_tokens=False).ids), [model], False


def ours(program, arguments, strings):
    process = subprocess.Popen(shlex.split(program) + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write():
        for data in strings:
            process.stdin.write(b"%d\n" % len(data) + data)
        process.stdin.close()

    writer = threading.Thread(target=write)
    writer.start()
    result = [list(map(int, line.split())) for line in process.stdout]
    writer.join()
    if process.wait() != 0:
        sys.exit(f"{program} ended with {process.returncode}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--text", action="append", default=[], help="files to take stretches of text from")
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    books = [open(path, "rb").read() for path in options.text]
    chance = random.Random(options.seed)
    strings = [some_string(chance, books) for _ in range(options.count)]
    failed = False
    for model in options.models:
        expect, arguments, takes_bytes = reference(model)
        inputs = strings if takes_bytes else [data.decode("utf-8", "replace").encode() for data in strings]
        if takes_bytes:
            # llama.cpp ends the process where bytes spell a number past U+10FFFF.
            inputs = [PAST_UNICODE.sub(b"?", data) for data in inputs]
        started = time.time()
        got = ours(options.program, arguments, inputs)
        differences = []
        tokens = 0
        for index, data in enumerate(inputs):
            want = list(expect(data))
            tokens += len(want)
            if index >= len(got) or want != got[index]:
                differences.append((data, want, got[index] if index < len(got) else None))
        print(f"{model}: {len(inputs)} strings, {tokens} tokens, {len(differences)} differ ({time.time() - started:.0f} s)")
        for data, want, have in differences[:5]:
            print("  text", data)
            print("  want", want)
            print("  have", have)
        failed = failed or bool(differences)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
