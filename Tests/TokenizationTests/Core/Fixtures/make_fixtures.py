"""Writes the fixtures of the core's tests: small vocabularies cut out of published ones, and what the reference packages
make of many strings with them.

    pip install llama-cpp-python==0.3.36 gguf==0.19.0 tokenizers==0.23.3 tiktoken==0.14.0
    python make_fixtures.py FOLDER    # with ggml-vocab-{gpt-2,llama-spm,bert-bge}.gguf and gpt2.tiktoken

The vocabularies are the first tokens and merges of GPT-2's, Llama 2's and BERT's, with all their special and byte tokens.
"""

import base64
import json
import os
import random
import sys
import tempfile

import gguf
import llama_cpp
import tiktoken
import tiktoken_ext.openai_public as public
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = [
    "default", "gpt-2", "llama-bpe", "qwen2", "qwen35", "deepseek-llm", "deepseek-coder", "deepseek-v3", "falcon", "mpt",
    "starcoder", "refact", "phi-2", "command-r", "olmo", "dbrx", "smollm", "tekken", "gpt-4o", "bloom", "codeshell",
    "chameleon", "viking", "superbpe", "afmoe", "kimi-k2", "tiny_aya", "exaone-moe", "minicpm5", "youtu", "seed-coder",
]


def strings():
    chance = random.Random(7)
    cases = [
        "", " ", "  ", "\n", "\t\n", "Hello", " Hello", "Hello, world!", "I'm, you're, he'LL; it's'S", "3 33 333 3333 33333333",
        "a\n\n\nb  c   d\t\te\r\n", "Führer, naïve, Å, e\u0301", "你好世界，这是 3 个字", "こんにちは世界", "안녕하세요 세계", "Привет, мир", "नमस्ते दुनिया",
        "🚀 (normal) 😶‍🌫️ 👍🏽", "<|endoftext|> <s> </s> <unk> [CLS] [SEP]", "def f(x):\n    return x ** 2\n", "\u3000\u00a0\u2028x",
        "camelCase HTTPServer x86_64", "=========//////\n\n  ", "ＡＢＣ１２３ ①② ½ ٣", "ſ's 'ſ Kelvin K", "1,234,567.89", "a'b''c'd", "▁ ▁the", "\u0000\u0001",
    ]
    pool = ["the", "The", "and", " ", "  ", "\n", "'s", "12", "345", "é", "ß", "中文", "の", "한", "и", ".", ",", "!", "->", "\t", "ing", "token", "ÀÉ", "🙂", "\u0301", "_", "'LL"]
    for _ in range(60):
        cases.append("".join(chance.choice(pool) for _ in range(chance.randint(2, 14))))
    data = [c.encode() for c in cases]
    for _ in range(15):
        data.append(bytes(chance.choice([*range(0x20, 0x7F), *range(0x80, 0xF4)]) for _ in range(chance.randint(1, 12))))
    return data


def fields(path):
    reader = gguf.GGUFReader(path)
    return lambda name: reader.fields["tokenizer.ggml." + name].contents()


def write(path, model, vocabulary, pre=None):
    writer = gguf.GGUFWriter(path, "llama")
    for key in ("block_count", "context_length", "embedding_length", "feed_forward_length"):
        writer.add_uint32("llama." + key, 64)
    writer.add_uint32("llama.attention.head_count", 8)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    writer.add_tokenizer_model(model)
    if pre:
        writer.add_tokenizer_pre(pre)
    writer.add_token_list(vocabulary["tokens"])
    writer.add_token_types(vocabulary["types"])
    if "merges" in vocabulary:
        writer.add_token_merges(vocabulary["merges"])
    if "scores" in vocabulary:
        writer.add_token_scores(vocabulary["scores"])
    for name, value in vocabulary["ids"].items():
        writer.add_uint32("tokenizer.ggml." + name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def run(model, vocabulary, cases, pre=None, special=False):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "v.gguf")
        write(path, model, vocabulary, pre)
        llama = llama_cpp.Llama(model_path=path, vocab_only=True, verbose=False)
        return [llama.tokenize(case, add_bos=False, special=special) for case in cases]


