#!/usr/bin/env bash
# Runs every example that the help of a command prints, and the commands of README.md, as they are printed:
# run-examples.sh [PROGRAM]. Works in a folder of its own; nothing is downloaded, and nobody has to type.
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/.." && pwd)
program=$(readlink -f -- "${1:-$root/.build/release/apus}")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# A home of its own, with a model in its store that an example takes out of it.
export HOME=$work/home XDG_DATA_HOME='' XDG_STATE_HOME='' HF_HOME='' LC_ALL=C
store=$HOME/.local/share/apus/models
mkdir -p "$work/here" "$store/TinyLlama"
cp -r "$root/README.md" "$root/docs" "$work/here/"
(cd "$root" && cp --parents Examples/*/*.jsonl "$work/here/")
cd "$work/here"
ln -s "$program" "$work/apus"
ln -s "$program" apus
export PATH=$work:$PATH
apus convert apus-primer "$store/TinyLlama/TinyLlama-1.1B-Chat-v1.0" >/dev/null

examples() {
    local name
    for name in '' $(apus help | sed -n '/SUBCOMMANDS:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p'); do
        # shellcheck disable=SC2086  # no word for the help of all
        apus help $name | awk '/^EXAMPLES:/ { on = 1; next } /^$/ { on = 0 } on' | sed -e 's/^  //'
    done
    # What a shell runs in README, apart from the launchers themselves.
    sed -n '/^```sh/,/^```/p' "$root/README.md" | grep '\./apus' | sed -e 's/  *#.*//'
}

ran=0 failed=0
while IFS= read -r line; do
    # Fetching needs a network, and these need what was fetched.
    case $line in *'apus pull hf:'* | *' Qwen/'*) continue ;; esac
    ran=$((ran + 1))
    if ! bash -o pipefail -c "$line" </dev/null >"$work/output" 2>&1; then
        failed=$((failed + 1))
        printf 'does not work: %s\n' "$line"
        tail -n 5 "$work/output"
    fi
done < <(examples)
echo "$ran examples, $failed do not work"
((ran >= 25 && failed == 0))
