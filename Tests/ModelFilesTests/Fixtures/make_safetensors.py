"""Makes the safetensors files that SafetensorsFileTests reads. Written with safetensors 0.8.0 and torch 2.13.0.

Run in this folder: python make_safetensors.py
"""
import torch
from safetensors.torch import save_file

save_file(
    {
        "f32": torch.arange(6, dtype=torch.float32).reshape(2, 3),
        "f16": torch.tensor([1.0, -2.5], dtype=torch.float16),
        "bf16": torch.tensor([1.0, -3.0, 0.125], dtype=torch.bfloat16),
        "scalar": torch.tensor(4.5),
        "empty": torch.zeros(0, 3),
        "i64": torch.tensor([1, -2]),
        "bool": torch.tensor([True]),
        "f8": torch.tensor([1.0]).to(torch.float8_e4m3fn),
        "e\u0301": torch.tensor([1.0]),
        "\u00e9": torch.tensor([2.0]),
    },
    "types.safetensors",
    metadata={"format": "pt", "note": "na\u00efve"},
)
