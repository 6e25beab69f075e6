"""One aspect of what a processor of OPES answers, and the clauses that aspects are about."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What each aspect of a trace shows, beside the clause that the vector is about.
TRACED = (
    "rfc4902/4/1", "rfc4236/4/1", "rfc4236/4/9", "rfc3897/3.1/1", "rfc3897/3.2/1", "rfc3914/5.3/1",
    "rfc3914/5.3/2", "rfc3835/3.1/1", "rfc3835/3.4/2", "rfc3238/6/4",
)
KEPT = ("rfc4236/4/3", "rfc4902/3.1/9")
IN_TIME = ("rfc4902/3.1/6",)
SERVICES_TRACED = ("rfc4902/3.1/7", "rfc3914/5.3/3")
LEGAL = ("rfc3835/2.5/1",)
STILL_THERE = ("rfc4902/3.1/8",)
SYSTEMS_ALONE = ("rfc4236/4/2",)
# What a system may do, and says by doing so.
DELEGATED = ("rfc3897/3.1/3", "rfc3897/3.1/4", "rfc4236/4/5")
FEWER = ("rfc4236/4/7",)
BY_SYSTEM = ("rfc3897/3.1/2",)
IN_VIA = ("rfc4236/4/4", "rfc4236/4/6")
REFUSED = ("rfc4902/3.1/5", "rfc3238/6/3")
REPORTED = ("rfc4902/4/2", "rfc4902/3.1/4", "rfc4902/3.1/3", "rfc4902/1.3/1", "rfc4902/1.5/1")
FORWARDED = ("rfc3897/4.3/2",)
ASKED = (
    "rfc3897/4.2/1", "rfc3897/4.3/1", "rfc3897/4.3/3", "rfc4902/3.2/1", "rfc4902/5.5/1",
    "rfc3238/6/5",
)
AGREED = ("rfc3835/2.1/1", "rfc4902/5.1/1", "rfc4236/7/1", "rfc3238/6/1")
ALLOWED = ("rfc4902/3.2/7", "rfc4902/3.2/2")
HELD = ("rfc4902/3.2/8", "rfc4902/3.2/2")


@dataclass(frozen=True)
class Seen:
    """One aspect of an answer, and the clauses that it is about beside the vector's."""

    held: bool
    expected: str
    observed: str
    clauses: tuple[str, ...] = ()
    reading: str | None = None
    apart: bool = False  # it has nothing to do with the vector's own clause


def same(one: str, other: str) -> bool:
    """Whether two URIs name one agent."""
    return normal(one) == normal(other)


def normal(uri: str) -> str:
    text = uri.replace(",", "%2C").replace(";", "%3B")
    authority = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?", text)
    end = authority.end() if authority else 0
    return text[:end].lower() + text[end:]
