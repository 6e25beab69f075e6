"""An authority inside Postfix: `mailassay milter`, asked by two Postfix servers of the target
postfix's root file system.

    postfix_authority.py PROGRAM ARCHIVE

`encrypt` hands a message to the Postfix of the sending domain and answers with what that hands to
its next hop; `decrypt` does the same with the Postfix of the receiving domain.  The Received field
that Postfix writes on top is taken away again; nothing else is.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import smtplib
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lines
from aiosmtpd.smtp import SMTP, Envelope, Session

from mailassay import paths
from mailassay.targets.launch import LaunchError, running
from mailassay.targets.model import Target, load

SENDER = "alice@example.org"
RECIPIENT = "bob@example.net"
# In a network namespace of our own, which has this one address.
ADDRESS = "127.0.0.1"
OUTSIDE, INSIDE, NEXT_HOP, MILTER = 2501, 2502, 2525, 8891
DEADLINE = 15.0
MAX_LINE = 10_000_000
MAX_SMTP_LINE = 998  # RFC 5321 section 4.5.3.1.6
RECEIVED = re.compile(rb"\AReceived:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")

START = """
set -e
touch -d '1 hour ago' /etc/postfix/main.cf /etc/postfix/master.cf
/usr/sbin/postfix check
touch /var/spool/postfix/quick-start
exec /usr/sbin/postfix start-fg
"""
# Nothing but the milter may change a message.
MAIN = f"""
compatibility_level = 3.11
maillog_file = ${{dir}}/postfix.log
maillog_file_prefixes = /
myhostname = ${{hostname}}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = ${{address}}
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
relayhost = [{ADDRESS}]:{NEXT_HOP}
smtp_tls_security_level = none
smtpd_milters = inet:{ADDRESS}:{MILTER}
milter_default_action = tempfail
local_header_rewrite_clients =
message_drop_headers =
always_add_missing_headers = no
smtpd_forbid_bare_newline = no
smtputf8_enable = no
smtp_line_length_limit = 0
header_size_limit = {MAX_LINE}
message_size_limit = {10 * MAX_LINE}
smtp_connection_cache_on_demand = no
smtpd_client_connection_rate_limit = 0
in_flow_delay = 0
notify_classes =
"""


class NextHop:
    """Takes a message and keeps it."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        self.came.put_nowait(content if isinstance(content, bytes) else b"")
        return "250 2.0.0 kept"


class Endless(SMTP):
    """With lines of any length, as Postfix gives what it was given."""

    line_length_limit = MAX_LINE


@dataclass(frozen=True)
class Domain:
    """A running Postfix, and whom its mail is handed to."""

    port: int
    next_hop: NextHop
    home: Path
    program: str

    async def carry(self, role: str, config: str, message: bytes, to: list[str]) -> "Carried":
        """The message through Postfix and the milter in that role."""
        (self.home / "milter.toml").write_text(config, encoding="utf-8")
        async with milter(self.program, role, self.home) as log:
            refusal = await asyncio.to_thread(hand_in, self.port, message, to)
            octets = b""
            if refusal is None:
                async with asyncio.timeout(DEADLINE):
                    octets = RECEIVED.sub(b"", await self.next_hop.came.get(), count=1)
            return Carried(octets, refusal, said_of_message(await log()))


@dataclass(frozen=True)
class Carried:
    """What the next hop got, or why Postfix refused; and the milter's own words."""

    message: bytes
    refusal: str | None
    told: Mapping[str, str]

    @property
    def coded(self) -> str:
        return base64.b64encode(self.message).decode("ascii")


def fit_for_smtp(message: bytes) -> bytes:
    """The message, if SMTP without BINARYMIME carries it."""
    bare = re.search(rb"(?<!\r)\n|\r(?!\n)|\0", message)
    long = any(len(line) > MAX_SMTP_LINE for line in message.split(b"\r\n"))
    if bare or long or b"Content-Transfer-Encoding: binary" in message:
        raise lines.LeftOut("a message that is no text")
    return message


def hand_in(port: int, message: bytes, to: list[str]) -> str | None:
    """Why the message was refused; None: it was taken."""
    with smtplib.SMTP(ADDRESS, port, timeout=DEADLINE) as client:
        try:
            client.sendmail(SENDER, to, message, mail_options=["BODY=8BITMIME"])
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as no:
            return f"{no.smtp_code} {no.smtp_error!r}"
        except smtplib.SMTPRecipientsRefused as no:
            return repr(no.recipients)
    return None


@asynccontextmanager
async def milter(program: str, role: str, home: Path) -> AsyncIterator[Any]:
    """The milter while one message goes through; gives a function that reads its log so far."""
    log = home / "milter.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            program, "milter", "--role", role, "--config", home / "milter.toml",
            "--socket", f"inet:{MILTER}@{ADDRESS}",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=errors,
        )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            if not await process.stdout.readline():
                raise lines.RequestError(log.read_text("utf-8", "replace").strip())

        async def read() -> bytes:
            return log.read_bytes()

        yield read
    finally:
        await ended(process)
        # For whoever looks for hidden values there.
        sys.stderr.write(log.read_text("utf-8", "replace"))
        sys.stderr.flush()


async def ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def said_of_message(log: bytes) -> Mapping[str, str]:
    """The milter's line on the message; empty without one."""
    for line in log.splitlines():
        told = json.loads(line)
        if told.get("event") == "message":
            return {k: str(v) for k, v in told.items()}
    return {}


def toml(text: str) -> str:
    """As a basic string of TOML, which escapes as JSON does."""
    return json.dumps(text)


