#!/bin/sh
# Starts the reference relay without a certificate, and asks why mail with REQUIRETLS does not get
# through to it.
# usage: reference/probe/example.sh [PROGRAM]
set -eu
program=${1:-build/mailassay}
work=$(mktemp -d)
relay=
trap 'if [ -n "$relay" ]; then kill "$relay" 2>/dev/null || true; wait "$relay" || true; fi; rm -rf "$work"' EXIT

cat > "$work/relay.toml" <<TOML
[server]
hostname = "relay.example"
listen = ["127.0.0.1:0"]
[queue]
directory = "$work/spool"
TOML

mkfifo "$work/ready"
"$program" mta --config "$work/relay.toml" > "$work/ready" 2> "$work/log" &
relay=$!
# The line `listening ADDRESS:PORT` comes when the relay accepts connections.
read -r _ endpoint < "$work/ready"

code=0
"$program" probe '[127.0.0.1]' --port "${endpoint##*:}" > "$work/told" || code=$?
cat "$work/told"
test "$code" = 1
grep -q 'STARTTLS is not offered' "$work/told"
