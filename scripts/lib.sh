# shellcheck shell=bash
# scripts/lib.sh - shared by build, test, soak and demo: the root, packages, builds.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit
export PYTHONDONTWRITEBYTECODE=1
jobs=$(nproc)

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# missing_packages USE...: "name reason" of each package of scripts/packages that is not installed.
missing_packages() {
    local name use reason wanted=" $* "
    while read -r name use reason; do
        [[ -z $name || $name == \#* || $wanted != *" $use "* ]] && continue
        [[ $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) == "install ok installed" ]] || echo "$name $reason"
    done <"$root/scripts/packages"
}

# need_packages USE...: installs what is missing, saying what and why.
need_packages() {
    local missing apt=(apt-get)
    if ! command -v dpkg-query >/dev/null; then
        echo "Not Debian: nothing is installed for you; scripts/packages lists what is needed."
        return
    fi
    missing=$(missing_packages "$@")
    [[ -n $missing ]] || return 0
    echo "Installing, because this machine lacks it:"
    while read -r name reason; do
        printf '  %-20s %s\n' "$name" "$reason"
    done <<<"$missing"
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || die "Neither root nor sudo: install the packages above, then run this again."
        apt=(sudo apt-get)
    fi
    "${apt[@]}" update -q
    # shellcheck disable=SC2046 # one word a package
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -q --no-install-recommends $(cut -d' ' -f1 <<<"$missing")
}

# build_preset PRESET [TARGET...]: configures when needed and builds; quiet unless something fails.
build_preset() {
    local preset=$1 log
    shift
    mkdir -p build
    log=build/$preset.log
    if ! { cmake --preset "$preset" && cmake --build --preset "$preset" -j "$jobs" "${@/#/--target=}"; } >"$log" 2>&1; then
        grep -v '^\[[0-9]*/[0-9]*\] \(Building\|Linking\)' "$log" | tail -n 60 >&2
        die "The $preset build failed; the whole output is in $log. Again: scripts/build $preset"
    fi
}

# fuzz_targets: their names, one a line.
fuzz_targets() {
    find src sim -name '*_fuzz.c' -printf '%f\n' | sed 's/\.c$//' | sort
}

# fuzz_one TARGET SECONDS: from the inputs in tests/corpus/TARGET; new ones are kept in build/corpus/TARGET, and an
# input that fails in build/crashes.
fuzz_one() {
    local target=$1 seconds=$2
    if [[ -z $(ls "tests/corpus/$target" 2>/dev/null) ]]; then
        echo "tests/corpus/$target is missing or empty; make it with: scripts/corpus $target"
        return 1
    fi
    mkdir -p "build/corpus/$target" build/crashes
    "build/fuzz/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="build/crashes/$target-" "build/corpus/$target" "tests/corpus/$target"
}
