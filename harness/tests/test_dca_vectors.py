"""The authority's vectors: their format, and their marks."""

from __future__ import annotations

import json
from collections import Counter

import jsonschema
import pytest

from mailassay import dca_vectors, paths

SCHEMA = json.loads((paths.ROOT / "vectors" / "schema" / "dca.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["encrypt", "decrypt"])
def test_the_vectors_meet_their_schema(name: str) -> None:
    jsonschema.validate(json.loads((dca_vectors.FOLDER / f"{name}.json").read_text()), SCHEMA)


def test_there_are_many_of_each_kind_in_both_editions() -> None:
    listed = (*dca_vectors.to_encrypt(), *dca_vectors.to_decrypt())
    kinds = Counter((v.edition, v.expected.outcomes[0]) for v in listed)
    assert len(listed) >= 120 and len(kinds) == 2 * 6 and min(kinds.values()) >= 3, kinds


def test_keys_are_marked_as_such() -> None:
    keys = list((dca_vectors.FOLDER / "keys").glob("*.key.pem"))
    assert len(keys) > 10
    for file in keys:
        assert file.read_text("ascii").startswith("TEST MATERIAL OF MAILASSAY"), file


def test_what_is_hidden_is_in_no_envelope_in_the_clear() -> None:
    for vector in dca_vectors.to_decrypt():
        if vector.expected.outcomes[0] == "decrypted":
            assert b"Hello Bob." not in vector.message, vector.id
