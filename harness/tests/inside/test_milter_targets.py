"""Every milter of interop/targets comes up, answers as to its MTA, and is gone afterwards."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from mailassay import paths
from mailassay.milter.client import Caller, Fate, Outcome, open_connection
from mailassay.milter.message import mail
from mailassay.milter_session import settings_for
from mailassay.milter_trial import INSIDE, OUTSIDE
from mailassay.targets.launch import Launched, running
from mailassay.targets.model import Reach, load_all
from mailassay.verdicts import Edition

MILTERS = {t.name: t for t in load_all(paths.TARGETS) if t.reach is Reach.MILTER}
ORDINARY = (
    b"From: Ann <ann@signed.example>\r\nTo: bob@to.example\r\nSubject: hello\r\n"
    b"Date: Thu, 01 Jan 2026 12:00:00 +0000\r\nMessage-ID: <1@signed.example>\r\n\r\nHello.\r\n"
)
PATIENCE = 10.0
# What it adds to ordinary mail of a user of its own, and to mail from elsewhere.
ADDS = {
    "opendkim": (b"DKIM-Signature", b"Authentication-Results"),
    "opendmarc": (None, b"Authentication-Results"),
    "clamav-milter": (b"X-Virus-Status", b"X-Virus-Status"),
    "spamass-milter": (b"X-Spam-Status", b"X-Spam-Status"),
    "dkimpy-milter": (b"DKIM-Signature", None),
    "rspamd": (None, None),
}
REFUSES = {
    "opendkim": b"5.7.0 bad DKIM signature data",
    "opendmarc": b"5.7.1 rejected by DMARC policy for strict.example",
    "clamav-milter": b"5.7.1 Rejected: LabVirus.Test.UNOFFICIAL",
    "spamass-milter": b"5.7.1 Blocked by SpamAssassin",
    "rspamd": b"5.7.1 Gtube pattern",
}


# Of ci/packages-interop; ci/interop installs them before it runs these tests.
PROGRAMS = {
    "opendmarc": "/usr/sbin/opendmarc", "rspamd": "/usr/bin/rspamd",
    "clamav-milter": "/usr/sbin/clamav-milter", "spamass-milter": "/usr/sbin/spamass-milter",
    "dkimpy-milter": "/usr/bin/dkimpy-milter",
}
# Those that are asked here: opendkim, which is in ci/packages, and whatever else is installed.
PRESENT = sorted(n for n in MILTERS if n not in PROGRAMS or Path(PROGRAMS[n]).exists())


def test_every_milter_is_in_the_tables() -> None:
    assert set(MILTERS) == set(ADDS)
    assert {n for n, t in MILTERS.items() if t.refused} == set(REFUSES)


async def _carried(up: Launched, octets: bytes, caller: Caller) -> Outcome | None:
    async with open_connection(up.socket) as connection:
        await connection.negotiate()
        if (await connection.greet(caller)).answer != "c":
            return None
        told = mail(octets, b"<ann@signed.example>", (b"<bob@to.example>",))
        outcome = await connection.carry(told)
        await connection.quit()
        return outcome


@pytest.mark.parametrize("name", PRESENT)
def test_it_does_what_it_is_there_for(name: str, scratch: Path) -> None:
    """It adds what it adds, refuses what it is set up to refuse, and leaves no process behind."""
    target = MILTERS[name]
    refused = target.refused.lstrip("\n").replace("\n", "\r\n").encode()

    async def body() -> None:
        settings = settings_for(Edition.RFC, scratch)
        async with running(target, settings, scratch, None) as up:
            assert up.version
            for caller, added in zip((INSIDE, OUTSIDE), ADDS[name], strict=True):
                outcome = await _carried(up, ORDINARY, caller)
                if outcome is not None:
                    assert outcome.fate is Fate.ACCEPTED, outcome.told
                names = {f.name for f in outcome.after.fields} if outcome else set()
                assert added is None or added in names, outcome and outcome.told
            if refused:
                outcome = await _carried(up, refused, OUTSIDE)
                assert outcome is not None and outcome.fate is Fate.REJECTED
                assert outcome.reply.lines == (REFUSES[name],)
        async with asyncio.timeout(PATIENCE):
            # The kernel kills what the first process leaves behind; nothing announces that it has.
            while [c for c in _commands() if str(scratch / "target") in c]:
                await asyncio.sleep(0.01)
        assert not (scratch / "target").exists()

    asyncio.run(body())


def _commands() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found
