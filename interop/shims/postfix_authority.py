"""An authority inside Postfix: `mailassay milter`, asked by two Postfix servers of the target
postfix's root file system.

    postfix_authority.py PROGRAM ARCHIVE

`encrypt` hands a message to the Postfix of the sending domain and answers with what that hands to
its next hop; `decrypt` does the same with the Postfix of the receiving domain.  The Received field
that Postfix writes on top is taken away again; nothing else is.  What the next hop saw of the
connection goes along as evidence, and so do the logs of Postfix and of the milter.
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
HOP = "between the domains"
MOST_LINES = 25  # of what one side says without a pause, in a transcript
# What Postfix logs last of a message.
DONE = (b": removed", b"milter-reject: END-OF-MESSAGE", b"reject: ")
# A signature in the milter's words.
OUTER = re.compile(
    r"(?:^|; )(?P<subject>.*?): (?P<standing>holds|not-trusted|no-certificate|unsupported|broken)"
    r"(?: as (?P<agent>[a-z-]+))?(?:, (?P<fault>dca\.[a-z.-]+))?(?=;|$)"
)
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
    """Takes a message and keeps it, and what was said on the connection that it came over."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()
        self._said: list[tuple[str, bytes]] = []

    def begin(self) -> None:
        self._said.clear()

    def note(self, who: str, octets: bytes) -> None:
        """`who`: C, the client, or S, this server."""
        if self._said and self._said[-1][0] == who:
            octets = self._said.pop()[1] + octets
        self._said.append((who, octets))

    def transcript(self) -> str:
        """A line each; of a long message its first lines."""
        told: list[str] = []
        for who, octets in self._said:
            lines = octets.decode("utf-8", "backslashreplace").splitlines()
            told += [f"{who}: {line}" for line in lines[:MOST_LINES]]
            if len(lines) > MOST_LINES:
                told.append(f"{who}: ({len(lines) - MOST_LINES} more lines)")
        return "\n".join(told)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        self.came.put_nowait(content if isinstance(content, bytes) else b"")
        return "250 2.0.0 kept"


class Endless(SMTP):
    """With lines of any length, as Postfix gives what it was given; notes what is said."""

    line_length_limit = MAX_LINE
    event_handler: NextHop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.begin()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.event_handler.note("C", data)
        super().data_received(data)

    async def push(self, status: str | bytes) -> None:
        if isinstance(status, bytes):
            self.event_handler.note("S", status)
            await super().push(status)
        else:
            self.event_handler.note("S", status.encode() + b"\r\n")
            await super().push(status)


@dataclass(frozen=True)
class Domain:
    """A running Postfix, and whom its mail is handed to."""

    port: int
    next_hop: NextHop
    home: Path
    program: str
    log: Path = Path()  # of Postfix

    async def carry(self, role: str, config: str, message: bytes, to: list[str]) -> "Carried":
        """The message through Postfix and the milter in that role."""
        (self.home / "milter.toml").write_text(config, encoding="utf-8")
        logged = self.log.stat().st_size
        async with milter(self.program, role, self.home) as log:
            refusal = await asyncio.to_thread(hand_in, self.port, message, to)
            octets, middle = b"", ""
            if refusal is None:
                async with asyncio.timeout(DEADLINE):
                    octets = RECEIVED.sub(b"", await self.next_hop.came.get(), count=1)
                middle = self.next_hop.transcript()
            told = await log()
            return Carried(octets, refusal, said_of_message(told), {
                HOP: middle,
                "postfix.log": await self._logged_since(logged),
                "milter.log": told.decode("utf-8", "replace"),
            })

    async def _logged_since(self, octets: int) -> str:
        """What Postfix logged of a message that it is done with; another process writes its log."""
        async with asyncio.timeout(DEADLINE):
            while True:
                told = self.log.read_bytes()[octets:]
                if any(word in told for word in DONE):
                    return told.decode("utf-8", "replace")
                await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Carried:
    """What the next hop got, or why Postfix refused; the milter's own words; and what was seen on
    the way, by the place."""

    message: bytes
    refusal: str | None
    told: Mapping[str, str]
    evidence: Mapping[str, str]

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


def outer_in(told: Mapping[str, str]) -> list[dict[str, Any]]:
    """The signatures around an envelope, out of the milter's words."""
    signatures = []
    for found in OUTER.finditer(told.get("outer", "")):
        subject = found["subject"]
        faults = [found["fault"]] if found["fault"] else []
        faults += [
            fault for who, _, fault in
            (words.rpartition(": ") for words in told.get("signers", "").split("; ") if words)
            if who == subject
        ]
        signatures.append({
            "subject": subject, "standing": found["standing"],
            "as": [found["agent"]] if found["agent"] else [], "faults": faults,
        })
    return signatures


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
            *self._outer(request),
        ]
        carried = await self._outside.carry(
            "dca-out", "\n".join(config), fit_for_smtp(lines.octets(request, "message")), addresses
        )
        seen = {"evidence": dict(carried.evidence)}
        if carried.refusal is not None:
            return {"outcome": "refused", "reason": carried.refusal, **seen}
        outer = {"outer": carried.told["outer"]} if "outer" in carried.told else {}
        return {
            "outcome": "encrypted", "message": carried.coded, "header": carried.told["header"],
            **outer, **seen,
        }

    def _outer(self, request: Mapping[str, Any]) -> list[str]:
        """The lines of the configuration for a signature around the envelope, if one is wanted."""
        outer = request.get("outer")
        if outer is None:
            return []
        home = self._outside.home
        (home / "signer.pem").write_text(str(outer["signer"]["certificate"]), encoding="ascii")
        (home / "signer.key").write_text(str(outer["signer"]["key"]), encoding="ascii")
        (home / "trust.pem").write_text("".join(request.get("trust", [])), encoding="ascii")
        return [
            "[outer]", f"as = {toml(outer['as'])}",
            f"form = {toml(outer.get('encapsulation', 'detached'))}",
            'certificate = "signer.pem"', 'key = "signer.key"', 'trust = ["trust.pem"]',
        ]

    async def decrypt(self, request: Mapping[str, Any]) -> dict[str, Any]:
        addresses = [str(a) for a in request.get("addresses", [])] or [RECIPIENT]
        home = self._inside.home
        (home / "own.pem").write_text(str(request["certificate"]), encoding="ascii")
        (home / "own.key").write_text(str(request["key"]), encoding="ascii")
        config = [
            'certificate = "own.pem"', 'key = "own.key"', 'on_fault = "permanent"',
            f"edition = {toml(request['edition'])}",
        ]
        if request.get("trust"):
            (home / "trust.pem").write_text("".join(request["trust"]), encoding="ascii")
            config.append('trust = ["trust.pem"]')
        carried = await self._inside.carry(
            "dca-in", "\n".join(config), fit_for_smtp(lines.octets(request, "message")), addresses
        )
        why = carried.told.get("why", "")
        # What goes on within the domain is what was decrypted.
        seen = {"evidence": {k: v for k, v in carried.evidence.items() if k != HOP}}
        if carried.refusal is not None:
            return {"outcome": "unreadable", "reason": carried.refusal, **seen}
        if why == "not-encrypted":
            return {"outcome": "not-encrypted", "reason": why, **seen}
        if why == "crypto.decrypt.not-a-recipient":
            return {"outcome": "not-a-recipient", "reason": why, **seen}
        return {
            "outcome": "decrypted", "message": carried.coded, "header": carried.told["header"],
            "outer": outer_in(carried.told), **seen,
        }


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
        yield Domain(port, next_hop, home / "own", program, home / "target" / "postfix.log")


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
