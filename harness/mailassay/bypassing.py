"""Whom a processor of OPES calls for whom, and how a request for a bypass goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mailassay.opes_seen import AGREED, ALLOWED, ASKED, FORWARDED, Seen, normal
from mailassay.opes_vectors import OpesVector


def planned(vector: OpesVector, result: dict[str, Any]) -> list[Seen]:
    if "refused" in vector.expected["outcomes"] or vector.case.endswith("/malformed"):
        return _doubtful(vector, result)
    seen = []
    for asked, wanted, made in zip(
        vector.given["recipients"], vector.expected["recipients"], _recipients(vector, result)
    ):
        called = [str(u) for u in made["called"]]
        seen.append(Seen(
            called in wanted["called"], f"for {asked['address']} calls {wanted['called'][0]}",
            f"calls {called}", (*ASKED, *AGREED, *ALLOWED),
        ))
        seen.append(_passed_on(wanted["parameters"], made["parameters"], asked["address"]))
    sender = "the sender"
    seen.append(
        _passed_on(vector.expected["sender_parameters"], result["sender_parameters"], sender)
    )
    seen.append(_field_added(vector, result.get("field")))
    return seen


def _recipients(vector: OpesVector, result: dict[str, Any]) -> list[dict[str, Any]]:
    made = list(result["recipients"])
    if len(made) != len(vector.given["recipients"]):
        raise ValueError(f"{len(made)} recipients")
    return made


def _doubtful(vector: OpesVector, result: dict[str, Any]) -> list[Seen]:
    """Of a request that can't be read: it asks nothing, or for all that may be left out."""
    seen = []
    readings = ("asks nothing", "bypass in doubt")
    for wanted, made in zip(vector.expected["recipients"], _recipients(vector, result)):
        called = [str(u) for u in made["called"]]
        held = called in wanted["called"]
        seen.append(Seen(
            held, f"calls {' or '.join(map(str, wanted['called']))}", f"calls {called}",
            reading=readings[wanted["called"].index(called)] if held else None,
        ))
    passed = [str(p) for p in result["sender_parameters"]]
    legal = not any(c < " " or c == "\x7f" for p in passed for c in p)
    seen.append(Seen(legal, "no control character passed on", str(passed)))
    return seen


def _asks(parameters: Iterable[object]) -> set[str]:
    """What parameters XOPESBYPASS ask, decoded."""
    asked = set()
    for parameter in parameters:
        keyword, _, value = str(parameter).partition("=")
        if keyword.upper() == "XOPESBYPASS":
            text = re.sub(r"\+([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), value)
            asked |= {normal(agent.strip()) for agent in text.split(",")}
    return asked


def _passed_on(wanted: Iterable[object], made: Iterable[object], whose: str) -> Seen:
    expected, observed = _asks(wanted), _asks(made)
    return Seen(
        expected == observed, f"of {whose} goes on: {sorted(expected) or 'nothing'}",
        f"goes on: {sorted(observed) or 'nothing'}", FORWARDED,
    )


def _field_added(vector: OpesVector, made: object) -> Seen:
    wanted = vector.expected["field"]
    there = set() if made is None else {normal(a.strip()) for a in str(made).split(",")}
    expected = set() if wanted is None else {normal(str(wanted))}
    return Seen(
        there in (expected, set()), f"the field added: {wanted or 'none'}", f"{made or 'none'}",
        reading="in the message" if there else "not at all",
    )
