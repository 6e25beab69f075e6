"""The second reader of X.420 headings: what it reads, and what it refuses."""

from dataclasses import replace

import pytest

from mailassay.asn1 import is_der
from mailassay.x420 import (
    NULL,
    Descriptor,
    Heading,
    OrAddress,
    X420Error,
    escaped,
    originator_element,
    read_ipm,
    unescaped,
    write_ipm,
)

GATEWAY = OrAddress(country="GB", admd="GOLD 400", prmd="UK.AC")


def internet(address: str, name: str | None = None) -> Descriptor:
    return Descriptor(replace(GATEWAY, domain_defined=(("RFC-822", escaped(address)),)), name)


HEADING = Heading(
    identifier="a1(a)example.mil",
    originator=internet("drafter@example.mil", "D. Rafter"),
    authorizing_users=(internet("second@example.mil"), internet("first_officer@example.mil")),
    primary=(
        Descriptor(
            OrAddress("GB", "1", "", "Navy", ("Fleet", "Ship"), "Rose", "Marshall", "MT", "II")
        ),
    ),
    copy=(Descriptor(free_form="List"),),
    subject="caf\xc2e",
    extensions=(("1.3.26.0.4406.0.2.0", b"\x02\x01\x00"),),
)


def test_what_was_written_is_read_again() -> None:
    octets = write_ipm(HEADING)
    assert is_der(octets) and read_ipm(octets) == HEADING


def test_the_octets_are_those_of_the_notation() -> None:
    octets = write_ipm(Heading("x", Descriptor(free_form="y"), ()))
    assert octets == bytes.fromhex("a010310c6b03130178a003800179a1003000")


def test_addresses_come_out_of_their_escapes() -> None:
    users = read_ipm(write_ipm(HEADING)).authorizing_users or ()
    assert [u.address.internet for u in users if u.address] == [
        "second@example.mil", "first_officer@example.mil"
    ]
    assert unescaped("(A)(l)a(r)(126)") == "@(a)~"


@pytest.mark.parametrize("text", ["(", "(a", "(x)", "(128)", "(12)"])
def test_what_is_no_escape_is_refused(text: str) -> None:
    with pytest.raises(X420Error):
        unescaped(text)


def test_an_address_in_pieces_is_put_together() -> None:
    parts = (("RFC-822", "a" * 128), ("RFC822C1", "b(a)c"))
    assert replace(GATEWAY, domain_defined=parts).internet == "a" * 128 + "b@c"


@pytest.mark.parametrize(
    "octets, why",
    [
        (write_ipm(HEADING)[:-1], "longer than what there is"),
        (write_ipm(HEADING, [originator_element(internet("x@y"))]), "stands twice"),
        (write_ipm(replace(HEADING, authorizing_users=())), "nobody in it"),
        (b"\xa1\x00", "no interpersonal message"),
        (bytes.fromhex("a0023100"), "no this-IPM"),
    ],
)
def test_what_breaks_x420_is_refused(octets: bytes, why: str) -> None:
    with pytest.raises(X420Error, match=why):
        read_ipm(octets)


def test_military_is_what_has_an_extension_of_mmhs() -> None:
    assert HEADING.is_military
    assert not replace(HEADING, extensions=(("1.3.26.0.4406.0.20.1", NULL),)).is_military
