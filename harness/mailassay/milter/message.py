"""A message and its envelope as an MTA holds them, and what a milter's changes make of them.

No I/O.  Positions are counted as sendmail does: a field is inserted before the one of that index,
from 0; a change counts the fields of its name from 1, in any case of letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

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

LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Field:
    """`value` is all that follows the colon, with its leading space, lines parted by CRLF."""

    name: bytes
    value: bytes

    @property
    def octets(self) -> bytes:
        return self.name + b":" + self.value + b"\r\n"

    def is_called(self, name: bytes) -> bool:
        return self.name.lower() == name.lower()


@dataclass(frozen=True)
class Mail:
    """Envelope, header and body.  Addresses stand in angle brackets.  `trace` is what the MTA has
    put above the header itself: a milter is not shown it, but counts it where it puts a field."""

    sender: bytes
    recipients: tuple[bytes, ...]
    fields: tuple[Field, ...]
    body: bytes
    sender_parameters: tuple[bytes, ...] = ()
    recipient_parameters: tuple[bytes, ...] = ()
    quarantined: bytes | None = None
    trace: tuple[Field, ...] = ()

    @property
    def octets(self) -> bytes:
        """Header and body, without the trace."""
        return b"".join(f.octets for f in self.fields) + b"\r\n" + self.body

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """The values of the fields of the name, from above, unfolded and trimmed."""
        return tuple(
            b" ".join(f.value.replace(b"\r\n", b"").split()) for f in self.fields
            if f.is_called(name)
        )


def mail(octets: bytes, sender: bytes, recipients: Iterable[bytes]) -> Mail:
    """A message in CRLF, with its envelope.  Raises `ValueError` for what has no header."""
    header, parted, body = octets.partition(b"\r\n\r\n")
    if not parted:
        raise ValueError("the message has no empty line behind its header")
    fields = []
    for unit in re.split(rb"\r\n(?![ \t])", header):
        name, colon, value = unit.partition(b":")
        if not colon:
            raise ValueError(f"no header field: {unit[:40]!r}")
        fields.append(Field(name, value))
    return Mail(sender, tuple(recipients), tuple(fields), body)


def told_value(field: Field, leading_space: bool) -> bytes:
    """The value as a milter is told it: lines parted by LF alone, and without the space behind the
    colon unless that was negotiated."""
    value = field.value.replace(b"\r\n", b"\n")
    return value[1:] if not leading_space and value[:1] in (b" ", b"\t") else value


def changed(before: Mail, changes: Iterable[Change], leading_space: bool) -> Mail:
    """What the changes make of the message, one after the other."""
    after = before
    body: list[bytes] = []
    for change in changes:
        if isinstance(change, ReplaceBody):
            body.append(change.octets)
        else:
            after = _with(after, change, leading_space)
    return replace(after, body=b"".join(body)) if body else after


def _with(held: Mail, change: Change, leading_space: bool) -> Mail:
    match change:
        case AddField(name, value):
            field = _field(name, value, leading_space)
            return replace(held, fields=(*held.fields, field))
        case InsertField(index, name, value):
            return _with_inserted(held, index, _field(name, value, leading_space))
        case ChangeField():
            return replace(held, fields=_fields_with(held.fields, change, leading_space))
        case AddRecipient(address):
            return replace(held, recipients=(*held.recipients, bracketed(address)))
        case DeleteRecipient(address):
            left = tuple(r for r in held.recipients if bracketed(r) != bracketed(address))
            return replace(held, recipients=left)
        case ChangeSender(address):
            return replace(held, sender=bracketed(address))
        case Quarantine(reason):
            return replace(held, quarantined=reason)
    raise AssertionError(f"no such change: {change}")


def _with_inserted(held: Mail, index: int, field: Field) -> Mail:
    """Within the trace the field becomes part of it."""
    own = held.trace
    if index < len(own):
        return replace(held, trace=(*own[:index], field, *own[index:]))
    at = index - len(own)
    return replace(held, fields=(*held.fields[:at], field, *held.fields[at:]))


def _fields_with(
    fields: tuple[Field, ...], change: ChangeField, leading_space: bool
) -> tuple[Field, ...]:
    """With the field changed or taken away.  One that is not there is added: sendmail and Postfix
    do so, and rspamd relies on it."""
    places = [n for n, f in enumerate(fields) if f.is_called(change.name)]
    wanted = max(change.index, 1) - 1
    if wanted >= len(places):
        return (*fields, _field(change.name, change.value, leading_space)) if (
            change.value
        ) else fields
    place = places[wanted]
    if not change.value:
        return (*fields[:place], *fields[place + 1:])
    new = _field(fields[place].name, change.value, leading_space)
    return (*fields[:place], new, *fields[place + 1:])


def _field(name: bytes, value: bytes, leading_space: bool) -> Field:
    told = LINE_END.sub(b"\r\n", value)
    return Field(name, told if leading_space else b" " + told)


def bracketed(address: bytes) -> bytes:
    """The address in angle brackets, which milters give or leave out."""
    return address if address.startswith(b"<") else b"<" + address + b">"
