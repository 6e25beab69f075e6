"""The three readings of "countersign" by the word of others: Python's cryptography and asn1crypto,
Bouncy Castle both ways, and engines that go on to verify the drafter's own signature."""

from __future__ import annotations

import base64
import email
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from milter_role_support import PROGRAM
from support import ROOT
from test_engines import IN_CI, command, is_there

from mailassay import paths
from mailassay.countersignatures import Layer, layer_of

KEYS = ROOT / "vectors" / "release" / "keys"
TRUSTED = ROOT / "vectors" / "secure-headers" / "keys" / "root.pem"
DRAFT = (ROOT / "vectors/release/messages/agent/origin/signed.eml").read_bytes()
USER, TWO = "one@mil.example", "two@mil.example"
KEYS_OF = {USER: "officer-one", TWO: "officer-two"}
PATIENCE = 60.0
READINGS = ("review", "countersignature", "signer-info")
CERTIFICATE, KEY = KEYS / "officer-one.pem", KEYS / "officer-one.key.pem"
JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("bcprov", "bcutil", "bcpkix", "bcmail"))


def released(
    folder: Path, reading: str, draft: bytes = DRAFT, user: str = USER, needed: int = 1
) -> bytes:
    (folder / "release.toml").write_text(
        f'officers = ["{USER}", "{TWO}"]\nneeded = {needed}\ntrust = ["{TRUSTED}"]\n'
        f'countersign = "{reading}"\n'
    )
    name = KEYS_OF[user]
    ended = subprocess.run(
        [PROGRAM, "authorize", "--config", folder / "release.toml", "--user", user,
         "--decision", "release", "--certificate", KEYS / f"{name}.pem",
         "--key", KEYS / f"{name}.key.pem"],
        input=draft, capture_output=True, timeout=PATIENCE,
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


def passes(message: bytes, *more: str, needed: int = 1) -> bool:
    """Whether the reference lets it over the border."""
    told = ask(
        [str(PROGRAM), "shim"], "check-release", message, place="border",
        recipients=["bob@example.net"], policy={"officers": [USER, *more], "needed": needed},
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


def layer(message: bytes) -> Layer:
    found = layer_of(message)
    assert found is not None
    return found


def countersignatures(message: bytes) -> list[str]:
    """What is wrong with each."""
    found = layer(message)
    return [found.fault_of_countersignature(c) for c in found.countersignatures]


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
    (before,) = layer(DRAFT).signers
    found = [
        info for info in layer(message).signers
        if info["signature"].native == before["signature"].native
    ]
    assert [i["signed_attrs"].dump() for i in found] == [before["signed_attrs"].dump()]


def test_others_verify_a_countersignature(tmp_path: Path) -> None:
    found = layer(released(tmp_path, "countersignature"))
    (one,) = found.countersignatures
    assert found.fault_of_countersignature(one) == ""
    other = replace(one, over=one.over + b"x")
    assert found.fault_of_countersignature(other) == "another digest"


def test_they_stand_side_by_side(tmp_path: Path) -> None:
    by_one = released(tmp_path, "countersignature")
    by_both = released(tmp_path, "countersignature", by_one, TWO, needed=2)
    assert countersignatures(by_both) == ["", ""]
    assert passes(by_both, TWO, needed=2) and not passes(by_one, TWO, needed=2)


def test_a_damaged_one_is_refused_by_all(tmp_path: Path) -> None:
    message = released(tmp_path, "countersignature")
    octets = bytearray(base64.b64decode(part_of(message)))
    (one,) = layer(message).countersignatures
    octets[bytes(octets).index(one.info["signature"].native) + 9] ^= 1
    damaged = with_part(message, base64.encodebytes(bytes(octets)).decode())
    assert countersignatures(damaged) == ["a wrong signature"]
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
    assert countersignatures(message) == [""]
    assert passes(message)
    assert not passes(re.sub(b"sails at", b"sinks at", message))


def test_bouncy_castle_chains_them_and_the_reference_follows() -> None:
    """One on the drafter's signature, and another user's on that."""
    by_one = bouncy_castle(part_of(DRAFT), "sign", CERTIFICATE, KEY)
    chained = bouncy_castle(
        by_one, "chain", KEYS / "officer-two.pem", KEYS / "officer-two.key.pem"
    )
    field = f"MMHS-Authorizing-Users: {USER}, {TWO}\r\n".encode()
    message = with_part(field + DRAFT, chained)
    assert countersignatures(message) == ["", ""]
    assert bouncy_castle(part_of(message), "verify").split() == ["good", "good"]
    assert passes(message, TWO, needed=2)
    assert not passes(with_part(field + DRAFT, by_one), TWO, needed=2)
