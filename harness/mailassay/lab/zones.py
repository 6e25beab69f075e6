"""Zone files for the lab: written from the plan, signed with ldns, and broken where a case says so.

Zones that are anchored are signed with ECDSA P-256.  `bogus.example` is signed and then damaged;
`expired.example` is signed with a validity that is over; `unsigned.example` is left alone.
"""

from __future__ import annotations

import base64
import datetime
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailassay.lab.authority import Issued
from mailassay.lab.plan import (
    MTA_STS_ADDRESS,
    TARGET_HOST,
    TARGET_ZONE,
    DomainPlan,
    HostPlan,
    LabPlan,
)
from mailassay.world import Alias, MxKind, Tlsa, Zone

ANCHORED = (Zone.SIGNED, Zone.BOGUS, Zone.EXPIRED)
HEAD = """\
{zone}. 300 IN SOA ns.{zone}. hostmaster.{zone}. 1 3600 600 86400 300
{zone}. 300 IN NS ns.{zone}.
ns.{zone}. 300 IN A 127.0.0.53
"""
OTHER_KEY = "00" * 32


# The TLSA sets that are not as the plan has them, by name of the host.
Changes = Mapping[str, Tlsa]


@dataclass(frozen=True)
class ZoneFiles:
    """The zones on disk: name to file, and the file of trust anchors (DS or DNSKEY records)."""

    files: Mapping[str, Path]
    trust_anchor_file: Path
    writer: ZoneWriter


@dataclass(frozen=True)
class ZoneWriter:
    """Writes a zone of the plan, once or again.  What is anchored keeps its key.

    `certificates` maps host names to what they present; `anchor_digest` is the SHA-256 of the
    authority's certificate, in hex; `keys` are the names of the zones' keys."""

    plan: LabPlan
    certificates: Mapping[str, Issued]
    anchor_digest: str
    folder: Path
    keys: Mapping[Zone, str]

    def write(self, zone: Zone, changes: Changes) -> Path:
        """Writes the zone and signs it if it is anchored; returns the file to be served."""
        records = _parents(self.plan, zone)
        for domain in self.plan.in_zone(zone):
            records += _records(domain, self.certificates, self.anchor_digest, changes)
        file = self.folder / str(zone)
        file.write_text(HEAD.format(zone=zone) + "".join(records), encoding="ascii")
        if zone not in self.keys:
            return file
        signed = _sign(file, zone, self.keys[zone])
        _break_signatures(signed, zone, self.plan)
        return signed


