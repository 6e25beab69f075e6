"""The processor in Postfix and in Sendmail, with two services: what is delivered, refused,
bounced and bypassed has the trace where it belongs.  And with packaged milters in a chain."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import postfix_authority as lab
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from milter_role_support import PROGRAM, URI, Milter, callout, config, milter, service
from milter_support import opendkim, run

from mailassay import paths
from mailassay.milter_session import settings_for
from mailassay.targets.launch import running
from mailassay.targets.model import Target, load
from mailassay.targets.rootfs import archive_for
from mailassay.verdicts import Edition
from test_milter_targets import ADDS, PRESENT, REFUSES

REFUSED = "nobody@to.example"
SENDER = "ann@signed.example"
MESSAGE = (
    f"From: Ann <{SENDER}>\r\nTo: bob@to.example\r\nSubject: a subject\r\n"
    "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\nMessage-ID: <1@signed.example>\r\n\r\nA line.\r\n"
).encode()
MARKED = MESSAGE + b"mailassay-mark-of-the-lab\r\n"


SENDMAIL = f"""
include(`/usr/share/sendmail/cf/m4/cf.m4')
OSTYPE(`debian')
define(`confDOMAIN_NAME', `${{hostname}}')
define(`SMART_HOST', `relay:[{lab.ADDRESS}]')
define(`RELAY_MAILER_ARGS', `TCP $h {lab.NEXT_HOP}')
define(`confDELIVERY_MODE', `interactive')
FEATURE(`no_default_msa')
FEATURE(`accept_unresolvable_domains')
FEATURE(`promiscuous_relay')
define(`confSERVICE_SWITCH_FILE', `/etc/mail/service.switch')
FEATURE(`nocanonify')
DAEMON_OPTIONS(`Addr=${{address}}, Port=${{port}}, Name=MTA')
INPUT_MAIL_FILTER(`opes', `S=inet:{lab.MILTER}@{lab.ADDRESS}, F=T, T=S:30s;R:30s;E:30s')
MAILER(`smtp')
"""
START_SENDMAIL = """
set -e
m4 /here.mc >/etc/mail/sendmail.cf
# Nobody answers for names here.
printf 'hosts\\tfiles\\n' >/etc/mail/service.switch
chmod 755 /etc/mail
mkdir -p /var/spool/mqueue
chown root:root /var/spool/mqueue
chmod 700 /var/spool/mqueue
exec /usr/sbin/sendmail -bD -C /etc/mail/sendmail.cf
"""


def sendmail(name: str) -> Target:
    """Sendmail that asks the milter and hands all mail to the next hop."""
    target = load(paths.TARGETS / "sendmail.toml")
    files = {"/start": START_SENDMAIL, "/here.mc": SENDMAIL}
    return replace(target, name=name, files=files, logs=())


# Packaged milters, one behind the other: opendkim, and those of ci/packages-interop that are there.
# dkimpy-milter is not among them: its resolver has the address of opendmarc's.
CHAIN = [
    name for name in ("opendkim", "opendmarc", "clamav-milter", "spamass-milter", "rspamd")
    if name in PRESENT
]
# No user of our own, to all of them.
STRANGER = "127.0.0.2"


SERVERS: dict[str, Callable[[str], Target]] = {"postfix": lab.as_target, "sendmail": sendmail}


class NextHop(lab.NextHop):
    """Knows all but one."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if address == REFUSED:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 known"


@dataclass
class World:
    mta: lab.Domain
    next_hop: NextHop
    opes: Milter
    allowed: Path

    async def hand_in(
        self, message: bytes, to: str = "bob@to.example", *options: str, client: str = lab.ADDRESS
    ) -> str:
        """Why it was refused; empty: it was taken."""
        return await asyncio.to_thread(self._hand_in, message, to, options, client)

    def _hand_in(self, message: bytes, to: str, options: tuple[str, ...], address: str) -> str:
        with smtplib.SMTP(
            lab.ADDRESS, self.mta.port, timeout=lab.DEADLINE, source_address=(address, 0)
        ) as client:
            try:
                client.sendmail(SENDER, [to], message, mail_options=list(options))
            except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as no:
                assert isinstance(no.smtp_error, bytes)
                return f"{no.smtp_code} {no.smtp_error.decode('ascii')}"
        return ""

    async def came(self) -> Message:
        """What the next hop got."""
        async with asyncio.timeout(lab.DEADLINE):
            return message_from_bytes(await self.next_hop.came.get())


Services = AbstractAsyncContextManager[list[str]]


@asynccontextmanager
async def two_services(folder: Path, scan: str = "reply") -> AsyncIterator[list[str]]:
    """As the configuration has them; what the second refuses is answered or held."""
    async with opendkim(folder) as dkim, callout(folder) as other:
        more = f'indispensable = true\non_refusal = "{scan}"'
        yield [service("dkim", dkim), service("scan", other, more)]


@asynccontextmanager
async def packaged(folder: Path) -> AsyncIterator[list[str]]:
    """The chain's milters as their target files have them."""
    async with AsyncExitStack() as stack:
        made = []
        for name in CHAIN:
            own = folder / name
            own.mkdir()
            launched = await stack.enter_async_context(running(
                load(paths.TARGETS / f"{name}.toml"), settings_for(Edition.RFC, own), own, None
            ))
            made.append(service(name, launched.socket))
        yield made


@asynccontextmanager
async def world(folder: Path, name: str, services: Services) -> AsyncIterator[World]:
    """The server, with these services."""
    next_hop = NextHop()
    archive = archive_for(load(paths.TARGETS / f"{name}.toml"))
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            await loop.create_server(lambda: lab.Endless(next_hop), lab.ADDRESS, lab.NEXT_HOP)
        )
        settings = config(
            *await stack.enter_async_context(services),
            more=f'own_clients = ["{lab.ADDRESS}", "{STRANGER}"]\nallow_list = "{folder}/allowed"',
        )
        socket = f"inet:{lab.MILTER}@{lab.ADDRESS}"
        opes = await stack.enter_async_context(milter(folder, "opes", settings, socket=socket))
        mta = await stack.enter_async_context(
            lab.domain(
                lab.OUTSIDE, archive, folder / "outside", next_hop, str(PROGRAM), SERVERS[name]
            )
        )
        yield World(mta, next_hop, opes, folder / "allowed")


async def delivered(w: World) -> None:
    assert await w.hand_in(MESSAGE) == ""
    came = await w.came()
    assert came.get_all("OPES-System") == [f'{URI}; policy="{URI}policy"']
    assert came.get_all("OPES-Via") == [f"{URI}dkim, {URI}scan"]
    # The services' own fields are there, and the trace stands beside the server's own Received.
    assert came["X-Callout"] and came["Authentication-Results"]
    names = [name for name in came.keys() if name in ("Received", "OPES-System", "From")]
    assert names == ["Received", "OPES-System", "From"]
    assert came.get_payload() == "A line.\r\n"


async def refused(w: World) -> None:
    told = await w.hand_in(MARKED)
    assert told.splitlines() == [
        "550 5.7.1 Refused: it has the mark of the lab", f"5.7.1 OPES-System: {URI}",
    ]
    assert w.next_hop.came.empty()


async def bounced(w: World) -> None:
    assert await w.hand_in(MESSAGE, REFUSED) == ""
    report = await w.came()
    assert report.get_content_type() == "multipart/report"
    assert parseaddr(report["To"])[1] == SENDER
    returned = report.get_payload()[-1]
    assert isinstance(returned, Message)
    original = returned.get_payload()[0] if returned.is_multipart() else returned
    assert isinstance(original, Message)
    assert original.get_all("OPES-System") == [f'{URI}; policy="{URI}policy"']
    assert original.get_all("OPES-Via") == [f"{URI}dkim, {URI}scan"]


async def bypassed(w: World) -> None:
    assert await w.hand_in(b"OPES-Bypass: *\r\n" + MESSAGE) == ""
    came = await w.came()
    assert came.get_all("OPES-System") == [f'{URI}; policy="{URI}policy"']
    # What must not be left out was called all the same; the request goes on.
    assert came.get_all("OPES-Via") == [f"{URI}scan"]
    assert came["Authentication-Results"].count("mx.mailassay.invalid") == 1
    assert came["OPES-Bypass"] == "*"
    assert (await w.hand_in(b"OPES-Bypass: *\r\n" + MARKED)).startswith("550 ")


async def parameter(w: World) -> None:
    """Neither server offers the extension, and both refuse its parameter."""
    assert (await w.hand_in(MESSAGE, "bob@to.example", "XOPESBYPASS=*")).startswith("555 ")


async def forged(w: World) -> None:
    """The trace of others stays, and is not taken for our own."""
    before = f"OPES-System: {URI}\r\nOPES-Via: https://other.example/\r\n".encode()
    assert await w.hand_in(before + MESSAGE) == ""
    came = await w.came()
    assert came.get_all("OPES-System") == [f'{URI}; policy="{URI}policy"', URI]
    via = [value.replace("\r\n", "") for value in came.get_all("OPES-Via", [])]
    assert via == [f"{URI}, {URI}dkim, {URI}scan", "https://other.example/"]


async def listed(w: World) -> None:
    """A pair that somebody has put on the list is let through, nobody else."""
    w.allowed.write_text(f"{SENDER} bob@to.example\n")
    assert await w.hand_in(MESSAGE) == ""
    came = await w.came()
    assert came.get_all("OPES-Via") == [f"{URI}scan"] and "OPES-Bypass" not in came
    assert await w.hand_in(MESSAGE, "cid@to.example") == ""
    assert (await w.came()).get_all("OPES-Via") == [f"{URI}dkim, {URI}scan"]


Scenario = Callable[[World], Awaitable[None]]


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize(
    "scenario", [delivered, refused, bounced, bypassed, parameter, forged, listed]
)
def test_in_a_mail_server(tmp_path: Path, scenario: Scenario, name: str) -> None:
    async def body() -> None:
        async with world(tmp_path, name, two_services(tmp_path)) as w:
            await scenario(w)

    run(body())


@pytest.mark.parametrize("name", SERVERS)
def test_what_is_held_stays_in_the_server(tmp_path: Path, name: str) -> None:
    async def body() -> None:
        async with world(tmp_path, name, two_services(tmp_path, "quarantine")) as w:
            assert await w.hand_in(MARKED) == ""
            # What is handed in behind it overtakes it.
            assert await w.hand_in(MESSAGE) == ""
            assert (await w.came()).get_payload() == "A line.\r\n"
            assert w.next_hop.came.empty()
            assert [m["held"] for m in w.opes.messages()] == [f"{URI}scan", ""]

    run(body())


@pytest.mark.parametrize("name", SERVERS)
def test_packaged_milters_in_a_chain(tmp_path: Path, name: str) -> None:
    """Each has done its work and is in the trace; who refuses says why, and which system it was."""

    async def body() -> None:
        async with world(tmp_path, name, packaged(tmp_path)) as w:
            await all_pass(w)
            for refuser in CHAIN:
                await one_refuses(w, refuser)
            assert await w.hand_in(b"OPES-Bypass: *\r\n" + MESSAGE) == ""
            assert "OPES-Via" not in await w.came()

    run(body())


async def all_pass(w: World) -> None:
    assert await w.hand_in(MESSAGE, client=STRANGER) == ""
    came = await w.came()
    assert came.get_all("OPES-System") == [f'{URI}; policy="{URI}policy"']
    via = came["OPES-Via"].replace("\r\n", "")
    assert via == ", ".join(URI + each for each in CHAIN)
    added = {field.decode() for each in CHAIN if (field := ADDS[each][1]) is not None}
    assert added and added <= set(came.keys())
    assert came.get_payload() == "A line.\r\n"


async def one_refuses(w: World, name: str) -> None:
    """What it is set up to refuse, without those before it, who may refuse the same."""
    before = ", ".join(URI + each for each in CHAIN[: CHAIN.index(name)])
    asking = f"OPES-Bypass: {before}\r\n" if before else ""
    refused = load(paths.TARGETS / f"{name}.toml").refused.lstrip("\n")
    message = (asking + refused.replace("\r\n", "\n").replace("\n", "\r\n")).encode()
    told = await w.hand_in(message, client=STRANGER)
    code, status = told.split()[0], REFUSES[name].split()[0].decode()
    assert code.startswith("5"), told
    assert told.splitlines() == [
        f"{code} {REFUSES[name].decode()}", f"{status} OPES-System: {URI}",
    ]
    assert w.next_hop.came.empty()
