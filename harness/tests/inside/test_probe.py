"""`mailassay probe` on hosts of every kind, beside Postfix's own probe on the same hosts."""

import json
import os
import subprocess
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import jsonschema
import pytest

import probe_worlds
from mailassay import paths
from mailassay.targets.launch import Place
from mailassay.verdicts import Kind, Party
from test_posttls_finger import finger_aloud, postfix  # noqa: F401 (a fixture)

SCHEMA = json.loads((paths.ROOT / "vectors/schema/probe.schema.json").read_text(encoding="utf-8"))
PROGRAM = os.environ.get("MAILASSAY_PROGRAM", str(paths.ROOT / "build" / "mailassay"))


def run(
    running, domain: str, *more: str, changed: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    settings = running.lab.settings()
    options = {
        "--resolver": f"{settings['resolver']}@53",
        "--ca-file": settings["ca_file"],
        "--trust-anchor-file": settings["trust_anchor_file"],
        "--timeout": "20",
        **changed,
    }
    words = [word for option in options.items() for word in option]
    return subprocess.run(
        [PROGRAM, "probe", domain, *words, *more],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
    )


def probe(running, domain: str, **changed: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON; `changed` are options by their names, with _ for -."""
    options = {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    done = run(running, domain, "--json", changed=options)
    assert done.stderr == "", done.stderr
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA)
    return done.returncode, told


def commands(attempt) -> list[str]:
    """What the client said, protocol line by protocol line."""
    entries = attempt.conversation.entries
    return [e.text for e in entries if e.party is Party.TARGET and e.kind is Kind.LINE]


@pytest.mark.parametrize("slug", list(probe_worlds.EXPECTED))
def test_each_kind_of_host(running, slug: str) -> None:
    expected = probe_worlds.EXPECTED[slug]
    before = len(running.attempts(slug))
    code, told = probe(running, running.domain(slug))
    about = told["hosts"][0] if told["hosts"] else told
    assert (code, about["finding"]) == (expected.exit_code, expected.finding), told
    assert about["outcome"] == {0: "gets-through", 1: "does-not", 4: "undetermined"}[code]
    assert (about["problem"] is None) == (expected.finding == "none")
    seen = told["hosts"][0]["session"] if told["hosts"] else None
    if seen is None or seen["tls"] != "established":
        assert expected.authentication == ""
    else:
        assert seen["authentication"] == expected.authentication

    # It talks to each host that there is, once, and never begins to send mail.
    made = running.attempts(slug)[before:]
    assert len(made) == (1 if seen and seen["address"] else 0)
    for attempt in made:
        assert not attempt.mails and not attempt.rcpts
        words = {line.split()[0].upper() for line in commands(attempt)}
        assert words <= {"EHLO", "STARTTLS", "QUIT"}, commands(attempt)
        assert attempt.quit or not attempt.alive_to_the_end


# Nothing of these is Postfix's to say: it connects to nobody.
UNREACHED = {s for s, e in probe_worlds.EXPECTED.items() if e.domain.kind.value == "null"} | {
    "probe-kind-none", "probe-zone-missing", "probe-zone-bogus", "probe-zone-expired",
}


@pytest.mark.parametrize("slug", sorted(set(probe_worlds.EXPECTED) - UNREACHED))
def test_postfix_agrees_on_the_session(running, postfix: Place, slug: str) -> None:  # noqa: F811
    """By DANE where there are records, else by the trust chain and the host's name."""
    domain = running.domain(slug)
    _, told = probe(running, domain)
    host = told["hosts"][0]
    by_dane = host["tlsa"] in ("usable", "lookup-failed")
    level = ("-l", "dane", domain) if by_dane else ("-l", "secure", domain, host["host"])
    words = finger_aloud(running, postfix, *level)
    if host["tlsa"] == "lookup-failed":
        assert "TLSA lookup error" in words, words
        return
    offered = any(line.endswith((" 250-STARTTLS", " 250 STARTTLS")) for line in words.splitlines())
    assert offered == host["session"]["starttls_offered"], words
    established = host["session"]["tls"] == "established"
    if host["session"]["tls_version"] in ("TLS 1.0", "TLS 1.1"):
        # Its OpenSSL is configured not to speak these; ours speaks them to name the fault.
        established = False
    assert ("TLS connection established" in words) is established, words
    if slug == "probe-chain-weak":
        # Postfix takes RSA of 1024 bits; our own rules ask for 112 bits of security.
        assert "Verified TLS connection" in words and "1024 bits" in words, words
        assert host["session"]["certificate_fault"] == "other"
        return
    verified = established and host["session"]["authentication"] != "none"
    assert ("Verified TLS connection" in words) is verified, words


def test_several_hosts(running) -> None:
    code, told = probe(running, running.domain("probe-several"))
    assert code == 0
    assert [h["finding"] for h in told["hosts"]] == [
        "requiretls-not-offered", "certificate-expired", "none", "starttls-not-offered",
    ]
    assert told["through"] == running.plan.worlds["probe-several"].destinations[0].hosts[2].name


def test_the_table(running) -> None:
    domain = running.domain("probe-several")
    done = run(running, domain)
    lines = done.stdout.splitlines()
    assert lines[0] == domain and "signed with DNSSEC" in lines[1]
    rows = [line for line in lines if line.startswith(("  10 ", "  20 ", "  30 ", "  40 "))]
    assert [row.split()[-1] for row in rows] == ["no", "no", "yes", "no"]
    assert sum(line.startswith("  to fix: ") for line in lines) == 3
    assert lines[-1] == f"Mail with REQUIRETLS gets through to {domain}, by mx3.{domain}."
    assert done.stdout.isascii() and done.stdout.replace("\n", "").isprintable()


def test_an_alias_is_expanded(running) -> None:
    name, _ = running.host("probe-alias")
    _, told = probe(running, running.domain("probe-alias"))
    host = told["hosts"][0]
    assert host["host"] == f"alias-{name}" and host["alias_of"] == name
    assert host["tlsa"] == "usable" and host["tlsa_base"] == name


def test_the_draft_asks_for_no_proof_of_the_lookup(running) -> None:
    domain = running.domain("probe-sts-absent")
    assert probe(running, domain)[0] == 1
    assert probe(running, domain, edition="draft")[0] == 0


def test_a_resolver_without_signatures_is_not_held_against_a_domain(running) -> None:
    """The lab's root is not signed; to who has a key of the real one, all of it seems forged."""
    anchor = running.scratch / "root.ds"
    anchor.write_text(
        ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n",
        encoding="ascii",
    )
    code, told = probe(
        running, running.domain("probe-tlsa-matching"), trust_anchor_file=str(anchor)
    )
    assert (code, told["finding"]) == (4, "not-validated-here"), told
    assert told["dnssec_validated"] is False and "--resolver" in told["fix"]


def test_trust_anchors_that_are_none_are_refused(running) -> None:
    """With them every domain would seem unsigned."""
    empty = running.scratch / "no-anchor"
    empty.write_text("; nothing here\n", encoding="ascii")
    done = run(running, running.domain("probe-tlsa-none"),
               changed={"--trust-anchor-file": str(empty)})
    assert (done.returncode, done.stdout) == (2, "") and "no key" in done.stderr


def test_a_resolver_that_says_nothing(running) -> None:
    code, told = probe(
        running, running.domain("probe-several"), resolver="127.0.0.99@53", timeout="2"
    )
    assert code == 4
    assert told["finding"] in ("mx-unanswered", "time-limit")
