"""Makes the GGUF files that GGUFFileTests reads. Written with gguf 0.19.0 and numpy 2.4.6.

Run in this folder: python make_gguf.py
"""
import struct
import numpy
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter


def fill(writer):
    writer.add_uint8("test.uint8", 255)
    writer.add_int8("test.int8", -128)
    writer.add_uint16("test.uint16", 65535)
    writer.add_int16("test.int16", -32768)
    writer.add_uint32("test.uint32", 2**32 - 1)
    writer.add_int32("test.int32", -(2**31))
    writer.add_float32("test.float32", 1e-5)
    writer.add_bool("test.bool", True)
    writer.add_string("test.string", "na\u00efve \U0001f600")
    writer.add_uint64("test.uint64", 2**64 - 1)
    writer.add_int64("test.int64", -(2**63))
    writer.add_float64("test.float64", 0.1)
    writer.add_array("test.strings", ["a", "", "\u00e9", "e\u0301"])
    writer.add_array("test.integers", [1, -2, 3])
    writer.add_array("test.floats", [0.5, -1.5])
    writer.add_array("test.bools", [True, False])
    writer.add_array("test.empty_string", [""])


writer = GGUFWriter("all-types.gguf", "llama")
fill(writer)
writer.add_tensor("f32", numpy.arange(6, dtype=numpy.float32).reshape(2, 3))
writer.add_tensor("f16", numpy.array([1, -2.5], dtype=numpy.float16))
writer.add_tensor("one", numpy.array([[[[9]]]], dtype=numpy.float32))
q8 = numpy.zeros((2, 34), dtype=numpy.uint8)
q8[1, 2] = 7
writer.add_tensor("q8_0", q8, raw_dtype=GGMLQuantizationType.Q8_0)
writer.add_tensor("int", numpy.array([1, 2], dtype=numpy.int32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

writer = GGUFWriter("aligned-64.gguf", "llama")
writer.add_custom_alignment(64)
writer.add_tensor("a", numpy.ones(1, dtype=numpy.float32))
writer.add_tensor("b", numpy.full(2, 2, dtype=numpy.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

whole = bytearray(open("aligned-64.gguf", "rb").read())
whole[4:8] = struct.pack("<I", 2)
open("version-2.gguf", "wb").write(whole)

writer = GGUFWriter("split", "llama", split_max_tensors=2)
fill(writer)
for index in range(5):
    writer.add_tensor(f"t{index}", numpy.full((2, 2), index, dtype=numpy.float32))
writer.open_output_file(__import__("pathlib").Path("split.gguf"))
writer.write_header_to_file(__import__("pathlib").Path("split.gguf"))
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

big = GGUFWriter("big-endian.gguf", "llama", endianess=__import__("gguf").GGUFEndian.BIG)
big.add_tensor("a", numpy.ones(1, dtype=numpy.float32))
big.write_header_to_file()
big.write_kv_data_to_file()
big.write_tensors_to_file()
big.close()
