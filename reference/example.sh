#!/bin/sh
# Starts the reference relay, hands it a message, and shows that it is safe in the spool.
# usage: reference/example.sh [PROGRAM]
set -eu
program=${1:-build/mailassay}
work=$(mktemp -d)
relay=
trap 'if [ -n "$relay" ]; then kill "$relay" 2>/dev/null || true; wait "$relay" || true; fi; rm -rf "$work"' EXIT

cat > "$work/relay.toml" <<TOML
[server]
hostname = "relay.example"
listen = ["127.0.0.1:0"]
[client]
port = 9   # nobody listens there, so the message stays queued
[queue]
directory = "$work/spool"
TOML

mkfifo "$work/ready"
"$program" mta --config "$work/relay.toml" > "$work/ready" 2> "$work/log" &
relay=$!
# The line `listening ADDRESS:PORT` comes when the relay accepts connections.
read -r _ endpoint < "$work/ready"

printf 'Subject: hello\n\nIs anybody there?\n' |
    "$program" sendmail --server "$endpoint" --from me@a.example --to "you@[127.0.0.1]"

ls "$work/spool/messages" | grep -q .
echo "the message is in the spool"
