"""Envelopes carried both ways between the reference and engines that are not ours.

Each engine opens the envelopes of the vectors and those that the reference makes of their messages;
the reference opens and restores what each engine makes of the same messages, hidden by hand.  What
an engine makes of one otherwise is in the list of disagreements, with its cause, and nothing else.
OpenSSL is asked always, the others where MAILASSAY_ALL_ENGINES is set: `ci/interop` sets it."""

from __future__ import annotations

import base64
import fnmatch
import json
import os
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from mailassay import dca_vectors, paths, vectors
from mailassay.wrapping import asked_for, within

ENGINES = ("openssl", "gpgsm", "bouncycastle")
ALWAYS = ("openssl",)
REFERENCE = [str(paths.PROGRAM), "shim"]
ROOT = (vectors.FOLDER / "keys" / "root.pem").read_text("ascii")
TIME = "2026-06-01T12:00:00Z"
DISAGREEMENTS = tomllib.loads((paths.SHIMS / "disagreements.toml").read_text("utf-8"))

Request = dict[str, Any]
Results = dict[str, Mapping[str, Any]]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if name not in ALWAYS and "MAILASSAY_ALL_ENGINES" not in os.environ:
        pytest.skip(f"{name} is asked by ci/interop")
    return name


def ask(command: list[str], requests: Iterable[Request]) -> Results:
    told = subprocess.run(
        command, input="".join(json.dumps(r) + "\n" for r in requests),
        capture_output=True, text=True, timeout=400, check=True,
    )
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    wrong = [a for a in answers if "result" not in a]
    assert not wrong, wrong[:3]
    return {a["id"]: a["result"] for a in answers}


def ask_engine(engine: str, requests: Iterable[Request]) -> Results:
    return ask(["/usr/bin/python3", str(paths.SHIMS / f"{engine}.py")], requests)


