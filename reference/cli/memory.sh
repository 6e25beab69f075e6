#!/usr/bin/env bash
# A message of 50 MB is signed and verified, detached and opaque, and one of 100 MB encrypted and
# decrypted, by processes that may hold 16 MB of data: memory does not grow with the body. A mailbox,
# which is held, shows that the limit bites.
#   memory.sh MAILASSAY
set -euo pipefail
mailassay=$(realpath "$1")
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
limited() { (ulimit -d 16384 && exec "$mailassay" "$@"); }
sign() { limited sign --policy policy.toml --certificate certificate.pem --key key.pem "$@"; }
sign --out detached.eml message.eml
sign --opaque --out opaque.eml message.eml
for signed in detached opaque; do
    limited verify --ca-file certificate.pem $signed.eml >verdict.txt
    openssl cms -verify -in $signed.eml -CAfile certificate.pem -out content 2>openssl.log ||
        { cat openssl.log; exit 1; }
done
limited verify --ca-file certificate.pem - <detached.eml >verdict.txt
# In the segments of a stream.
openssl cms -sign -in content -binary -signer certificate.pem -inkey key.pem -nodetach -stream \
    -outform DER -out streamed.der
{
    printf 'From: a@example.org\r\nMIME-Version: 1.0\r\n'
    printf 'Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n'
    printf 'Content-Transfer-Encoding: base64\r\n\r\n'
    openssl base64 -in streamed.der
} >streamed.eml
limited verify --ca-file certificate.pem streamed.eml >verdict.txt || [ $? = 3 ]
# Through an envelope and back, by each kind of cipher.
{ cat detached.eml; head -c 50000000 message.eml; } >large.eml
for cipher in aes-256-cbc aes-128-gcm; do
    limited encrypt --cipher $cipher --certificate certificate.pem --out envelope.eml large.eml
    limited decrypt --certificate certificate.pem --key key.pem --out opened.eml envelope.eml
    cmp large.eml opened.eml
    openssl cms -decrypt -in envelope.eml -recip certificate.pem -inkey key.pem -out entity \
        2>openssl.log || { cat openssl.log; exit 1; }
done 2>header.txt
# Within a signature around the envelope, of either form.
for form in '' --opaque; do
    limited encrypt --certificate certificate.pem --sign-outer user --signer certificate.pem \
        --signer-key key.pem $form --out envelope.eml large.eml
    limited decrypt --certificate certificate.pem --key key.pem --ca-file certificate.pem \
        --out opened.eml envelope.eml
    cmp large.eml opened.eml
done 2>outer.txt
[ "$(grep -c 'outer signature: CN=Test: holds' outer.txt)" = 2 ]
# In the segments of a stream.
openssl cms -encrypt -in entity -binary -aes256 -stream -outform DER -out streamed.der \
    -recip certificate.pem
{
    printf 'From: a@example.org\r\nMIME-Version: 1.0\r\n'
    printf 'Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n'
    printf 'Content-Transfer-Encoding: base64\r\n\r\n'
    openssl base64 -in streamed.der
} >streamed.eml
limited decrypt --certificate certificate.pem --key key.pem --out opened.eml streamed.eml 2>header.txt
tail -c 50000000 opened.eml | cmp - <(tail -c 50000000 large.eml)
# The limit bites: a mailbox is held.
{ echo 'From a@example.org'; cat message.eml; } >mailbox
! limited verify --ca-file certificate.pem --batch mailbox >verdict.txt 2>error.txt ||
    { echo "the limit does not bite"; exit 1; }
echo "50 MB signed and verified, 100 MB encrypted and decrypted, signed around as well, within 16 MB"
