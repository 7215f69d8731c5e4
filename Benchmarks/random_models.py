"""Llama models with random weights, of shapes that people use: speed does not depend on what weights say."""

import os
import pathlib
import sys

SHAPES = {
    "1.1B": dict(width=2048, feed_forward=5632, layers=22, heads=32, kv_heads=4, vocabulary=32000),
    "15M": dict(width=288, feed_forward=768, layers=6, heads=6, kv_heads=6, vocabulary=32000),
}
CONTEXT = 8192


def pieces_of(vocabulary):
    """A vocabulary like SentencePiece's: control tokens, bytes, and short letter sequences."""
    pieces = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % byte for byte in range(256)]
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = (a + b + c for a in letters for b in [""] + list(letters) for c in [""] + list(letters))
    for word in dict.fromkeys(words):
        pieces += [("\u2581" + word).encode(), word.encode()]
    pieces = list(dict.fromkeys(pieces))[:vocabulary]
    return pieces + [b"word%d" % number for number in range(vocabulary - len(pieces))]


def make(path, name, base):
    """Writes a model of the shape `name` with F16 or F32 weights."""
    import gguf
    import numpy

    shape = SHAPES[name]
    width, feed_forward, vocabulary = shape["width"], shape["feed_forward"], shape["vocabulary"]
    kv = width // shape["heads"] * shape["kv_heads"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"random {name}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // shape["heads"])
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(1 if base == "F16" else 0)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces_of(vocabulary))
    writer.add_token_scores([0.0 if index < 259 else float(259 - index) for index in range(vocabulary)])
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * (vocabulary - 259))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)

    generator = numpy.random.Generator(numpy.random.PCG64(7))
    dtype = numpy.float16 if base == "F16" else numpy.float32
    # Slices of one pool: a billion fresh random numbers would take longer than the measurement.
    pool = (generator.standard_normal(1 << 24, dtype=numpy.float32) * 0.02).astype(dtype)

    def matrix(tensor, rows, columns):
        turned = numpy.roll(pool, int(generator.integers(len(pool))))
        writer.add_tensor(tensor, numpy.resize(turned, rows * columns).reshape(rows, columns))

    def norm(tensor):
        writer.add_tensor(tensor, numpy.ones(width, numpy.float32))

    matrix("token_embd.weight", vocabulary, width)
    for layer in range(shape["layers"]):
        block = f"blk.{layer}."
        norm(block + "attn_norm.weight")
        matrix(block + "attn_q.weight", width, width)
        matrix(block + "attn_k.weight", kv, width)
        matrix(block + "attn_v.weight", kv, width)
        matrix(block + "attn_output.weight", width, width)
        norm(block + "ffn_norm.weight")
        matrix(block + "ffn_gate.weight", feed_forward, width)
        matrix(block + "ffn_up.weight", feed_forward, width)
        matrix(block + "ffn_down.weight", width, feed_forward)
    norm("output_norm.weight")
    matrix("output.weight", vocabulary, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# What llama.cpp calls a whole file whose matrices have the type.
FILE_TYPES = {"Q2_K": "Q2_K_S", "Q3_K": "Q3_K_S", "Q4_K": "Q4_K_S", "Q5_K": "Q5_K_S", "MXFP4": "MXFP4_MOE"}


def file(folder, name, kind, threads):
    """The file of a model in a type, made when it is not there yet; llama.cpp quantises it, so it is at home in it."""
    import llama_cpp

    path = pathlib.Path(folder) / f"{name}-{kind}.gguf"
    if path.exists():
        return str(path)
    base = "F32" if kind == "F32" or name == "15M" else "F16"
    source = pathlib.Path(folder) / f"{name}-{base}.gguf"
    if not source.exists():
        make(str(source) + ".part", name, base)
        os.rename(str(source) + ".part", source)
    if kind != base:
        quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(quiet, None)
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.nthread = threads
        parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{FILE_TYPES.get(kind, kind)}")
        # A pure type: every matrix in it, so that a row of the table is about one kernel. Q4_K_M is a mix by name.
        parameters.pure = not kind.endswith("_M")
        if kind == "MXFP4":
            mxfp4 = 39  # ggml's number of the type; its own recipe keeps all but experts in Q8_0
            parameters.token_embedding_type = parameters.output_tensor_type = mxfp4
        part = str(path) + ".part"
        if llama_cpp.llama_model_quantize(str(source).encode(), part.encode(), parameters) != 0:
            sys.exit(f"llama.cpp could not quantise {source} as {kind}")
        os.rename(part, path)
    return str(path)