def write_zones(
    plan: LabPlan,
    certificates: Mapping[str, Issued],
    anchor_digest: str,
    target_address: str,
    folder: Path,
) -> ZoneFiles:
    """Writes all zones of the plan and signs those that are anchored.

    `certificates` maps host names to what they present; `anchor_digest` is the SHA-256 of the
    authority's certificate, in hex."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = {zone: _make_key(zone, folder) for zone in ANCHORED}
    writer = ZoneWriter(plan, certificates, anchor_digest, folder, keys)
    files = {str(zone): writer.write(zone, {}) for zone in (*ANCHORED, Zone.UNSIGNED)}
    files[TARGET_ZONE] = folder / TARGET_ZONE
    files[TARGET_ZONE].write_text(
        HEAD.format(zone=TARGET_ZONE) + f"{TARGET_HOST}. 300 IN A {target_address}\n",
        encoding="ascii",
    )
    # A root of our own, so that every other name is denied at once and nothing asks outside.
    files["."] = folder / "root"
    files["."].write_text(
        ". 300 IN SOA ns.root. hostmaster.root. 1 3600 600 86400 300\n. 300 IN NS ns.root.\n"
        "ns.root. 300 IN A 127.0.0.53\n",
        encoding="ascii",
    )
    anchor_file = folder / "trust-anchors"
    anchors = [(folder / f"{key}.key").read_text(encoding="ascii") for key in keys.values()]
    anchor_file.write_text("".join(anchors), encoding="ascii")
    return ZoneFiles(files, anchor_file, writer)


def _parents(plan: LabPlan, zone: Zone) -> list[str]:
    """A record at the name above a case's domains: unbound cannot prove the absence of a name
    whose closest encloser is an empty non-terminal."""
    slugs = {d.name.split(".")[-3] for d in plan.in_zone(zone)}
    return [f'{slug}.{zone}. 300 IN TXT "a test case of Mailassay"\n' for slug in sorted(slugs)]


def _records(
    domain: DomainPlan, certificates: Mapping[str, Issued], anchor_digest: str, changes: Changes
) -> list[str]:
    kind = domain.domain.kind
    if kind is MxKind.NO_SUCH_DOMAIN:
        # Not even a name below it, or it would exist without records.
        return []
    lines = [f"{domain.name}. 300 IN MX 0 .\n"] if kind is MxKind.NULL else []
    for host in domain.hosts:
        if kind is MxKind.MX:
            mx = host.name
            if host.host.alias is Alias.OF_HOST:
                mx = f"alias-{host.host.label}.{domain.name}"
                lines.append(f"{mx}. 300 IN CNAME {host.name}.\n")
            lines.append(f"{domain.name}. 300 IN MX {host.host.preference} {mx}.\n")
        lines.append(f"{host.name}. 300 IN A {host.address}\n")
        lines += _tlsa(host, certificates[host.name], anchor_digest, changes)
    if domain.domain.mta_sts is not None:
        lines.append(f'_mta-sts.{domain.name}. 300 IN TXT "v=STSv1; id=1;"\n')
        lines.append(f"mta-sts.{domain.name}. 300 IN A {MTA_STS_ADDRESS}\n")
    return lines


def _tlsa(host: HostPlan, issued: Issued, anchor_digest: str, changes: Changes) -> list[str]:
    """The host's TLSA set.  One that changes in the midst of a case may not be remembered."""
    data = {
        Tlsa.NONE: None,
        Tlsa.MATCHING: f"3 1 1 {issued.public_key_digest()}",
        Tlsa.BROKEN: f"3 1 1 {issued.public_key_digest()}",
        Tlsa.ALIASED: f"3 1 1 {issued.public_key_digest()}",
        Tlsa.MISMATCHING: f"3 1 1 {OTHER_KEY}",
        Tlsa.ANCHOR: f"2 0 1 {anchor_digest}",
        Tlsa.UNUSABLE: f"9 9 9 {OTHER_KEY}",
    }[changes.get(host.name, host.host.tlsa)]
    ttl = 0 if host.host.later is not None else 300
    if data is None:
        return []
    owner = f"_25._tcp.{host.name}"
    if host.host.tlsa is Tlsa.ALIASED:
        shared = f"tlsa.{host.name}"
        return [f"{owner}. {ttl} IN CNAME {shared}.\n", f"{shared}. {ttl} IN TLSA {data}\n"]
    return [f"{owner}. {ttl} IN TLSA {data}\n"]


def _make_key(zone: Zone, folder: Path) -> str:
    """Makes a key for the zone; returns the name under which ldns files it."""
    return _run(["ldns-keygen", "-k", "-a", "ECDSAP256SHA256", str(zone)], folder).strip()


def _sign(file: Path, zone: Zone, key: str) -> Path:
    """Signs a zone file; returns the signed one."""
    today = datetime.datetime.now(datetime.timezone.utc)
    days = (-40, -10) if zone is Zone.EXPIRED else (-2, 20)
    begins, ends = (
        (today + datetime.timedelta(days=d)).strftime("%Y%m%d%H%M%S") for d in days
    )
    signed = file.with_suffix(file.suffix + ".signed")
    _run(
        ["ldns-signzone", "-i", begins, "-e", ends, "-f", str(signed), str(file), key], file.parent
    )
    return signed


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def _break_signatures(file: Path, zone: Zone, plan: LabPlan) -> None:
    """Damages the signatures of a whole zone, or of single TLSA sets."""
    if zone is Zone.BOGUS:
        _damage(file, lambda owner, covered: covered != "DNSKEY")
        return
    broken = {
        f"_25._tcp.{h.name}."
        for d in plan.in_zone(zone)
        for h in d.hosts
        if h.host.tlsa is Tlsa.BROKEN
    }
    if broken:
        _damage(file, lambda owner, covered: owner in broken and covered == "TLSA")


def _damage(file: Path, wanted: Callable[[str, str], bool]) -> None:
    """Flips a bit of every RRSIG that is wanted, by owner and type covered."""
    lines = file.read_text(encoding="ascii").splitlines()
    pattern = re.compile(r"^(\S+)\s+\d+\s+IN\s+RRSIG\s+(\S+)\s")
    for number, line in enumerate(lines):
        match = pattern.match(line)
        if match is None or not wanted(match[1], match[2]):
            continue
        head, signature = line.split(";")[0].rstrip().rsplit(None, 1)
        octets = bytearray(base64.b64decode(signature))
        octets[-1] ^= 1
        lines[number] = f"{head} {base64.b64encode(octets).decode()}"
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
