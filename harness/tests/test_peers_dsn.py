"""Bounces taken apart: proper ones, crooked ones, and octets that are no message at all."""

import base64
import quopri
import random
import time

import pytest

from mailassay.peers.dsn import RecipientReport, parse_report

ORIGINAL = b"From: <a@from.example>\nMessage-ID: <token@x>\n\nThis is body-of-token.\n"
STATUS = b"""\
Reporting-MTA: dns; mail.target.example
Original-Envelope-Id: mailassay

Final-Recipient: rfc822; recipient@to.example
Action: failed
Status: 5.7.30 (REQUIRETLS support
 required)
Diagnostic-Code: smtp; 550 5.7.30 no

Original-Recipient: rfc822;x@y
Final-Recipient: RFC822;x@y
Action: Delayed
Status: 4.7.0
"""


def bounce(
    returned_type: str = "text/rfc822-headers",
    returned: bytes = ORIGINAL.partition(b"\n\n")[0] + b"\n",
    status_type: str = "message/delivery-status",
    status: bytes = STATUS,
    top: str = "multipart/report; report-type=delivery-status",
    encoding: str = "7bit",
) -> bytes:
    """A report with CRLF line ends, as it comes off the wire."""
    parts = [
        b"Content-Type: text/plain\n\nIt could not be delivered.\n",
        f"Content-Type: {status_type}\n\n".encode() + status,
        f"Content-Type: {returned_type}\nContent-Transfer-Encoding: {encoding}\n\n".encode()
        + returned,
    ]
    head = f'From: <>\nMIME-Version: 1.0\nContent-Type: {top}; boundary="=b"\n\n'.encode()
    whole = head + b"".join(b"--=b\n" + part + b"\n" for part in parts) + b"--=b--\n"
    return whole.replace(b"\n", b"\r\n")


def test_a_proper_report() -> None:
    report = parse_report(bounce())
    assert report.is_delivery_status
    assert report.structure[:3] == ("multipart/report", "text/plain", "message/delivery-status")
    assert report.message_fields == (
        ("Reporting-MTA", "dns; mail.target.example"),
        ("Original-Envelope-Id", "mailassay"),
    )
    assert report.recipients == (
        RecipientReport("recipient@to.example", "failed", "5.7.30", "smtp; 550 5.7.30 no"),
        RecipientReport("x@y", "Delayed", "4.7.0", ""),
    )
    assert report.returned == "text/rfc822-headers"
    assert report.returned_content.startswith(b"From: <a@from.example>")
    assert report.contains("token@x") and not report.contains("body-of-token")


def test_a_report_for_international_addresses() -> None:
    report = parse_report(
        bounce("message/global-headers", status_type="message/global-delivery-status")
    )
    assert report.is_delivery_status and len(report.recipients) == 2
    assert report.recipients[0].status == "5.7.30"
    assert report.message_fields[0][0] == "Reporting-MTA"


@pytest.mark.parametrize("returned_type", ["message/rfc822", "message/global", "text/plain"])
@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_a_body_hides_nowhere(returned_type: str, encoding: str) -> None:
    content = {
        "7bit": ORIGINAL,
        "base64": base64.encodebytes(ORIGINAL),
        "quoted-printable": quopri.encodestring(ORIGINAL).replace(b"body-of", b"bo=\ndy-o=66"),
    }[encoding]
    octets = bounce(returned_type, content, encoding=encoding)
    assert (b"body-of-token" in octets) is (encoding == "7bit")
    report = parse_report(octets)
    assert report.contains("body-of-token")
    if returned_type != "text/plain":
        assert report.returned == returned_type
        assert b"body-of-token" in report.returned_content


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n",
        b"\x00" * 1_000,
        b"Subject: it failed\r\n\r\n5.7.30 body-of-token\r\n",
        bounce(top="multipart/mixed"),
        bounce(top="multipart/report"),
        bounce(top="multipart/report; report-type=disposition-notification"),
        bounce(status_type="text/plain"),
        bounce(top="multipart/report; report-type*=x'y'%ff%zz"),
        bounce().replace(b'"=b"', b'"=other"'),
        bounce().replace(b'; boundary="=b"', b""),
    ],
    ids=range(11),
)
def test_what_is_no_report(octets: bytes) -> None:
    assert not parse_report(octets).is_delivery_status


def test_missing_fields_are_empty() -> None:
    report = parse_report(bounce(status=b"\n\nFinal-Recipient: a@b\n\nAction: failed\n"))
    assert report.recipients == (RecipientReport("", "", "", ""),)


def test_values_are_printable_and_bounded() -> None:
    status = b"R: x\n\nFinal-Recipient: rfc822; <b>\x1b[31m\xff\x00\n  y\nStatus: " + b"5" * 50_000
    (recipient,) = parse_report(bounce(status=status)).recipients
    assert recipient.address.isprintable() and recipient.address.startswith("<b>\\x1b[31m")
    assert len(recipient.status) <= 1_000


def test_a_status_part_that_is_cut_off() -> None:
    octets = bounce()
    for length in range(0, len(octets), 7):
        parse_report(octets[:length])
    assert parse_report(octets[: octets.index(b"Diagnostic")]).recipients[0].status == "5.7.30"


def nested(depth: int) -> bytes:
    heads = [
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)
    ]
    return "".join(heads).encode()


@pytest.mark.parametrize(
    "octets",
    [
        nested(300) + b"x\r\n" * 20_000,
        nested(5_000),
        b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
        bounce(status=b"Final-Recipient: rfc822; a@b\n\n" * 20_000),
        b"Content-Type: multipart/report; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 50_000,
        b"x: y\r\n" * 300_000,
        b"Subject:" + b" x\r\n" * 100_000,
        b"Content-Type: " + b"a;" * 400_000,
        b"Content-Type: text/plain; " + b'x*0="' * 100_000,
        b"x" * 10_000_000,
    ],
    ids=range(10),
)
def test_floods_take_bounded_time(octets: bytes) -> None:
    begun = time.process_time()
    report = parse_report(octets + b"body-of-token")
    assert report.contains("body-of-token")
    assert len(report.structure) <= 100 and len(report.recipients) <= 100
    assert time.process_time() - begun < 5.0


def test_no_octets_break_it() -> None:
    """A thousand bounces with octets changed, left out and doubled."""
    source = random.Random(3464)
    whole = [bounce(), bounce("message/rfc822", base64.encodebytes(ORIGINAL), encoding="base64")]
    for _ in range(1_000):
        octets = bytearray(source.choice(whole))
        for _ in range(source.randrange(1, 12)):
            begin = source.randrange(len(octets))
            end = begin + source.randrange(60)
            match source.randrange(3):
                case 0:
                    octets[begin] = source.randrange(256)
                case 1:
                    del octets[begin:end]
                case _:
                    octets[begin:begin] = octets[begin:end]
        report = parse_report(bytes(octets))
        assert all(r.status.isprintable() and r.address.isprintable() for r in report.recipients)
