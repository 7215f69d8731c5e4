"""Learning vocabularies from text on all threads, against the tokenizers package with the same steps and settings."""

import os
import pathlib
import subprocess
import tempfile
import time

import tokenizing

VOCABULARIES = ["bpe:8000", "bpe:32000", "wordpiece:8000", "wordpiece:32000", "unigram:8000", "unigram:32000"]


def peer(kind, size):
    """A tokenizer and its trainer, as Apus sets them up."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    if kind == "bpe":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        return tokenizer, trainers.BpeTrainer(
            vocab_size=size, special_tokens=["<|endoftext|>"], show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet())  # fmt: skip
    if kind == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        return tokenizer, trainers.WordPieceTrainer(
            vocab_size=size, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False)  # fmt: skip
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer, trainers.UnigramTrainer(
        vocab_size=size, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False)  # fmt: skip


def texts(folder):
    """Books where they lie beside the repository, otherwise the mixed text of the table above."""
    books = sorted((pathlib.Path(__file__).resolve().parents[2] / "shared/data/books").glob("*.txt"))
    if books:
        return books, f"{sum(path.stat().st_size for path in books) / 1e6:.0f} MB of books"
    path = pathlib.Path(folder) / "text.txt"
    path.write_text(tokenizing.mixed_text())
    return [path], f"{path.stat().st_size / 1e6:.0f} MB of mixed text"


def measure(options, results, machine, entry):
    import tokenizers

    os.environ["RAYON_NUM_THREADS"] = str(options.threads)  # read when the first one trains
    kind, size = entry.split(":")
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        files, what = texts(folder)
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        for _ in range(min(options.pairs, 3)):
            start = time.perf_counter()
            command = [options.program, "tokenize", "--learn", entry, "--threads", str(options.threads), *map(str, files)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            ours.append(megabytes / (time.perf_counter() - start))
            tokenizer, trainer = peer(kind, int(size))
            start = time.perf_counter()
            tokenizer.train([str(path) for path in files], trainer)
            theirs.append(megabytes / (time.perf_counter() - start))
    results.add(machine, "vocabularies", f"{kind} of {int(size):,} tokens, {what}", "learn", ours, theirs, "MB/s",
                f"tokenizers {tokenizers.__version__}", threads=options.threads)  # fmt: skip
