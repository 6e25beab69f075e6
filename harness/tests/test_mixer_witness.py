"""What the reference writes for X.400, read by Wireshark and by pyasn1: the same people in the same
order. And what it refuses to read, refused by one of them too."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from x420_support import AS_IPM, LISTS, People, by_pyasn1, by_wireshark

from mailassay import paths


def vectors_of(operation: str) -> list[dict[str, Any]]:
    file = paths.ROOT / "vectors" / "mixer" / f"{operation}.json"
    told: list[dict[str, Any]] = json.loads(file.read_text())["vectors"]
    return told


def mapped() -> list[tuple[str, bytes, dict[str, Any]]]:
    return [
        (v["id"], base64.b64decode(v["reference"]["ipm"]), v["expected"]["outcomes"][0])
        for v in vectors_of("to-x400") if v["reference"]["outcome"] == "mapped"
    ]


def differences(name: str, people: People, wanted: dict[str, Any]) -> list[str]:
    expected = {"originator": [wanted["originator"]]} | {
        key: wanted[key] for key in map(dashed, LISTS) if key in wanted
    }
    told = {key: getattr(people, key.replace("-", "_")) for key in expected}
    lines = [f"{name}: {complaint}" for complaint in people.complaints]
    return lines + [f"{name}: {told[k]} for {b}" for k, b in expected.items() if told[k] != b]


def dashed(name: str) -> str:
    return name.replace("_", "-")


def test_wireshark_reads_the_same_people_in_the_same_order(tmp_path: Path) -> None:
    vectors = mapped()
    assert len(vectors) >= 60
    seen = by_wireshark([octets for _, octets, _ in vectors], tmp_path)
    wrong = [line for (name, _, wanted), people in zip(vectors, seen)
             for line in differences(name, people, wanted)]
    assert wrong == []


def test_pyasn1_reads_the_same_people_in_the_same_order() -> None:
    wrong = [line for name, octets, wanted in mapped() if not name.endswith("/empty-bcc")
             for line in differences(name, by_pyasn1(octets), wanted)]
    assert wrong == []


def test_wireshark_has_no_complaint_about_headings_that_we_write(tmp_path: Path) -> None:
    # In the group values it stands wrong in an extension, and the rest is mapped.
    vectors = [
        v for v in vectors_of("from-x400")
        if v["reference"]["outcome"] == "mapped" and "/values/" not in v["id"]
    ]
    seen = by_wireshark([base64.b64decode(v["input"]["ipm"]) for v in vectors], tmp_path)
    assert [(v["id"], p.complaints) for v, p in zip(vectors, seen) if p.complaints] == []


def test_wireshark_knows_the_precedences_for_what_they_are(tmp_path: Path) -> None:
    message = (b"From: a@example.mil\r\nMMHS-Primary-Precedence: flash\r\n"
               b"MMHS-Copy-Precedence: 1\r\n\r\n")
    made = subprocess.run([paths.PROGRAM, "mixer", "to-x400"], input=message, capture_output=True,
                          timeout=60, check=True)
    assert by_wireshark([made.stdout], tmp_path)[0] == People(originator=["a@example.mil"])
    shown = subprocess.run(["tshark", *AS_IPM, "-r", tmp_path / "ipm.pcap", "-V"],
                           capture_output=True, text=True, timeout=60, check=True).stdout
    assert "PrimaryPrecedence: flash (4)" in shown and "CopyPrecedence: routine (1)" in shown


# Wireshark reads on past these (its facts are known); pyasn1 does not.
SILENT = ("originator-twice",)
# Sound as ASN.1, and not a message that can be mapped.
SOUND = ("no-originator", "notification")


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors_of("from-x400")
     if "/malformed/" in v["id"] and v["edition"] == "rfc" and v["input"]["ipm"]],
    ids=lambda v: v["id"].split("/")[-1],
)
def test_what_is_malformed_is_told_by_another_reader_too(
    vector: dict[str, Any], tmp_path: Path
) -> None:
    name = vector["id"].split("/")[-1]
    octets = base64.b64decode(vector["input"]["ipm"])
    shark, python = by_wireshark([octets], tmp_path)[0], by_pyasn1(octets)
    assert vector["reference"]["outcome"] == "refused"
    if name in SOUND:
        assert len(shark.originator) == 0
    elif name in SILENT:
        assert not shark.complaints and len(shark.originator) == 2
        assert python.complaints
    else:
        assert shark.complaints or python.complaints


def test_the_readers_tell_of_another_order(tmp_path: Path) -> None:
    name, octets, wanted = next(m for m in mapped() if m[0].endswith("rfc/order/two-users"))
    turned = {**wanted, "authorizing-users": wanted["authorizing-users"][::-1]}
    assert differences(name, by_wireshark([octets], tmp_path)[0], turned)
    assert differences(name, by_pyasn1(octets), turned)
