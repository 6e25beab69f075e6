"""The lab is what it claims to be, by the word of programs that we did not write."""

import shutil
import subprocess

import pytest

from mailassay.world import Certificate, MxKind, Tlsa, Zone

# What `openssl s_client` says of each kind of certificate; 0 is "ok".
VERIFY_CODES = {
    Certificate.TRUSTED: {0},
    Certificate.EXPIRED: {10},
    Certificate.NOT_YET_VALID: {9},
    Certificate.MISNAMED: {62},
    Certificate.SELF_SIGNED: {18},
    Certificate.UNKNOWN_AUTHORITY: {19, 20, 21},
    Certificate.REVOKED: {23},
    Certificate.WEAK: {0, 66},
    Certificate.COMMON_NAME_ONLY: {0},
    Certificate.WILDCARD: {0},
}


def witness(*command: str, answer: str = "QUIT\r\n") -> str:
    done = subprocess.run(
        command, input=answer, capture_output=True, text=True, timeout=20, errors="replace"
    )
    return done.stdout + done.stderr


def s_client(running, slug: str, *more: str) -> str:
    name, address = running.host(slug)
    return witness(
        "openssl", "s_client", "-starttls", "smtp", "-connect", f"{address}:25",
        "-servername", name, "-verify_hostname", name, "-CAfile", running.ca_file, *more,
    )


@pytest.mark.parametrize("kind", list(Certificate))
def test_openssl_agrees_on_each_certificate(running, kind: Certificate) -> None:
    more = []
    if kind is Certificate.REVOKED:
        crl = running.lab.certificates.write_revocation_list()
        more = ["-CRL", str(crl), "-crl_check"]
    told = s_client(running, f"cert-{kind}", *more)
    codes = {
        int(line.split("Verify return code: ")[1].split()[0])
        for line in told.splitlines()
        if "Verify return code: " in line
    }
    assert codes and codes <= VERIFY_CODES[kind], told[-2000:]


def dane(running, slug: str, *records: str) -> str:
    name, _ = running.host(slug)
    flags = [word for record in records for word in ("-dane_tlsa_rrdata", record)]
    return s_client(running, slug, "-dane_tlsa_domain", name, *flags)


def tlsa_of(running, slug: str) -> list[str]:
    name, _ = running.host(slug)
    told = witness("drill", "-D", "@127.0.0.53", "TLSA", f"_25._tcp.{name}")
    return [
        " ".join(line.split()[4:8]) for line in told.splitlines() if "\tTLSA\t" in line
        and not line.startswith(";")
    ]


@pytest.mark.parametrize(
    "kind, holds",
    [(Tlsa.MATCHING, True), (Tlsa.ANCHOR, True), (Tlsa.MISMATCHING, False)],
)
def test_openssl_agrees_on_tlsa(running, kind: Tlsa, holds: bool) -> None:
    records = tlsa_of(running, f"tlsa-{kind}")
    assert len(records) == 1
    told = dane(running, f"tlsa-{kind}", *records)
    assert ("Verification: OK" in told) is holds, told[-1500:]


def unbound_host(running, name: str, kind: str) -> str:
    anchors = running.lab.settings()["trust_anchor_file"]
    return witness("unbound-host", "-v", "-f", anchors, "-r", "-t", kind, name)


@pytest.mark.parametrize(
    "zone, word",
    [
        (Zone.SIGNED, "(secure)"),
        (Zone.UNSIGNED, "(insecure)"),
        (Zone.BOGUS, "(BOGUS"),
        (Zone.EXPIRED, "(BOGUS"),
    ],
)
def test_unbound_host_agrees_on_each_zone(running, zone: Zone, word: str) -> None:
    domain = running.domain(f"zone-{zone.split('.')[0]}")
    told = unbound_host(running, domain, "MX")
    assert word in told, told


def drill(running, name: str, kind: str) -> str:
    """What the lab's own resolver answers a stub that asks for DNSSEC."""
    return witness("drill", "-D", "@127.0.0.53", kind, name)


@pytest.mark.parametrize(
    "zone, rcode, authentic",
    [
        (Zone.SIGNED, "NOERROR", True),
        (Zone.UNSIGNED, "NOERROR", False),
        (Zone.BOGUS, "SERVFAIL", False),
        (Zone.EXPIRED, "SERVFAIL", False),
        (Zone.MISSING, "NXDOMAIN", False),
    ],
)
def test_the_resolver_tells_a_stub(running, zone: Zone, rcode: str, authentic: bool) -> None:
    told = drill(running, running.domain(f"zone-{zone.split('.')[0]}"), "MX")
    flags = told.split("flags:")[1].split(";")[0].split()
    assert f"rcode: {rcode}" in told, told
    assert ("ad" in flags) is authentic, told


