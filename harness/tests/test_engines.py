"""The vectors' CMS layer, by the word of engines that are not ours.

Where it is certain, the cases of the role `unaware-verifier` judge the engines as targets; here the
rest is held against the list of disagreements, both ways.  Bouncy Castle and pkijs are asked where
they are installed: `ci/interop` sees to that, and sets MAILASSAY_ALL_ENGINES, with which an engine
that is not there is a failure."""

from __future__ import annotations

import base64
import fnmatch
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from mailassay import paths, vectors
from mailassay.targets.model import load
from mailassay.targets.npm import MODULES, folder_for
from mailassay.verdicts import Edition

DISAGREEMENTS = tomllib.loads((paths.SHIMS / "disagreements.toml").read_text("utf-8"))
IN_CI = ("openssl", "nss", "gpgsm", "gnutls")
GOOD = "no-secure-headers"


def command(engine: str) -> list[str]:
    own = ["/usr/bin/python3", str(paths.SHIMS / f"{engine}.py")]
    if engine == "pkijs":
        own.append(str(folder_for(load(paths.TARGETS / "pkijs.toml")) / MODULES))
    return own


def is_there(engine: str) -> bool:
    if engine == "bouncycastle":
        there = Path("/usr/share/java/bcmail.jar").exists()
        return there and shutil.which("javac") is not None
    return Path(command(engine)[-1]).exists()


def asked(engine: str, listed: list[vectors.Vector]) -> dict[str, str]:
    """The outcome of each, by the name behind the edition."""
    requests = [
        {
            "id": v.id, "op": "verify", "edition": str(v.edition),
            "message": base64.b64encode(v.message).decode(), **v.request,
        }
        for v in listed
    ]
    told = subprocess.run(
        command(engine), input="".join(json.dumps(r) + "\n" for r in requests),
        capture_output=True, text=True, timeout=300, check=True,
    )
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    return {a["id"]: a["result"]["outcome"] for a in answers}


def name_of(identity: str) -> str:
    return identity.split("/", 3)[3]


@pytest.mark.parametrize("engine", [*IN_CI, "bouncycastle", "pkijs"])
def test_what_is_not_certain_is_listed(engine: str) -> None:
    if engine not in IN_CI and not is_there(engine):
        assert "MAILASSAY_ALL_ENGINES" not in os.environ, f"{engine} is not installed"
        pytest.skip(f"{engine} is not installed; ci/interop installs it")
    both = (v for edition in Edition for v in vectors.vectors_of(edition))
    uncertain = [v for v in both if v.expected.unaware is None]
    assert len(uncertain) > 50
    otherwise = {name_of(i) for i, said in asked(engine, uncertain).items() if said != GOOD}
    patterns = [
        d["vectors"] for d in DISAGREEMENTS["disagreement"]
        if d["engine"] == engine and "operation" not in d
    ]
    unlisted = {n for n in otherwise if not any(fnmatch.fnmatchcase(n, p) for p in patterns)}
    assert not unlisted, "disagreements that are not listed"
    stale = [p for p in patterns if not fnmatch.filter(otherwise, p)]
    assert not stale, "listed disagreements that are none any more"


@pytest.mark.parametrize("engine", IN_CI)
def test_a_request_without_a_signature_or_sense_has_its_answer(engine: str) -> None:
    lines = [
        {"id": "1", "op": "info"},
        {"id": "2", "op": "verify", "message": base64.b64encode(b"A: b\r\n\r\nc\r\n").decode()},
        {"id": "3", "op": "verify", "message": "%"},
        {"id": "4", "op": "sign"},
        {
            "id": "5", "op": "verify", "trust": [],
            "message": base64.b64encode(
                b"Content-Type: application/pkcs7-mime\r\n\r\nnonsense"
            ).decode(),
        },
    ]
    told = subprocess.run(
        command(engine), input="".join(json.dumps(r) + "\n" for r in lines),
        capture_output=True, text=True, timeout=60, check=True,
    )
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert answers[0]["result"]["operations"][0] == "verify"
    assert answers[1]["result"]["outcome"] == "not-signed"
    assert "base64" in answers[2]["error"]
    assert answers[3] == {"id": "4", "unimplemented": True}
    assert answers[4]["result"]["outcome"] == "unreadable"
