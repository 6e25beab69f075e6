"""DKIM as the reference reads it, held against dkimpy: what that signs holds over the border and
nothing else does, and what the vectors hold it verifies too."""

from __future__ import annotations

import base64
import json
import subprocess
from functools import cache
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mailassay import paths, release_vectors

USER = "one@mil.example"
MESSAGE = (
    b"MMHS-Authorizing-Users: one@mil.example\r\nFrom: Ann <ann@mil.example>\r\n"
    b"To: bob@example.net\r\nSubject:  Orders \t of\r\n the day\r\n\r\n"
    b"The fleet  sails \r\n\r\nat dawn.\r\n\r\n\r\n"
)
COVERED = [b"From", b"MMHS-Authorizing-Users", b"Subject"]
WAYS = [
    (a, b) for a in (b"simple", b"relaxed") for b in (b"simple", b"relaxed")
]


@cache
def rsa() -> tuple[bytes, str]:
    """A private key in PEM, and the text of its record."""
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(spki).decode()


@cache
def ed25519() -> tuple[bytes, str]:
    """Likewise; dkimpy has the private key in base64."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(private), "v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()


def signed(
    message: bytes, algorithm: bytes = b"rsa-sha256", way: tuple[bytes, bytes] = WAYS[-1],
    user: str = USER, covered: list[bytes] = COVERED,
) -> bytes:
    """By dkimpy."""
    key, _ = rsa() if algorithm == b"rsa-sha256" else ed25519()
    field = dkim.sign(
        message, b"s", b"mil.example", key, identity=user.encode(), canonicalize=way,
        include_headers=covered, signature_algorithm=algorithm,
    )
    return bytes(field) + message


def passes(message: bytes, record: str) -> bool:
    """Whether the reference lets it over the border."""
    request: dict[str, Any] = {
        "id": "1", "op": "check-release", "message": base64.b64encode(message).decode(),
        "policy": {"officers": [USER], "proof": "of-field"}, "place": "border",
        "recipients": ["bob@example.net"], "dkim_keys": {"s._domainkey.mil.example": record},
    }
    ended = subprocess.run(
        [paths.PROGRAM, "shim"], input=json.dumps(request) + "\n", capture_output=True,
        text=True, timeout=60, check=True,
    )
    answer = json.loads(ended.stdout)
    (recipient,) = answer["result"]["recipients"]
    return bool(recipient["fate"] == "passes")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", [b"rsa-sha256", b"ed25519-sha256"])
def test_what_dkimpy_signs_holds(algorithm: bytes, way: tuple[bytes, bytes]) -> None:
    _, record = rsa() if algorithm == b"rsa-sha256" else ed25519()
    message = signed(MESSAGE, algorithm, way)
    assert passes(message, record)
    assert not passes(message.replace(b"at dawn", b"at dusk"), record)
    assert not passes(message.replace(b"Orders", b"Odours"), record)
    assert not passes(message, ed25519()[1] if record == rsa()[1] else rsa()[1])
    assert not passes(MESSAGE, record)


def test_it_has_to_be_the_users_and_over_the_field() -> None:
    _, record = rsa()
    assert not passes(signed(MESSAGE, user="two@mil.example"), record)
    assert not passes(signed(MESSAGE, covered=[b"From", b"Subject"]), record)


def test_dkimpy_agrees_on_every_signature_of_the_vectors() -> None:
    """It is asked at another time and knows no users: of those that hold for the reference it has
    to say the same, and of those whose text was changed."""
    seen = {True: 0, False: 0}
    for vector in release_vectors.load():
        if not vector.message.startswith(b"DKIM-Signature:") or "dkim_keys" not in vector.given:
            continue
        keys = vector.given["dkim_keys"]
        if "out-of-time" in vector.id:
            continue
        holds = dkim.verify(
            vector.message,
            dnsfunc=lambda name, timeout=5: keys.get(name.decode().rstrip(".")),
        )
        changed = any(word in vector.id for word in ("other-body", "one-more"))
        assert holds is not changed, vector.id
        seen[holds] += 1
    assert min(seen.values()) >= 5, seen