def records(told: str, kind: str) -> list[str]:
    """The data of all records of that type in what `drill` told."""
    lines = (line.split(None, 4) for line in told.splitlines() if not line.startswith(";"))
    return [words[4] for words in lines if len(words) == 5 and words[3] == kind]


def test_drill_sees_how_each_kind_of_domain_is_found(running) -> None:
    def mx(slug: str) -> list[str]:
        return records(drill(running, running.domain(slug), "MX"), "MX")

    name, address = running.host(f"kind-{MxKind.MX}")
    assert mx(f"kind-{MxKind.MX}") == [f"10 {name}."]
    assert records(drill(running, name, "A"), "A") == [address]
    assert mx(f"kind-{MxKind.NULL}") == ["0 ."]
    assert mx(f"kind-{MxKind.ADDRESS}") == []
    name, address = running.host(f"kind-{MxKind.ADDRESS}")
    assert name == running.domain(f"kind-{MxKind.ADDRESS}")
    assert records(drill(running, name, "A"), "A") == [address]
    gone = drill(running, running.domain(f"kind-{MxKind.NO_SUCH_DOMAIN}"), "MX")
    assert "rcode: NXDOMAIN" in gone and " ad" in gone.split("flags:")[1].split(";")[0], gone


def test_aliases_are_secure_and_lead_to_the_host(running) -> None:
    name, address = running.host("probe-alias")
    domain = running.domain("probe-alias")
    assert records(drill(running, domain, "MX"), "MX") == [f"10 alias-{name}."]
    told = drill(running, f"alias-{name}", "A")
    assert records(told, "CNAME") == [f"{name}."] and records(told, "A") == [address]
    assert "(secure)" in unbound_host(running, f"alias-{name}", "A")
    name, _ = running.host("tlsa-aliased")
    told = drill(running, f"_25._tcp.{name}", "TLSA")
    assert records(told, "CNAME") == [f"tlsa.{name}."] and len(records(told, "TLSA")) == 1
    assert "(secure)" in unbound_host(running, f"_25._tcp.{name}", "TLSA")


def test_the_resolver_remembers_what_it_answered(running) -> None:
    domain = running.domain("kind-null")
    drill(running, domain, "MX")
    assert f"{domain}. MX: NOERROR" in [str(a) for a in running.lab.answers("kind-null")]
    assert not any("kind-mx" in a.name for a in running.lab.answers("kind-null"))


def test_a_missing_zone_is_denied(running) -> None:
    assert "NXDOMAIN" in unbound_host(running, running.domain("zone-missing"), "MX")


def test_the_absence_of_tlsa_is_proven(running) -> None:
    name, _ = running.host("tlsa-none")
    told = unbound_host(running, f"_25._tcp.{name}", "TLSA")
    assert "NXDOMAIN" in told and "(secure)" in told


def test_a_broken_tlsa_set_is_bogus_alone(running) -> None:
    name, _ = running.host("tlsa-broken")
    assert "(BOGUS" in unbound_host(running, f"_25._tcp.{name}", "TLSA")
    assert "(secure)" in unbound_host(running, running.domain("tlsa-broken"), "MX")


def fetch_policy(running, slug: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", running.ca_file, "--max-time", "10",
         f"https://mta-sts.{running.domain(slug)}/.well-known/mta-sts.txt"],
        capture_output=True, text=True, timeout=20,
    )


def test_curl_fetches_a_policy(running) -> None:
    done = fetch_policy(running, "sts-enforce")
    name, _ = running.host("sts-enforce")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["version: STSv1", "mode: enforce"]
    assert f"mx: {name}" in done.stdout


def test_curl_refuses_an_untrusted_policy_server(running) -> None:
    assert fetch_policy(running, "sts-untrusted").returncode == 60


def test_curl_gets_no_policy_of_a_name_that_publishes_none(running) -> None:
    done = subprocess.run(
        ["curl", "--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}",
         "--header", "Host: mta-sts.nobody.example",
         f"https://mta-sts.{running.domain('sts-enforce')}/.well-known/mta-sts.txt"],
        capture_output=True, text=True, timeout=20,
    )
    assert done.stdout == "404", done.stdout + done.stderr


def test_swaks_delivers_to_a_peer_with_requiretls(running) -> None:
    name, address = running.host("cert-trusted")
    told = witness(
        "swaks", "--server", address, "--tls", "--from", "a@from.example", "--to", "b@to.example",
        "--helo", "swaks.example", "--timeout", "10",
    )
    assert "REQUIRETLS" in told and "250 2.0.0 Taken" in told, told[-1500:]


def test_nothing_leaves(running) -> None:
    """The private network has no way out: even a connection attempt fails at once."""
    ip = shutil.which("ip") or "/usr/sbin/ip"
    assert "default" not in witness(ip, "route")
    assert witness(ip, "-o", "link").count("\n") == 1
