"""Makes the seeds in Corpus/ from the fixtures of the tests, and the dictionaries. Needs gguf 0.19.0 and numpy 2.4.6.

    python3 Fuzz/make_corpus.py
"""
import base64
import json
import pathlib
import re
import shutil
import struct
import tempfile
import zipfile

import gguf
import numpy

HERE = pathlib.Path(__file__).parent
TESTS = HERE.parent / "Tests"
CORPUS = HERE / "Corpus"
LARGEST = 6000


def put(target, name, data):
    if isinstance(data, str):
        data = data.encode()
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def put_file(target, path, largest=LARGEST):
    data = path.read_bytes()
    if len(data) <= largest:
        put(target, path.stem, data)


def small_model(architecture, rope=None, experts=0, quantised=False):
    """A GGUF model of one block with random weights: a few kilobytes."""
    width, feed, vocabulary, heads, head = 8, 8, 12, 2, 4
    if quantised:
        width = feed = 32
        heads, head = 1, 32
    random = numpy.random.default_rng(7)
    path = pathlib.Path(tempfile.mkdtemp()) / "m.gguf"
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_block_count(1)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(feed)
    writer.add_context_length(16)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    layer_norm = architecture in ("gpt2", "bloom")
    (writer.add_layer_norm_eps if layer_norm else writer.add_layer_norm_rms_eps)(1e-5)
    if architecture.startswith("gemma"):
        writer.add_key_length(head)
        writer.add_value_length(head)
        writer.add_sliding_window(4)
    if rope == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(4.0)
        writer.add_rope_scaling_orig_ctx_len(4)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(1)

    def add(name, *shape):
        values = random.normal(0, 0.2, shape).astype(numpy.float32)
        if quantised and len(shape) == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)

    add("token_embd.weight", vocabulary, width)
    add("output_norm.weight", width)
    if architecture == "bloom":
        add("token_embd_norm.weight", width)
        add("token_embd_norm.bias", width)
    if architecture == "gpt2":
        add("position_embd.weight", 16, width)
    if rope == "divisors":
        add("rope_freqs.weight", head // 2)
    if rope == "longrope":
        add("rope_factors_long.weight", head // 2)
        add("rope_factors_short.weight", head // 2)
    names = ["attn_norm", "ffn_norm"]
    if architecture in ("gemma2", "gemma3"):
        names += ["post_attention_norm", "post_ffw_norm"]
    for name in names:
        add(f"blk.0.{name}.weight", width)
        if layer_norm:
            add(f"blk.0.{name}.bias", width)
    if architecture in ("qwen3", "gemma3"):
        add("blk.0.attn_q_norm.weight", head)
        add("blk.0.attn_k_norm.weight", head)
    if layer_norm or architecture == "phi3":
        add("blk.0.attn_qkv.weight", 3 * heads * head, width)
    else:
        for name in "qkv":
            add(f"blk.0.attn_{name}.weight", heads * head, width)
            if architecture == "qwen2":
                add(f"blk.0.attn_{name}.bias", heads * head)
    add("blk.0.attn_output.weight", width, heads * head)
    if experts:
        add("blk.0.ffn_gate_inp.weight", experts, width)
        for name, shape in (("gate", (feed, width)), ("up", (feed, width)), ("down", (width, feed))):
            add(f"blk.0.ffn_{name}_exps.weight", experts, *shape)
    else:
        if not layer_norm and architecture != "phi3":
            add("blk.0.ffn_gate.weight", feed, width)
        add("blk.0.ffn_up.weight", 2 * feed if architecture == "phi3" else feed, width)
        add("blk.0.ffn_down.weight", width, feed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def small_vocabulary(kind, pre=None):
    path = pathlib.Path(tempfile.mkdtemp()) / "v.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_tokenizer_model(kind)
    if kind == "gpt2":
        # The alphabet of byte-level BPE.
        letters = [chr(b) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174 else None for b in range(256)]
        spare = iter(range(256, 512))
        letters = [letter or chr(next(spare)) for letter in letters]
        tokens = letters[32:127] + ["he", "ll", "hell", "Ġw", "<|end|>"]
        writer.add_token_list(tokens)
        writer.add_token_types([1] * (len(tokens) - 1) + [3])
        writer.add_token_merges(["h e", "l l", "he ll", "Ġ w"])
        if pre:
            writer.add_tokenizer_pre(pre)
        writer.add_eos_token_id(len(tokens) - 1)
    elif kind == "bert":
        tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + ["▁" + w for w in "hello the world a b".split()]
        tokens += list("abcdefgh,.!?")
        writer.add_token_list(tokens)
        writer.add_token_types([3] * 5 + [1] * (len(tokens) - 5))
        writer.add_token_type_count(2)
    else:
        tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(32, 64)] + list("▁helowrd")
        tokens += ["▁he", "ll", "▁hell", "▁w", "<user>"]
        writer.add_token_list(tokens)
        writer.add_token_scores([-float(i) for i in range(len(tokens))])
        writer.add_token_types([2, 3, 3] + [6] * 32 + [1] * (len(tokens) - 36) + [4])
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_unk_token_id(0)
        writer.add_add_space_prefix(True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path.read_bytes()


def tokenizers():
    fixture = json.loads((TESTS / "TokenizationTests/Fixtures/json-tokenizers.json").read_text())
    models = fixture["models"]
    seen = set()
    for case in fixture["cases"]:
        tokenizer = dict(case["tokenizer"])
        if isinstance(tokenizer.get("model"), int):
            tokenizer["model"] = models[tokenizer["model"]]
            tokenizer["added_tokens"] = fixture["added"][tokenizer["added_tokens"]]
        # One of each combination of kinds; the vocabulary is cut to its first entries.
        def kinds(value):
            if isinstance(value, dict):
                return (value.get("type"),) + tuple(
                    kind for key, part in value.items() if key != "vocab" for kind in kinds(part))
            if isinstance(value, list):
                return tuple(kind for part in value for kind in kinds(part))
            return ()
        key = kinds({k: tokenizer.get(k) for k in ("normalizer", "pre_tokenizer", "post_processor", "decoder")}) + (
            (tokenizer.get("model") or {}).get("type"),)
        text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
        if key in seen or len(text.encode()) > LARGEST:
            continue
        seen.add(key)
        put("tokenizer", case["name"].replace(" ", "-").replace("/", "-"), text)


def sentencepiece():
    fixture = json.loads((TESTS / "TokenizationTests/Fixtures/sentencepiece.json").read_text())
    for case in fixture["cases"]:
        data = base64.b64decode(case["model"])
        if len(data) <= 3 * LARGEST:
            put("sentencepiece", case["name"].replace(" ", "-").replace("/", "-"), data)


def configurations():
    seen = set()
    for path in sorted((TESTS / "ModelsTests/Fixtures").glob("*/config*.json")):
        config = json.loads(path.read_text())
        rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
        key = (config["model_type"], str(rope.get("rope_type", rope.get("type"))), "rope_parameters" in config)
        if key not in seen:
            seen.add(key)
            put("config", f"{path.parent.name}-{path.stem}", json.dumps(config, separators=(",", ":")))


def safetensors(tensors, metadata=None):
    header, body = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


SNIPPETS = [
    "{% for x in range(3) %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% set ns = namespace(a=1) %}{% for m in messages %}{% set ns.a = ns.a + 1 %}{% endfor %}{{ ns.a }}",
    "{% macro f(a, b=2, *args, **kw) %}{{ a }}{{ b }}{{ args }}{{ kw }}{{ caller() if caller }}{% endmacro %}{{ f(1, 3, 4, c=5) }}",
    "{% call(x) f(1) %}{{ x }}{% endcall %}{% filter upper %}a{% endfilter %}",
    "{{ messages|map(attribute='role')|join(', ') }}{{ l|sort|first }}{{ d|dictsort }}{{ d|tojson(indent=2) }}",
    "{{ s[::-1] }}{{ l[1:] }}{{ 'a' ~ 1 + 2 * 3 ** 2 // 4 % 5 }}{{ 1 if x is defined else none }}",
    "{{ '%s %5.2f'|format('a', 2.5) }}{{ '{:>8}'.format('x') }}{{ 'a,b'.split(',') }}",
    "{% raw %}{{ x }}{% endraw %}{# note #}{%- set t -%} a {%- endset -%}{{- t|trim -}}",
    "{% if x == 7 and s in ['text'] or not l %}a{% elif d.a.c is none %}b{% else %}c{% endif %}",
    "{{ raise_exception('no') }}{{ strftime_now('%d %b %Y') }}",
    "{% generation %}{{ messages[0]['content'] }}{% endgeneration %}{% break %}",
    "{% for k, v in d.items() recursive %}{{ k }}{{ loop(v.items()) if v is mapping }}{% else %}-{% endfor %}",
    "{{ s|replace('t', 'T')|title|center(20)|wordcount }}{{ s|batch(2)|list }}{{ l|groupby(0) }}",
    "{{ l|selectattr('a', 'equalto', 1)|list }}{{ 5|round(1, 'floor') }}{{ '<a>'|escape|safe }}{{ l|slice(2)|list }}",
    "{% block a %}x{{ self.a }}{% endblock %}{% with y = 1 %}{{ y }}{% endwith %}{{ cycler(1, 2).next() }}{{ joiner(',')() }}",
]


def dictionary(name, words):
    def quoted(word):
        data = word if isinstance(word, bytes) else word.encode()
        return "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\x{b:02x}" for b in data)
    lines = sorted({quoted(word) for word in words})
    (CORPUS / f"{name}.dict").write_text("".join(f'"{line}"\n' for line in lines))


def words_of(target, pattern):
    found = set()
    for path in (CORPUS / target).iterdir():
        found |= {word for word in re.findall(pattern, path.read_bytes()) if len(word) < 40}
    return found


def main():
    if CORPUS.exists():
        shutil.rmtree(CORPUS)
    files = TESTS / "ModelFilesTests/Fixtures"
    for path in sorted(files.glob("*.gguf")):
        put_file("gguf", path)
    for kind, pre in (("gpt2", "llama-bpe"), ("gpt2", "qwen2"), ("gpt2", None), ("llama", None), ("bert", None),
                      ("t5", None)):
        put("gguf", f"vocabulary-{kind}-{pre}", small_vocabulary(kind, pre))
    for architecture in ("llama", "qwen2", "qwen3", "phi3", "gemma", "gemma2", "gemma3", "gpt2", "bloom"):
        put("decoder", architecture, small_model(architecture))
    for rope in ("yarn", "divisors", "longrope"):
        put("decoder", f"llama-{rope}", small_model("llama", rope=rope))
    put("decoder", "llama-experts", small_model("llama", experts=2))
    put("decoder", "llama-q8_0", small_model("llama", quantised=True))
    put_file("safetensors", files / "types.safetensors")
    put("safetensors", "empty", safetensors({}))
    put("safetensors", "two", safetensors(
        {"a.weight": ("F32", [2, 3], bytes(24)), "b": ("BF16", [], b"\x80\x3f")}, {"format": "pt"}))
    for path in sorted(files.glob("torch-*.bin")):
        put_file("pytorch", path, 12000)
    for path in sorted((CORPUS / "pytorch").iterdir()):
        # The pickle alone, without the compression and the padding of the archive.
        if zipfile.is_zipfile(path):
            source = zipfile.ZipFile(path)
            target = CORPUS / "pytorch" / f"{path.name}-small"
            with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
                for entry in source.namelist():
                    if entry.endswith("data.pkl") or "/data/" in entry:
                        archive.writestr(zipfile.ZipInfo(entry), source.read(entry))
    tokenizers()
    sentencepiece()
    configurations()
    for path in sorted((TESTS / "TokenizationTests/Fixtures/chat-templates").glob("*.jinja")):
        put_file("jinja", path)
    for number, snippet in enumerate(SNIPPETS):
        put("jinja", f"snippet-{number}", snippet)
    ranks = b"".join(base64.b64encode(bytes([b])) + b" %d\n" % b for b in range(256))
    for number in range(6):
        put("tiktoken", f"pattern-{number}", bytes([number]) + ranks + b"aGU= 256\nbGw= 257\n")
    dictionary("jinja", words_of("jinja", rb"[A-Za-z_]{2,}|[{}%#|~=<>!*/-]{2}"))
    dictionary("tokenizer", words_of("tokenizer", rb'"[A-Za-z_]{2,}"') | {rb"\\p{L}", rb"(?i:", rb"{1,3}", rb"\\u0120"})
    dictionary("config", words_of("config", rb'"[A-Za-z0-9_]{2,}"') | {b"null", b"1e308", b"-1", b"0"})
    dictionary("gguf", words_of("gguf", rb"[a-z0-9_.]{4,}") | words_of("decoder", rb"[a-z0-9_.]{4,}"))
    dictionary("safetensors", [b'"dtype":', b'"shape":', b'"data_offsets":', b'"__metadata__":', b"F32", b"BF16", b"I64"])
    dictionary("pytorch", [b"ctorch._utils\n_rebuild_tensor_v2\n", b"ctorch\nFloatStorage\n", b"ccollections\nOrderedDict\n",
                           b"storage", b"cpu", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\x80\x02"])


main()