class Authorities:
    """Both domains."""

    def __init__(self, outside: Domain, inside: Domain) -> None:
        self._outside = outside
        self._inside = inside

    async def encrypt(self, request: Mapping[str, Any]) -> dict[str, Any]:
        addresses = [str(a) for a in request.get("addresses", [])] or [RECIPIENT]
        if not all(a.isascii() and "@" in a for a in addresses):
            raise lines.LeftOut("an address that SMTP takes with SMTPUTF8 only")
        home = self._outside.home
        files = []
        for number, pem in enumerate(request["recipients"]):
            (home / f"{number}.pem").write_text(str(pem), encoding="ascii")
            files.append(f"{number}.pem")
        if not files:
            raise lines.LeftOut("nobody to encrypt to is a fault of the configuration here")
        domains = sorted({a.rpartition("@")[2].lower() for a in addresses})
        config = [
            'on_fault = "permanent"',
            f"edition = {toml(request['edition'])}",
            f"cipher = {toml(request.get('cipher', 'aes-256-cbc'))}",
            "[replace]",
            *(f"{toml(k)} = {toml(v)}" for k, v in request.get("replacements", {}).items()),
            "[domains]",
            # The first domain has all of the certificates, the others are encrypted for as well.
            *(f"{toml(d)} = {json.dumps(files if d == domains[0] else files[:1])}"
              for d in domains),
        ]
        carried = await self._outside.carry(
            "dca-out", "\n".join(config), fit_for_smtp(lines.octets(request, "message")), addresses
        )
        if carried.refusal is not None:
            return {"outcome": "refused", "reason": carried.refusal}
        return {"outcome": "encrypted", "message": carried.coded, "header": carried.told["header"]}

    async def decrypt(self, request: Mapping[str, Any]) -> dict[str, Any]:
        addresses = [str(a) for a in request.get("addresses", [])] or [RECIPIENT]
        home = self._inside.home
        (home / "own.pem").write_text(str(request["certificate"]), encoding="ascii")
        (home / "own.key").write_text(str(request["key"]), encoding="ascii")
        config = [
            'certificate = "own.pem"', 'key = "own.key"', 'on_fault = "permanent"',
            f"edition = {toml(request['edition'])}",
        ]
        carried = await self._inside.carry(
            "dca-in", "\n".join(config), fit_for_smtp(lines.octets(request, "message")), addresses
        )
        why = carried.told.get("why", "")
        if carried.refusal is not None:
            return {"outcome": "unreadable", "reason": carried.refusal}
        if why == "not-encrypted":
            return {"outcome": "not-encrypted", "reason": why}
        if why == "crypto.decrypt.not-a-recipient":
            return {"outcome": "not-a-recipient", "reason": why}
        return {"outcome": "decrypted", "message": carried.coded, "header": carried.told["header"]}


def as_target(name: str) -> Target:
    """The target postfix with a configuration of our own."""
    postfix = load(paths.TARGETS / "postfix.toml")
    files = {
        "/start": START,
        "/etc/mailname": "${hostname}\n",
        "/etc/postfix/main.cf": MAIN,
        "/etc/postfix/master.cf": re.sub(
            r"(?m)^smtp +inet", "${port} inet", postfix.files["/etc/postfix/master.cf"]
        ),
    }
    return replace(postfix, name=name, files=files, logs=("${dir}/postfix.log",))


@asynccontextmanager
async def domain(
    port: int,
    archive: Path,
    home: Path,
    next_hop: NextHop,
    program: str,
    server: Callable[[str], Target] = as_target,
) -> AsyncIterator[Domain]:
    home.mkdir()
    (home / "lab").mkdir()
    (home / "own").mkdir()
    settings = {
        "address": ADDRESS, "port": str(port), "hostname": f"{home.name}.mailassay.invalid",
        "resolver": ADDRESS,
    }
    async with running(server(f"MTA, {home.name}"), settings, home, archive):
        yield Domain(port, next_hop, home / "own", program)


async def serve(program: str, archive: Path, home: Path) -> int:
    next_hop = NextHop()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Endless(
            next_hop, hostname="next-hop.mailassay.invalid", data_size_limit=10 * MAX_LINE
        ),
        ADDRESS, NEXT_HOP,
    )
    async with (
        server,
        domain(OUTSIDE, archive, home / "outside", next_hop, program) as outside,
        domain(INSIDE, archive, home / "inside", next_hop, program) as inside,
    ):
        authorities = Authorities(outside, inside)
        operations = {"encrypt": authorities.encrypt, "decrypt": authorities.decrypt}
        while line := await asyncio.to_thread(sys.stdin.buffer.readline, lines.MAX_LINE):
            print(json.dumps(await answer(operations, line)), flush=True)
    return 0


async def answer(operations: Mapping[str, Any], line: bytes) -> dict[str, Any]:
    """As `lines.answer`, whose operations do not wait."""
    request = json.loads(line)
    operation = operations.get(str(request.get("op")))
    if operation is None:
        return lines.answer({"info": lambda _: info(operations)}, line)
    who = {"id": request.get("id")}
    try:
        return {**who, "result": await operation(request)}
    except lines.LeftOut as why:
        return {**who, "unimplemented": True, "reason": str(why)}
    except (lines.RequestError, OSError, TimeoutError, smtplib.SMTPException) as problem:
        return {**who, "error": " ".join(f"{type(problem).__name__}: {problem}".split())}


def info(operations: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": "Mailassay's reference, as a milter in Postfix", "version": "as the program",
        "operations": list(operations),
    }


def main(program: str, archive: str, work: Callable[..., Coroutine[Any, Any, int]] = serve) -> int:
    """`work` is what is done with the program, the root file system and a folder of our own."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as home:
        try:
            return asyncio.run(work(program, Path(archive), Path(home)))
        except LaunchError as problem:
            print(problem, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2]))
