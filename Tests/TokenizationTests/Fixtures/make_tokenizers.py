"""Writes json-tokenizers.json, sentencepiece.json and training.json: many small tokenizers of every kind, and what the tokenizers and
sentencepiece packages make of nasty strings with them.

    python3 -m pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python3 Tests/TokenizationTests/Fixtures/make_tokenizers.py

Each case: tokenizer.json as an object (the model and the added tokens by their place in lists, as many are the same), then for each string the ids and the character offsets with special tokens
added and parsed, the ids without (null where they are the same), and the text that these decode to, with special tokens and without (one
where they are the same, null where there is nothing to see).
"""
import base64
import io
import itertools
import json
import pathlib
import sys

import sentencepiece
import tokenizers
from tokenizers import (AddedToken, Regex, Tokenizer, decoders as D, models as M, normalizers as N,
                        pre_tokenizers as P, processors as R, trainers as T)

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
assert sentencepiece.__version__ == "0.2.3", sentencepiece.__version__

CORPUS = [
    "The quick brown fox jumps over the lazy dog, doesn't it? He'll say: 'that is the way!'",
    "hello hello world, the world says hello to the foxes and to all the dogs of the world",
    "numbers 1 22 333 4444 2024 and 12,345.67; x = y + 1; def f(x): return x**2",
    "naïve café Ångström é ﬁne ①② ＡＢＣ Zażółć gęślą jaźń Привет мир Ёлка",
    "日本語のテキスト 漢字とカタカナ 한국어 हिन्दी العربية ไทย 🙂👍🏽",
    "tok <sep> the tok other tokword  double  spaces\ttab\nnewline",
] * 3

STRINGS = [
    "", " ", "  ", "a", "Hello world", "  Hello   world  ", "hello\tworld\n\nfoo\r\nbar", "\u00a0x\u3000y",
    "▁a▁▁b", "é", "e\u0301", "ﬁne ①②③ Ⅷ", "ＡＢＣ　ｆ", "日本語のテキスト、漢字。", "한국어 각간", "हिन्दी क्ष", "🙂👨‍👩‍👧🇩🇪👍🏽",
    "a\u0300\u0301b", "<s>hello</s>", "<unk>", "[CLS] x [SEP]", "1234567 1,000.5", "don't can't he'll", "...!?",
    "\u200b\ufeff", "\ufffd", "\x00\x01\x7f\x85", "İIı ß Σς", "x" * 40, "foo_bar fooBar", "x\u2028y", "\ue000\u0378",
    "<0x0A>", "##a ##", "Ġhi", "\r\n\r\n", " <tok> ", "x<tok>y", "<tok><tok>", "a tok b", "tokword wordtok Tok",
    "the <sep> end", "The quick brown fox doesn't say hello", "zażółć ŻÓŁĆ", "A\u030a Å", "ab  cd",
]


