"""The authority's vectors: their format, and their marks."""

from __future__ import annotations

import json
from collections import Counter

import jsonschema
import pytest

from mailassay import dca_vectors, paths
from mailassay.authorities import hidden_in
from mailassay.leaks import look_for

# What is to be decrypted and stands in the clear, and what holds but another envelope.
HIDING_NOTHING = (
    "not-encrypted/text", "not-encrypted/signed-detached", "not-encrypted/signed-opaque",
    "signed-around/no-envelope", "damaged/signed-data",
    "conditions/encrypted-twice",
)
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


def test_every_hidden_value_is_one_that_can_be_found() -> None:
    """None is too short to be looked for, which raises, and each is in what is to be encrypted."""
    for vector in dca_vectors.to_encrypt():
        hidden = {value: value for value in hidden_in(vector)}
        assert hidden, vector.id
        if vector.id.endswith("conditions/encrypted-already"):
            continue  # its text is in an envelope already
        found = {leak.name for leak in look_for(hidden, {"message": vector.message})}
        assert found == set(hidden), (vector.id, set(hidden) - found)


def test_every_envelope_hides_what_can_be_found_when_it_is_opened() -> None:
    for vector in dca_vectors.to_decrypt():
        hidden = {value: value for value in hidden_in(vector)}
        hides_nothing = any(part in vector.id for part in HIDING_NOTHING)
        assert bool(hidden) is not hides_nothing, vector.id
        assert not look_for(hidden, {"message": vector.message}), vector.id
        if vector.restored is not None:
            found = {leak.name for leak in look_for(hidden, {"restored": vector.restored})}
            assert found == set(hidden), (vector.id, set(hidden) - found)
