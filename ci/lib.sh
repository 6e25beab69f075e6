# Shared by the scripts of this folder: where we are, how to say a thing, how to time a step.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# The Debian python, whatever else stands first on PATH.
python=/usr/bin/python3
export PYTHONPATH="$root/harness${PYTHONPATH:+:$PYTHONPATH}"
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 4; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "needs root or sudo for: $*"
    fi
}

timings=()
# step NAME COMMAND...: runs the command, remembers how long it took, stops the script when it fails.
step() {
    local name=$1 begun=$EPOCHREALTIME status=0
    shift
    printf '\n== %s\n' "$name"
    "$@" || status=$?
    timings+=("$(awk -v a="$begun" -v b="$EPOCHREALTIME" -v n="$name" 'BEGIN{printf "%7.1f s  %s", b-a, n}')")
    if [ "$status" -ne 0 ]; then
        say "failed: $name (exit $status)"
        return "$status"
    fi
}

print_timings() {
    printf '\nslowest steps\n'
    printf '%s\n' "${timings[@]}" | sort -rn | head -n 12
}
