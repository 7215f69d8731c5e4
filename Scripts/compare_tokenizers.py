#!/usr/bin/env python3
"""Compares the ids of Apus's tokenizers with those of the reference packages, on many strings of many kinds.

    ./apus help                                         # builds the program
    Scripts/compare_tokenizers.py --install             # the shipped model's tokenizer against llama.cpp
    Scripts/compare_tokenizers.py --install --pre all   # its vocabulary with every pre-tokenizer that llama.cpp knows
    Scripts/compare_tokenizers.py [--count 100000] [--seed 1] MODEL...

With --install the reference packages, in the versions below, are put into a virtual environment of their own under the
cache folder first; without it, those of the Python that runs this are used.

MODEL is a GGUF file (compared with llama_cpp), a tokenizer.json or a folder that has one (tokenizers), a .tiktoken
file, as FILE:PATTERN (tiktoken), or a SentencePiece .model (sentencepiece); the model that comes with Apus unless
given. No special tokens are added, and special tokens in the text are text. With --offsets the places of the pieces in
the text are compared too (tokenizers only).

Strings that are not UTF-8 are compared where the reference takes bytes (llama_cpp); for the others they are decoded with
U+FFFD first, on both sides.
"""

import argparse
import base64
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHIPPED = os.path.join(ROOT, "Sources/Apus/Resources/apus-primer.gguf")
PACKAGES = ["tokenizers==0.23.3", "tiktoken==0.14.0", "sentencepiece==0.2.3", "llama-cpp-python==0.3.36"]
# One name for each way of cutting that llama.cpp knows, and the other names that people meet most.
PRE_TOKENIZERS = (
    "gpt-2 llama-bpe qwen2 deepseek-llm deepseek-coder falcon mpt starcoder refact phi-2 command-r olmo dbrx smollm "
    "tekken default llama3 deepseek-v3 qwen35 gpt-4o minicpm5 spark2_5 youtu jais-2 poro-chat bloom glm4 viking "
    "exaone-moe chameleon granite-embed-multi-97m tiny_aya superbpe bailingmoe seed-coder kimi-k2 ufakzeka afmoe "
    "laguna stablelm2 smaug-bpe codeshell jina-v2-code gemma4"
).split()

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


