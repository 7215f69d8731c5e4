#!/bin/bash
# Trains with the built program and disturbs it: kill -9 at any moment, a disk without room, a checkpoint that is damaged.
# A resumed run must show the losses of an unbroken one, to the last digit. Part of ./test.
set -euo pipefail
cd "$(dirname "$0")/.."
apus=$PWD/.build/release/apus
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

train() { # train FOLDER [OPTIONS]: a run of 60 steps on this project's own texts
    local folder=$1
    shift
    "$apus" train README.md docs --out "$folder" --layers 2 --width 64 --heads 2 --context 64 --vocabulary 400 \
        --batch 8 --steps 60 --checkpoint-every 7 --evaluate-every 20 --threads 2 "$@" > "$folder.out" 2> "$folder.err"
}
losses() { # every step's number and loss
    sed -nE 's/.*"event":"step","step":([0-9]+),"loss":([^,]+),.*/\1 \2/p' "$1/log.jsonl"
}
fail() {
    echo "test-training: $*" >&2
    exit 1
}

train "$work/whole"
losses "$work/whole" > "$work/expected"
[ "$(wc -l < "$work/expected")" = 60 ] || fail "a run of 60 steps logged $(wc -l < "$work/expected")"

# kill -9, several times at moments that are not foreseen, then to the end.
train "$work/killed" & pid=$!
for attempt in 1 2 3; do
    sleep 0.$((RANDOM % 5 + 3))
    pkill -9 -P $pid 2> /dev/null || true
    wait $pid 2> /dev/null || true
    if compgen -G "$work/killed/checkpoints/checkpoint-*.safetensors" > /dev/null; then
        train "$work/killed" --resume & pid=$!
    else
        rm -rf "$work/killed"
        train "$work/killed" & pid=$!
    fi
done
wait $pid || { cat "$work/killed.err" >&2; fail "a killed run did not go on"; }
losses "$work/killed" | diff -q - "$work/expected" > /dev/null || fail "a resumed run shows other losses"
cmp -s "$work/killed/model.safetensors" "$work/whole/model.safetensors" || fail "a resumed run gives another model"

# A disk without room for a checkpoint: one clear sentence, and the folder can be resumed once there is room.
mkdir "$work/full"
if (ulimit -f 200; trap '' XFSZ; train "$work/full"); then fail "a full disk went unnoticed"; fi
grep -q "cannot write\|can't write\|write" "$work/full.err" || { cat "$work/full.err" >&2; fail "no message about the disk"; }
if compgen -G "$work/full/checkpoints/.*.part" > /dev/null; then fail "half a checkpoint was left"; fi

# Damage.
newest=$(ls "$work/whole/checkpoints" | grep '^checkpoint' | tail -1)
printf '\377' | dd of="$work/whole/checkpoints/$newest" bs=1 seek=5000 conv=notrunc status=none
if train "$work/whole" --resume; then fail "a damaged checkpoint was taken"; fi
grep -q "damaged" "$work/whole.err" || { cat "$work/whole.err" >&2; fail "no message about the damage"; }

# A folder with a run in it is not begun anew by mistake.
if train "$work/killed"; then fail "a run was overwritten"; fi
grep -q -- "--resume" "$work/killed.err" || fail "no word on --resume"
# A run that was given a time and is killed goes on with the sizes that it picked.
timed() { "$apus" train README.md docs --out "$work/timed" --hours 0.003 --context 64 --threads 2 "$@"; }
timed > "$work/timed.out" 2> "$work/timed.err" &
run=$!
until compgen -G "$work/timed/checkpoints/*.safetensors" > /dev/null; do
    kill -0 $run 2> /dev/null || fail "the timed run ended early: $(cat "$work/timed.err")"
    sleep 0.1
done
kill -9 $run 2> /dev/null || true
wait $run 2> /dev/null || true
cp "$work/timed/plan.json" "$work/plan.json"
timed --resume > "$work/timed.out" 2> "$work/timed.err" || fail "the timed run did not go on: $(cat "$work/timed.err")"
grep -q "measuring" "$work/timed.err" && fail "a resumed run measured again"
cmp -s "$work/plan.json" "$work/timed/plan.json" || fail "a resumed run changed its plan"
[ -f "$work/timed/config.json" ] || fail "the timed run left no model"

echo "test-training: kill -9, full disk, damage, a timed run: passed"
