#!/usr/bin/env bash
# A message of 50 MB, signed detached, is verified by a process that may hold 16 MB of data: memory
# does not grow with the body. The same signed opaque, which is held, shows that the limit bites.
#   memory.sh MAILASSAY
set -euo pipefail
mailassay=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \
    -out certificate.pem -subj /CN=Test -days 2 -addext subjectAltName=email:a@example.org \
    -addext extendedKeyUsage=emailProtection 2>openssl.log
printf '[secured]\nFrom = "duplicated"\n' >policy.toml
{
    printf 'From: a@example.org\r\n\r\n'
    # yes ends by SIGPIPE when head has enough: whole lines of twenty octets.
    { yes $'a line of the body\r' || true; } 2>/dev/null | head -c 50000000
} >message.eml
sign() { "$mailassay" sign --policy policy.toml --certificate certificate.pem --key key.pem "$@"; }
sign --out detached.eml message.eml
sign --opaque --out opaque.eml message.eml

verify() { (ulimit -d 16384 && "$mailassay" verify --ca-file certificate.pem "$1" >verdict.txt); }
verify detached.eml
cat detached.eml | verify -
! verify opaque.eml 2>error.txt || { echo "the limit does not bite"; exit 1; }
echo "50 MB verified within 16 MB"