def install():
    """Runs this script again in an environment that has the reference packages."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "apus", "compare-tokenizers")
    python = os.path.join(folder, "bin", "python")
    if os.path.realpath(sys.prefix) == os.path.realpath(folder):
        return
    marker = os.path.join(folder, "installed.txt")
    if not os.path.exists(marker) or open(marker).read().split() != PACKAGES:
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        open(marker, "w").write(" ".join(PACKAGES))
    os.execv(python, [python, *sys.argv])


def with_pre_tokenizer(model, name, folder):
    """Writes the metadata of a GGUF file alone, with another `tokenizer.ggml.pre`."""
    data = open(model, "rb").read()
    _, _, count = struct.unpack_from("<IQQ", data, 4)
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}

    def past(kind, place):
        if kind == 8:
            return place + 8 + struct.unpack_from("<Q", data, place)[0]
        if kind == 9:
            element, length = struct.unpack_from("<IQ", data, place)
            place += 12
            if element in sizes:
                return place + length * sizes[element]
            for _ in range(length):
                place = past(element, place)
            return place
        return place + sizes[kind]

    entries = []
    place = 24
    for _ in range(count):
        begin = place
        key_end = past(8, place)
        key = data[begin + 8 : key_end]
        place = past(struct.unpack_from("<I", data, key_end)[0], key_end + 4)
        if key != b"tokenizer.ggml.pre":
            entries.append(data[begin:place])
    text = name.encode()
    key = b"tokenizer.ggml.pre"
    entries.append(struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, len(text)) + text)
    path = os.path.join(folder, name + ".gguf")
    with open(path, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, 0, len(entries)) + b"".join(entries))
    return path


def reference(model):
    """A function from bytes to ids and places, the arguments for the program, and whether it takes what is not UTF-8."""
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
        return (lambda data: (encoding.encode_ordinary(data.decode()), None)), [path, "--pattern", pattern], False
    head = open(model, "rb").read(4) if os.path.isfile(model) else b""
    if head == b"GGUF":
        import llama_cpp

        llama = llama_cpp.Llama(model_path=model, vocab_only=True, verbose=False)
        return (lambda data: (llama.tokenize(data, add_bos=False, special=False), None)), [model], True
    if model.endswith(".model"):
        import sentencepiece

        processor = sentencepiece.SentencePieceProcessor(model_file=model)
        return (lambda data: (processor.encode(data.decode()), None)), [model], False
    import tokenizers

    path = os.path.join(model, "tokenizer.json") if os.path.isdir(model) else model
    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.encode_special_tokens = True

    def encode(data):
        text = data.decode()
        encoding = tokenizer.encode(text, add_special_tokens=False)
        starts = [0]
        for character in text:
            starts.append(starts[-1] + len(character.encode()))
        return encoding.ids, [(starts[low], starts[high]) for low, high in encoding.offsets]

    return encode, [model], False


def ours(program, arguments, strings, offsets):
    """The ids, and the places where they are wanted, that the program gives for each string."""
    command = [program, "tokenize", *arguments, "--serve-lines"] + (["--format", "json"] if offsets else [])
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write():
        for data in strings:
            process.stdin.write(struct.pack("<I", len(data)) + data)
        process.stdin.close()

    writer = threading.Thread(target=write)
    writer.start()
    result = []
    for line in process.stdout:
        if offsets:
            pieces = json.loads(line)
            result.append(([piece[0] for piece in pieces], [tuple(piece[1:]) for piece in pieces]))
        else:
            result.append((list(map(int, line.split())), None))
    writer.join()
    if process.wait() != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return result


def whole_characters(data, places):
    """Places widened to whole characters: the reference has no finer ones, Apus gives the bytes of each piece."""
    starts = [index for index in range(len(data)) if data[index] & 0xC0 != 0x80]
    first, past = {}, {0: 0}
    for start, end in zip(starts, [*starts[1:], len(data)]):
        for index in range(start, end):
            first[index] = start
            past[index + 1] = end
    return [(first.get(low, low), past[high]) if low < high else (low, high) for low, high in places]


def compare(model, options, strings):
    """Prints how one model came out; whether nothing differs."""
    expect, arguments, takes_bytes = reference(model)
    offsets = options.offsets and expect(b"a")[1] is not None
    if options.longest:
        strings = [data[: options.longest] for data in strings]
    inputs = strings if takes_bytes else [data.decode("utf-8", "replace").encode() for data in strings]
    if takes_bytes:
        # llama.cpp ends the process where bytes spell a number past U+10FFFF.
        inputs = [PAST_UNICODE.sub(b"?", data) for data in inputs]
    started = time.time()
    got = ours(options.program, arguments, inputs, offsets)
    differences = []
    tokens = 0
    for index, data in enumerate(inputs):
        ids, places = expect(data)
        want = (list(ids), places if offsets else None)
        tokens += len(want[0])
        have = got[index] if index < len(got) else None
        if offsets and have:
            have = (have[0], whole_characters(data, have[1]))
        if want != have:
            differences.append((data, want, have))
    name = os.path.basename(model) if options.pre else model
    print(
        f"{name}: {len(inputs)} strings, {tokens} tokens{', with places' if offsets else ''}, {len(differences)} differ "
        f"({time.time() - started:.0f} s)", flush=True)
    for data, want, have in differences[:5]:
        print("  text", data)
        print("  want", want[0], want[1] or "")
        print("  have", *(have or ["nothing"]))
    return not differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install the reference packages first")
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/release/apus"), help="the apus to compare")
    parser.add_argument("--count", type=int, default=100_000, help="how many strings")
    parser.add_argument("--longest", type=int, default=0, help="cut strings after so many bytes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--text", action="append", default=[], help="files to take stretches of text from")
    parser.add_argument("--offsets", action="store_true", help="compare the pieces' places too")
    parser.add_argument("--pre", help="pre-tokenizers to put in place of a GGUF file's own, divided by commas; or all")
    parser.add_argument("models", nargs="*", default=[SHIPPED])
    options = parser.parse_args()
    if options.install:
        install()
    if not os.path.exists(options.program):
        sys.exit(f"{options.program} is not there: ./apus help builds it")
    books = [open(path, "rb").read() for path in options.text]
    chance = random.Random(options.seed)
    strings = [some_string(chance, books) for _ in range(options.count)]
    fine = True
    for model in options.models:
        if not options.pre:
            fine = compare(model, options, strings) and fine
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in PRE_TOKENIZERS if options.pre == "all" else options.pre.split(","):
                fine = compare(with_pre_tokenizer(model, name, folder), options, strings) and fine
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
