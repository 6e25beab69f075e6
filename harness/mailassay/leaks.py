"""Whether octets betray what should have been hidden, in whatever form it was written.

A value is looked for plain, in encoded-words, in base64 at every alignment and in quoted-printable,
and in any of these inside another, three deep. Folding, letter case and line breaks make no
difference: all white space is taken away on both sides.

A value has to be unlike anything else: `look_for` refuses one with less than `LEAST` octets that
are no white space, since a short one would be found in innocent octets.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailassay.peers.transcript import printable

LEAST = 8
DEEPEST = 3
EXCERPT = 40
SPACE = b" \t\r\n\0"  # with NUL, so that UTF-16 of ASCII is found as well
# What may stand between characters of base64: line breaks and indents, as of a folded value.
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/](?:[ \t\r\n]*[A-Za-z0-9+/]){7,}")
ENCODED_WORD = re.compile(rb"=\?([^?\s]{1,40})\?([BbQq])\?([^?\s]{0,2000})\?=")
BETWEEN_ENCODED_WORDS = re.compile(rb"(\?=)[ \t\r\n]+(?==\?)")


class Form(StrEnum):
    """How a value was written."""

    ENCODED_WORD = "encoded-word"
    BASE64 = "base64"
    QUOTED_PRINTABLE = "quoted-printable"


@dataclass(frozen=True)
class Leak:
    """One value in one source. `forms`: from the outside in; none for plain text."""

    name: str
    source: str
    forms: tuple[Form, ...]
    excerpt: str  # printable, of what was decoded, without its white space

    def __str__(self) -> str:
        written = " in ".join(f for f in reversed(self.forms)) or "plain text"
        return f"{self.name} in {self.source}, as {written}: {self.excerpt}"


def look_for(hidden: Mapping[str, str], sources: Mapping[str, bytes]) -> tuple[Leak, ...]:
    """Every hidden value, by its name, that a source (a transcript, a log, by its name) betrays;
    each in the plainest form that was found. Raises `ValueError` for a value that is too short."""
    needles = {name: _needles(name, value) for name, value in hidden.items()}
    found: dict[tuple[str, str], Leak] = {}
    for source, octets in sources.items():
        for forms, view in _views(octets, ()):
            bare = _bare(view)
            for name, variants in needles.items():
                if (name, source) in found and len(found[name, source].forms) <= len(forms):
                    continue
                at = next((a for n in variants if (a := bare.find(n)) >= 0), -1)
                if at >= 0:
                    excerpt = printable(bare[max(0, at - EXCERPT):at + EXCERPT], 4 * EXCERPT)
                    found[name, source] = Leak(name, source, forms, excerpt)
    return tuple(found.values())


def _needles(name: str, value: str) -> frozenset[bytes]:
    """The value in the charsets that mail may have written it in."""
    variants = {_bare(value.encode("utf-8"))}
    for charset in ("latin-1", "utf-16-be", "utf-16-le"):
        try:
            variants.add(_bare(value.encode(charset)))
        except UnicodeEncodeError:
            continue
    if any(len(v) < LEAST for v in variants):
        raise ValueError(f"the value of {name} is too short to be told from innocent octets")
    return frozenset(variants)


def _bare(octets: bytes) -> bytes:
    return octets.translate(None, SPACE).lower()


def _views(octets: bytes, forms: tuple[Form, ...]) -> Iterator[tuple[tuple[Form, ...], bytes]]:
    """The octets, and all that they could be decoded to."""
    yield forms, octets
    if len(forms) == DEEPEST:
        return
    for form, decoded in _decoded(octets):
        yield from _views(decoded, (*forms, form))


def _decoded(octets: bytes) -> Iterator[tuple[Form, bytes]]:
    joined = BETWEEN_ENCODED_WORDS.sub(rb"\1", octets)
    with_words = ENCODED_WORD.sub(lambda m: _word(*m.groups()), joined)
    if with_words != joined:
        yield Form.ENCODED_WORD, with_words
    unquoted = quopri.decodestring(octets)
    # Without any "=XX" and soft break nothing was quoted.
    if _bare(unquoted) != _bare(octets):
        yield Form.QUOTED_PRINTABLE, unquoted
    for run in BASE64_RUN.finditer(octets):
        digits = run[0].translate(None, SPACE)
        # Where the first whole group of four begins is not known, since words of plain text may
        # stand before it: every start shows one of the alignments.
        for start in range(4):
            yield Form.BASE64, _from_base64(digits[start:])


def _from_base64(digits: bytes) -> bytes:
    """As much as the digits say; a lone last one says nothing."""
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _word(charset: bytes, encoding: bytes, text: bytes) -> bytes:
    """What an encoded-word stands for, in UTF-8; the text as it is where that can't be told."""
    try:
        if encoding in b"Bb":
            octets = _from_base64(re.sub(rb"[^A-Za-z0-9+/]", b"", text))
        else:
            octets = quopri.decodestring(text, header=True)
        return octets.decode(charset.partition(b"*")[0].decode("ascii")).encode("utf-8")
    except (UnicodeError, LookupError, binascii.Error):
        return text
