"""Steps of training in float32, against PyTorch, and of an adapter, against peft: tokens a second, as the median of the
steps of a run; and the most memory that a process had."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import decoding
import random_models

# layers, heads, width, feed-forward, vocabulary; all with windows of 256 tokens, 16 of them a step.
SHAPES = {
    "GPT 10.8M": dict(family="gpt2", layers=6, heads=6, width=384, feed_forward=1536, vocabulary=66),
    "Llama 8.4M": dict(family="llama", layers=8, heads=8, width=256, feed_forward=688, vocabulary=4096),
}
LORA = "LoRA 1.1B"
TRAINING = [*SHAPES, LORA]
CONTEXT, BATCH, STEPS = 256, 16, 10
WARM = 3
# An adapter of rank 16 over all maps of the blocks; one row of so many tokens a step.
ADAPTER_TOKENS, ADAPTER_STEPS = 256, 3


def peak_of_this_process():
    status = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) * 1024


def text():
    """Some text of many words and 65 different characters: what it says does not matter for the speed."""
    letters = "".join(map(chr, range(33, 97))) + " "
    state, out = 1, []
    for _ in range(400_000):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(letters[(state >> 40) % 65])
    return "".join(out)


def apus(options, shape):
    """Tokens a second and parameters; the tokenizer has characters only, or as many tokens as PyTorch's model."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder, "corpus.txt")
        corpus.write_text(text())
        tokenizer = ["--characters"] if shape["vocabulary"] < 100 else ["--vocabulary", str(shape["vocabulary"])]
        command = [options.program, "train", str(corpus), "--out", folder + "/model", "--family", shape["family"],
                   "--layers", shape["layers"], "--heads", shape["heads"], "--width", shape["width"], "--feed-forward",
                   shape["feed_forward"], "--context", CONTEXT, "--batch", BATCH, "--steps", WARM + STEPS,
                   "--evaluate-every", 1000, "--held-out-tokens", 256, "--checkpoint-every", 1000,
                   "--threads", options.threads, *tokenizer]  # fmt: skip
        decoding.output_of(list(map(str, command)), **({"APUS_ISA": options.isa} if options.isa else {}))
        rows = [json.loads(line) for line in pathlib.Path(folder, "model/log.jsonl").read_text().splitlines()]
        times = [row["seconds"] for row in rows if row["event"] == "step"]
        # The last step is followed by the held-out loss and a checkpoint, which its time does not include.
        steps = [after - before for before, after in zip(times[WARM - 1 :], times[WARM:])]
        report = json.loads(pathlib.Path(folder, "model/report.json").read_text())
        return BATCH * CONTEXT / statistics.median(steps), report["peak_memory"] / 1e6


def adapter(options):
    """Tokens a second of an adapter over the F16 model of a shape, whose steps are one row each."""
    base = random_models.file(options.folder, LORA.split()[1], "F16", options.threads)
    with tempfile.TemporaryDirectory() as folder:
        rows = pathlib.Path(folder, "rows.jsonl")
        lines = [json.dumps({"text": text()[i * 4000 : i * 4000 + 4000]}) for i in range(ADAPTER_STEPS + 1)]
        rows.write_text("\n".join(lines) + "\n")
        command = [options.program, "finetune", base, "--data", rows, "--out", folder + "/model", "--rank", 16, "--alpha", 32,
                   "--adapter-only", "--batch", 1, "--epochs", 1, "--context", ADAPTER_TOKENS, "--truncate", "--held-out", 0,
                   "--checkpoint-every", 1000, "--threads", options.threads]  # fmt: skip
        decoding.output_of(list(map(str, command)), **({"APUS_ISA": options.isa} if options.isa else {}))
        log = [json.loads(line) for line in pathlib.Path(folder, "model/log.jsonl").read_text().splitlines()]
        steps = [row for row in log if row["event"] == "step"]
        rates = [(b["tokens"] - a["tokens"]) / (b["seconds"] - a["seconds"]) for a, b in zip(steps, steps[1:])]
        return statistics.median(rates)


