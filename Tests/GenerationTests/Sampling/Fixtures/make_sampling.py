#!/usr/bin/env python3
"""Makes llama_cpp_sampling.json: what llama.cpp's samplers leave of random logits.

Pinned: llama-cpp-python 0.3.36 (llama.cpp as vendored there), numpy. Each case holds options by their HTTP names, the
tokens so far, the logits, and the chain's result: ids of the tokens that are left and their probabilities. Mirostat
cases hold steps instead: the token llama.cpp chose, its probability and the ids that were left at each.
"""

import ctypes
import json
import pathlib

import llama_cpp as llama
import numpy

random = numpy.random.Generator(numpy.random.PCG64(2024))


def candidates(logits):
    data = (llama.llama_token_data * len(logits))()
    for index, logit in enumerate(logits):
        data[index].id, data[index].logit, data[index].p = index, logit, 0.0
    array = llama.llama_token_data_array(ctypes.cast(data, ctypes.POINTER(llama.llama_token_data)), len(logits), -1, False)
    return array, data


def chain(options):
    """The order of llama.cpp's common_sampler: bias, penalties, DRY, top-k, typical, top-p, min-p, XTC, temperature."""
    result = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    add = lambda sampler: llama.llama_sampler_chain_add(result, sampler)
    bias = options.get("logit_bias")
    if bias:
        array = (llama.llama_logit_bias * len(bias))(*[llama.llama_logit_bias(token, value) for token, value in bias])
        add(llama.llama_sampler_init_logit_bias(options["vocabulary"], len(bias), array))
    add(
        llama.llama_sampler_init_penalties(
            options["vocabulary"],
            options.get("repeat_last_n", 64),
            options.get("repeat_penalty", 1.0),
            options.get("frequency_penalty", 0.0),
            options.get("presence_penalty", 0.0),
        )
    )
    if "dry_multiplier" in options:
        add(
            llama.llama_sampler_init_dry(
                None, options["dry_multiplier"], options["dry_base"], options["dry_allowed_length"],
                options["dry_penalty_last_n"] if options["dry_penalty_last_n"] >= 0 else 4096, None, 0
            )
        )  # fmt: skip
    if "mirostat_tau" in options:
        add(llama.llama_sampler_init_temp(options.get("temperature", 1.0)))
        add(llama.llama_sampler_init_mirostat_v2(1, options["mirostat_tau"], options["mirostat_eta"]))
        return result
    add(llama.llama_sampler_init_top_k(options.get("top_k", 0)))
    add(llama.llama_sampler_init_typical(options.get("typical_p", 1.0), 0))
    add(llama.llama_sampler_init_top_p(options.get("top_p", 1.0), 0))
    add(llama.llama_sampler_init_min_p(options.get("min_p", 0.0), 0))
    if "xtc_probability" in options:
        add(llama.llama_sampler_init_xtc(options["xtc_probability"], options["xtc_threshold"], 0, 1))
    add(llama.llama_sampler_init_temp(options.get("temperature", 1.0)))
    add(llama.llama_sampler_init_dist(1))
    return result


def left(array):
    entries = [(array.data[i].id, array.data[i].p) for i in range(array.size)]
    return sorted(entry for entry in entries if entry[1] > 0)


def case(name, count=48, spread=2.0, history=(), **options):
    logits = [float(numpy.float32(round(value, 3))) for value in random.normal(0, spread, count)]
    sampler = chain(dict(options, vocabulary=count))
    for token in history:
        llama.llama_sampler_accept(sampler, token)
    result = {"name": name, "options": options, "history": list(history), "logits": logits}
    if "mirostat_tau" in options:
        result["steps"] = []
        for _ in range(12):
            array, _data = candidates(logits)
            llama.llama_sampler_apply(sampler, ctypes.byref(array))
            chosen = array.data[array.selected]
            result["steps"].append({"id": chosen.id, "p": chosen.p, "left": [entry[0] for entry in left(array)]})
    else:
        array, _data = candidates(logits)
        llama.llama_sampler_apply(sampler, ctypes.byref(array))
        result["left"] = [[token, float(f"{p:.7g}")] for token, p in left(array)]
    llama.llama_sampler_free(sampler)
    return result


