"""Clients of other making are judged by what they do, and never by what they can't do here."""

import json
from pathlib import Path

import pytest

from mailassay import paths
from mailassay.targets.model import TargetError, load
from support import HERE, mailassay

CLIENT = """
name = "client"
title = "A test client"
[declare]
editions = ["rfc"]
roles = ["submitting-client"]
options = ["submits-required"]
[reach]
kind = "process"
version = ["/bin/echo", "1"]
[submit]
ordinary = [{words}]
required = [{words}]
"""
GIVEN = "requiretls/client/parameter-is-given"
NOT_OFFERED = "requiretls/client/keyword-not-offered"
UNKNOWN = "requiretls/client/certificate-of-nobody-known"
REFUSED = "requiretls/client/parameter-refused"
CASES = (GIVEN, NOT_OFFERED, UNKNOWN, REFUSED)
ARGUMENTS = ("${server}", "${server_port}", "${ca_file}", "${sender}", "${recipient}")


def verdicts(folder: Path, character: str) -> dict[str, str]:
    """The verdict of each of the cases on the client of that character."""
    program = ("/usr/bin/python3", str(HERE / "submitting_client.py"), character, *ARGUMENTS)
    words = ", ".join(json.dumps(w) for w in program)
    file = folder / "client.toml"
    file.write_text(CLIENT.format(words=words))
    only = [word for name in CASES for word in ("--only", name)]
    mailassay("run", "--target", str(file), "--out", str(folder / "out"), *only)
    report = json.loads((folder / "out" / "report.json").read_text())
    return {c["name"]: c["verdict"] for c in report["targets"][0]["cases"]}


def test_a_correct_client_passes(tmp_path: Path) -> None:
    assert set(verdicts(tmp_path, "correct").values()) == {"pass"}


def test_a_client_that_does_not_look_what_is_offered(tmp_path: Path) -> None:
    found = verdicts(tmp_path, "careless")
    assert [n for n in CASES if found[n] == "fail"] == [NOT_OFFERED]


def test_a_client_that_trusts_anybody(tmp_path: Path) -> None:
    found = verdicts(tmp_path, "trusting")
    assert [n for n in CASES if found[n] == "fail"] == [UNKNOWN]


def test_a_client_that_forgets_the_parameter(tmp_path: Path) -> None:
    found = verdicts(tmp_path, "forgetful")
    assert [n for n in CASES if found[n] == "fail"] == [GIVEN, REFUSED]


def test_a_client_that_does_nothing_is_not_praised_for_it(tmp_path: Path) -> None:
    assert set(verdicts(tmp_path, "idle").values()) == {"inconclusive"}


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ("[submit]", "[submits]", "reach.command should be a list of strings"),
        ('ordinary = ["a"]\n', "", "submit.ordinary should be a list of strings"),
        ('required = ["a"]\n', "", "submits-required goes with submit.required"),
        ('options = ["submits-required"]\n', "", "submits-required goes with submit.required"),
        ('"submitting-client"', '"relay-server"', "the role submitting-client goes with"),
        ('"submitting-client"', '"submitting-client", "relay-server"', "command is missing"),
        ('required = ["a"]', 'required = ["a"]\nmaybe = ["a"]', "submit.maybe is not a known key"),
        ('required = ["a"]', 'required = ["${harbour}"]', "unknown placeholder 'harbour'"),
        ('version = ["/bin/echo", "1"]', 'version = ["${server}"]', "unknown placeholder 'server'"),
    ],
)
def test_a_bad_client_file(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = CLIENT.format(words='"a"')
    assert old in text
    file = tmp_path / "client.toml"
    file.write_text(text.replace(old, new))
    with pytest.raises(TargetError, match=complaint):
        load(file)


def test_the_clients_of_the_tree_declare_what_they_have_a_command_for() -> None:
    nodemailer = load(paths.TARGETS / "nodemailer.toml")
    assert not nodemailer.command and set(nodemailer.submit) == {"ordinary", "required"}
