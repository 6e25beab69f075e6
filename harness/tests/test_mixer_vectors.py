"""The vectors of the border to X.400: their format, and that the program answers as they show."""

from __future__ import annotations

import base64
import json
import subprocess
from collections import Counter
from typing import Any

import jsonschema
import pytest

from mailassay import mixer_vectors, paths
from mailassay.bordering import comments_in, followed, header, normal, reading_of, told_of
from mailassay.cases.registry import all_cases
from mailassay.catalogue import load as load_catalogue
from mailassay.mixer_vectors import MixerVector
from mailassay.verdicts import Edition

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
    assert sum(kinds.values()) >= 500 and len(kinds) == 4 and min(kinds.values()) >= 30, kinds


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


def test_every_clause_that_a_case_cites_is_told_of_by_a_vector() -> None:
    catalogue = load_catalogue(paths.CATALOGUE)
    checked = 0
    for case in (c for c in all_cases() if c.name.startswith("release/gateway/")):
        for edition in Edition:
            told = {
                catalogue.translate(catalogue[clause].same_as or clause, edition) or clause
                for vector in mixer_vectors.of_case(case.name, edition)
                for clause in vector.clauses
            }
            cited = {catalogue.translate(clause, edition) for clause in case.requirements}
            assert cited - {None} <= told, (case.name, edition)
            checked += len(cited)
    assert checked >= 200


def vector_named(name: str) -> MixerVector:
    return next(v for v in mixer_vectors.load() if v.id == f"mixer/{name}")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_judge_takes_what_the_reference_answers_and_no_other_answer(operation: str) -> None:
    """Each answer is held against every vector of the same group: it fits its own, and most
    others it does not."""
    told = [v for v in vectors_of(operation) if v["edition"] == "rfc"]
    strange = 0
    for one in told:
        read, fault = reading_of(vector_named(one["id"].removeprefix("mixer/")), one["reference"])
        for other in (o for o in told if o["case"] == one["case"]):
            vector = vector_named(other["id"].removeprefix("mixer/"))
            fits = not fault and followed(vector, read, told_of(one["reference"])) is not None
            assert fits or one is not other, (one["id"], fault)
            strange += not fits
    assert strange > len(told)


def test_a_header_is_read_strictly() -> None:
    for octets, why in (
        (b"From: a@x\r\nFrom: b@x\r\n\r\n", "twice"),
        (b"From: a@x\r\nMMHS-Authorizing-Users: \r\n\r\n", "nobody"),
        (b"From: a@x\r\nSubject: \xe9\r\n\r\n", "ASCII"),
        (b"From: a@x\r\nTo: <b@x\r\n\r\n", "To"),
    ):
        with pytest.raises(ValueError, match=why):
            header(octets)


def test_who_is_missing_has_to_be_told() -> None:
    vector = vector_named("from-x400/rfc/unaddressed/first")
    read = {"outcome": "mapped", **vector.outcomes[0]}
    assert followed(vector, read, told=True) and not followed(vector, read, told=False)


def test_comments_belong_to_their_address() -> None:
    assert comments_in('"a, (b)" <c@x> (d) (e, f), g@x, h@x (i)') == ["d e, f", "", "i"]


def test_an_address_is_the_same_however_it_is_quoted() -> None:
    assert normal('"a\\"b"@X.example') == 'a"b@x.example'
    for same, other in (
        ("/S=a/CN=b/C=GB/", "/CN=b/C=GB/S=a/"), ("/OU=a/S=b/O=c/", "/S=b/OU=a/O=c/"),
        ("/S=a/C=GB/@g", '"/C=GB/S=a/"@G'),
    ):
        assert normal(same) == normal(other)
    for one, other in (("/OU=a/OU=b/", "/OU=b/OU=a/"), ("/O=a/OU=b/", "/OU=b/O=a/"),
                       ("/DD.x=a/DD.y=b/", "/DD.y=b/DD.x=a/"), ("/S=a/", "/G=a/")):
        assert normal(one) != normal(other)
    assert normal('"a"@x') == normal("a@X") != normal("A@x")
