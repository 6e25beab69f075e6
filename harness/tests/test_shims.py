"""The shims of S/MIME engines: accepted is only what the engine itself finds good, with its chain.

The messages are signed by `mailassay sign` with certificates that openssl made for this test, and
then changed.  All go to one process of a shim, so nothing of one may help the next."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_engines import IN_CI, command, is_there

from mailassay import paths
from mailassay.smime import split

GOOD, BAD = "no-secure-headers", "signature-invalid"
P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
MESSAGE = (
    b"From: Alice <alice@example.org>\r\nSubject: hello\r\n"
    b"Content-Type: text/plain\r\n\r\nBody\r\n"
)
BASE64_LINES = re.compile(rb"(?:[A-Za-z0-9+/]{60,}=*\r\n)+(?:[A-Za-z0-9+/]+=*\r\n)?")
# How a signature value of RSA-2048 begins: an OCTET STRING of 256 octets.
RSA_SIGNATURE = b"\x04\x82\x01\x00"


@dataclass(frozen=True)
class Asked:
    """A message, whom to trust, and what an engine should say."""

    message: bytes
    trust: tuple[str, ...]
    outcome: str


def openssl(folder: Path, *words: str) -> None:
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def issue(folder: Path, name: str, kind: tuple[str, ...], by: str, extension: str) -> None:
    openssl(folder, "req", "-newkey", *kind, "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", f"/CN=TEST {name}")
    (folder / f"{name}.ext").write_text(extension)
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key",
            "-CAcreateserial", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TEST keys: the roots ca and stranger, between (below ca), rsa and ec (below ca), deep (below
    between)."""
    folder = tmp_path_factory.mktemp("shims")
    (folder / "policy.toml").write_text('[secured]\nFrom = "duplicated"\nSubject = "deleted"\n')
    for name in ("ca", "stranger"):
        openssl(folder, "req", "-x509", "-newkey", *P256, "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.pem", "-subj", f"/CN=TEST {name}")
    mail = "subjectAltName=email:alice@example.org\nkeyUsage=digitalSignature\n"
    issue(folder, "between", P256, "ca", "basicConstraints=critical,CA:TRUE\n")
    issue(folder, "rsa", ("rsa:2048",), "ca", mail)
    issue(folder, "ec", P256, "ca", mail)
    issue(folder, "deep", ("rsa:2048",), "between", mail)
    return folder


