#!/usr/bin/env python3
"""Makes training_attention.f32: what PyTorch gives for causal attention and its gradients.

Pinned: torch 2.13.0.

    python make_training_attention.py

Each case is little-endian float32 values, one tensor behind another: queries, keys, values, the gradient of the result,
and then what is expected: result, logarithms of the sums of e^score [rows, heads], gradients of queries, keys, values.
All are [rows, heads * dim]. The cases are listed in TrainingAttentionTests.swift too, in the same order. Inputs are
rounded to float32; everything is computed in float64.
"""

import pathlib

import torch

assert torch.__version__.startswith("2.13.0")

# segments, heads, kv heads, key dim, value dim, window, softcap, alibi slopes
CASES = [
    ([13], 2, 2, 8, 8, None, None, None),
    ([7, 12], 4, 2, 6, 5, None, None, None),
    ([18], 2, 1, 4, 8, 5, None, None),
    ([17], 2, 2, 5, 4, None, 1.5, None),
    ([16], 4, 4, 4, 4, None, None, [0.5, 0.25, 0.125, 0.0625]),
    ([5, 1, 15], 4, 1, 4, 4, 6, 2.0, [0.5, 0.25, 0.125, 0.0625]),
]


def attend(q, k, v, window, softcap, slopes):
    """[heads, rows, dim] -> result, log sums."""
    rows = q.shape[1]
    place = torch.arange(rows)
    distance = place[None, :] - place[:, None]
    seen = distance <= 0
    if window is not None:
        seen &= distance > -window
    scale = q.shape[2] ** -0.5
    bias = torch.zeros(q.shape[0], rows, rows, dtype=q.dtype)
    if slopes is not None:
        bias = torch.tensor(slopes, dtype=q.dtype)[:, None, None] * distance
    hidden = bias.masked_fill(~seen, float("-inf"))
    scores = q @ k.transpose(1, 2) * scale
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    scores = scores + hidden
    result = torch.softmax(scores, -1) @ v
    if softcap is None:  # then the library's own attention must agree
        own = torch.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None], attn_mask=hidden[None])[0]
        assert torch.allclose(own, result, atol=1e-12)
    return result, torch.logsumexp(scores, -1)


def heads_of(x, rows, heads):
    return x[rows[0] : rows[1]].reshape(rows[1] - rows[0], heads, -1).transpose(0, 1)


out = []
for index, (segments, heads, kv_heads, key_dim, value_dim, window, softcap, slopes) in enumerate(CASES):
    torch.manual_seed(index)
    rows = sum(segments)
    widths = [heads * key_dim, kv_heads * key_dim, kv_heads * value_dim, heads * value_dim]
    q, k, v, dout = [torch.randn((rows, width)).double() * 1.5 for width in widths]
    q, k, v, dout = [x.float().double() for x in (q, k, v, dout)]
    leaves = [x.requires_grad_() for x in (q, k, v)]
    results, sums, first = [], [], 0
    for count in segments:
        part = (first, first + count)
        group = heads // kv_heads
        result, log_sums = attend(
            heads_of(q, part, heads),
            heads_of(k, part, kv_heads).repeat_interleave(group, 0),
            heads_of(v, part, kv_heads).repeat_interleave(group, 0),
            window, softcap, slopes,
        )
        results.append(result.transpose(0, 1).reshape(count, -1))
        sums.append(log_sums.transpose(0, 1))
        first += count
    result = torch.cat(results)
    result.backward(dout)
    for x in [q, k, v, dout, result, torch.cat(sums)] + [x.grad for x in leaves]:
        out.append(x.detach().float().reshape(-1))

path = pathlib.Path(__file__).with_name("training_attention.f32")
path.write_bytes(torch.cat(out).numpy().astype("<f4").tobytes())
