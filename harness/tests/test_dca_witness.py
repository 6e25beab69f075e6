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


CAPABILITIES = {
    "gcm": ("2.16.840.1.101.3.4.1.46", "2.16.840.1.101.3.4.1.2"),  # AES-256 GCM, AES-128 CBC
    "cbc": ("2.16.840.1.101.3.4.1.42", "2.16.840.1.101.3.4.1.2"),  # AES-256 CBC, AES-128 CBC
}


@pytest.fixture(scope="module")
def capable(keys: Path) -> Path:
    """gcm.pem and cbc.pem, whose certificates have S/MIME capabilities (RFC 4262)."""
    for name, ciphers in CAPABILITIES.items():
        listed = "".join(f"c{i}=SEQUENCE:s{i}\n" for i in range(len(ciphers)))
        each = "".join(f"[s{i}]\no=OID:{oid}\n" for i, oid in enumerate(ciphers))
        (keys / f"{name}.cnf").write_text(
            "[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=x\n"
            f"[dn]\nCN=TEST {name}\n[x]\n1.2.840.113549.1.9.15=ASN1:SEQUENCE:list\n"
            f"[list]\n{listed}{each}"
        )
        openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-config", f"{keys}/{name}.cnf",
            "-keyout", f"{keys}/{name}.key", "-out", f"{keys}/{name}.pem",
        )
    return keys


@pytest.mark.parametrize(
    ("recipients", "kind", "cipher"),
    [
        (("gcm",), b"authEnveloped-data", b"aes-256-gcm"),
        (("cbc",), b"enveloped-data", b"aes-256-cbc"),
        (("gcm", "cbc"), b"enveloped-data", b"aes-128-cbc"),
        (("cbc", "gcm"), b"enveloped-data", b"aes-128-cbc"),
        (("gcm", "rsa"), b"enveloped-data", b"aes-128-cbc"),  # of rsa nothing is known
    ],
)
def test_it_is_authenticated_where_the_other_side_can(
    capable: Path, tmp_path: Path, recipients: tuple[str, ...], kind: bytes, cipher: bytes
) -> None:
    to = [word for name in recipients for word in ("--certificate", f"{capable}/{name}.pem")]
    made = mailassay("encrypt", *to, "--cipher", "as-they-can", said=MESSAGE)
    assert made.returncode == 0 and b"smime-type=" + kind in made.stdout, made.stderr
    (tmp_path / "carried.eml").write_bytes(made.stdout)
    seen = openssl("cms", "-cmsout", "-print", "-in", f"{tmp_path}/carried.eml")
    assert cipher in seen.lower()
    for name in recipients:
        opened = openssl(
            "cms", "-decrypt", "-in", f"{tmp_path}/carried.eml", "-binary",
            "-recip", f"{capable}/{name}.pem", "-inkey", f"{capable}/{name}.key",
        )
        assert opened == header_and_entity(MESSAGE)[1]


SIGNER = "domain-signing-authority"


@pytest.fixture(scope="module")
def signers(keys: Path) -> Path:
    curve = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    make(keys, "domain", SIGNER, f"{SIGNER}@example.org", curve)
    make(keys, "elsewhere", SIGNER, f"{SIGNER}@example.com", curve)
    return keys


def wrap(keys: Path, message: bytes, name: str, *options: str) -> list[str]:
    return [
        "encrypt", "--certificate", f"{keys}/rsa.pem", "--replace", "To=undisclosed:;",
        "--signer", f"{keys}/{name}.pem", "--signer-key", f"{keys}/{name}.key", *options,
    ]


