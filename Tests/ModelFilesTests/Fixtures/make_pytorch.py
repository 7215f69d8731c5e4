"""Makes the files of torch.save that PyTorchFileTests reads. Written with torch 2.13.0.

Run in this folder: python make_pytorch.py
"""
import collections
import pickle
import torch

torch.manual_seed(0)
base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
state = collections.OrderedDict()
state["plain"] = base.clone()
state["half"] = torch.tensor([[1.0, -2.5], [0.5, 65504.0]], dtype=torch.float16)
state["bf16"] = torch.tensor([1.0, -3.0, 0.125], dtype=torch.bfloat16)
state["transposed"] = base.t()
state["slice"] = base[1:3, 2:5]
state["row"] = base[2]
state["permuted"] = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4).permute(2, 0, 1)
state["parameter"] = torch.nn.Parameter(torch.tensor([7.0, 8.0]))
state["tied"] = state["plain"]
state["scalar"] = torch.tensor(4.5)
state["empty"] = torch.zeros(0, 3)
state["long"] = torch.tensor([1, 2, 3])
state["mask"] = torch.tensor([True, False])
state["double"] = torch.tensor([1.5], dtype=torch.float64)
state["e\u0301"] = torch.tensor([1.0])
state["\u00e9"] = torch.tensor([2.0])
state._metadata = collections.OrderedDict([("", {"version": 1})])

torch.save(state, "torch-zip.bin")
torch.save(state, "torch-legacy.bin", _use_new_zipfile_serialization=False)
torch.save(state, "torch-protocol4.bin", pickle_protocol=4)
torch.save({"expanded": torch.ones(1).expand(1000, 1000)}, "torch-expanded.bin")


class Evil:
    def __reduce__(self):
        import os

        return os.system, ("echo executed",)


torch.save({"weight": torch.ones(2), "extra": Evil()}, "torch-evil.bin")
torch.save([1, 2, 3], "torch-list.bin")