def serve_adapter(threads):
    """Runs peft's steps of the same shape for each line of input."""
    import peft
    import torch
    import transformers
    from transformers import initialization

    torch.set_num_threads(threads)
    s = random_models.SHAPES[LORA.split()[1]]
    config = transformers.LlamaConfig(
        hidden_size=s["width"], intermediate_size=s["feed_forward"], num_hidden_layers=s["layers"], num_attention_heads=s["heads"],
        num_key_value_heads=s["kv_heads"], vocab_size=s["vocabulary"], max_position_embeddings=random_models.CONTEXT)  # fmt: skip
    with initialization.no_init_weights():
        model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(-0.02, 0.02)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = peft.get_peft_model(model, peft.LoraConfig(r=16, lora_alpha=32, target_modules=targets)).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, fused=True)

    def step():
        start = time.perf_counter()
        x = torch.randint(s["vocabulary"], (1, ADAPTER_TOKENS))
        logits = model(x[:, :-1]).logits
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return (ADAPTER_TOKENS - 1) / (time.perf_counter() - start)

    step()
    print(f"peft {peft.__version__}, torch {torch.__version__.split('+')[0]}", flush=True)
    for _ in sys.stdin:
        print(json.dumps({"rate": statistics.median(step() for _ in range(ADAPTER_STEPS - 1))}), flush=True)