@pytest.mark.parametrize("form", [(), ("--opaque",)])
def test_openssl_unwraps_what_we_wrap(
    signers: Path, signed: bytes, tmp_path: Path, form: tuple[str, ...]
) -> None:
    """It verifies the outer signature, opens the envelope, and verifies what is in it."""
    keys = signers
    made = mailassay(
        *wrap(keys, signed, "domain", "--sign-outer", "domain", "--ca-file", f"{keys}/ca.pem",
              *form),
        said=signed,
    )
    assert made.returncode == 0, made.stderr
    assert not [secret for secret in SECRETS if secret in made.stdout]
    (tmp_path / "carried.eml").write_bytes(made.stdout)
    (tmp_path / "envelope.eml").write_bytes(openssl(
        "cms", "-verify", "-in", f"{tmp_path}/carried.eml", "-CAfile", f"{keys}/ca.pem",
        "-purpose", "any",
    ))
    opened = openssl(
        "cms", "-decrypt", "-in", f"{tmp_path}/envelope.eml", "-binary",
        "-recip", f"{keys}/rsa.pem", "-inkey", f"{keys}/rsa.key",
    )
    assert opened == header_and_entity(signed)[1]
    (tmp_path / "inner.eml").write_bytes(opened)
    openssl("cms", "-verify", "-in", f"{tmp_path}/inner.eml", "-CAfile", f"{keys}/ca.pem",
            "-purpose", "any")
    back = decrypt(keys, made.stdout, "rsa", "--ca-file", f"{keys}/ca.pem")
    assert back.returncode == 0 and back.stdout == signed
    assert back.stderr.splitlines()[-1] == (
        f"mailassay decrypt: outer signature: CN={SIGNER}: holds, as {SIGNER}".encode()
    )
    assert verdict(keys, back.stdout) == 0


@pytest.mark.parametrize("form", [(), ("-nodetach",)])
def test_we_unwrap_what_openssl_wraps(
    signers: Path, signed: bytes, tmp_path: Path, form: tuple[str, ...]
) -> None:
    keys = signers
    header, entity = header_and_entity(signed)
    (tmp_path / "entity").write_bytes(entity)
    (tmp_path / "envelope").write_bytes(openssl(
        "cms", "-encrypt", "-aes-256-gcm", "-in", f"{tmp_path}/entity", "-binary", "-crlfeol",
        f"{keys}/ec.pem",
    ))
    made = openssl(
        "cms", "-sign", "-in", f"{tmp_path}/envelope", "-binary", "-crlfeol", *form,
        "-signer", f"{keys}/alice.pem", "-inkey", f"{keys}/alice.key",
        "-from", "Alice <alice@example.org>",
    )
    back = decrypt(keys, made, "ec", "--ca-file", f"{keys}/ca.pem")
    assert back.returncode == 0, back.stderr
    assert b"outer signature: CN=TEST Alice: holds\n" in back.stderr
    assert back.stdout.count(b"Subject: Operation Overlord\r\n") == 1
    assert verdict(keys, back.stdout) == 0


def test_no_domain_signs_for_another_nor_for_what_does_not_hold(
    signers: Path, signed: bytes
) -> None:
    keys = signers
    by = ("--sign-outer", "domain", "--ca-file", f"{keys}/ca.pem")
    elsewhere = mailassay(*wrap(keys, signed, "elsewhere", *by), said=signed)
    assert elsewhere.returncode == 1 and b"dca.sign.name" in elsewhere.stderr
    touched = signed.replace(b"At dawn.", b"At dusk.")
    broken = mailassay(*wrap(keys, touched, "domain", *by), said=touched)
    assert broken.returncode == 1 and b"dca.sign.not-authentic" in broken.stderr
    as_user = mailassay(*wrap(keys, touched, "alice", "--sign-outer", "user"), said=touched)
    assert as_user.returncode == 0
    plain = mailassay(*wrap(keys, MESSAGE, "domain", *by), said=MESSAGE)
    assert plain.returncode == 0 and b"outer signature: none" in plain.stderr
    for ended in (elsewhere, broken):
        assert not ended.stdout and not [secret for secret in SECRETS if secret in ended.stderr]


def test_within_a_broken_signature_nothing_is_opened(signers: Path, signed: bytes) -> None:
    keys = signers
    made = mailassay(*wrap(keys, signed, "alice", "--sign-outer", "user"), said=signed).stdout
    touched = made.replace(b'name="smime.p7m"', b'name="other.p7m"')
    ended = decrypt(keys, touched, "rsa")
    assert touched != made and ended.returncode == 1 and not ended.stdout
    assert b"dca.decrypt.outer-signature" in ended.stderr


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
