"""llama.cpp in a process of its own: `python llama_peer.py JSON` does the work asked for and prints what it reached.

JSON: {"path", "threads", "flash", "prompt", "generate", "sequences"}. Prefill is in tokens/s, decode in tokens/s of all
sequences together, first in seconds from opening the file to the first token, memory in bytes at the end of the work.
"""

import ctypes
import json
import sys
import time

import llama_cpp as L

QUIET = L.llama_log_callback(lambda level, text, data: None)


def open_context(model, work, context):
    parameters = L.llama_context_default_params()
    parameters.n_ctx = context * work["sequences"]
    parameters.n_seq_max = work["sequences"]
    parameters.n_batch = parameters.n_ubatch = 512
    parameters.n_threads = parameters.n_threads_batch = work["threads"]
    parameters.flash_attn_type = (
        L.LLAMA_FLASH_ATTN_TYPE_ENABLED if work["flash"] else L.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    return L.llama_init_from_model(model, parameters)


def run(context, tokens, position, sequences):
    """The same tokens for every sequence, all in one batch; logits of each sequence's last token."""
    batch = L.llama_batch_init(len(tokens) * sequences, 0, 1)
    batch.n_tokens = len(tokens) * sequences
    index = 0
    for sequence in range(sequences):
        for offset, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = position + offset
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = offset + 1 == len(tokens)
            index += 1
    if L.llama_decode(context, batch) != 0:
        sys.exit("llama.cpp could not run the batch")
    L.llama_synchronize(context)
    L.llama_get_logits_ith(context, -1)[0]
    L.llama_batch_free(batch)


def memory():
    """Resident bytes of this process: its own, and those of mapped files."""
    fields = dict(line.split(":") for line in open("/proc/self/status") if ":" in line)
    return {name: int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile")}


def main():
    work = json.loads(sys.argv[1])
    L.llama_log_set(QUIET, ctypes.c_void_p(0))
    L.llama_backend_init()
    before = memory()["RssAnon"]
    start = time.perf_counter()
    model = L.llama_model_load_from_file(work["path"].encode(), L.llama_model_default_params())
    vocabulary = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    context = open_context(model, dict(work, sequences=1), 64)
    run(context, [1, 300, 301, 302, 303], 0, 1)
    first = time.perf_counter() - start
    L.llama_free(context)
    result = {"first": first, "version": L.__version__}
    if work["prompt"]:
        sequences = work["sequences"]
        context = open_context(model, work, work["prompt"] + work["generate"])
        for round in range(2):  # the first is not counted
            L.llama_memory_clear(L.llama_get_memory(context), True)
            start = time.perf_counter()
            tokens = [(index * 7919 + 13) % vocabulary for index in range(work["prompt"])]
            stretch = max(1, 512 // sequences)
            for at in range(0, len(tokens), stretch):
                run(context, tokens[at : at + stretch], at, sequences)
            between = time.perf_counter()
            for step in range(work["generate"]):
                run(context, [(step * 31 + 7) % vocabulary], work["prompt"] + step, sequences)
            end = time.perf_counter()
            result["prefill"] = sequences * work["prompt"] / (between - start)
            result["decode"] = sequences * work["generate"] / max(end - between, 1e-9)
    result["memory"] = memory()
    result["memory"]["RssAnon"] -= before
    print(json.dumps(result))


if __name__ == "__main__":
    main()
