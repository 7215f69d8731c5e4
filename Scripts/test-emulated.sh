#!/usr/bin/env bash
# Tests what this processor cannot run by itself, under emulators: the kernels of ARM, compiled by clang with Debian's
# cross libraries, and the program on processors that lack the instructions of this one.
# Says what failed and what was left out on standard error; the only line on standard output is "PASSED FAILED".
# Needs Scripts/build.sh's program to be built. ./test calls this; so may you.
set -uo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=build.sh
source "$root/Scripts/build.sh"
work=$root/.build/emulated
mkdir -p "$work"

passed=0
failed=0

# verdict CODE NAME: counts a check. Its log is shown where it failed.
verdict() {
    if (($1 == 0)); then
        ((passed += 1))
    else
        echo "✘ $2" >&2
        tail -n 25 "$work/$2.log" >&2
        ((failed += 1))
    fi
}

left_out() { say "Not tested here: $1" "此机器上未测试：$2"; }

# Installs emulators and libraries when allowed to, and otherwise names the line that does.
install_emulators() {
    local missing=()
    [[ -n $(emulator x86_64) && -n $(emulator aarch64) ]] || missing+=(qemu-user)
    [[ $machine == aarch64 || -e $sysroot/lib/crt1.o ]] || missing+=(libc6-dev-arm64-cross)
    ((${#missing[@]} > 0)) || return 0
    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    if ! command -v apt-get >/dev/null; then
        say "Tests under emulators need what Debian calls: ${missing[*]}" "模拟器测试需要以下软件（Debian 包名）：${missing[*]}"
    elif ((EUID != 0)); then
        say "Tests under emulators need a few packages; this line installs them: sudo $install" \
            "模拟器测试还缺少几个软件包，可用这行安装：sudo $install"
    else
        # What cannot be had is named with the tests that are left out.
        DEBIAN_FRONTEND=noninteractive bash -c "apt-get update -q && $install" >"$work/install.log" 2>&1 ||
            say "The packages for tests under emulators could not be installed; .build/emulated/install.log says why. The line was: $install" \
                "模拟器测试所需的软件包安装失败，原因见 .build/emulated/install.log。所用命令：$install"
    fi
}

# emulator ARCHITECTURE: the program that runs its binaries; nothing where there is none.
emulator() { command -v "qemu-$1" || command -v "qemu-$1-static" || true; }

find_clang() {
    local tools
    tools=$(dirname -- "$(readlink -f -- "$(command -v swift)")")
    if [[ -x $tools/clang ]]; then echo "$tools/clang"; else command -v clang; fi
}

# Compiles the kernels with their tests for ARM. No package of Debian's compiler is needed: the C library's own start
# files and the linker that comes with Swift do.
build_arm_kernels() {
    local flags=(-O2 -Wall -Wextra -I"$root/Sources/CKernels/include" -I"$root/Sources/CKernels")
    local sources=("$root"/Sources/CKernels/*.c "$root"/Tests/Emulated/*.c)
    if [[ $machine == aarch64 ]]; then
        "$clang" "${flags[@]}" "${sources[@]}" -lm -lpthread -o "$work/kernels-test"
    else
        "$clang" --target=aarch64-linux-gnu "${flags[@]}" -isystem "$sysroot/include" -fuse-ld=lld -nostdlib \
            "$sysroot"/lib/crt[1i].o "${sources[@]}" "$sysroot/lib/crtn.o" -L"$sysroot/lib" -lc -lm \
            -o "$work/kernels-test"
    fi
}

# kernels CPU TABLE…: runs the kernel tests on an emulated ARM processor, which must have these tables and no others.
kernels() {
    local cpu=$1
    shift
    local library_path=()
    [[ $machine == aarch64 ]] || library_path=(-L "$sysroot")
    "$(emulator aarch64)" "${library_path[@]}" -cpu "$cpu" "$work/kernels-test" "$@" >"$work/kernels on $cpu.log" 2>&1
}

test_arm_kernels() {
    if [[ -z $(emulator aarch64) || -z $clang || ($machine != aarch64 && ! -e $sysroot/lib/crt1.o) ]]; then
        left_out "the kernels of ARM (NEON)" "ARM（NEON）内核"
        return
    fi
    build_arm_kernels >"$work/kernels for ARM.log" 2>&1
    local built=$?
    verdict $built "kernels for ARM"
    ((built == 0)) || return
    local cpus=("max" "neoverse-n1" "cortex-a72") tables=("scalar neon neon_i8mm" "scalar neon" "scalar") jobs=() i
    for i in 0 1 2; do
        # shellcheck disable=SC2086  # a list of names
        kernels "${cpus[i]}" ${tables[i]} &
        jobs+=($!)
    done
    for i in 0 1 2; do
        wait "${jobs[i]}"
        verdict $? "kernels on ${cpus[i]}"
    done
}

# Sixteen tokens of the shipped model, with the bytes of what is written and nothing else.
generate() { "$@" "$program" generate -p "Once upon a time" -n 16 --temperature 0; }

# program_on CPU TABLE BETTER: the program on an emulated processor of this architecture, which has TABLE and lacks
# BETTER, writes what it writes here and refuses BETTER by name.
program_on() {
    local cpu=$1 table=$2 better=$3 name="the program on ${1%%,*}"
    local run=("$(emulator "$machine")" -cpu "$cpu") text=$work/${cpu%%,*}
    {
        APUS_ISA=scalar generate >"$text.expected" && generate "${run[@]}" >"$text.chosen" &&
            APUS_ISA=$table generate "${run[@]}" >"$text.named" &&
            tail -n +1 "$text.expected" "$text.chosen" "$text.named" &&
            cmp "$text.expected" "$text.chosen" && cmp "$text.expected" "$text.named" && {
            APUS_ISA=$better generate "${run[@]}"
            (($? == 2))
        }
    } >"$work/$name.log" 2>&1
    verdict $? "$name"
}

test_older_processors() {
    if [[ -z $(emulator "$machine") ]]; then
        left_out "the program on older processors" "在旧处理器上运行程序"
        return
    fi
    if [[ $machine == aarch64 ]]; then
        program_on cortex-a72 scalar neon
        return
    fi
    program_on Nehalem scalar avx2
    if emulates_avx2; then
        # Without what qemu lacks of it and would warn of.
        program_on Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-rtm,-invpcid avx2 avx512
    else
        left_out "the program on a processor with AVX2 alone, which this qemu does not emulate" \
            "在仅支持 AVX2 的处理器上运行程序（此版本的 qemu 不支持）"
    fi
    grep -qw avx512_vnni /proc/cpuinfo ||
        left_out "the kernels of AVX-512, which this processor lacks and qemu does not emulate" \
            "AVX-512 内核（此处理器不支持，qemu 也不能模拟）"
}

# Whether this qemu knows AVX2, as it does from 7.2 on.
emulates_avx2() {
    local version
    version=$("$(emulator x86_64)" --version | awk 'NR == 1 { print $3 }')
    [[ $(printf '%s\n' 7.2 "$version" | sort -V | head -n 1) == 7.2 ]]
}

machine=$(uname -m)
sysroot=/usr/aarch64-linux-gnu
if [[ $(uname -s) != Linux || ($machine != x86_64 && $machine != aarch64) ]]; then
    left_out "anything under emulators, on this kind of machine" "此类机器上的模拟器测试"
else
    find_swift
    install_emulators
    clang=$(find_clang)
    test_arm_kernels
    if [[ -x $program ]]; then test_older_processors; else left_out "the program, which is not built" "程序（尚未编译）"; fi
fi
echo "$passed $failed"
