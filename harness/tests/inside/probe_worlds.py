"""The hosts that `mailassay probe` is tested on, each with what is to be found out about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailassay.world import (
    Alias,
    Answer,
    Certificate,
    Domain,
    Faults,
    Host,
    MxKind,
    Requiretls,
    Starttls,
    StsMode,
    StsPolicy,
    Tlsa,
    World,
    Zone,
)


@dataclass(frozen=True)
class Expected:
    """What the probe says: the finding about the first host (or the domain, if it has none).

    `authentication` is what vouched for the certificate: "none", "pkix", "dane"; "" without TLS."""

    domain: Domain
    exit_code: int
    finding: str
    authentication: str = ""


THROUGH, NOT, OPEN = 0, 1, 4


def _one(host: Host, zone: Zone = Zone.SIGNED, policy: StsPolicy | None = None) -> Domain:
    return Domain(zone=zone, hosts=(host,), mta_sts=policy)


def _certificates() -> dict[str, Expected]:
    found = {
        Certificate.TRUSTED: "none",
        Certificate.WILDCARD: "none",
        Certificate.COMMON_NAME_ONLY: "none",
        Certificate.REVOKED: "none",  # as with nearly every mail server, nobody asks
        Certificate.EXPIRED: "certificate-expired",
        Certificate.NOT_YET_VALID: "certificate-not-yet-valid",
        Certificate.MISNAMED: "certificate-wrong-name",
        Certificate.SELF_SIGNED: "certificate-self-signed",
        Certificate.UNKNOWN_AUTHORITY: "certificate-unknown-authority",
        Certificate.WEAK: "certificate-unfit",
    }
    worlds = {}
    for kind in Certificate:
        domain = _one(Host(certificate=kind, tlsa=Tlsa.NONE))
        good = found[kind] == "none"
        worlds[f"chain-{kind}"] = Expected(
            domain, THROUGH if good else NOT, found[kind], "pkix" if good else "none"
        )
    return worlds


def _tlsa() -> dict[str, Expected]:
    return {
        "none": Expected(_one(Host(tlsa=Tlsa.NONE)), THROUGH, "none", "pkix"),
        "matching": Expected(
            _one(Host(tlsa=Tlsa.MATCHING, certificate=Certificate.EXPIRED)), THROUGH, "none", "dane"
        ),
        "anchor": Expected(_one(Host(tlsa=Tlsa.ANCHOR)), THROUGH, "none", "dane"),
        "aliased": Expected(_one(Host(tlsa=Tlsa.ALIASED)), THROUGH, "none", "dane"),
        "mismatching": Expected(_one(Host(tlsa=Tlsa.MISMATCHING)), NOT, "tlsa-mismatch", "none"),
        "broken": Expected(_one(Host(tlsa=Tlsa.BROKEN)), NOT, "tlsa-bogus", "pkix"),
        "unusable": Expected(_one(Host(tlsa=Tlsa.UNUSABLE)), THROUGH, "none", "pkix"),
    }


def _starttls() -> dict[str, Expected]:
    found = {
        Starttls.OFFERED: "none",
        Starttls.INJECTING: "none",
        Starttls.ABSENT: "starttls-not-offered",
        Starttls.STRUCK: "starttls-not-offered",
        Starttls.REFUSED_TEMPORARILY: "starttls-refused",
        Starttls.REFUSED_PERMANENTLY: "starttls-refused",
        Starttls.GARBLED: "handshake-failed",
        Starttls.CLOSED: "handshake-failed",
        Starttls.HANDSHAKE_ALERT: "handshake-failed",
    }
    return {
        f"starttls-{kind}": Expected(
            _one(Host(faults=Faults(starttls=kind))),
            THROUGH if finding == "none" else NOT,
            finding,
            "dane" if finding == "none" else "",
        )
        for kind, finding in found.items()
    }


def _requiretls() -> dict[str, Expected]:
    found = {
        Requiretls.IN_TLS: "none",
        Requiretls.ALWAYS: "none",
        Requiretls.NEVER: "requiretls-not-offered",
        Requiretls.ONLY_IN_PLAINTEXT: "requiretls-only-in-plaintext",
    }
    return {
        f"requiretls-{kind}": Expected(
            _one(Host(faults=Faults(requiretls=kind))),
            THROUGH if finding == "none" else NOT,
            finding,
            "dane",
        )
        for kind, finding in found.items()
    }


def _policies() -> dict[str, Expected]:
    host = Host(tlsa=Tlsa.NONE)
    good = StsPolicy()

    def told(code: int, finding: str, policy: StsPolicy | None) -> Expected:
        return Expected(_one(host, Zone.UNSIGNED, policy), code, finding, "pkix")

    return {
        "absent": told(NOT, "mx-unsigned", None),
        "enforce": told(THROUGH, "none", good),
        "wildcard": told(THROUGH, "none", replace(good, mx=("*.{domain}",))),
        "testing": told(NOT, "policy-testing", replace(good, mode=StsMode.TESTING)),
        "none": told(NOT, "mx-unsigned", replace(good, mode=StsMode.NONE)),
        "elsewhere": told(NOT, "policy-not-listing", replace(good, mx=("mx.elsewhere.example",))),
        "status": told(NOT, "policy-unavailable", replace(good, status=404)),
        "type": told(NOT, "policy-unavailable", replace(good, content_type="text/html")),
        "malformed": told(NOT, "policy-unavailable", replace(good, body="mode enforce\r\n")),
        "untrusted": told(
            NOT, "policy-unavailable", replace(good, certificate=Certificate.UNKNOWN_AUTHORITY)
        ),
        "expired": told(NOT, "policy-unavailable", replace(good, certificate=Certificate.EXPIRED)),
        "misnamed": told(
            NOT, "policy-unavailable", replace(good, certificate=Certificate.MISNAMED)
        ),
        "signed": Expected(
            _one(host, Zone.SIGNED, replace(good, mx=("mx.elsewhere.example",))),
            NOT,
            "policy-not-listing",
            "pkix",
        ),
    }


def _domains() -> dict[str, Expected]:
    return {
        "zone-bogus": Expected(Domain(zone=Zone.BOGUS), NOT, "mx-bogus"),
        "zone-expired": Expected(Domain(zone=Zone.EXPIRED), NOT, "mx-bogus"),
        "zone-missing": Expected(Domain(zone=Zone.MISSING), NOT, "no-such-domain"),
        "kind-null": Expected(Domain(kind=MxKind.NULL), NOT, "null-mx"),
        "kind-none": Expected(Domain(kind=MxKind.NO_SUCH_DOMAIN), NOT, "no-such-domain"),
        "kind-address": Expected(Domain(kind=MxKind.ADDRESS), THROUGH, "none", "dane"),
        "alias": Expected(_one(Host(alias=Alias.OF_HOST)), THROUGH, "none", "dane"),
        "alias-anchor": Expected(
            _one(Host(alias=Alias.OF_HOST, tlsa=Tlsa.ANCHOR)), THROUGH, "none", "dane"
        ),
        "alias-mismatch": Expected(
            _one(Host(alias=Alias.OF_HOST, tlsa=Tlsa.MISMATCHING)), NOT, "tlsa-mismatch", "none"
        ),
    }


def _sessions() -> dict[str, Expected]:
    def told(code: int, finding: str, faults: Faults, seen: str = "") -> Expected:
        return Expected(_one(Host(faults=faults)), code, finding, seen)

    old = {"TLSv1": "tls-too-old", "TLSv1.1": "tls-too-old", "TLSv1.2": "none"}
    return {
        "deaf": told(OPEN, "connection-failed", Faults(listening=False)),
        "later": told(OPEN, "session-refused", Faults(greeting=Answer(421, "4.3.2 Later"))),
        "never": told(NOT, "session-refused", Faults(greeting=Answer(554, "5.3.2 Never"))),
    } | {
        f"version-{number}": told(
            THROUGH if old[version] == "none" else NOT,
            old[version],
            Faults(maximum_tls=version),
            "dane",
        )
        for number, version in enumerate(old)
    }


EXPECTED: dict[str, Expected] = {
    f"probe-{slug}": expected
    for slug, expected in (
        _certificates()
        | {f"tlsa-{k}": v for k, v in _tlsa().items()}
        | _starttls()
        | _requiretls()
        | {f"sts-{k}": v for k, v in _policies().items()}
        | _domains()
        | _sessions()
    ).items()
}

SEVERAL = Domain(
    hosts=(
        Host("mx1", 10, faults=Faults(requiretls=Requiretls.NEVER)),
        Host("mx2", 20, tlsa=Tlsa.NONE, certificate=Certificate.EXPIRED),
        Host("mx3", 30),
        Host("mx4", 40, faults=Faults(starttls=Starttls.ABSENT)),
    )
)


def worlds() -> dict[str, World]:
    """The worlds to be planned, by slug."""
    made = {slug: World(destinations=(e.domain,)) for slug, e in EXPECTED.items()}
    made["probe-several"] = World(destinations=(SEVERAL,))
    return made
