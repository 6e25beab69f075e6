"""Zones are good or broken as their world asks, by the word of ldns-verify-zone."""

import subprocess
from pathlib import Path

import pytest

from mailassay.lab.authority import CertificateStore
from mailassay.lab.plan import LabPlan, plan
from mailassay.lab.zones import ZoneFiles, write_zones
from mailassay.world import Domain, Host, MxKind, StsPolicy, Tlsa, World, Zone


def written(folder: Path, made: LabPlan) -> ZoneFiles:
    store = CertificateStore(folder / "certificates")
    issued = {h.name: store.issue(h.name, h.host.certificate) for h in made.hosts}
    return write_zones(made, issued, store.anchor_digest(), "127.0.0.25", folder / "zones")


def verify(zones: ZoneFiles, zone: str) -> tuple[int, str]:
    done = subprocess.run(
        ["ldns-verify-zone", "-k", str(zones.trust_anchor_file), str(zones.files[zone])],
        capture_output=True, text=True, timeout=30,
    )
    return done.returncode, done.stdout + done.stderr


EVERYWHERE = {
    f"in-{zone.split('.')[0]}": World(destinations=(Domain(zone=zone),)) for zone in Zone
}


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> ZoneFiles:
    return written(tmp_path_factory.mktemp("zones"), plan(EVERYWHERE))


def test_the_signed_zone_verifies(zones: ZoneFiles) -> None:
    code, told = verify(zones, Zone.SIGNED)
    assert code == 0, told


def test_the_bogus_zone_does_not(zones: ZoneFiles) -> None:
    code, told = verify(zones, Zone.BOGUS)
    assert code != 0 and "Bogus DNSSEC signature" in told, told


def test_the_expired_zone_ran_out(zones: ZoneFiles) -> None:
    code, told = verify(zones, Zone.EXPIRED)
    assert code != 0 and "expired" in told, told


def test_the_unsigned_zone_has_no_signature_and_no_anchor(zones: ZoneFiles) -> None:
    assert "RRSIG" not in zones.files[Zone.UNSIGNED].read_text()
    assert Zone.UNSIGNED not in zones.trust_anchor_file.read_text()


def test_the_missing_zone_is_not_written(zones: ZoneFiles) -> None:
    assert Zone.MISSING not in zones.files


def test_only_the_broken_tlsa_set_is_broken(tmp_path: Path) -> None:
    world = World(destinations=(Domain(hosts=(Host("a"), Host("b", tlsa=Tlsa.BROKEN))),))
    code, told = verify(written(tmp_path, plan({"x": world})), Zone.SIGNED)
    complaints = [line for line in told.splitlines() if "Bogus" in line or "bogus" in line]
    assert code != 0 and complaints, told
    assert "_25._tcp.b.to.x.signed.example" in told
    assert "_25._tcp.a.to.x.signed.example" not in told


def records(tmp_path: Path, domain: Domain) -> list[str]:
    """The records of a domain in the unsigned zone, without their times to live."""
    zone = written(tmp_path, plan({"x": World(destinations=(domain,))})).files[Zone.UNSIGNED]
    lines = (line.split() for line in zone.read_text().splitlines())
    return [" ".join((w[0], *w[3:])) for w in lines if ".to.x." in w[0] or w[0][:5] == "to.x."]


def unsigned(kind: MxKind = MxKind.MX, sts: StsPolicy | None = None) -> Domain:
    return Domain(zone=Zone.UNSIGNED, hosts=(Host(tlsa=Tlsa.NONE),), kind=kind, mta_sts=sts)


@pytest.mark.parametrize(
    "kind, expected",
    [
        (MxKind.MX, ["to.x.unsigned.example. MX 10 mx1.to.x.unsigned.example.",
                     "mx1.to.x.unsigned.example. A 127.16.4.1"]),
        (MxKind.ADDRESS, ["to.x.unsigned.example. A 127.16.4.1"]),
        (MxKind.NULL, ["to.x.unsigned.example. MX 0 .",
                       "mx1.to.x.unsigned.example. A 127.16.4.1"]),
        (MxKind.NO_SUCH_DOMAIN, []),
    ],
)
def test_how_a_domain_is_found(tmp_path: Path, kind: MxKind, expected: list[str]) -> None:
    assert records(tmp_path, unsigned(kind)) == expected


def test_a_policy_is_announced(tmp_path: Path) -> None:
    assert records(tmp_path, unsigned(sts=StsPolicy()))[-2:] == [
        '_mta-sts.to.x.unsigned.example. TXT "v=STSv1; id=1;"',
        "mta-sts.to.x.unsigned.example. A 127.0.0.80",
    ]