def coded(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def decoded(result: Mapping[str, Any]) -> bytes:
    return base64.b64decode(result["message"])


# ------------------------------------------------------------------------------- messages compared


@dataclass(frozen=True)
class Halves:
    """A message or an entity: its fields, without their folding and the case of their names, and
    its body."""

    fields: Counter[tuple[bytes, bytes]]
    body: bytes


def halves(octets: bytes) -> Halves:
    header, _, body = (b"\r\n" + octets).partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", header)
    named = (line.partition(b":") for line in unfolded.split(b"\r\n") if line)
    return Halves(Counter((n.strip().lower(), b" ".join(v.split())) for n, _, v in named), body)


def holds_entity(opened: bytes, whole: bytes) -> bool:
    """What an engine opened has the body of the message that is to come out, and none but its
    fields of the content."""
    of_content = {f for f in halves(whole).fields if f[0].startswith(b"content-")}
    found = {f for f in halves(opened).fields if f[0].startswith(b"content-")}
    return halves(opened).body == halves(whole).body and found <= of_content


# ------------------------------------------------------------------------------ disagreements


def name_of(identity: str) -> str:
    return identity.split("/", 3)[3]


def hold_against_the_list(engine: str, operation: str, otherwise: Mapping[str, str]) -> None:
    """`otherwise`: by the name of a vector, what the engine made of it."""
    patterns = [
        d["vectors"] for d in DISAGREEMENTS["disagreement"]
        if d["engine"] == engine and d.get("operation") == operation
    ]
    unlisted = {
        name: said for name, said in otherwise.items()
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    }
    assert not unlisted, "disagreements that are not listed"
    stale = [pattern for pattern in patterns if not fnmatch.filter(otherwise, pattern)]
    assert not stale, "listed disagreements that are none any more"


# ------------------------------------------------------------------------------ the three ways


def test_it_opens_what_the_vectors_have(engine: str) -> None:
    # An engine is asked about the envelope; signatures around it are for the harness to take off.
    # Where nothing comes out of a wrapped message that is for what an engine is not asked.
    listed = [v for v in dca_vectors.to_decrypt() if not is_within(v) or v.restored is not None]
    answers = ask_engine(engine, (
        {"id": v.id, "op": "decrypt", "edition": str(v.edition), "message": coded(envelope(v)),
         "certificate": v.holder.certificate, "key": v.holder.key}
        for v in listed
    ))
    otherwise = {}
    for vector in listed:
        result = answers[vector.id]
        outcome = result["outcome"]
        if outcome != vector.expected.outcomes[0]:
            otherwise[name_of(vector.id)] = f"{outcome}: {result.get('reason')}"
        elif vector.restored is not None and not holds_entity(decoded(result), vector.restored):
            otherwise[name_of(vector.id)] = "other octets"
    assert len(listed) - len(otherwise) > 250
    hold_against_the_list(engine, "decrypt", otherwise)


def is_within(vector: dca_vectors.Decrypt) -> bool:
    """Whether it is about signatures around an envelope."""
    return dca_vectors.group_of(vector.id) in ("signed-around", "signers")


def envelope(vector: dca_vectors.Decrypt) -> bytes:
    return within(vector.message) if is_within(vector) else vector.message


def test_it_verifies_what_the_reference_signs_around_an_envelope(engine: str) -> None:
    """By CMS alone, which is all that an engine knows."""
    listed = [v for v in dca_vectors.to_encrypt() if v.wrapped == "signed"]
    assert len(listed) > 20
    made = ask(REFERENCE, (
        {"id": v.id, "op": "encrypt", "edition": str(v.edition), "message": coded(v.message),
         "recipients": [r.certificate for r in v.recipients], "addresses": list(v.addresses),
         "replacements": dict(v.replacements), "cipher": v.cipher, **asked_for(v)}
        for v in listed
    ))
    verified = ask_engine(engine, (
        {"id": v.id, "op": "verify", "edition": str(v.edition), "trust": [ROOT], "time": TIME,
         "message": made[v.id]["message"]}
        for v in listed
    ))
    for vector in listed:
        assert made[vector.id]["outer"] == "signed", vector.id
        result = verified[vector.id]
        assert result["outcome"] in ("valid", "no-secure-headers"), (vector.id, result)


def encrypted_ones() -> list[dca_vectors.Encrypt]:
    """Those with a signature around them are messages that others have without one."""
    return [
        v for v in dca_vectors.to_encrypt()
        if v.expected.outcomes[0] == "encrypted" and v.signature is None
    ]


def test_it_opens_what_the_reference_encrypts(engine: str) -> None:
    listed = encrypted_ones()
    made = ask(REFERENCE, (
        {"id": v.id, "op": "encrypt", "edition": str(v.edition), "message": coded(v.message),
         "recipients": [r.certificate for r in v.recipients], "addresses": list(v.addresses),
         "replacements": dict(v.replacements), "cipher": v.cipher}
        for v in listed
    ))
    pairs = {f"{v.id} {r.name}": (v, r) for v in listed for r in v.recipients}
    answers = ask_engine(engine, (
        {"id": which, "op": "decrypt", "edition": str(v.edition), "message": made[v.id]["message"],
         "certificate": r.certificate, "key": r.key}
        for which, (v, r) in pairs.items()
    ))
    otherwise = {}
    for which, (vector, _) in pairs.items():
        result = answers[which]
        if result["outcome"] != "decrypted":
            otherwise[name_of(vector.id)] = f"{result['outcome']}: {result.get('reason')}"
        elif not holds_entity(decoded(result), vector.message):
            otherwise[name_of(vector.id)] = "other octets"
    assert len(pairs) - len(otherwise) > 100
    hold_against_the_list(engine, "decrypt-reference", otherwise)


def hidden_by_hand(vector: dca_vectors.Encrypt) -> bytes:
    """The message as it crosses the wire, but for its encryption."""
    header, _, body = vector.message.partition(b"\r\n\r\n")
    fields = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", header + b"\r\n")
    content = b"".join(f for f in fields if f.lower().startswith(b"content-"))
    outer = "".join(f"{field}\r\n" for field in vector.outer).encode()
    return outer + content + b"\r\n" + body


def test_the_reference_restores_what_it_encrypts(engine: str) -> None:
    listed = encrypted_ones()
    made = ask_engine(engine, (
        {"id": v.id, "op": "encrypt", "edition": str(v.edition), "trust": [ROOT],
         "message": coded(hidden_by_hand(v)), "recipients": [r.certificate for r in v.recipients],
         "cipher": v.cipher}
        for v in listed
    ))
    refused = {name_of(i): str(r.get("reason")) for i, r in made.items()
               if r["outcome"] != "encrypted"}
    hold_against_the_list(engine, "encrypt", refused)
    pairs = {
        f"{v.id} {r.name}": (v, r)
        for v in listed if name_of(v.id) not in refused for r in v.recipients
    }
    assert len(pairs) > 100
    opened = ask(REFERENCE, (
        {"id": which, "op": "decrypt", "edition": str(v.edition), "message": made[v.id]["message"],
         "certificate": r.certificate, "key": r.key, "addresses": list(v.addresses)}
        for which, (v, r) in pairs.items()
    ))
    verified = ask(REFERENCE, (
        {"id": which, "op": "verify", "edition": str(v.edition), "trust": [ROOT], "time": TIME,
         "message": opened[which]["message"]}
        for which, (v, _) in pairs.items()
    ))
    for which, (vector, _) in pairs.items():
        restored = "restored" if vector.expected.header == "hidden" else vector.expected.header
        assert opened[which]["header"] == restored, which
        assert halves(decoded(opened[which])) == halves(vector.message), which
        assert verified[which]["outcome"] == vector.expected.verifies, which
