"""What Postfix's own probe, of the version that is judged, says of the lab's mail servers."""

import subprocess
from collections.abc import Iterator

import pytest

from mailassay import paths
from mailassay.targets.launch import Place
from mailassay.targets.model import load
from mailassay.targets.rootfs import archive_for
from mailassay.world import Certificate, Tlsa, Zone

SETTINGS = ("alias_address", "member_unaware", "member_fit", "edition", "program")


@pytest.fixture(scope="module")
def postfix(running) -> Iterator[Place]:
    target = load(paths.TARGETS / "postfix.toml")
    settings = {**running.lab.settings(), **dict.fromkeys(SETTINGS, "unused")}
    place = Place(target, settings, running.scratch, archive_for(target))
    place.prepare()
    yield place
    place.clear()


def finger(running, postfix: Place, *more: str) -> str:
    """What it says of TLS."""
    return finger_aloud(running, postfix, "-c", *more)


def finger_aloud(running, postfix: Place, *more: str) -> str:
    """What it says of TLS, and the SMTP conversation."""
    command = ("/usr/sbin/posttls-finger", "-F", running.ca_file, *more)
    done = subprocess.run(
        postfix.command(command, {}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "kind, words",
    [
        (Tlsa.MATCHING, ("Matched DANE EE certificate", "Verified TLS connection")),
        (Tlsa.ANCHOR, ("Matched DANE TA certificate", "Verified TLS connection")),
        (Tlsa.MISMATCHING, ("no matching DANE TLSA records", "Untrusted TLS connection")),
        (Tlsa.BROKEN, ("TLSA lookup error",)),
        (Tlsa.UNUSABLE, ("unsupported TLSA certificate usage",)),
    ],
)
def test_dane(running, postfix: Place, kind: Tlsa, words: tuple[str, ...]) -> None:
    told = finger(running, postfix, "-l", "dane", running.domain(f"tlsa-{kind}"))
    assert all(word in told for word in words), told


@pytest.mark.parametrize(
    "kind, word",
    [
        (Certificate.TRUSTED, "Verified TLS connection"),
        (Certificate.WILDCARD, "Verified TLS connection"),
        (Certificate.MISNAMED, "Trusted TLS connection"),
        (Certificate.EXPIRED, "Untrusted TLS connection"),
        (Certificate.NOT_YET_VALID, "Untrusted TLS connection"),
        (Certificate.SELF_SIGNED, "Untrusted TLS connection"),
        (Certificate.UNKNOWN_AUTHORITY, "Untrusted TLS connection"),
    ],
)
def test_trust_chain(running, postfix: Place, kind: Certificate, word: str) -> None:
    domain = running.domain(f"cert-{kind}")
    told = finger(running, postfix, "-l", "secure", domain, "hostname")
    assert f"posttls-finger: {word}" in told, told


@pytest.mark.parametrize("zone", [Zone.BOGUS, Zone.EXPIRED])
def test_a_bogus_zone_is_no_answer(running, postfix: Place, zone: Zone) -> None:
    domain = running.domain(f"zone-{zone.split('.')[0]}")
    told = finger(running, postfix, "-l", "dane", domain)
    assert "try again" in told and "TLS connection" not in told, told


def test_a_pattern_that_begins_with_a_dot_takes_any_depth(running, postfix: Place) -> None:
    """Which is what a wildcard of an MTA-STS policy becomes; see interop/targets/postfix.toml."""
    domain = running.domain(f"cert-{Certificate.TRUSTED}")
    parent = domain.split(".", 1)[1]
    told = finger(running, postfix, "-l", "secure", domain, f".{parent}")
    assert "posttls-finger: Verified TLS connection" in told, told
