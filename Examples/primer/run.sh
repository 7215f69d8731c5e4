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

go_on() { # --resume where a run was begun
    if compgen -G "$1/checkpoints/checkpoint-*" > /dev/null; then echo --resume; fi
}

# teach BASE RESULT "OPTIONS OF make_pairs.py" OPTIONS OF finetune…: one pass over the questions, in new words each time
teach() {
    local base=$out/$1 result=$out/$2 pairs=$out/$2.jsonl words=$3
    shift 3
    # shellcheck disable=SC2086  # the options are words
    [ -f "$pairs" ] || python3 "$here/data/make_pairs.py" "$pairs" $words
    # shellcheck disable=SC2046
    [ -f "$result/config.json" ] || "$apus" finetune "$base" --data "$pairs" --out "$result" --full --held-out 0.01 \
        --evaluate-every 500 --checkpoint-every 500 --precision float32 "$@" $(go_on "$result")
}

[ -d "$out/corpus" ] || python3 "$here/data/make_corpus.py" "$out/corpus" --books "$books" \
    --books-bytes 3000000 --reading-copies 3

# Four blocks, 256 wide: 4.7 million parameters.
# shellcheck disable=SC2046
[ -f "$out/base/config.json" ] || "$apus" train "$out/corpus" --out "$out/base" \
    --layers 4 --width 256 --heads 8 --context 256 --vocabulary 6144 --batch 16 --steps 800 --precision float32 \
    --held-out 0.01 --evaluate-every 200 --checkpoint-every 200 --sample-every 400 $(go_on "$out/base")

# Which answer belongs to a question shows in its first words. Rows that end there are half as long, so that twice as many
# questions are seen in the same time.
teach base chooser "--copies 3 --turns 1" --context 40 --truncate --epochs 3 --batch 32 --lr 2e-3

# The answers to their ends.
teach chooser answers "--copies 1 --turns 1 --seed 2" --epochs 1 --batch 32 --lr 5e-4

# Conversations, which are longer than the windows so far. The positions are rotations and need no table.
sed -i 's/"max_position_embeddings": 256/"max_position_embeddings": 1024/' "$out/answers/config.json"
teach answers talk "--copies 1 --seed 3" --epochs 1 --batch 12 --lr 6e-4
teach talk apus-primer "--copies 2 --seed 5 --synonyms 0.8 --left-out 0.7" --epochs 1 --batch 12 --lr 1e-3

# Hardly a conversation that was learned is longer than this; facts want no dice.
sed -i 's/"max_position_embeddings": 1024/"max_position_embeddings": 512/' "$out/apus-primer/config.json"
echo '{"do_sample": false}' > "$out/apus-primer/generation_config.json"
[ -f "$out/apus-primer-f32.gguf" ] || "$apus" convert "$out/apus-primer" "$out/apus-primer-f32.gguf" --license apache-2.0
[ -f "$out/apus-primer.gguf" ] || "$apus" quantize "$out/apus-primer-f32.gguf" "$out/apus-primer.gguf" Q8_0

for exam in inside outside far; do
    "$apus" eval "$out/apus-primer.gguf" "$here/eval/$exam.jsonl" --list failed --max-tokens 100
done
