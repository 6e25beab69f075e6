"""The shim protocol, by its schemas: the reference's answers, the vectors, and the README."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mailassay import paths, vector_files, vectors

SCHEMAS = paths.ROOT / "vectors" / "schema"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))


def ask(*lines: str) -> list[dict[str, Any]]:
    ended = subprocess.run(
        [paths.PROGRAM, "shim"], input="".join(line + "\n" for line in lines),
        capture_output=True, text=True, timeout=60, check=True,
    )
    return [json.loads(line) for line in ended.stdout.splitlines()]


def request_of(vector: vectors.Vector) -> dict[str, Any]:
    return {
        "id": vector.id,
        "op": vector.operation,
        "edition": str(vector.edition),
        "message": base64.b64encode(vector.message).decode(),
        **vector.request,
    }


def test_every_vector_makes_a_request_and_gets_an_answer() -> None:
    of_request, of_answer = schema("shim-request"), schema("shim-answer")
    requests = [request_of(v) for v in vectors.load()[::7]]
    for request in requests:
        jsonschema.validate(request, of_request)
    answers = ask(*map(json.dumps, requests))
    assert [a["id"] for a in answers] == [r["id"] for r in requests]
    for answer in answers:
        jsonschema.validate(answer, of_answer)
        assert "result" in answer


@pytest.mark.parametrize("name", ["verify", "sign"])
def test_the_vectors_meet_their_schema(name: str) -> None:
    told = json.loads((vectors.FOLDER / f"{name}.json").read_text("utf-8"))
    jsonschema.validate(told, schema("secure-headers"))


def test_nonsense_is_answered() -> None:
    answers = ask("", "[]", "{", json.dumps({"id": "1", "op": "fly"}), '{"id": "2", "op": "sign"}')
    assert ["error" in a for a in answers] == [True, True, True, False, True]
    assert answers[3] == {"id": "1", "unimplemented": True}


def test_the_readme_shows_what_is_so() -> None:
    lines = (paths.SHIMS / "README.md").read_text("utf-8").splitlines()
    asked = next(line for line in lines if line.startswith("    $ echo '"))
    shown = lines[lines.index(asked) + 2]
    assert ask(asked.split("'")[1])[0] == json.loads(shown)


def test_the_readme_encrypts_and_decrypts() -> None:
    text = (paths.SHIMS / "README.md").read_text("utf-8")
    program = re.search(r"^```python\n(.*?)^```\n", text, re.DOTALL | re.MULTILINE)
    shown = re.search(r"^It prints\n\n```\n(.*?)^```\n", text, re.DOTALL | re.MULTILINE)
    assert program and shown
    ended = subprocess.run(
        [sys.executable, "-c", program[1].replace("build/mailassay", str(paths.PROGRAM))],
        cwd=paths.ROOT, capture_output=True, text=True, timeout=60, check=True,
    )
    assert ended.stdout == shown[1]


def test_keys_are_marked_as_such() -> None:
    for file in (vectors.FOLDER / "keys").glob("*.key.pem"):
        assert file.read_text("ascii").startswith("TEST MATERIAL OF MAILASSAY"), file


def test_a_bad_file_of_vectors_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "verify.json").write_text("{}")
    with pytest.raises(vector_files.VectorError, match=r"verify.json: KeyError"):
        vectors.load(tmp_path)
    (tmp_path / "one.json").write_text('{"vectors": [{"id": "a"}, {"id": "a"}]}')
    with pytest.raises(vector_files.VectorError, match=r"one.json: the id a stands twice"):
        vector_files.read(tmp_path, ("one",), lambda told, _: told)
