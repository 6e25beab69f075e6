"""The search for hidden values: it finds each form, and nothing in innocent octets."""

import base64
import quopri
import random
from email.header import Header

import pytest

from mailassay.leaks import DEEPEST, Form, Leak, look_for

SECRET = "Treaty of Größenwahn, draft 7"
ASCII = "Operation Quiet Harbour"
INNOCENT = b"From: a@example.org\r\nSubject: ...\r\n\r\nNothing of that here.\r\n"


def found(octets: bytes, secret: str = SECRET) -> Leak | None:
    leaks = look_for({"Subject": secret}, {"wire": INNOCENT + octets + b"\r\n.\r\n"})
    assert len(leaks) <= 1
    return leaks[0] if leaks else None


def forms(octets: bytes, secret: str = SECRET) -> tuple[Form, ...] | None:
    leak = found(octets, secret)
    return None if leak is None else leak.forms


def test_nothing_is_found_in_innocent_octets() -> None:
    noise = random.Random(7).randbytes(100_000)
    assert found(noise) is None
    assert found(base64.encodebytes(noise)) is None
    assert found(quopri.encodestring(noise)) is None


@pytest.mark.parametrize(
    "octets",
    [
        f"Subject: {SECRET}".encode(),
        f"Subject: {SECRET.upper()}".replace("SS", "ß").replace("Ö", "ö").encode(),
        "Subject: Treaty of\r\n Größenwahn,\r\n\tdraft 7".encode(),
        f"Subject: {SECRET}".encode("latin-1"),
        f"Subject: {SECRET}".encode("utf-16-le"),
        f'{{"event": "hidden", "value": "{SECRET}"}}'.encode(),
    ],
)
def test_plain_in_any_case_charset_and_folding(octets: bytes) -> None:
    assert forms(octets) == ()


@pytest.mark.parametrize("alignment", range(3))
@pytest.mark.parametrize("line", [4, 19, 64, 76, 1000])
def test_base64_at_each_alignment_and_line_length(alignment: int, line: int) -> None:
    digits = base64.b64encode(b"x" * (30 + alignment) + SECRET.encode() + b" and more")
    lines = b"\r\n".join(digits[i:i + line] for i in range(0, len(digits), line))
    assert forms(b"Content-Transfer-Encoding: base64\r\n\r\n" + lines) == (Form.BASE64,)


@pytest.mark.parametrize("alignment", range(3))
@pytest.mark.parametrize("before", ["", "some ", "some words here ", "even more words here "])
def test_base64_behind_words(alignment: int, before: str) -> None:
    digits = base64.b64encode(b"x" * alignment + SECRET.encode())
    assert forms(before.encode() + digits) == (Form.BASE64,)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("maximum", [40, 75])
def test_encoded_words_of_both_kinds(charset: str, maximum: int) -> None:
    # The library writes ISO-8859-1 as Q and UTF-8 as B.
    value = Header(SECRET, charset, maximum, "Subject").encode(linesep="\r\n")
    assert SECRET not in value and "=?" in value
    assert forms(f"Subject: {value}".encode()) == (Form.ENCODED_WORD,)


def test_encoded_words_with_language_and_in_unknown_charsets() -> None:
    secret = base64.b64encode(ASCII.encode()).decode()
    assert forms(f"=?us-ascii*en?b?{secret}?=".encode(), ASCII) == (Form.ENCODED_WORD,)
    assert forms(b"=?x-none?q?Operation_Quiet_Harbour?=", ASCII) is None
    assert forms(f"=?x-none?b?{secret}?=".encode(), ASCII) == (Form.BASE64,)


def test_quoted_printable_with_soft_breaks() -> None:
    assert forms(quopri.encodestring(SECRET.encode())) == (Form.QUOTED_PRINTABLE,)
    assert forms(b"Operation=20Quiet =\r\nHar=\r\nbour", ASCII) == (Form.QUOTED_PRINTABLE,)


def test_one_form_within_another() -> None:
    inner = quopri.encodestring(SECRET.encode())
    twice = base64.encodebytes(b"Content-Type: text/plain\r\n\r\n" + inner)
    assert forms(twice) == (Form.BASE64, Form.QUOTED_PRINTABLE)
    octets = ASCII.encode()
    for _ in range(DEEPEST):
        octets = base64.encodebytes(octets)
    assert forms(octets, ASCII) == (Form.BASE64,) * DEEPEST


def test_the_plainest_form_is_told_and_each_source_once() -> None:
    octets = base64.b64encode(ASCII.encode()) + b"\r\n: " + ASCII.encode()
    leaks = look_for({"Subject": ASCII}, {"wire": octets, "log": b"", "other": octets})
    assert [(leak.source, leak.forms) for leak in leaks] == [("wire", ()), ("other", ())]
    assert str(leaks[0]).startswith("Subject in wire, as plain text: ")


def test_a_leak_is_told_on_one_printable_line() -> None:
    leak = found(b"\x1b[31m" + ASCII.encode() + b"\x07", ASCII)
    assert leak is not None and str(leak).isprintable()


def test_part_of_a_value_is_none() -> None:
    assert found(b"Operation Quiet Harb", ASCII) is None
    assert found(base64.b64encode(b"Operation Quiet Harb"), ASCII) is None


@pytest.mark.parametrize("short", ["", "Secret", " a b c d e f g "])
def test_a_short_value_is_refused(short: str) -> None:
    with pytest.raises(ValueError, match="too short"):
        look_for({"Subject": short}, {"wire": b""})
