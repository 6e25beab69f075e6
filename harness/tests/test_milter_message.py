"""What an MTA makes of a milter's changes."""

from __future__ import annotations

import random

import pytest

from mailassay.milter.message import Mail, changed, mail, told_value
from mailassay.milter.words import (
    AddField,
    AddRecipient,
    Change,
    ChangeField,
    ChangeSender,
    DeleteRecipient,
    InsertField,
    Quarantine,
    ReplaceBody,
)

TEXT = b"A: 1\r\nB:2\r\na:\t3\r\n folded\r\nC:\r\n\r\nbody\r\n"


def held() -> Mail:
    return mail(TEXT, b"<s@x>", (b"<r@x>", b"<q@x>"))


def header(changes: list[Change], spaced: bool = True) -> bytes:
    octets = changed(held(), changes, spaced).octets
    return octets.partition(b"\r\n\r\n")[0]


def test_a_message_is_what_it_was() -> None:
    assert held().octets == TEXT
    assert held().values(b"A") == (b"1", b"3 folded")
    for bad in (b"no header\r\n\r\n", b"A: 1\r\n"):
        with pytest.raises(ValueError):
            mail(bad, b"<>", ())


def test_what_a_milter_is_told_comes_back_the_same() -> None:
    """Told and inserted again, a value is what it was: with its space, or with one."""
    source = random.Random(3897)
    for _ in range(300):
        value = b" " + bytes(source.choice(b"ab \t:;,<>") for _ in range(source.randrange(30)))
        value = value.replace(b"a ", b"a\r\n ")
        octets = b"X:" + value + b"\r\n\r\n"
        (field,) = mail(octets, b"<>", ()).fields
        for spaced in (True, False):
            told = told_value(field, spaced)
            assert b"\r" not in told
            empty = Mail(b"<>", (), (), b"")
            back = changed(empty, [AddField(b"X", told)], spaced)
            assert back.octets == octets


def test_fields_are_added_and_inserted_where_it_says() -> None:
    assert header([AddField(b"N", b" n\n m")]).endswith(b"C:\r\nN: n\r\n m")
    assert header([AddField(b"N", b"n")], spaced=False).endswith(b"\r\nN: n")
    assert header([InsertField(0, b"N", b" n")]).startswith(b"N: n\r\nA: 1")
    assert header([InsertField(1, b"N", b" n")]).startswith(b"A: 1\r\nN: n\r\nB")
    assert header([InsertField(2**32 - 1, b"N", b" n")]).endswith(b"C:\r\nN: n")


def test_the_second_of_a_name_is_changed_or_goes() -> None:
    assert b"a: x\r\nC:" in header([ChangeField(2, b"A", b" x")])
    assert header([ChangeField(2, b"A", b"")]) == b"A: 1\r\nB:2\r\nC:"
    assert header([ChangeField(0, b"b", b" x")]) == header([ChangeField(1, b"B", b" x")])


def test_a_field_that_is_not_there_is_added_by_a_change_and_not_by_a_deletion() -> None:
    assert header([ChangeField(1, b"N", b" n")]).endswith(b"N: n")
    assert header([ChangeField(3, b"A", b" n")]).endswith(b"A: n")
    assert header([ChangeField(1, b"N", b"")]) == TEXT.partition(b"\r\n\r\n")[0]


def test_body_and_envelope() -> None:
    after = changed(
        held(),
        [ReplaceBody(b"new "), AddRecipient(b"n@x"), DeleteRecipient(b"r@x"), ReplaceBody(b"one"),
         ChangeSender(b"<>"), Quarantine(b"why")],
        True,
    )
    assert after.body == b"new one" and after.recipients == (b"<q@x>", b"<n@x>")
    assert after.sender == b"<>" and after.quarantined == b"why"
    assert changed(held(), [ReplaceBody(b"")], True).body == b""
    assert changed(held(), [], True) == held()
