"""The vectors of OPES: their format, and how what comes of them is judged."""

from __future__ import annotations

import base64
import json
import subprocess
from collections import Counter

import jsonschema
import pytest

from mailassay import opes_vectors, paths
from mailassay.adaptation import Field, agents_of, aspects_of, fields_of
from mailassay.opes_seen import same

SCHEMA = json.loads((paths.ROOT / "vectors" / "schema" / "opes.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("name", opes_vectors.OPERATIONS)
def test_the_vectors_meet_their_schema(name: str) -> None:
    jsonschema.validate(json.loads((opes_vectors.FOLDER / f"{name}.json").read_text()), SCHEMA)


def test_there_are_many_of_each_kind_in_both_editions() -> None:
    kinds = Counter((v.edition, v.operation) for v in opes_vectors.load())
    assert sum(kinds.values()) >= 160 and len(kinds) == 8 and min(kinds.values()) >= 5, kinds


def test_every_vector_makes_a_request_and_gets_the_answer_that_it_shows() -> None:
    of_request, of_answer = (
        json.loads((paths.ROOT / f"vectors/schema/shim-{name}.schema.json").read_text())
        for name in ("request", "answer")
    )
    told = [
        v for name in opes_vectors.OPERATIONS
        for v in json.loads((opes_vectors.FOLDER / f"{name}.json").read_text())["vectors"]
    ]
    lines = []
    for vector in told:
        request = {
            "id": vector["id"], "op": vector["id"].split("/")[1], "edition": vector["edition"],
            **vector["input"],
        }
        if "message" in request:
            request["message"] = base64.b64encode(request["message"].encode()).decode()
        jsonschema.validate(request, of_request)
        lines.append(json.dumps(request) + "\n")
    ended = subprocess.run(
        [paths.PROGRAM, "shim"], input="".join(lines), capture_output=True, text=True, timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [a["id"] for a in answers] == [v["id"] for v in told]
    for answer, vector in zip(answers, told):
        jsonschema.validate(answer, of_answer)
        if not vector["id"].startswith("opes/report/"):  # a report has a boundary of its own
            assert answer["result"] == vector["reference"], vector["id"]


def test_fields_are_read_as_they_stand() -> None:
    found = fields_of(b"A: 1\r\n\t2\r\nOPES-Via: x\r\n\r\nA: body")
    assert [f.name for f in found] == ["a", "opes-via"]
    assert found[0].raw == b"A: 1\r\n\t2" and found[0].body == "1\t2"


def test_agents_are_found_beside_their_parameters() -> None:
    field = Field("opes-via", b'OPES-Via: http://a/;x="http://b/, c", , HTTP://C/x;y, nonsense')
    assert agents_of(field) == ["http://a/", "HTTP://C/x"]
    assert same("HTTP://C/x,1", "http://c/x%2C1") and not same("http://c/X", "http://c/x")


def test_an_answer_that_is_none_is_told() -> None:
    vector = next(v for v in opes_vectors.load() if v.operation == "trace")
    for message in (None, 1, "%"):
        told = aspects_of(vector, {"outcome": "forwarded", "message": message, "given": []})
        assert not all(seen.held for seen in told), message


def test_the_message_unchanged_is_no_trace() -> None:
    for vector in opes_vectors.load():
        if vector.expected["outcomes"] == ["forwarded"]:
            same_octets = base64.b64encode(vector.message).decode()
            given = [same_octets] * len(vector.services)
            told = {"outcome": "forwarded", "message": same_octets, "given": given}
            assert not all(s.held for s in aspects_of(vector, told)), vector.id
