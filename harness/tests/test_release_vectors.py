"""The vectors of Draft and Release: their format, that the program answers as they show, and how
what comes of them is judged."""

from __future__ import annotations

import base64
import json
import subprocess
from collections import Counter
from functools import cache
from typing import Any

import jsonschema
import pytest

from mailassay import paths, release_vectors
from mailassay.authorizing import (
    fault_of_octets,
    fault_of_signature,
    followed,
    reading_of,
    users_in,
)
from mailassay.cases.registry import all_cases
from mailassay.release_vectors import ReleaseVector

SCHEMAS = paths.ROOT / "vectors" / "schema"
ROLES = ("agent", "submission", "border", "delivery", "recipient")


def _schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))


def _request(vector: ReleaseVector) -> dict[str, Any]:
    return {
        "id": vector.id, "op": vector.operation, "edition": vector.edition,
        "message": base64.b64encode(vector.message).decode(), **vector.request,
    }


@cache
def answers() -> dict[str, Any]:
    """The reference's answers to all vectors, by id."""
    lines = "".join(json.dumps(_request(v)) + "\n" for v in release_vectors.load())
    ended = subprocess.run(
        [paths.PROGRAM, "shim"], input=lines, capture_output=True, text=True, timeout=120,
        check=True,
    )
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    return {answer["id"]: answer for answer in told}


@pytest.mark.parametrize("name", release_vectors.OPERATIONS)
def test_the_vectors_meet_their_schema(name: str) -> None:
    file = release_vectors.FOLDER / f"{name}.json"
    jsonschema.validate(json.loads(file.read_text()), _schema("release"))


def test_there_are_many_for_each_role_in_both_editions() -> None:
    kinds = Counter((v.edition, v.id.split("/")[1]) for v in release_vectors.load())
    assert sum(kinds.values()) >= 400 and len(kinds) == 10 and min(kinds.values()) >= 12, kinds


def test_requests_and_answers_meet_their_schemas() -> None:
    of_request = jsonschema.Draft7Validator(_schema("shim-request"))
    of_answer = jsonschema.Draft7Validator(_schema("shim-answer"))
    for vector in release_vectors.load():
        of_request.validate(_request(vector))
        of_answer.validate(answers()[vector.id])


def test_every_clause_of_a_case_is_judged_by_a_vector() -> None:
    for case in all_cases():
        if case.name.split("/")[1] not in ROLES or not case.name.startswith("release/"):
            continue
        told = {
            clause for edition in case.editions
            for v in release_vectors.of_case(case.name, edition) for clause in v.clauses
        }
        assert told >= set(case.requirements), case.name


def test_every_case_has_vectors_in_each_of_its_editions() -> None:
    asked = {(v.case, v.edition) for v in release_vectors.load()}
    declared = {
        (c.name, e) for c in all_cases() for e in c.editions
        if c.name.startswith("release/") and c.name.split("/")[1] in ROLES
    }
    assert asked == declared


def test_the_reference_is_judged_to_have_the_first_outcome() -> None:
    """Signers, countersigners and notices included, which the reference itself can't judge."""
    for vector in release_vectors.load():
        read, fault = reading_of(vector, answers()[vector.id]["result"])
        assert fault == "", vector.id
        assert followed(vector, read) == vector.outcomes[0], (vector.id, read)


def _released() -> list[tuple[ReleaseVector, bytes]]:
    """Vectors whose outcome has the drafter's octets and the user's signature, with what came."""
    found = []
    for vector in release_vectors.load():
        if vector.outcomes[0].get("signed"):
            message = base64.b64decode(answers()[vector.id]["result"]["message"])
            found.append((vector, message))
    return found


def test_openssl_believes_what_the_reference_released_and_nothing_else() -> None:
    vector, message = _released()[0]
    assert fault_of_signature(vector, message) == "" == fault_of_octets(vector, message)
    changed = message.replace(b"at dawn", b"at dusk")
    assert "does not verify" in fault_of_signature(vector, changed)
    assert "as it was" in fault_of_octets(vector, changed)
    others = next(v for v, _ in _released() if v.given["signer"] != vector.given["signer"])
    assert "is not the user's" in fault_of_signature(others, message)
    without = message.replace(b"Subject: Orders\r\n", b"", 1)
    assert "subject" in fault_of_octets(vector, without)


def test_what_goes_on_unreleased_is_seen() -> None:
    """Whatever should stop a message is not followed by an answer that lets it go."""
    for vector in release_vectors.load():
        stops = {"set-aside", "returned", "to-abuse", "discarded"}
        if {o["outcome"] for o in vector.outcomes} <= stops:
            message = base64.b64encode(vector.message).decode()
            read, _ = reading_of(vector, {"outcome": "released", "message": message})
            assert followed(vector, read) is None, vector.id


def test_a_field_that_stands_twice_is_a_fault() -> None:
    field = b"MMHS-Authorizing-Users: one@mil.example\r\n"
    assert users_in(field + b"\r\n") == ["one@mil.example"]
    with pytest.raises(ValueError, match="twice"):
        users_in(field + field.lower() + b"\r\n")
    with pytest.raises(ValueError, match="nobody"):
        users_in(b"MMHS-Authorizing-Users:\r\n\r\n")


@pytest.mark.parametrize("message", [None, 1, "%"])
def test_an_answer_that_is_none_is_told(message: object) -> None:
    vector = release_vectors.load()[0]
    _, fault = reading_of(vector, {"outcome": "released", "message": message})
    assert fault
