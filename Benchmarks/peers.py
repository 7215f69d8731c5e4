"""The tools that Apus is measured against, installed by name into a virtual environment.

llama-cpp-python is built from its source package for the processor that is there (or, for measuring the AVX2 paths on
a newer processor, for AVX2 only), so that llama.cpp runs with every instruction that it has code for.
"""

import os
import subprocess
import sys

# torch comes first and by version: its CPU build is what a plain install of that version gives on Linux without CUDA.
PACKAGES = ["torch==2.13.0", "numpy", "gguf==0.19.0", "tiktoken==0.14.0", "tokenizers==0.23.3",
            "transformers", "peft"]
VOCABULARIES = "openai-whisper==20250625"  # carries two of tiktoken's vocabularies, which else come over the network
LLAMA = "llama-cpp-python==0.3.36"
BUILDS = {
    "native": "-DGGML_NATIVE=ON",
    "avx2": "-DGGML_NATIVE=OFF -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON",
}


def has(python, *modules):
    program = f"import importlib.util as u; assert all(map(u.find_spec, {modules}))"
    return subprocess.run([python, "-c", program], capture_output=True).returncode == 0


def enter(folder, build, script):
    """Runs `script` again with the Python of the virtual environment of `build`, made and filled when needed."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [python, "-m", "pip", "install", "-q"]
    if not has(python, "torch", "gguf", "tiktoken", "tokenizers", "whisper", "peft"):
        print("installing the tools to compare with (several minutes)", file=sys.stderr)
        for package in PACKAGES:
            subprocess.run([*pip, package], check=True)
        subprocess.run([*pip, "--no-deps", VOCABULARIES], check=True)
    if not has(python, "llama_cpp"):
        print(f"building {LLAMA} for this processor (about a quarter of an hour)", file=sys.stderr)
        environment = dict(os.environ, CMAKE_ARGS=BUILDS[build] + " -DLLAVA_BUILD=OFF", CMAKE_GENERATOR="Unix Makefiles")
        subprocess.run([*pip, "--no-binary", "llama-cpp-python", LLAMA], check=True, env=environment)
    os.execv(python, [python, script, *sys.argv[1:], "--prepared"])
