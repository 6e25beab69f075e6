"""The vectors of the border to X.400: their format, and that the program answers as they show."""

from __future__ import annotations

import base64
import json
import subprocess
from collections import Counter
from typing import Any

import jsonschema
import pytest

from mailassay import paths

OPERATIONS = ("to-x400", "from-x400")
FOLDER = paths.ROOT / "vectors" / "mixer"


def schema_of(name: str) -> Any:
    file = paths.ROOT / "vectors" / "schema" / f"{name}.schema.json"
    return json.loads(file.read_text("utf-8"))


def vectors_of(operation: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads((FOLDER / f"{operation}.json").read_text())["vectors"]
    return told


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_vectors_meet_their_schema(operation: str) -> None:
    jsonschema.validate({"schema": 1, "vectors": vectors_of(operation)}, schema_of("mixer"))


def test_there_are_many_of_each_kind_in_both_editions() -> None:
    kinds = Counter((v["edition"], name) for name in OPERATIONS for v in vectors_of(name))
    assert sum(kinds.values()) >= 150 and len(kinds) == 4 and min(kinds.values()) >= 30, kinds


def test_several_outcomes_are_each_named_and_differ() -> None:
    seen = 0
    for vector in [v for name in OPERATIONS for v in vectors_of(name)]:
        outcomes = vector["expected"]["outcomes"]
        assert (len(outcomes) > 1) == (vector["flags"] == ["reading"]), vector["id"]
        texts = {json.dumps({k: v for k, v in o.items() if k != "reading"}) for o in outcomes}
        assert len(texts) == len(outcomes), vector["id"]
        seen += len(outcomes) > 1
    assert seen >= 20


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_vector_makes_a_request_and_gets_the_answer_that_it_shows(operation: str) -> None:
    of_request, of_answer = schema_of("shim-request"), schema_of("shim-answer")
    told = vectors_of(operation)
    lines = []
    for vector in told:
        request = {
            "id": vector["id"], "op": operation, "edition": vector["edition"], **vector["input"],
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
        assert answer["result"] == vector["reference"], vector["id"]
