"""`mailassay encrypt` and `decrypt`, by the word of openssl: it makes the certificates, opens
what we encrypt and encrypts what we open."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mailassay import paths

MESSAGE = (
    b"Received: from a.example\r\n"
    b"From: Alice <alice@example.org>\r\n"
    b"To: bob@example.net\r\n"
    b"Subject: Operation Overlord\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"\r\n"
    b"At dawn.\r\n"
)
POLICY = (
    'algorithm = "simple"\n[secured]\nFrom = "duplicated"\nSubject = "deleted"\nTo = "modified"\n'
)
OWN_NAME = "domain-confidentiality-authority"
SECRETS = (b"Overlord", b"bob@", b"At dawn", b"T3BlcmF0aW9u")
CIPHERS = ("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm")


def openssl(*command: str, said: bytes = b"") -> bytes:
    ended = subprocess.run(["openssl", *command], input=said, capture_output=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def mailassay(*command: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([paths.PROGRAM, *command], input=said, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with TEST keys: ca.pem, alice.pem who signs, rsa.pem and ec.pem, two authorities of
    example.net, and a policy."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "policy.toml").write_text(POLICY)
    make(folder, "ca", "TEST CA", "", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    curve = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    make(folder, "alice", "TEST Alice", "alice@example.org", curve)
    make(folder, "rsa", OWN_NAME, f"{OWN_NAME}@example.net", ("rsa:2048",))
    make(folder, "ec", OWN_NAME, f"{OWN_NAME}@example.net", curve)
    return folder


def make(folder: Path, name: str, common_name: str, address: str, kind: tuple[str, ...]) -> None:
    """A key and its certificate: of an authority without an address, else issued by ca.pem."""
    issued = (
        ("-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
         "-addext", f"subjectAltName=email:{address}", "-addext", "basicConstraints=CA:FALSE")
        if address else ()
    )
    openssl(
        "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", f"{folder}/{name}.key",
        "-out", f"{folder}/{name}.pem", "-subj", f"/CN={common_name}", *issued,
    )


@pytest.fixture(scope="module")
def signed(keys: Path) -> bytes:
    made = mailassay(
        "sign", "--policy", f"{keys}/policy.toml", "--certificate", f"{keys}/alice.pem",
        "--key", f"{keys}/alice.key", said=MESSAGE,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def encrypt(keys: Path, message: bytes, *options: str) -> bytes:
    made = mailassay(
        "encrypt", "--certificate", f"{keys}/rsa.pem", "--certificate", f"{keys}/ec.pem",
        "--replace", "To=undisclosed:;", *options, said=message,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def decrypt(
    keys: Path, message: bytes, name: str, *options: str
) -> subprocess.CompletedProcess[bytes]:
    return mailassay(
        "decrypt", "--certificate", f"{keys}/{name}.pem", "--key", f"{keys}/{name}.key", *options,
        said=message,
    )


def verdict(keys: Path, message: bytes) -> int:
    return mailassay(
        "verify", "--ca-file", f"{keys}/ca.pem", "--policy", f"{keys}/policy.toml", said=message
    ).returncode


def header_and_entity(message: bytes) -> tuple[bytes, bytes]:
    """A message's fields without Content-*, and these with its body."""
    header, body = message.split(b"\r\n\r\n", 1)
    at = header.index(b"Content-Type:")
    return header[:at], header[at:] + b"\r\n\r\n" + body


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("name", ["rsa", "ec"])
def test_openssl_opens_what_we_encrypt(
    keys: Path, signed: bytes, tmp_path: Path, cipher: str, name: str
) -> None:
    carried = encrypt(keys, signed, "--cipher", cipher)
    assert not [secret for secret in SECRETS if secret in carried]
    (tmp_path / "carried.eml").write_bytes(carried)
    opened = openssl(
        "cms", "-decrypt", "-in", f"{tmp_path}/carried.eml", "-binary",
        "-recip", f"{keys}/{name}.pem", "-inkey", f"{keys}/{name}.key",
    )
    assert opened == header_and_entity(signed)[1]
    back = decrypt(keys, carried, name)
    assert back.returncode == 0 and back.stdout == signed
    assert verdict(keys, back.stdout) == 0


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("name", ["rsa", "ec"])
def test_we_open_what_openssl_encrypts(
    keys: Path, signed: bytes, tmp_path: Path, cipher: str, name: str
) -> None:
    """It knows nothing of hidden fields: its header has none, and we write what was signed."""
    header, entity = header_and_entity(signed)
    (tmp_path / "entity").write_bytes(entity)
    made = openssl(
        "cms", "-encrypt", f"-{cipher}", "-in", f"{tmp_path}/entity", "-binary", "-crlfeol",
        "-from", "Alice <alice@example.org>", f"{keys}/{name}.pem",
    )
    assert b"Overlord" not in made and b"To:" not in made
    back = decrypt(keys, made, name)
    assert back.returncode == 0, back.stderr
    assert back.stdout.count(b"Subject: Operation Overlord\r\n") == 1
    assert back.stdout.count(b"To: bob@example.net\r\n") == 1
    assert back.stdout.endswith(entity[entity.index(b"\r\n\r\n"):])
    assert verdict(keys, back.stdout) == 0


