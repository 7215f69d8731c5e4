"""Products of float matrices, against PyTorch and NumPy's OpenBLAS.

Rows, columns and depth of what a layer of a small model multiplies: its output Y = X Wᵀ, and the gradients dX = dY W and
dW = dYᵀ X, with 16 texts of 256 tokens in training, and with a few sentences in MiniLM. In BF16 the values are float32
ones that count as the nearest BF16 values (Apus), or are BF16 as they lie (PyTorch); sums are float32 either way.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import decoding

LAYERS = [(384, 1152), (384, 384), (384, 1536), (1536, 384), (256, 256), (256, 688), (688, 256), (256, 4096)]
TRAINING = 4096
MATRICES = (
    [f"{form}:1024x1024x1024" for form in ("y", "dx", "dw")]
    + [f"y:{TRAINING}x{outputs}x{inputs}" for inputs, outputs in LAYERS]
    + [f"dx:{TRAINING}x{inputs}x{outputs}" for inputs, outputs in LAYERS]
    + [f"dw:{outputs}x{inputs}x{TRAINING}" for inputs, outputs in LAYERS]
    + [f"y:{rows}x{outputs}x{inputs}" for rows in (128, 512) for inputs, outputs in LAYERS[1:4]]
    + [f"{form}.bfloat16:1024x1024x1024" for form in ("y", "dx", "dw")]
    + [f"y.bfloat16:{TRAINING}x1536x384", f"dx.bfloat16:{TRAINING}x384x1536", f"dw.bfloat16:1536x384x{TRAINING}"]
)
FORMS = {"y": "Y = X Wᵀ", "dx": "dX = dY W", "dw": "dW = dYᵀ X"}
PEERS = ("torch", "numpy")


def peer_product(peer, shape):
    """A function that multiplies once, into a result that is there already."""
    import numpy

    form, sizes = shape.split(":")
    form, _, precision = form.partition(".")
    rows, columns, depth = map(int, sizes.split("x"))
    generator = numpy.random.default_rng(7)
    values = lambda *size: generator.random(size, dtype=numpy.float32) - numpy.float32(0.5)
    left = values(depth, rows).T if form == "dw" else values(rows, depth)
    right = values(columns, depth).T if form == "y" else values(depth, columns)
    out = numpy.zeros((rows, columns), numpy.float32)
    if peer == "numpy":
        return lambda: numpy.matmul(left, right, out=out)
    import torch

    left, right, out = torch.from_numpy(left), torch.from_numpy(right), torch.from_numpy(out)
    if precision:
        left, right, out = left.bfloat16(), right.bfloat16(), out.bfloat16()
    return lambda: torch.matmul(left, right, out=out)


def serve(peer, threads):
    """Measures shapes as they come in, one a line."""
    if peer == "torch":
        import torch

        torch.set_num_threads(threads)
        version = f"torch {torch.__version__.split('+')[0]}"
    else:
        import numpy

        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        version = f"numpy {numpy.__version__} ({blas['name']} {blas['version']})"
    print(version, flush=True)
    for line in sys.stdin:
        multiply = peer_product(peer, line.strip())
        rows, columns, depth = map(int, line.strip().split(":")[1].split("x"))
        for _ in range(3):
            multiply()
        rates, end = [], time.perf_counter() + 0.3
        while len(rates) < 5 or time.perf_counter() < end:
            start = time.perf_counter()
            multiply()
            rates.append(2 * rows * columns * depth / (time.perf_counter() - start))
        print(statistics.median(rates), flush=True)


class Peer:
    """A library in a process of its own, which keeps its threads."""

    known = {}

    def __init__(self, name, threads):
        environment = {variable: str(threads) for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        self.process = subprocess.Popen([sys.executable, __file__, name, str(threads)], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=dict(os.environ, **environment))  # fmt: skip
        self.version = self.process.stdout.readline().strip()

    def rate(self, shape):
        print(shape, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    @classmethod
    def named(cls, name, threads):
        if name not in cls.known:
            cls.known[name] = cls(name, threads)
        return cls.known[name]


def apus(options, shape):
    environment = {"APUS_ISA": options.isa} if options.isa else {}
    command = [options.program, "bench", "--matrix", shape, "--threads", str(options.threads), "--format", "json"]
    return json.loads(decoding.output_of(command, **environment))[0]


def measure(options, results, machine, entry):
    form, sizes = entry.split(":")
    form, _, precision = form.partition(".")
    peers = [Peer.named(name, options.threads) for name in (PEERS[:1] if precision else PEERS)]
    ours, theirs = [], {peer: [] for peer in peers}
    for _ in range(options.pairs):
        ours.append(apus(options, entry))
        for peer in peers:
            theirs[peer].append(peer.rate(entry))
    for peer in peers:
        results.add(
            machine, "matrix", " × ".join(sizes.split("x")), FORMS[form] + (", BF16" if precision else ""),
            [run["operations_per_s"] / 1e9 for run in ours], [rate / 1e9 for rate in theirs[peer]], "GFLOP/s",
            peer.version, threads=options.threads, limit="arithmetic",
            share=[run["operations_per_s"] / run["peak_operations_per_s"] for run in ours],
        )  # fmt: skip


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
