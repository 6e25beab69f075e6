"""The messages of callout cases: what is whole is found whole, and each change is noticed."""

import asyncio
from dataclasses import replace
from pathlib import Path

from mailassay import callout_mail as letters
from mailassay.milter.client import open_connection
from mailassay.milter.message import Field, Mail
from mailassay.milter_session import dkim_record
from milter_support import OUTSIDE, opendkim


def with_body(mail: Mail) -> Mail:
    return replace(mail, body=mail.body + b"A footer.\r\n")


def without(mail: Mail, name: bytes) -> Mail:
    return replace(mail, fields=tuple(f for f in mail.fields if not f.is_called(name)))


def with_subject(mail: Mail) -> Mail:
    return replace(
        mail,
        fields=tuple(
            Field(f.name, b" [LAB]" + f.value) if f.is_called(b"Subject") else f
            for f in mail.fields
        ),
    )


def test_smime_signatures_hold_and_break() -> None:
    for kind in ("detached", "opaque"):
        whole = letters.smime_signed(kind)
        assert letters.smime_fault(whole) is None
        assert letters.smime_fault(without(whole, b"Content-Type")) is not None
    detached = letters.smime_signed("detached")
    altered = replace(detached, body=detached.body.replace(b"\r\n\r\n", b"\r\n\r\nMore.\r\n", 1))
    assert letters.smime_fault(altered) is not None


def test_dkim_signatures_hold_and_break() -> None:
    whole = letters.dkim_signed()
    assert letters.dkim_fault(whole, whole) is None
    above = replace(whole, fields=(Field(b"X-New", b" 1"), *whole.fields))
    assert letters.dkim_fault(whole, above) is None
    for change in (with_body, with_subject):
        assert letters.dkim_fault(whole, change(whole)) is not None
    gone = letters.dkim_fault(whole, without(whole, b"DKIM-Signature"))
    assert gone == "the signature is no longer there"
    # What is said to be relaxed is.
    spaced = replace(
        whole,
        fields=tuple(
            replace(f, value=f.value + b"  ") if f.is_called(b"To") else f for f in whole.fields
        ),
        body=whole.body + b"\r\n\r\n",
    )
    assert letters.dkim_fault(whole, spaced) is None


def test_opendkim_agrees(tmp_path: Path) -> None:
    """It takes our signature, and refuses what we find broken."""
    whole = letters.dkim_signed()

    async def result(socket: str, mail: Mail) -> bytes:
        async with open_connection(socket) as connection:
            await connection.negotiate()
            await connection.greet(OUTSIDE)
            outcome = await connection.carry(mail)
            return outcome.after.values(b"Authentication-Results")[0]

    async def body() -> None:
        (tmp_path / "names").write_text(f"s._domainkey.signed.example {dkim_record()}\n")
        async with opendkim(tmp_path, f"TestPublicKeys {tmp_path}/names") as socket:
            assert b"dkim=pass" in await result(socket, whole)
            for change in (with_body, with_subject):
                assert b"dkim=fail" in await result(socket, change(whole))

    asyncio.run(body())


def test_what_was_added_and_lost() -> None:
    before = letters.traced()
    after = replace(before, fields=(Field(b"X-New", b" 1"), *before.fields[1:]))
    assert [f.name for f in letters.added(before, after)] == [b"X-New"]
    assert [f.name for f in letters.lost(before, after)] == [b"OPES-Via"]
    assert letters.values(before, b"OPES-Via") == (b"OPES-Via: " + letters.VIA,)


def test_an_encrypted_message_is_one() -> None:
    encrypted = letters.encrypted()
    assert b"Nobody" not in encrypted.octets
    assert encrypted.body.startswith(b"MII")