def history(count, vocabulary=48):
    return [int(token) for token in random.integers(0, vocabulary, count)]


repeating = [5, 6, 7, 8, 9, 5, 6, 7, 3, 1, 6, 7, 8, 2, 5, 6, 7]
cases = [
    case("nothing"),
    case("temperature 0.3", temperature=0.3),
    case("temperature 3", temperature=3.0),
    case("top-k 1", top_k=1),
    case("top-k 10", top_k=10),
    case("top-p 0.5", top_p=0.5),
    case("top-p 0.95", top_p=0.95),
    case("top-p 0", top_p=0.0),
    case("top-p of a larger vocabulary", count=1500, spread=3.0, top_p=0.7),
    case("min-p 0.05", min_p=0.05),
    case("min-p 0.5", min_p=0.5),
    case("typical 0.2", typical_p=0.2),
    case("typical 0.9", typical_p=0.9),
    case("typical of flat logits", spread=0.3, typical_p=0.5),
    case("XTC 0.1", xtc_probability=1.0, xtc_threshold=0.1),
    case("XTC 0.02", xtc_probability=1.0, xtc_threshold=0.02),
    case("XTC over one half", xtc_probability=1.0, xtc_threshold=0.6),
    case("repeat penalty", history=history(40), repeat_penalty=1.3),
    case("repeat penalty below 1", history=history(40), repeat_penalty=0.8),
    case("repeat penalty on the last 8", history=history(40), repeat_penalty=1.3, repeat_last_n=8),
    case("frequency penalty", history=history(90), frequency_penalty=0.4),
    case("presence penalty", history=history(30), presence_penalty=0.7),
    case("all penalties", history=history(90), repeat_penalty=1.1, frequency_penalty=0.2, presence_penalty=-0.3),
    case("penalties on nothing", history=history(40), repeat_penalty=1.3, repeat_last_n=0),
    case("logit bias", logit_bias=[[3, 5.0], [7, -2.5], [47, 1.25]]),
    case("DRY", history=repeating, dry_multiplier=0.8, dry_base=1.75, dry_allowed_length=2, dry_penalty_last_n=-1),
    case("DRY from length 1", history=repeating, dry_multiplier=0.5, dry_base=2.0, dry_allowed_length=1, dry_penalty_last_n=-1),
    case("DRY on the last 9", history=repeating, dry_multiplier=0.8, dry_base=1.75, dry_allowed_length=1, dry_penalty_last_n=9),
    case("DRY on one token", history=[4] * 30, dry_multiplier=0.01, dry_base=1.2, dry_allowed_length=2, dry_penalty_last_n=-1),
    case("top-k, top-p, min-p, temperature", top_k=30, top_p=0.9, min_p=0.05, temperature=0.8),
    case("top-k, typical, top-p", top_k=40, typical_p=0.9, top_p=0.8, temperature=1.7),
    case(
        "everything",
        history=history(60),
        logit_bias=[[1, 2.0]],
        repeat_penalty=1.2,
        frequency_penalty=0.1,
        presence_penalty=0.2,
        dry_multiplier=0.8,
        dry_base=1.75,
        dry_allowed_length=1,
        dry_penalty_last_n=-1,
        top_k=35,
        typical_p=0.97,
        top_p=0.95,
        min_p=0.01,
        xtc_probability=1.0,
        xtc_threshold=0.15,
        temperature=0.6,
    ),
    case("mirostat", mirostat_tau=3.0, mirostat_eta=0.3),
    case("mirostat with temperature", spread=1.0, mirostat_tau=1.5, mirostat_eta=0.1, temperature=0.7),
]
target = pathlib.Path(__file__).resolve().parent / "llama_cpp_sampling.json"
target.write_text(
    '{"llama-cpp-python": "%s", "cases": [\n' % llama.__version__ + ",\n".join(json.dumps(entry) for entry in cases) + "\n]}\n"
)
print(len(cases), "cases", target.stat().st_size, "bytes")
