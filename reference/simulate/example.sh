#!/bin/sh
# The same seed gives the same octets, table and drawing alike.
# usage: reference/simulate/example.sh [PROGRAM]
set -eu
program=${1:-build/mailassay}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for run in one two; do
    "$program" simulate --servers 20 --messages 50 --seed 7 --plot "$work/$run.svg" > "$work/$run.txt"
done
cmp "$work/one.txt" "$work/two.txt"
cmp "$work/one.svg" "$work/two.svg"
tail -n 4 "$work/one.txt"
