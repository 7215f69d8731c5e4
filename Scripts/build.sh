# What ./apus and ./test share: the flags of the build, what it needs from the system, and whether it has to run.
# Sourced, with $root set to the repository's folder.

# One set of flags for the program and the tests, so that neither makes the other compile again.
build_flags=(-c release -Xswiftc -enable-testing)
program=$root/.build/release/apus
stamp=$root/.build/apus-built
lock=$root/.build/apus-lock

# say ENGLISH CHINESE: a message on standard error in the user's language.
say() {
    case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    zh*) printf '%s\n' "$2" >&2 ;;
    *) printf '%s\n' "$1" >&2 ;;
    esac
}

# Whether the program is there and newer than all it is made from. A removed file shows in its folder's time.
is_built() {
    [[ -x $program && -e $stamp ]] &&
        [[ -z $(find "$root/Package.swift" "$root/Sources" -newer "$stamp" -print -quit) ]]
}

# Finds Swift, also where its installers put it without telling the shell.
find_swift() {
    local folder
    for folder in "" "${HOME:-}/.local/share/swiftly/bin" "${HOME:-}/.swiftly/bin" /opt/swift/usr/bin /usr/share/swift/usr/bin; do
        [[ -z $folder || -x $folder/swift ]] || continue
        [[ -z $folder ]] || PATH=$folder:$PATH
        if command -v swift >/dev/null; then return; fi
    done
    say "Apus is built with Swift 6.1 or later, and there is no swift on this machine yet.
To install it for yourself (about 1 GB), type:
  curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz
  tar zxf swiftly-\$(uname -m).tar.gz && ./swiftly init
or see https://www.swift.org/install/linux. Then start this command again in a new shell." \
        "Apus 需要用 Swift 6.1 或更新的版本编译，而这台机器上还没有 swift。
请输入下面两行为自己安装（约 1 GB）：
  curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz
  tar zxf swiftly-\$(uname -m).tar.gz && ./swiftly init
也可以参考 https://www.swift.org/install/linux 。装好后请打开新的终端，再次运行本命令。"
    exit 1
}

# The Debian packages that this machine lacks, looked for by what they bring: a build must not ask for a package whose
# work is done already by something else.
missing_packages() {
    local missing=() tools
    tools=$(dirname -- "$(readlink -f -- "$(command -v swift)")")
    command -v git >/dev/null || missing+=(git)
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
    # The C library, the linker and libstdc++ that Swift's own compiler works with.
    command -v ld >/dev/null && compgen -G "/usr/lib/gcc/*/*/libstdc++.so" >/dev/null &&
        [[ -e /usr/include/stdlib.h ]] || missing+=(g++)
    [[ -e /usr/include/zlib.h ]] || missing+=(zlib1g-dev)
    # Libraries of the toolchain itself, when it was unpacked and not installed.
    local absent
    absent=$({ ldd "$tools/swift-build" "$tools/swift-frontend" "$tools/clang" 2>/dev/null || true; } |
        awk '/not found/ { print $1 }' | sort -u)
    local library
    for library in $absent; do
        case $library in
        libcurl.so.*) missing+=(libcurl4-openssl-dev) ;;
        libxml2.so.*) missing+=(libxml2-dev) ;;
        libsqlite3.so.*) missing+=(libsqlite3-dev) ;;
        libncurses.so.* | libtinfo.so.*) missing+=(libncurses-dev) ;;
        libuuid.so.*) missing+=(uuid-dev) ;;
        libedit.so.*) missing+=(libedit-dev) ;;
        libz.so.*) missing+=(zlib1g-dev) ;;
        libstdc++.so.*) missing+=(g++) ;;
        esac
    done
    ((${#missing[@]} == 0)) || printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' '
}

# Installs what is missing when allowed to, and otherwise names the line that does.
install_packages() {
    local missing
    missing=$(missing_packages)
    missing=${missing% }
    [[ -n $missing ]] || return 0
    if ! command -v apt-get >/dev/null; then
        say "Apus needs what Debian calls: $missing. Please install it with this system's package manager." \
            "Apus 需要以下软件（Debian 包名）：$missing。请用本系统的包管理器安装。"
        return 0
    fi
    local install="apt-get install -y --no-install-recommends $missing"
    if ((EUID != 0)); then
        # A machine that was just set up has no lists of packages yet, and Debian's installer leaves sudo out where root
        # has a password.
        local line="sudo apt-get update && sudo $install"
        command -v sudo >/dev/null || line="su -c 'apt-get update && $install'"
        say "Apus needs a few packages to build. Please type this line, then start again:
  $line" \
            "编译 Apus 还缺少几个软件包。请先输入下面这行，然后再次运行本命令：
  $line"
        exit 1
    fi
    say "Installing what the build needs: $missing" "正在安装编译所需的软件包：$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # a list of names
    if ! { apt-get update -q && $install; } >&2; then
        say "The packages could not be installed; see above. The line was: $install" \
            "软件包安装失败，原因见上文。所用命令：$install"
        exit 1
    fi
}

# swift_build ARGUMENTS…: builds with the common flags. The stamp carries the time at which the build began, so that a
# file changed meanwhile is noticed, and appears only when the build went well.
swift_build() {
    touch "$stamp.new"
    if ! swift build --package-path "$root" "${build_flags[@]}" "$@" >&2; then
        say "Apus could not be built; the first error above says why." "Apus 编译失败，原因见上文第一个错误。"
        exit 1
    fi
    mv "$stamp.new" "$stamp"
}

# Waits until no other launch builds. The lock is file descriptor 9 until `unlock`.
lock_build() {
    mkdir -p "$root/.build"
    exec 9>"$lock"
    if ! flock -n 9; then
        say "Another launch is building Apus; waiting for it." "另一个进程正在编译 Apus，请稍候。"
        flock 9
    fi
}

unlock_build() { exec 9>&-; }

prepare_build() {
    find_swift
    install_packages
}

# Builds the program unless it is up to date.
build_program() {
    if is_built; then return; fi
    prepare_build
    lock_build
    if ! is_built; then
        [[ -x $program ]] ||
            say "Building Apus for the first time; this takes some minutes." "首次编译 Apus，需要几分钟。"
        swift_build --product apus
    fi
    unlock_build
}