def save(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(value, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


def main(folder):
    cases = strings()
    result = {"cases": [c.hex() for c in cases], "gpt2": {}}

    get = fields(os.path.join(folder, "ggml-vocab-gpt-2.gguf"))
    tokens, merges = get("tokens")[:3000] + ["<|endoftext|>", "<|user|>"], get("merges")[: 3000 - 256]
    bpe = {"tokens": tokens, "types": [1] * 3000 + [3, 4], "merges": merges, "ids": {"bos_token_id": 3000, "eos_token_id": 3000}}
    for kind in KINDS:
        result["gpt2"][kind] = run("gpt2", bpe, cases, kind)
    marks = ["a<|endoftext|>b", "<|user|> x<|user|>", "<|endoftext|<|user|>"]
    result["marks"] = {"cases": marks, "plain": run("gpt2", bpe, [m.encode() for m in marks], "gpt-2"),
                       "special": run("gpt2", bpe, [m.encode() for m in marks], "gpt-2", special=True)}

    get = fields(os.path.join(folder, "ggml-vocab-llama-spm.gguf"))
    keep = [i for i, t in enumerate(get("tokens")) if i < 3500 or i >= 29871]
    names, types, scores = get("tokens"), get("token_type"), get("scores")
    spm = {"tokens": [names[i] for i in keep], "types": [int(types[i]) for i in keep], "scores": [float(scores[i]) for i in keep],
           "ids": {"bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0}}
    result["llama"] = run("llama", spm, cases)

    get = fields(os.path.join(folder, "ggml-vocab-bert-bge.gguf"))
    names, types = get("tokens"), get("token_type")
    keep = [i for i in range(len(names)) if i < 4500 or (len(names[i]) <= 2 and i < 30522)]
    wpm = {"tokens": [names[i] for i in keep], "types": [int(types[i]) for i in keep],
           "ids": {"unknown_token_id": 100, "seperator_token_id": 102, "padding_token_id": 0, "cls_token_id": 101, "mask_token_id": 103, "bos_token_id": 101}}
    # llama.cpp asserts on separators that are no white space in debug builds only; the strings have none.
    result["bert"] = run("bert", wpm, cases)
    save("vocabularies.json", {"gpt2": bpe, "llama": spm, "bert": wpm})
    save("gguf_ids.json", result)

    ranks = {}
    lines = open(os.path.join(folder, "gpt2.tiktoken"), "rb").read().splitlines()[:3000]
    with open(os.path.join(HERE, "small.tiktoken"), "wb") as file:
        file.write(b"\n".join(lines) + b"\n")
    for line in lines:
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    public.load_tiktoken_bpe = lambda *a, **k: {}
    patterns = {"gpt2": public.r50k_pat_str, "cl100k": public.cl100k_base()["pat_str"], "o200k": public.o200k_base()["pat_str"]}
    valid = [c.decode("utf-8", "replace") for c in cases]
    save("tiktoken_ids.json", {
        "cases": [v.encode().hex() for v in valid],
        **{n: [tiktoken.Encoding(n, pat_str=p, mergeable_ranks=ranks, special_tokens={}).encode_ordinary(v) for v in valid] for n, p in patterns.items()}})

    expressions = [
        r"\p{N}{1,3}", r"\s+(?!\S)|\s+", r"[^\S\r\n]+", r"(?i:straße|the|'s)", r"\p{Han}+", r"[\p{L}&&[^\p{Lu}]]+", r"a*?b|.", r"(?<=\d)\D+", r"(?<!a)b+",
        r"\b\w+\b", r"[[:alpha:]]+|[[:punct:]]", r"^.|.$", r"(?>a+)a|b", r"x{2,}|y{,2}z", r"\p{^L}+", r"\R", r"(?:ab|a)(?:bc|c)", r"[^a-zé\-\]]+", r"\h+", r"\X{0}a|\d",
    ][:-1]
    found = []
    for expression in expressions:
        split = pre_tokenizers.Split(Regex(expression), "isolated")
        found.append([[list(span) for _, span in split.pre_tokenize_str(v)] for v in valid if v])
    save("oniguruma.json", {"patterns": expressions, "cases": [v.encode().hex() for v in valid if v],
                            "offsets": "in characters", "spans": found})

    chance = random.Random(5)
    marks = [*range(0x300, 0x370), *range(0x591, 0x5BE), *range(0x1DC0, 0x1DE0), 0x345, 0x3099, 0x309A]
    bases = [*range(0xC0, 0x180), *range(0x1E00, 0x1F00), *range(0xAC00, 0xAC40), *range(0x1100, 0x1180), *range(0x11A8, 0x11C3), *range(0xFB00, 0xFB50), *range(0xFF00, 0xFF60), *range(0x3040, 0x3100), *range(0x2460, 0x2480), 0x958, 0x2126, 0x212B]
    texts = ["".join(chr(chance.choice(marks if chance.random() < 0.5 else bases)) for _ in range(chance.randint(1, 8))) for _ in range(400)]
    forms = {"nfc": normalizers.NFC(), "nfd": normalizers.NFD(), "nfkc": normalizers.NFKC(), "nfkd": normalizers.NFKD()}
    save("normalization.json", {"texts": texts, **{n: [f.normalize_str(t) for t in texts] for n, f in forms.items()}})

    tiny = Tokenizer(models.BPE({c: i for i, c in enumerate("abc <>x[]_é")}, []))
    tiny.add_tokens([AddedToken("<a>"), AddedToken("<ab>", lstrip=True), AddedToken("[x]", rstrip=True, normalized=False), AddedToken("ab", single_word=True, normalized=False)])
    tiny.add_special_tokens([AddedToken("<a><b>", lstrip=True, rstrip=True)])
    pool = ["<a>", "<ab>", "[x]", "ab", "<a><b>", " ", "  ", "a", "b", "x", "_", "é", "<", ">"]
    texts = ["".join(chance.choice(pool) for _ in range(chance.randint(1, 9))) for _ in range(200)]
    special = [[e.ids, [list(o) for o in e.offsets]] for e in map(tiny.encode, texts)]
    tiny.encode_special_tokens = True
    save("added_tokens.json", {"tokenizer": tiny.to_str(), "texts": texts, "special": special, "plain": [tiny.encode(t).ids for t in texts]})


main(sys.argv[1])
