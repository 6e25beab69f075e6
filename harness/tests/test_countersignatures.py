"""The three readings of "countersign" by the word of others: Python's cryptography and asn1crypto,
Bouncy Castle both ways, and engines that go on to verify the drafter's own signature."""

from __future__ import annotations

import base64
import email
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate
from milter_role_support import PROGRAM
from support import ROOT
from test_engines import IN_CI, command, is_there

from mailassay import paths

KEYS = ROOT / "vectors" / "release" / "keys"
TRUSTED = ROOT / "vectors" / "secure-headers" / "keys" / "root.pem"
DRAFT = (ROOT / "vectors/release/messages/agent/origin/signed.eml").read_bytes()
USER = "one@mil.example"
PATIENCE = 60.0
READINGS = ("review", "countersignature", "signer-info")
CERTIFICATE, KEY = KEYS / "officer-one.pem", KEYS / "officer-one.key.pem"
JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("bcprov", "bcutil", "bcpkix", "bcmail"))


def released(folder: Path, reading: str) -> bytes:
    (folder / "release.toml").write_text(
        f'officers = ["{USER}"]\ntrust = ["{TRUSTED}"]\ncountersign = "{reading}"\n'
    )
    ended = subprocess.run(
        [PROGRAM, "authorize", "--config", folder / "release.toml", "--user", USER,
         "--decision", "release", "--certificate", CERTIFICATE, "--key", KEY],
        input=DRAFT, capture_output=True, timeout=PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def ask(program: list[str], op: str, message: bytes, **more: object) -> dict[str, object]:
    request = {
        "id": "1", "op": op, "message": base64.b64encode(message).decode(),
        "trust": [TRUSTED.read_text()], **more,
    }
    ended = subprocess.run(
        program, input=json.dumps(request) + "\n", capture_output=True, text=True,
        timeout=PATIENCE, check=True,
    )
    answer = json.loads(ended.stdout)
    assert "result" in answer, answer
    return dict(answer["result"])


def passes(message: bytes) -> bool:
    """Whether the reference lets it over the border."""
    told = ask(
        [str(PROGRAM), "shim"], "check-release", message, place="border",
        recipients=["bob@example.net"], policy={"officers": [USER], "needed": 1},
    )
    (recipient,) = told["recipients"]  # type: ignore[misc]
    return bool(recipient["fate"] == "passes")


def part_of(message: bytes) -> str:
    """The signature, in base64 as it stands in the message."""
    parts = email.message_from_bytes(message).get_payload()
    return str(parts[-1].get_payload())  # type: ignore[union-attr]


def with_part(message: bytes, coded: str) -> bytes:
    old = part_of(message).strip().replace("\r\n", "\n").split("\n")
    there = "\r\n".join(old).encode()
    assert message.count(there) == 1
    return message.replace(there, "\r\n".join(coded.split()).encode())


def signed_data(message: bytes) -> cms.SignedData:
    return cms.ContentInfo.load(base64.b64decode(part_of(message)))["content"]


def countersignatures(message: bytes) -> list[tuple[bytes, cms.SignerInfo]]:
    """With the value of the signature that each is over."""
    (signer, *_) = signed_data(message)["signer_infos"]
    attributes = signer["unsigned_attrs"]
    if isinstance(attributes, type(None)) or not attributes.native:
        return []
    return [
        (signer["signature"].native, value)
        for attribute in attributes
        if attribute["type"].native == "counter_signature"
        for value in attribute["values"]
    ]


def fault_of(value: bytes, info: cms.SignerInfo, certificates: cms.CertificateSet) -> str:
    """Empty: it holds (RFC 5652 sections 5.4 and 11.4)."""
    attributes = {a["type"].native: a["values"][0].native for a in info["signed_attrs"]}
    if "content_type" in attributes:
        return "a content type"
    if attributes["message_digest"] != hashlib.sha256(value).digest():
        return "another digest"
    serial = info["sid"].chosen["serial_number"].native
    (found,) = {
        c.chosen.dump() for c in certificates
        if isinstance(c.chosen, x509.Certificate) and c.chosen.serial_number == serial
    }
    key = load_der_x509_certificate(found).public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(
            info["signature"].native, info["signed_attrs"].untag().dump(), PKCS1v15(), SHA256()
        )
    except InvalidSignature:
        return "a wrong signature"
    return ""


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("engine", (*IN_CI, "bouncycastle"))
def test_the_drafters_signature_verifies_before_and_after(
    tmp_path: Path, engine: str, reading: str
) -> None:
    if engine not in IN_CI and not is_there(engine):
        pytest.skip(f"{engine} is not installed; ci/interop does that")
    for message in (DRAFT, released(tmp_path, reading)):
        assert ask(command(engine), "verify", message)["outcome"] == "no-secure-headers"


@pytest.mark.parametrize("reading", READINGS)
def test_the_drafters_signer_info_is_as_it_was(tmp_path: Path, reading: str) -> None:
    message = released(tmp_path, reading)
    assert passes(message) and not passes(DRAFT)
    if reading == "review":
        assert DRAFT.partition(b"\r\n\r\n")[2] in message
        return
    (before,) = signed_data(DRAFT)["signer_infos"]
    found = [
        info for info in signed_data(message)["signer_infos"]
        if info["signature"].native == before["signature"].native
    ]
    assert [i["signed_attrs"].dump() for i in found] == [before["signed_attrs"].dump()]


def test_others_verify_a_countersignature(tmp_path: Path) -> None:
    message = released(tmp_path, "countersignature")
    ((value, info),) = countersignatures(message)
    assert fault_of(value, info, signed_data(message)["certificates"]) == ""
    assert fault_of(value + b"x", info, signed_data(message)["certificates"]) == "another digest"


def test_a_damaged_one_is_refused_by_all(tmp_path: Path) -> None:
    message = released(tmp_path, "countersignature")
    octets = bytearray(base64.b64decode(part_of(message)))
    ((_, info),) = countersignatures(message)
    octets[bytes(octets).index(info["signature"].native) + 9] ^= 1
    damaged = with_part(message, base64.encodebytes(bytes(octets)).decode())
    ((value, info),) = countersignatures(damaged)
    told = fault_of(value, info, signed_data(damaged)["certificates"])
    assert told == "a wrong signature"
    assert passes(message) and not passes(damaged)


def bouncy_castle(signature: str, *arguments: object) -> str:
    if not is_there("bouncycastle"):
        pytest.skip("Bouncy Castle is not installed; ci/interop does that")
    program = paths.SHIMS / "bouncycastle" / "Countersign.java"
    ended = subprocess.run(
        ["java", "-cp", JARS, program, *map(str, arguments)], input=signature,
        capture_output=True, text=True, timeout=PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_bouncy_castle_verifies_it(tmp_path: Path) -> None:
    signature = part_of(released(tmp_path, "countersignature"))
    assert bouncy_castle(signature, "verify").split() == ["good"]


def test_bouncy_castle_makes_one_that_the_reference_takes() -> None:
    made = bouncy_castle(part_of(DRAFT), "sign", CERTIFICATE, KEY)
    message = with_part(b"MMHS-Authorizing-Users: " + USER.encode() + b"\r\n" + DRAFT, made)
    ((value, info),) = countersignatures(message)
    assert fault_of(value, info, signed_data(message)["certificates"]) == ""
    assert passes(message)
    assert not passes(re.sub(b"sails at", b"sinks at", message))