def sign(keys: Path, *signers: str, options: tuple[str, ...] = ()) -> bytes:
    words = [w for s in signers for w in ("--certificate", f"{s}.pem", "--key", f"{s}.key")]
    done = subprocess.run(
        [paths.PROGRAM, "sign", "--policy", "policy.toml", *words, *options],
        cwd=keys, input=MESSAGE, capture_output=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def changed(message: bytes, old: bytes, new: bytes) -> bytes:
    assert message.count(old) == 1 and len(old) == len(new)
    return message.replace(old, new)


def with_cms(message: bytes, cms: bytes) -> bytes:
    """The message with another CMS object."""
    found = max(BASE64_LINES.finditer(message), key=lambda m: len(m[0]))
    coded = base64.encodebytes(cms).replace(b"\n", b"\r\n")
    return message[:found.start()] + coded + message[found.end():]


def within(message: bytes, old: bytes, new: bytes) -> bytes:
    """The message with something changed in its CMS object."""
    return with_cms(message, changed(split(message).cms, old, new))


def with_a_broken_signature(message: bytes) -> list[bytes]:
    """A message for each signer (RSA), whose signature value has one bit turned."""
    cms = split(message).cms
    found = [m.end() + 100 for m in re.finditer(re.escape(RSA_SIGNATURE), cms)]
    return [with_cms(message, cms[:i] + bytes([cms[i] ^ 1]) + cms[i + 1:]) for i in found]


@pytest.fixture(scope="module")
def asked(keys: Path) -> dict[str, Asked]:
    ca, stranger = (((keys / f"{name}.pem").read_text(),) for name in ("ca", "stranger"))
    table: dict[str, Asked] = {}
    for key in ("rsa", "ec"):
        detached, opaque = sign(keys, key), sign(keys, key, options=("--opaque",))
        body = changed(detached, b"\r\nBody\r\n", b"\r\nbody\r\n")
        table |= {
            f"{key} detached": Asked(detached, ca, GOOD),
            f"{key} opaque": Asked(opaque, ca, GOOD),
            f"{key} detached, body": Asked(body, ca, BAD),
            f"{key} opaque, body": Asked(within(opaque, b"Body", b"body"), ca, BAD),
            f"{key} detached, attribute": Asked(within(detached, b"hello", b"jello"), ca, BAD),
            f"{key} opaque, attribute": Asked(within(opaque, b"hello", b"jello"), ca, BAD),
            f"{key} detached, stranger": Asked(detached, stranger, BAD),
            f"{key} opaque, stranger": Asked(opaque, stranger, BAD),
            f"{key} trusting nobody": Asked(detached, (), BAD),
        }
    two = sign(keys, "rsa", "deep", options=("--opaque", "--chain", "between.pem"))
    broken = with_a_broken_signature(two)
    assert len(broken) == 2
    table |= {f"signer {n} broken": Asked(m, ca, BAD) for n, m in enumerate(broken)}
    return table | {
        "two signers": Asked(two, ca, GOOD),
        "whole chain": Asked(sign(keys, "deep", options=("--chain", "between.pem")), ca, GOOD),
        "chain with a gap, after it was whole": Asked(sign(keys, "deep"), ca, BAD),
        "unsigned": Asked(MESSAGE, ca, "not-signed"),
        "garbage": Asked(with_cms(sign(keys, "rsa"), b"nonsense" * 40), ca, "unreadable"),
    }


def ask(engine: str, requests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The answers by their id; the shim ends well and leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:  # its name is short enough for sockets
        done = subprocess.run(
            command(engine), input="".join(json.dumps(r) + "\n" for r in requests),
            capture_output=True, text=True, timeout=300, env={**os.environ, "TMPDIR": folder},
        )
        assert done.returncode == 0, done.stderr
        assert not list(Path(folder).glob("shim-*"))
    return {a["id"]: a for a in map(json.loads, done.stdout.splitlines())}


def request(name: str, message: bytes, trust: tuple[str, ...], **more: str) -> dict[str, Any]:
    coded = base64.b64encode(message).decode()
    return {
        "id": name, "op": "verify", "edition": "rfc", "message": coded, "trust": list(trust), **more
    }


@pytest.fixture(params=[*IN_CI, "bouncycastle", "pkijs"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name not in IN_CI and not is_there(name):
        pytest.skip(f"{name} is not installed; ci/interop installs it")
    return name


def test_accepted_is_what_is_good(engine: str, asked: dict[str, Asked]) -> None:
    expected = {name: a.outcome for name, a in asked.items()}
    if engine == "gnutls":  # it can't be asked so
        expected |= {f"{key} trusting nobody": "error" for key in ("rsa", "ec")}
    answers = ask(engine, [request(n, a.message, a.trust) for n, a in asked.items()])
    told = {n: a["result"]["outcome"] if "result" in a else "error" for n, a in answers.items()}
    assert told == expected
    for answer in answers.values():
        reason = answer.get("result", {}).get("reason", "")
        assert reason.isprintable() and len(reason) <= 400


def test_a_request_that_makes_no_sense_is_an_error(engine: str, asked: dict[str, Asked]) -> None:
    good = asked["rsa detached"]
    answers = ask(engine, [
        request("time", good.message, good.trust, time="soon"),
        request("root", good.message, ("no certificate \u00e9",)),
        request("then", good.message, good.trust),
    ])
    assert "time should be" in answers["time"]["error"]
    assert "trust should be" in answers["root"]["error"]
    assert answers["then"]["result"]["outcome"] == GOOD