def test_without_decryption_the_hidden_fields_are_missing(keys: Path, signed: bytes) -> None:
    """The control of the tests above: hidden and not restored is a broken signature."""
    carried = encrypt(keys, signed)
    header, _ = header_and_entity(carried)
    _, entity = header_and_entity(signed)
    assert verdict(keys, header + entity) == 1


def test_what_became_of_the_header_is_said(keys: Path, signed: bytes) -> None:
    made = mailassay(
        "encrypt", "--certificate", f"{keys}/rsa.pem", "--replace", "To=undisclosed:;", said=signed
    )
    assert made.stderr == b"mailassay encrypt: header: To replaced, Subject removed\n"
    back = decrypt(keys, made.stdout, "rsa")
    assert back.stderr == b"mailassay decrypt: header: To rewritten, Subject inserted\n"
    plain = mailassay("encrypt", "--certificate", f"{keys}/rsa.pem", said=MESSAGE)
    assert plain.returncode == 0 and b"Subject: Operation Overlord" in plain.stdout
    assert plain.stderr == b"mailassay encrypt: header: left as it is (not-signed)\n"
    assert decrypt(keys, plain.stdout, "rsa").stdout == MESSAGE


def test_names_of_authorities(keys: Path, signed: bytes) -> None:
    assert encrypt(keys, signed, "--address", "bob@sub.example.net")
    wrong = mailassay(
        "encrypt", "--certificate", f"{keys}/rsa.pem", "--address", "carol@example.com",
        said=MESSAGE,
    )
    assert wrong.returncode == 1 and b"dca.encrypt.wrong-domain" in wrong.stderr
    flagged = decrypt(keys, encrypt(keys, signed), "rsa", "--address", "carol@example.com")
    assert flagged.returncode == 0 and b"domain-differs" in flagged.stderr


def test_what_cannot_be_done_writes_nothing(keys: Path, signed: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.eml"
    carried = encrypt(keys, signed, "--cipher", "aes-256-gcm")
    damaged = carried[:-40] + b"A" * 20 + carried[-20:]
    refused = [
        decrypt(keys, damaged, "rsa", "--out", str(out)),
        decrypt(keys, carried, "alice", "--out", str(out)),
        decrypt(keys, MESSAGE, "rsa", "--out", str(out)),
        mailassay("encrypt", "--certificate", f"{keys}/rsa.pem", "--out", str(out), said=signed),
        mailassay(
            "encrypt", "--certificate", f"{keys}/rsa.pem", "--replace", "To=x", "--out", str(out),
            said=signed.replace(b"Overlord", b"Neptune"),
        ),
    ]
    for ended in refused:
        assert ended.returncode == 1, ended.stderr
        assert ended.stderr.count(b"\n") == 1 and not ended.stdout
        assert not [secret for secret in SECRETS if secret in ended.stderr]
    wrong = [
        decrypt(keys, carried, "nobody", "--out", str(out)),
        mailassay("decrypt", "--certificate", f"{keys}/rsa.pem", "--key", f"{keys}/ec.key"),
        mailassay("encrypt", "--certificate", f"{keys}/rsa.pem", "--cipher", "rot13"),
        mailassay("encrypt", "--certificate", f"{keys}/rsa.pem", "--replace", "To: x"),
        mailassay("encrypt", "--certificate", f"{keys}/policy.toml"),
    ]
    for ended in wrong:
        assert ended.returncode == 2 and ended.stderr.count(b"\n") == 1, ended.stderr
    assert not out.exists()


def test_a_header_that_cannot_be_restored_is_told(keys: Path, signed: bytes) -> None:
    """A signature that ends early says nothing of the header; the message is there all the same."""
    blank = b'smime.p7s"\r\n\r\n'
    entity = header_and_entity(signed[: signed.rindex(blank) + len(blank) + 40])[1]
    made = openssl(
        "cms", "-encrypt", "-aes-128-cbc", "-binary", "-from", "alice@example.org",
        f"{keys}/ec.pem", said=entity,
    )
    ended = decrypt(keys, made, "ec")
    assert ended.returncode == 3 and b"not-restorable" in ended.stderr
    assert b"crypto.cms.malformed" in ended.stderr
    assert ended.stdout.endswith(entity[-100:])