def train(tokenizer, kind, **options):
    special = options.pop("special_tokens", ["<unk>", "<s>", "</s>"])
    if kind == "bpe":
        trainer = T.BpeTrainer(vocab_size=options.pop("vocab_size", 190), special_tokens=special, show_progress=False,
                               **options)
    elif kind == "wordpiece":
        trainer = T.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False, **options)
    elif kind == "wordlevel":
        trainer = T.WordLevelTrainer(vocab_size=60, special_tokens=special, show_progress=False)
    else:
        trainer = T.UnigramTrainer(vocab_size=180, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def model(kind, **options):
    return {"bpe": lambda: M.BPE(unk_token="<unk>", **options),
            "wordpiece": lambda: M.WordPiece(unk_token="<unk>", **options),
            "wordlevel": lambda: M.WordLevel(unk_token="<unk>"), "unigram": lambda: M.Unigram()}[kind]()


def nmt_nfkc():
    """The precompiled map of sentencepiece's nmt_nfkc, cut out of a model trained on nothing much."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=out, vocab_size=200, hard_vocab_limit=False, minloglevel=2,
        normalization_rule_name="nmt_nfkc")
    from sentencepiece import sentencepiece_model_pb2 as pb
    proto = pb.ModelProto.FromString(out.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def small_map():
    """A map small enough to keep: a double array with a few rules, taken from a model trained with its own rules."""
    path = pathlib.Path("rules.tsv")
    path.write_text("".join(f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}\n"
                            for a, b in [("ﬁ", "fi"), ("①", "1"), ("é", "e"), ("e\u0301", "É"), ("　", " "),
                                         ("Ａ", "A"), ("ab", "X"), ("abc", "YZ"), ("x", ""), ("\u200b", " ")]))
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=out, vocab_size=200, hard_vocab_limit=False, minloglevel=2,
        normalization_rule_tsv=str(path))
    path.unlink()
    from sentencepiece import sentencepiece_model_pb2 as pb
    return pb.ModelProto.FromString(out.getvalue()).normalizer_spec.precompiled_charsmap


def cases():
    normalizers = {
        "none": None, "bert": N.BertNormalizer(), "bert-cased": N.BertNormalizer(lowercase=False),
        "bert-accents": N.BertNormalizer(lowercase=False, strip_accents=True, clean_text=False),
        "nfc": N.NFC(), "nfd": N.NFD(), "nfkc": N.NFKC(), "nfkd": N.NFKD(), "lower": N.Lowercase(),
        "strip": N.Strip(), "lstrip": N.Strip(right=False), "rstrip": N.Strip(left=False),
        "accents": N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase()]), "replace": N.Replace("ll", "L"),
        "replace-regex": N.Replace(Regex(r"\s+"), "_"), "prepend": N.Prepend("▁"), "nmt": N.Nmt(),
        "map": N.Precompiled(small_map()), "llama": N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]),
        "bytes": N.ByteLevel(),
    }
    for name, normalizer in normalizers.items():
        tokenizer = Tokenizer(model("bpe"))
        if normalizer:
            tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = P.WhitespaceSplit() if name not in ("llama", "prepend") else P.Metaspace()
        yield "normalizer " + name, train(tokenizer, "bpe")
    behaviors = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
    pre = {
        "bert": P.BertPreTokenizer(), "bytes": P.ByteLevel(add_prefix_space=False),
        "bytes-prefix": P.ByteLevel(), "bytes-plain": P.ByteLevel(add_prefix_space=False, use_regex=False),
        "digits": P.Digits(), "digits-each": P.Digits(individual_digits=True),
        "metaspace": P.Metaspace(), "metaspace-first": P.Metaspace(prepend_scheme="first"),
        "metaspace-never": P.Metaspace(prepend_scheme="never"),
        "metaspace-whole": P.Metaspace(prepend_scheme="first", split=False), "metaspace-x": P.Metaspace(replacement="_"),
        "scripts": P.UnicodeScripts(), "whitespace": P.Whitespace(), "whitespace-split": P.WhitespaceSplit(),
        "delimiter": P.CharDelimiterSplit("o"), "fixed": P.FixedLength(3),
        "sequence": P.Sequence([P.WhitespaceSplit(), P.Digits(individual_digits=True), P.Punctuation()]),
        "llama3": P.Sequence([P.Split(Regex(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
            r"|\s+(?!\S)|\s+"), "isolated"), P.ByteLevel(add_prefix_space=False, use_regex=False)]),
    }
    for behavior in behaviors:
        pre["punctuation " + behavior] = P.Punctuation(behavior)
        pre["split " + behavior] = P.Split("l", behavior)
        pre["regex " + behavior] = P.Split(Regex(r"\d+|[aeo]+"), behavior)
        pre["invert " + behavior] = P.Split(Regex(r"\w+"), behavior, invert=True)
    for name, step in pre.items():
        tokenizer = Tokenizer(model("bpe"))
        tokenizer.pre_tokenizer = step
        tokenizer.add_special_tokens(["<tok>"])
        yield "pre-tokenizer " + name, train(tokenizer, "bpe")
    for kind in ["wordpiece", "wordlevel", "unigram"]:
        for name, step in [("whitespace", P.Whitespace()), ("metaspace", P.Metaspace()), ("none", None)]:
            if kind == "unigram" and name == "none":
                continue
            tokenizer = Tokenizer(model(kind, **({"max_input_chars_per_word": 12} if kind == "wordpiece" else {})))
            if step:
                tokenizer.pre_tokenizer = step
            yield f"model {kind} {name}", train(tokenizer, kind)
    for name, options, trained in [
        ("fused", dict(fuse_unk=True), dict(limit_alphabet=20)), ("unfused", {}, dict(limit_alphabet=20)),
        ("suffix", dict(end_of_word_suffix="</w>"), dict(end_of_word_suffix="</w>")),
        ("prefix", dict(continuing_subword_prefix="##"), dict(continuing_subword_prefix="##")),
        ("whole", dict(ignore_merges=True), {}),
        ("fallback", dict(byte_fallback=True), dict(limit_alphabet=20, vocab_size=320, special_tokens=[
            "<unk>"] + [f"<0x{b:02X}>" for b in range(256)])),
    ]:
        tokenizer = Tokenizer(model("bpe", **options))
        tokenizer.pre_tokenizer = P.WhitespaceSplit()
        yield "bpe " + name, train(tokenizer, "bpe", **trained)
    base = json.loads(train(with_pre(model("unigram"), P.Metaspace()), "unigram").to_str())
    base["model"]["byte_fallback"] = True
    base["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
    yield "unigram fallback", Tokenizer.from_str(json.dumps(base))
    processors = {
        "template": R.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1",
                                         special_tokens=[("<s>", 1), ("</s>", 2)]),
        "template-eos": R.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]),
        "bert": R.BertProcessing(("</s>", 2), ("<s>", 1)), "roberta": R.RobertaProcessing(("</s>", 2), ("<s>", 1)),
        "roberta-plain": R.RobertaProcessing(("</s>", 2), ("<s>", 1), trim_offsets=False, add_prefix_space=False),
        "bytes": R.ByteLevel(trim_offsets=True), "bytes-plain": R.ByteLevel(trim_offsets=False),
        "sequence": R.Sequence([R.ByteLevel(trim_offsets=True), R.TemplateProcessing(
            single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])]),
    }
    for name, processor in processors.items():
        tokenizer = with_pre(model("bpe"), P.ByteLevel(add_prefix_space=name != "roberta-plain"))
        tokenizer.decoder = D.ByteLevel()
        train(tokenizer, "bpe", initial_alphabet=P.ByteLevel.alphabet(), vocab_size=290)
        tokenizer.post_processor = processor
        yield "processor " + name, tokenizer
    decoders = {
        "bpe": D.BPEDecoder(), "bytes": D.ByteLevel(), "wordpiece": D.WordPiece(), "wordpiece-raw": D.WordPiece(
            cleanup=False), "metaspace": D.Metaspace(), "metaspace-never": D.Metaspace(prepend_scheme="never"),
        "ctc": D.CTC(pad_token="l"), "fuse": D.Fuse(), "strip": D.Strip("h", 1, 1), "fallback": D.ByteFallback(),
        "replace": D.Replace("l", "LL"), "replace-regex": D.Replace(Regex("[aeiou]"), "*"),
        "sequence": D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)]),
    }
    for name, decoder in decoders.items():
        tokenizer = with_pre(model("bpe", byte_fallback=True), P.Metaspace())
        train(tokenizer, "bpe", limit_alphabet=30, vocab_size=310,
              special_tokens=["<unk>"] + [f"<0x{b:02X}>" for b in range(256)])
        tokenizer.decoder = decoder
        yield "decoder " + name, tokenizer
    for single, left, right, normalized, special in itertools.product([False, True], repeat=5):
        for content in ["tok"]:
            tokenizer = with_pre(model("wordpiece"), P.Whitespace())
            tokenizer.normalizer = N.Lowercase()
            train(tokenizer, "wordpiece", special_tokens=["<unk>"])
            add = tokenizer.add_special_tokens if special else tokenizer.add_tokens
            add([AddedToken(content, single_word=single, lstrip=left, rstrip=right, normalized=normalized,
                            special=special), AddedToken("<tok>", normalized=normalized, lstrip=left, rstrip=right)])
            flags = "".join("01"[f] for f in (single, left, right, normalized, special))
            yield "added " + flags, tokenizer
    tokenizer = with_pre(model("bpe"), P.Metaspace(prepend_scheme="first"))
    tokenizer.normalizer = N.Sequence([N.NFKC(), N.Strip()])
    train(tokenizer, "bpe")
    tokenizer.add_tokens([AddedToken("<tok>", normalized=False), AddedToken("<sep>", normalized=True), "tokword"])
    yield "added among metaspaces", tokenizer


def with_pre(a_model, step):
    tokenizer = Tokenizer(a_model)
    tokenizer.pre_tokenizer = step
    return tokenizer


def record(tokenizer, strings):
    rows = []
    for text in strings:
        full = tokenizer.encode(text)
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        try:
            decoded = [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (False, True)]
        except BaseException:  # the package panics where, say, Strip strips more than there is
            decoded = None
        if tokenizer.decoder is None and len(rows) > 8:  # only spaces between tokens
            decoded = None
        rows.append([full.ids, [x for pair in full.offsets for x in pair], None if ids == full.ids else ids,
                     decoded and (decoded if decoded[0] != decoded[1] else decoded[:1])])
    return rows


def main():
    folder = pathlib.Path(__file__).parent
    result = []
    models = {}
    added = {}
    for name, tokenizer in cases():
        rows = record(tokenizer, STRINGS[-12:] if name.startswith("added ") else STRINGS)
        file = json.loads(tokenizer.to_str())
        file = {key: value for key, value in file.items() if key not in ("truncation", "padding")}
        # Models and added tokens that several tokenizers share are written once; merges in the older, shorter form where they can be.
        if file["model"]["type"] == "BPE" and not any(" " in part for merge in file["model"]["merges"] for part in merge):
            if not name.startswith("pre-tokenizer"):
                file["model"]["merges"] = [" ".join(merge) for merge in file["model"]["merges"]]
        model = json.dumps(file["model"], ensure_ascii=False)
        file["model"] = models.setdefault(model, len(models))
        tokens = json.dumps(file["added_tokens"], ensure_ascii=False)
        file["added_tokens"] = added.setdefault(tokens, len(added))
        result.append({"name": name, "tokenizer": file, "rows": rows})
    text = json.dumps({"strings": STRINGS, "models": [json.loads(m) for m in models],
                       "added": [json.loads(t) for t in added], "cases": result},
                      ensure_ascii=False, separators=(",", ":"))
    (folder / "json-tokenizers.json").write_text(text)
    print(len(result), "tokenizers", len(text.encode()), "bytes", file=sys.stderr)
    spm_models = []
    for kind, rule, fallback, symbols, options in [
        ("unigram", "identity", False, [], {}), ("unigram", "identity", True, ["<sep>", "tok"], {}),
        ("unigram", "small", True, ["<sep>"], dict(remove_extra_whitespaces=False)),
        ("unigram", "identity", False, [], dict(add_dummy_prefix=False, treat_whitespace_as_suffix=True)),
        ("bpe", "identity", False, [], {}), ("bpe", "small", True, ["<sep>", "tok"], {}),
        ("bpe", "identity", True, ["▁▁", "\n"], dict(remove_extra_whitespaces=False)),
        ("word", "small", False, [], {}), ("char", "identity", True, ["th"], {}),
    ]:
        out = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS), model_writer=out, model_type=kind, vocab_size=420,
            hard_vocab_limit=False, byte_fallback=fallback, user_defined_symbols=symbols, minloglevel=2,
            control_symbols=["<ctl>"], character_coverage=0.98, normalization_rule_name="identity", **options)
        from sentencepiece import sentencepiece_model_pb2 as pb
        proto = pb.ModelProto.FromString(out.getvalue())
        if rule == "small":
            proto.normalizer_spec.precompiled_charsmap = small_map()
        blob = proto.SerializeToString()
        processor = sentencepiece.SentencePieceProcessor(model_proto=blob)
        rows = [[ids := processor.encode(text), processor.decode(ids)] for text in STRINGS]
        spm_models.append({"name": f"{kind} {rule} {fallback} {symbols} {options}",
                       "model": base64.b64encode(blob).decode(), "rows": rows})
    text = json.dumps({"strings": STRINGS, "cases": spm_models}, ensure_ascii=False, separators=(",", ":"))
    (folder / "sentencepiece.json").write_text(text)
    print(len(spm_models), "models", len(text.encode()), "bytes", file=sys.stderr)
    training = {"corpus": "\n".join(CORPUS) + "\n"}
    for name, options in [("plain", {}), ("frequent", dict(min_frequency=3)), ("short", dict(max_token_length=5))]:
        tokenizer = with_pre(M.BPE(), P.ByteLevel(add_prefix_space=False))
        trainer = T.BpeTrainer(vocab_size=500, special_tokens=["<|endoftext|>"], show_progress=False,
                               initial_alphabet=P.ByteLevel.alphabet(), **options)
        tokenizer.train_from_iterator([line + "\n" for line in training["corpus"].split("\n")[:-1]], trainer)
        training[name] = json.loads(tokenizer.to_str())["model"]["merges"]
    tokenizer = with_pre(M.WordPiece(unk_token="[UNK]"), P.BertPreTokenizer())
    tokenizer.normalizer = N.BertNormalizer()
    trainer = T.WordPieceTrainer(vocab_size=250, show_progress=False,
                                 special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.train_from_iterator([line + "\n" for line in training["corpus"].split("\n")[:-1]], trainer)
    training["wordpiece"] = sorted(tokenizer.get_vocab())
    # The licence is a text long enough to prune in several rounds.
    tokenizer = with_pre(M.Unigram(), P.Metaspace(prepend_scheme="always", split=True))
    tokenizer.normalizer = N.NFKC()
    trainer = T.UnigramTrainer(vocab_size=250, show_progress=False, special_tokens=["<unk>", "<s>", "</s>"],
                               unk_token="<unk>")
    tokenizer.train([str(folder.parents[2] / "LICENSE")], trainer)
    training["unigram"] = sorted(piece for piece, _ in json.loads(tokenizer.to_str())["model"]["vocab"])
    (folder / "training.json").write_text(json.dumps(training, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
