"""Makes the golden files of CKernelsTests, one per stored type.

Made with gguf 0.19.0, numpy 2.4.6 and llama-cpp-python 0.3.36 (for ggml's own quantiser):
    python make_goldens.py

NAME.dequantize: u32 block count n, n blocks of random bytes with sane scales, then their values as float32, little
endian, from gguf.quants; checked against ggml's dequantize_row_* where it has one.
quantize.input: 8 rows of 1024 float32, then 1024 float32 importances.
NAME.quantize: those rows as ggml writes them without importance, then with; for types that Apus writes. Without
importance they are checked against gguf.quants where it writes the type.
"""

import ctypes
import pathlib

import llama_cpp
import numpy as np
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as T

HERE = pathlib.Path(__file__).parent
LIBRARIES = pathlib.Path(llama_cpp.__file__).parent / "lib"
ggml = ctypes.CDLL(str(LIBRARIES / "libggml-base.so"))
ggml.ggml_quantize_chunk.restype = ctypes.c_size_t

READ = [T.F32, T.F16, T.BF16, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q2_K, T.Q3_K, T.Q4_K, T.Q5_K, T.Q6_K]
READ += [T.IQ4_NL, T.IQ4_XS, T.MXFP4]
WRITTEN = [T.F16, T.BF16, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q4_K, T.Q5_K, T.Q6_K]
# Where the half-precision scales and minima lie in a block.
HALVES = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0], T.IQ4_NL: [0], T.Q2_K: [80, 82]}
HALVES |= {T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208], T.IQ4_XS: [0]}

random = np.random.default_rng(20260)


def pointer(array):
    return None if array is None else array.ctypes.data_as(ctypes.c_void_p)


def random_blocks(kind):
    size, width = GGML_QUANT_SIZES[kind]
    if size == 1:
        values = random.standard_normal(512).astype(np.float32)
        # Zeros, subnormals of the type and its extremes.
        values[:8] = [0, -0.0, 6e-8, -3e-5, 65504, -65504, 1e-7, 1]
        if kind == T.F32:
            return values.view(np.uint8).reshape(-1, 4)
        if kind == T.F16:
            return values.astype(np.float16).view(np.uint8).reshape(-1, 2)
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8).reshape(-1, 2)
    count = 48 if size == 32 else 10
    blocks = random.integers(0, 256, (count, width), dtype=np.uint8)
    blocks[1] = 255  # every code and sub-scale at its extreme
    blocks[2] = 0
    blocks[3] = 128
    for at in HALVES.get(kind, []):
        scales = (random.standard_normal(count) * 0.02).astype(np.float16)
        scales[4] = 0
        scales[5] = 3e-7  # subnormal
        blocks[:, at : at + 2] = scales.view(np.uint8).reshape(count, 2)
    if kind == T.MXFP4:
        blocks[:, 0] = random.integers(118, 126, count)
    return blocks


def values_of(kind, blocks):
    values = quants.dequantize(blocks.reshape(-1), kind).astype(np.float32).reshape(-1)
    function = getattr(ggml, "dequantize_row_" + kind.name.lower().replace("_k", "_K"), None)
    if function is not None:
        own = np.empty_like(values)
        function(pointer(blocks), pointer(own), ctypes.c_int64(values.size))
        assert np.array_equal(own.view(np.uint32), values.view(np.uint32)), kind
    elif GGML_QUANT_SIZES[kind][0] > 1:
        raise AssertionError(f"ggml has no dequantize_row for {kind}")
    return values


def quantised(kind, rows, importance):
    size, width = GGML_QUANT_SIZES[kind]
    count, k = rows.shape
    out = np.zeros(count * k // size * width, np.uint8)
    written = ggml.ggml_quantize_chunk(
        int(kind), pointer(rows), pointer(out), ctypes.c_int64(0), ctypes.c_int64(count), ctypes.c_int64(k),
        pointer(importance))
    assert written == out.size, kind
    return out


for kind in READ:
    blocks = random_blocks(kind)
    values = values_of(kind, blocks)
    data = np.uint32(len(blocks)).tobytes() + blocks.tobytes() + values.tobytes()
    (HERE / f"{kind.name}.dequantize").write_bytes(data)

rows = (random.standard_normal((8, 1024)) * random.uniform(0.01, 3, (8, 1))).astype(np.float32)
rows[1] = random.standard_t(2, 1024)
rows[2] = random.laplace(size=1024) * 1e-3
rows[3] = np.abs(rows[3])
rows[4, :512] = 0
rows[4, 512:] = -1.5
rows[5, ::3] = 0
rows[6] *= 1e-9
importance = (random.standard_normal(1024) ** 2 + 1e-3).astype(np.float32)
(HERE / "quantize.input").write_bytes(rows.tobytes() + importance.tobytes())
for kind in WRITTEN:
    plain = quantised(kind, rows, None)
    try:
        reference = quants.quantize(rows, kind).reshape(-1).view(np.uint8)
        assert np.array_equal(plain, reference), kind
    except NotImplementedError:
        pass
    (HERE / f"{kind.name}.quantize").write_bytes(plain.tobytes() + quantised(kind, rows, importance).tobytes())
