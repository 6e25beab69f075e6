"""What the reference writes for X.400, and what the vectors give it from there, read by Wireshark,
by pyasn1 and by the judges' own reader: the same people in the same order, in every list. And what
the reference refuses to read, refused by one of them too."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from x420_support import AS_IPM, LISTS, People, by_pyasn1, by_wireshark

from mailassay import paths
from mailassay.bordering import heading, normal

TO_X400, FROM_X400 = "to-x400", "from-x400"
# Where a reader has less to say, by the vector's name.
# Of these pyasn1's types have the printable half alone, and Wireshark shows both.
TELETEX = ("teletex-alone", "teletex-beside", "teletex-printable", "teletex-the-same")
# No gateway may write these, and the judges' reader refuses them.
NEVER_WRITTEN = ("empty-list", "segments", "escape-beyond-ascii", "escape-unknown", "values/twice")
# Postal and network attributes, which pyasn1's types have not.
POSTAL = ("postal", "network")
# pyasn1 takes segments of the string's own type, which X.690 (8.21) has as OCTET STRING.
SEGMENTS = ("encoding/segments",)
# Whether there is an address in it is RFC 2156's to say, and not a reader's of X.420.
WITHIN = ("no-address-within", "two-within", "address-in-teletex", "address-in-teletex-as-it-is")
# An empty list is sound, and pyasn1 does not write it again.
EMPTY = ("empty-bcc", "empty-lists", "empty-list")


def vectors_of(operation: str) -> list[dict[str, Any]]:
    file = paths.ROOT / "vectors" / "mixer" / f"{operation}.json"
    told: list[dict[str, Any]] = json.loads(file.read_text())["vectors"]
    return told


def octets_of(vector: dict[str, Any]) -> bytes:
    held = vector["reference"] if vector["id"].startswith("mixer/to-x400/") else vector["input"]
    return base64.b64decode(held["ipm"])


def mapped(operation: str) -> list[dict[str, Any]]:
    """Those with a heading that can be mapped, in both editions."""
    return [v for v in vectors_of(operation) if v["reference"]["outcome"] == "mapped"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, People]:
    """What Wireshark makes of every heading that can be mapped."""
    folder = tmp_path_factory.mktemp("wireshark")
    found: dict[str, People] = {}
    for vectors in (mapped(TO_X400), mapped(FROM_X400)):
        people = by_wireshark([octets_of(v) for v in vectors], folder)
        found |= {v["id"]: p for v, p in zip(vectors, people, strict=True)}
    return found


def lists_of(people: People) -> dict[str, list[str]]:
    return {"originator": people.originator} | {
        name.replace("_", "-"): getattr(people, name) for name in LISTS
    }


def differences(name: str, people: People, wanted: dict[str, Any]) -> list[str]:
    """`wanted`: lists by their name in a heading; those that it has not are not looked at."""
    told = lists_of(people)
    expected = {
        key: [value] if isinstance(value, str) else value
        for key, value in wanted.items() if key in told
    }
    lines = [f"{name}: {complaint}" for complaint in people.complaints]
    return lines + [f"{name}: {told[k]} for {b}" for k, b in expected.items() if told[k] != b]


def is_one_of(vector: dict[str, Any], names: tuple[str, ...]) -> bool:
    return str(vector["id"]).endswith(names)


def test_every_heading_that_is_written_names_whom_it_should(seen: dict[str, People]) -> None:
    vectors = mapped(TO_X400)
    wrong = [line for v in vectors
             for line in differences(v["id"], seen[v["id"]], v["expected"]["outcomes"][0])]
    wrong += [line for v in vectors if not is_one_of(v, EMPTY + POSTAL)
              for line in differences(v["id"], by_pyasn1(octets_of(v)),
                                      v["expected"]["outcomes"][0])]
    assert wrong == []
    assert len(vectors) > 250
    assert sum(len(seen[v["id"]].authorizing_users) for v in vectors) > 250


@pytest.mark.parametrize("operation", (TO_X400, FROM_X400))
def test_three_readers_name_the_same_people_in_every_list(
    operation: str, seen: dict[str, People]
) -> None:
    wrong: list[tuple[str, object, object]] = []
    compared = 0
    for vector in mapped(operation):
        name, octets = vector["id"], octets_of(vector)
        wireshark = lists_of(seen[name])
        others = []
        if not is_one_of(vector, TELETEX + SEGMENTS + POSTAL):
            others.append(lists_of(by_pyasn1(octets)))
        if not is_one_of(vector, NEVER_WRITTEN + TELETEX):
            read = heading(octets)
            others.append({key: [read[key]] if key == "originator" else read[key]
                           for key in wireshark})
        wrong += [(name, wireshark, other) for other in others if other != wireshark]
        compared += len(others)
    assert wrong == []
    assert compared > 1.8 * len(mapped(operation))


def in_fields(people: People, kind: str, reading: str | None) -> dict[str, list[str]]:
    """Where section 5.2 puts those whom a heading names; without an Internet address they stand in
    the local part of one at the gateway."""
    def addressed(names: list[str]) -> list[str]:
        return [normal(f'"{n}"@gateway.example') if n.startswith("/") else n for n in names]

    author, users = addressed(people.originator), addressed(people.authorizing_users)
    fields = {
        "To": addressed(people.primary_recipients), "Cc": addressed(people.copy_recipients),
        "Bcc": addressed(people.blind_copy_recipients), "Reply-To": people.reply_recipients,
    }
    if not fields["To"] and not fields["Cc"] and not fields["Bcc"]:
        fields["To"] = ["list:;"]
    if kind == "military":
        kept = [u for u in users if reading != "left out" or not u.endswith(":;")]
        return fields | {"From": author, "Sender": [], "MMHS-Authorizing-Users": kept}
    return fields | {
        "From": users or author, "Sender": author if users else [], "MMHS-Authorizing-Users": [],
    }


def test_every_heading_that_is_read_becomes_the_fields_of_those_it_names(
    seen: dict[str, People]
) -> None:
    wrong, compared = [], 0
    for vector in mapped(FROM_X400):
        outcome = vector["expected"]["outcomes"][0]
        fields = in_fields(seen[vector["id"]], outcome["kind"], outcome.get("reading"))
        for field in (f for f in fields if f in outcome):
            if is_one_of(vector, TELETEX + WITHIN) and field == "MMHS-Authorizing-Users":
                continue
            wanted = list(map(normal, outcome[field]))
            if fields[field] != wanted:
                wrong.append((vector["id"], field, fields[field], wanted))
            compared += 1
    assert wrong == []
    assert compared > 500


def test_wireshark_has_no_complaint_about_headings_that_can_be_read(
    seen: dict[str, People]
) -> None:
    # In the group values it stands wrong in an extension, and the rest is mapped.
    vectors = [v for v in mapped(FROM_X400) if "/values/" not in v["id"]]
    assert [(v["id"], seen[v["id"]].complaints) for v in vectors if seen[v["id"]].complaints] == []
    assert len(vectors) > 180


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
SILENT = ("originator-twice", "users-twice")
# Sound as ASN.1, and not a message that can be mapped.
SOUND = ("no-originator", "notification")


def test_what_is_malformed_is_told_by_another_reader_too(tmp_path: Path) -> None:
    vectors = [
        v for v in vectors_of(FROM_X400)
        if "/malformed/" in v["id"] and v["edition"] == "rfc" and v["input"]["ipm"]
    ]
    assert len(vectors) >= 10
    for vector, shark in zip(vectors, by_wireshark([octets_of(v) for v in vectors], tmp_path)):
        name, python = vector["id"].split("/")[-1], by_pyasn1(octets_of(vector))
        assert vector["reference"]["outcome"] == "refused", name
        if name in SOUND:
            assert len(shark.originator) == 0, name
        elif name in SILENT:
            assert not shark.complaints and python.complaints, name
            assert len(shark.originator + shark.authorizing_users) >= 2, name
        else:
            assert shark.complaints or python.complaints, name


def test_the_readers_tell_of_another_order_and_of_who_is_missing(seen: dict[str, People]) -> None:
    vector = next(v for v in mapped(TO_X400) if v["id"].endswith("rfc/order/two-users"))
    name, wanted = vector["id"], vector["expected"]["outcomes"][0]
    users = wanted["authorizing-users"]
    for people in (seen[name], by_pyasn1(octets_of(vector))):
        assert not differences(name, people, wanted)
        for other in (users[::-1], users[:1], [*users, users[0]]):
            assert differences(name, people, {**wanted, "authorizing-users": other})
        assert differences(name, replace(people, complaints=["malformed"]), wanted)