def serve(threads):
    """Runs PyTorch's steps for each line, eager and compiled, and answers with the better rate."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(threads)
    print(f"torch {torch.__version__.split('+')[0]}", flush=True)

    class Block(nn.Module):
        def __init__(self, s):
            super().__init__()
            width, hidden = s["width"], s["feed_forward"]
            self.gated, self.heads = s["family"] == "llama", s["heads"]
            norm = (lambda: nn.RMSNorm(width, eps=1e-5)) if self.gated else (lambda: nn.LayerNorm(width))
            self.norm1, self.norm2 = norm(), norm()
            self.qkv = nn.Linear(width, 3 * width, bias=not self.gated)
            self.out = nn.Linear(width, width, bias=not self.gated)
            self.up = nn.Linear(width, hidden, bias=not self.gated)
            self.down = nn.Linear(hidden, width, bias=not self.gated)
            if self.gated:
                self.gate = nn.Linear(width, hidden, bias=False)

        def forward(self, x, rotation):
            b, t, width = x.shape
            q, k, v = (p.view(b, t, self.heads, -1).transpose(1, 2) for p in self.qkv(self.norm1(x)).chunk(3, -1))
            if self.gated:
                cosine, sine = rotation
                turn = lambda h: h * cosine + torch.cat((-h[..., h.shape[-1] // 2 :], h[..., : h.shape[-1] // 2]), -1) * sine
                q, k = turn(q), turn(k)
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(b, t, width))
            h = self.norm2(x)
            if self.gated:
                return x + self.down(functional.silu(self.gate(h)) * self.up(h))
            return x + self.down(functional.gelu(self.up(h), approximate="tanh"))

    class Model(nn.Module):
        def __init__(self, s):
            super().__init__()
            self.tokens = nn.Embedding(s["vocabulary"], s["width"])
            self.positions = nn.Embedding(CONTEXT, s["width"]) if s["family"] == "gpt2" else None
            self.blocks = nn.ModuleList(Block(s) for _ in range(s["layers"]))
            self.norm = nn.RMSNorm(s["width"], eps=1e-5) if s["family"] == "llama" else nn.LayerNorm(s["width"])
            dim = s["width"] // s["heads"]
            angles = torch.outer(torch.arange(CONTEXT), 10000.0 ** (-torch.arange(0, dim, 2) / dim)).repeat(1, 2)
            self.register_buffer("cosine", angles.cos())
            self.register_buffer("sine", angles.sin())
            for p in self.parameters():
                if p.dim() == 2:
                    nn.init.normal_(p, std=0.02)

        def forward(self, x, y):
            h = self.tokens(x)
            if self.positions is not None:
                h = h + self.positions.weight
            for block in self.blocks:
                h = block(h, (self.cosine, self.sine))
            logits = functional.linear(self.norm(h), self.tokens.weight)
            return functional.cross_entropy(logits.flatten(0, 1), y.flatten())

    def rate(model, step_of, vocabulary):
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
        x, y = (torch.randint(vocabulary, (BATCH, CONTEXT)) for _ in range(2))
        times = []
        for _ in range(WARM + STEPS):
            start = time.perf_counter()
            loss = step_of(x, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            times.append(time.perf_counter() - start)
        return BATCH * CONTEXT / statistics.median(times[WARM:])

    known = {}
    for line in sys.stdin:
        name = line.strip()
        if name.startswith("peak "):
            shape = SHAPES[name.removeprefix("peak ")]
            model = Model(shape)
            rate(model, model, shape["vocabulary"])
            print(json.dumps({"peak": peak_of_this_process() / 1e6}), flush=True)
            continue
        shape = SHAPES[name]
        if name not in known:
            model = Model(shape)
            try:
                compiled = torch.compile(model)
                rate(model, compiled, shape["vocabulary"])
            except Exception as error:  # without a C++ compiler PyTorch has its eager mode only
                print(f"torch.compile: {error}"[:200], file=sys.stderr)
                compiled = model
            known[name] = (model, compiled, sum(p.numel() for p in model.parameters()))
        model, compiled, parameters = known[name]
        modes = {"eager": rate(model, model, shape["vocabulary"])}
        if compiled is not model:
            modes["compiled"] = rate(model, compiled, shape["vocabulary"])
        best = max(modes, key=modes.get)
        print(json.dumps({"rate": modes[best], "mode": best, "parameters": parameters}), flush=True)


class Torch:
    """PyTorch in a process of its own, which keeps its threads and what it compiled."""

    running = None

    def __init__(self, threads, *what):
        self.process = subprocess.Popen([sys.executable, __file__, str(threads), *what], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=dict(os.environ, OMP_NUM_THREADS=str(threads)))  # fmt: skip
        self.version = self.process.stdout.readline().strip()

    def rate(self, name):
        print(name, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()

    @classmethod
    def with_threads(cls, threads):
        cls.running = cls.running or cls(threads)
        return cls.running


def measure_adapter(options, results, machine):
    peer = Torch(options.threads, "adapter")
    ours, theirs = [], []
    for _ in range(options.pairs):
        ours.append(adapter(options))
        theirs.append(peer.rate("step")["rate"])
    peer.end()
    results.add(machine, "training", LORA, f"rank 16, {ADAPTER_TOKENS} tokens a step, float32", ours, theirs, "tok/s",
                peer.version, threads=options.threads)  # fmt: skip


def measure(options, results, machine, entry):
    if entry == LORA:
        return measure_adapter(options, results, machine)
    torch = Torch.with_threads(options.threads)
    torch.rate(entry)  # compiles
    ours, theirs, shares, memory, other_memory = [], [], [], [], []
    for _ in range(options.pairs):
        rate, peak_memory = apus(options, SHAPES[entry])
        memory.append(peak_memory)
        fresh = Torch(options.threads)
        other_memory.append(fresh.rate("peak " + entry)["peak"])
        fresh.end()
        other = torch.rate(entry)
        ours.append(rate)
        theirs.append(other["rate"])
        peak = json.loads(decoding.output_of([options.program, "bench", "--matrix", "y:512x512x512", "--threads",
                                              str(options.threads), "--format", "json"]))[0]  # fmt: skip
        shares.append(6 * other["parameters"] * rate / peak["peak_operations_per_s"])
    results.add(
        machine, "training", entry, "step, float32", ours, theirs, "tok/s", f"{torch.version} ({other['mode']})",
        threads=options.threads, limit="arithmetic", share=shares,
    )  # fmt: skip
    results.add(machine, "training", entry, "peak memory", memory, other_memory, "MB", f"{torch.version} (eager)",
                threads=options.threads)  # fmt: skip


if __name__ == "__main__":
    (serve_adapter if sys.argv[2:] == ["adapter"] else serve)(int(sys.argv[1]))
