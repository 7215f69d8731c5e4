#!/usr/bin/env bash
# Writes docs/commands.md from the help of the commands: Scripts/make-commands-page.sh
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/.." && pwd)
program=${APUS:-$root/apus}

# The help of one command between fences, without the line about the command that everybody knows.
help_of() { "$program" help "$@" | sed -e 's/^OVERVIEW: //' -e '/^ *--version  *Show the version\.$/d'; }

{
    echo "# Commands"
    echo
    echo "Made from the program's own help by \`Scripts/make-commands-page.sh\`. Each is also shown by \`./apus help NAME\`."
    echo
    echo '```text'
    help_of
    echo '```'
    for name in $("$program" help | sed -n '/SUBCOMMANDS:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p'); do
        printf '\n## %s\n\n```text\n' "$name"
        help_of "$name"
        echo '```'
    done
} >"$root/docs/commands.md.new"
mv "$root/docs/commands.md.new" "$root/docs/commands.md"
