"""What an OPES system states of itself, held against what it was told that it is.

The reference has no part in it: the statement is read as the JSON of
vectors/schema/opes-statement.schema.json, member by member."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mailassay.peers.transcript import printable

Aspect = tuple[bool, str, str, tuple[str, ...]]  # held, expected, observed, clauses

HANDLING: Mapping[str, Any] = {
    "sees": "content", "kept_days": 0, "shared_with": [], "references": "untouched",
}
REVEALED = {"system", "services", "order", "refusals"}
ANSWERABLE = ("rfc3897/3.2/3", "rfc3897/3.2/5")
PRIVACY = ("rfc3835/3.4/1", "rfc3238/6/9")
REFERENCES = ("rfc3897/3.2/2", "rfc3238/6/7")
TRACE = ("rfc4902/5.7/1",)
AGREED = ("rfc4902/5.1/1", "rfc3835/2.1/1", "rfc3238/6/1")


def aspects(given: Mapping[str, Any], statement: Mapping[str, Any]) -> Iterator[Aspect]:
    """Each aspect of the statement of the system that `given` describes."""
    system, services = given["system"], given["services"]
    told = printable(json.dumps(statement)[:600].encode(), 600)
    responsible = str(system["responsible"])
    yield (
        statement["system"] == system["uri"] and statement["responsible"] == responsible,
        f"{system['uri']} and who answers for it, {responsible}", told, ANSWERABLE,
    )
    policy = str(dict(system.get("parameters", {})).get("policy", system["uri"]))
    yield (statement["policy"] == policy, f"the policy for people, {policy}", told, ANSWERABLE)
    agents = [(system["uri"], system, statement)]
    stated = {str(s["uri"]): s for s in statement["services"]}
    agents += [(s["uri"], s, stated.get(str(s["uri"]), {})) for s in services]
    for uri, wanted, made in agents:
        yield from _handled(uri, wanted, made)
    revealed = set(map(str, statement["trace_reveals"]))
    yield (
        revealed >= REVEALED, f"that the trace reveals {', '.join(sorted(REVEALED))}",
        ", ".join(sorted(revealed)) or "nothing", TRACE,
    )
    yield from _agreed(system, statement["consent"])


def _handled(uri: str, wanted: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[Aspect]:
    handling = {**HANDLING, **wanted.get("handling", {})}
    observed = dict(made.get("handling", {}))
    kept = {k: v for k, v in handling.items() if k != "references"}
    told = json.dumps(observed)[:300]
    yield (
        {k: v for k, v in observed.items() if k != "references"} == kept,
        f"what {uri} sees, keeps and shares: {json.dumps(kept)}", told, PRIVACY,
    )
    yield (
        observed.get("references") == handling["references"],
        f"what {uri} does to references: {handling['references']}", told, REFERENCES,
    )


def _agreed(
    system: Mapping[str, Any], stated: Sequence[Mapping[str, Any]]
) -> Iterator[Aspect]:
    told = json.dumps(list(stated))[:400]
    default = [{"side": "recipient", "who": ["*"], "services": ["*"]}]
    wanted = [
        {
            "side": c["side"],
            "everybody": "*" in c["who"],
            "domains": sorted(w[1:] for w in c["who"] if w.startswith("@")),
            "addresses": sum(w != "*" and not w.startswith("@") for w in c["who"]),
            "services": sorted(c["services"]),
        }
        for c in system.get("consents", default)
    ]
    made = [
        {**c, "domains": sorted(c["domains"]), "services": sorted(c["services"])} for c in stated
    ]
    yield (made == wanted, f"who has agreed: {json.dumps(wanted)}", told, AGREED)
    names = [w for c in system.get("consents", ()) for w in c["who"] if w[:1] not in ("*", "@")]
    yield (
        not any(name in json.dumps(list(stated)) for name in names),
        "single addresses counted, not told", told, PRIVACY,
    )
