#!/usr/bin/env bash
# Compiles an example package against the build of this repository and links it: build-example.sh FOLDER PROGRAM
#
# `swift build` in the example's folder would compile all dependencies a second time. Its manifest is read by SwiftPM,
# and its sources go through the same compiler with the modules and objects that are there already.
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/.." && pwd)
build=${APUS_BUILD:-$root/.build/release}
folder=$1 program=$2

swift package --package-path "$folder" dump-package >/dev/null

# Where the C modules of dependencies are described; the build's own plan knows.
mapfile -t maps < <(grep -o '"-fmodule-map-file=[^"]*"' "$root/.build/$(basename "$build").yaml" | tr -d '"' | sort -u)
# The objects of the program but its own and the argument parser's. Objects of sources that are gone may lie there too.
mapfile -t objects < <(tr -d "'\"" <"$build/apus.product/Objects.LinkFileList" |
    grep -v -e ApusCommandLine -e ArgumentParser)
mapfile -d '' sources < <(find "$folder/Sources" -name '*.swift' -print0)
options=()
for map in "${maps[@]}"; do options+=(-Xcc "$map"); done

swiftc -parse-as-library -swift-version 6 -module-name "$(basename "$program")" -o "$program" \
    -I "$build/Modules" "${options[@]}" "${sources[@]}" "${objects[@]}" -lz -lstdc++
