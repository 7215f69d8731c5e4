#!/bin/bash
# Makes the model that comes with Apus, from nothing: corpus, tokenizer, pre-training, fine-tuning, GGUF, and the exam.
# Can be stopped at any moment; the same command goes on.
#
#   Examples/primer/run.sh BOOKS [FOLDER]    BOOKS: a folder of public-domain books as .txt
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
apus=${APUS:-$here/../../apus}
books=${1:?the folder of books}
out=${2:-primer}
mkdir -p "$out"

[ -d "$out/corpus" ] || python3 "$here/data/make_corpus.py" "$out/corpus" --books "$books" \
    --books-bytes 5000000 --reading-copies 3
[ -f "$out/pairs.jsonl" ] || python3 "$here/data/make_pairs.py" "$out/pairs.jsonl"

go_on() { # --resume where a run was begun
    if compgen -G "$1/checkpoints/checkpoint-*" > /dev/null; then echo --resume; fi
}

# Six blocks, 256 wide: 6.3 million parameters.
[ -f "$out/base/config.json" ] || "$apus" train "$out/corpus" --out "$out/base" \
    --layers 6 --width 256 --heads 8 --context 256 --vocabulary 6144 --batch 16 --steps 450 \
    --held-out 0.01 --evaluate-every 100 --checkpoint-every 150 --sample-every 150 $(go_on "$out/base")
[ -f "$out/apus-primer/config.json" ] || "$apus" finetune "$out/base" --data "$out/pairs.jsonl" \
    --out "$out/apus-primer" --full --epochs 3 --batch 64 --lr 1.2e-3 --held-out 0.02 --evaluate-every 100 \
    --checkpoint-every 200 $(go_on "$out/apus-primer")

[ -f "$out/apus-primer-f32.gguf" ] || "$apus" convert "$out/apus-primer" "$out/apus-primer-f32.gguf" --license apache-2.0
[ -f "$out/apus-primer.gguf" ] || "$apus" quantize "$out/apus-primer-f32.gguf" "$out/apus-primer.gguf" Q8_0

for exam in inside outside; do
    "$apus" eval "$out/apus-primer.gguf" "$here/eval/$exam.jsonl" --list failed --max-tokens 80
done
