#!/bin/bash
# Trains on Shakespeare's plays, character by character: first nanoGPT's model for a processor (4 layers, 4 heads, 128
# wide, context 64, batch 12) by Muon, then a better model for ten minutes.
#
#   Examples/shakespeare/run.sh TEXT [FOLDER]      TEXT: tiny Shakespeare (input.txt of char-rnn, 1,115,394 bytes)
#   Examples/shakespeare/run.sh TEXT FOLDER first  only the first model
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
apus=${APUS:-$here/../../apus}
text=${1:?the text}
out=${2:-shakespeare}

"$apus" train "$text" --out "$out/small" --family gpt2 --characters \
    --layers 4 --heads 4 --width 128 --context 64 --batch 12 --steps 600 \
    --optimizer muon --lr 8e-3 --warmup 50 --beta2 0.99 --held-out 0.1 --held-out-tokens 153600 --evaluate-every 200 --seed 1337
"$apus" generate "$out/small" -p "ROMEO:" -n 300 --temperature 0.8 --seed 1
[ "${3:-}" = first ] && exit

"$apus" train "$text" --out "$out/better" --family llama --characters \
    --layers 6 --heads 6 --width 192 --context 192 --batch 24 --steps 1000 --lr 3e-3 --warmup 100 --decay 0.3 \
    --held-out 0.1 --held-out-tokens 153600 --evaluate-every 100 --patience 4 --seed 1337
"$apus" generate "$out/better" -p "ROMEO:" -n 500 --temperature 0.8 --seed 1
