"""A processor of OPES inside Postfix: `mailassay milter --role opes`, asked by the Postfix of the
target postfix's root file system, with services that are milters made here.

    postfix_processor.py PROGRAM ARCHIVE

`trace` hands a message to Postfix and answers with what that hands to its next hop, or with the
reply; `bypass` says which services were asked.  The Received field that Postfix writes on top is
taken away again.
"""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
import struct
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lines
from postfix_authority import (
    ADDRESS,
    DEADLINE,
    MAX_LINE,
    NEXT_HOP,
    OUTSIDE,
    RECEIVED,
    RECIPIENT,
    SENDER,
    Domain,
    Endless,
    NextHop,
    answer,
    domain,
    fit_for_smtp,
    main,
    milter,
    toml,
)

ADD_FIELDS, CHANGE_BODY, CHANGE_FIELDS = 0x01, 0x02, 0x10
LEADING_SPACE = 0x100000
MAX_PACKET = 1_100_000
PIECE = 65_535
CONTINUED = b"CHMRTLNBU"
OWN_MESSAGE = 452


def packet(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data) + 1) + kind + data


@dataclass
class Service:
    """A milter that does what a request says, and remembers the message as it was given it."""

    told: Mapping[str, Any]
    asked: bool = False
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @property
    def given(self) -> bytes:
        header = b"".join(
            name + b":" + value.replace(b"\n", b"\r\n") + b"\r\n" for name, value in self.fields
        )
        return header + b"\r\n" + self.body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack(">I", await reader.readexactly(4))
                if not 0 < length <= MAX_PACKET:
                    break
                octets = await reader.readexactly(length)
                for said in self._heard(octets[:1], octets[1:]):
                    writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _heard(self, command: bytes, data: bytes) -> Iterator[bytes]:
        if command == b"O":
            version, _, _ = struct.unpack(">III", data[:12])
            wanted = ADD_FIELDS | CHANGE_BODY | CHANGE_FIELDS
            yield packet(b"O", struct.pack(">III", min(version, 6), wanted, LEADING_SPACE))
        elif command == b"E":
            yield from self._at_end()
        elif command in CONTINUED:
            self._remember(command, data)
            yield packet(b"c")

    def _remember(self, command: bytes, data: bytes) -> None:
        if command == b"R":
            self.asked = True
        elif command == b"L":
            name, _, value = data.rstrip(b"\0").partition(b"\0")
            self.fields.append((name, value))
        elif command == b"B":
            self.body += data

    def _at_end(self) -> Iterator[bytes]:
        if "reply" in self.told:
            yield packet(b"y", str(self.told["reply"]).encode() + b"\0")
            return
        for edit in self.told.get("edits", ()):
            yield from self._edited(edit)
        yield packet(b"c")

    def _edited(self, edit: Mapping[str, Any]) -> Iterator[bytes]:
        kind, value = edit["edit"], str(edit.get("value", "")).encode()
        name = str(edit.get("name", "")).encode()
        spaced = b" " + value + b"\0"
        if kind == "body":
            octets = base64.b64decode(value, validate=True)
            for at in range(0, len(octets), PIECE):
                yield packet(b"b", octets[at:at + PIECE])
        elif kind == "add":
            yield packet(b"h", name + b"\0" + spaced)
        elif kind == "insert":
            yield packet(b"i", struct.pack(">I", 0) + name + b"\0" + spaced)
        else:
            count = sum(known.lower() == name.lower() for known, _ in self.fields)
            gone = kind == "remove"
            for index in range(count, 0, -1):
                new = b"\0" if gone else spaced
                yield packet(b"m", struct.pack(">I", index) + name + b"\0" + new)


@asynccontextmanager
async def milters(told: list[Mapping[str, Any]], home: Path) -> AsyncIterator[list[Service]]:
    """The services of a request, each on a socket of its own."""
    services = [Service(each) for each in told]
    async with AsyncExitStack() as stack:
        for number, service in enumerate(services):
            path = home / f"service-{number}"
            path.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(service.serve, path)
            await stack.enter_async_context(server)
        yield services


def config(request: Mapping[str, Any], home: Path) -> str:
    """The milter's configuration for it."""
    system = request["system"]
    parameters = dict(system.get("parameters", {}))
    if set(parameters) - {"policy"}:
        raise lines.LeftOut("a parameter that the milter's configuration has no word for")
    trusted = [ADDRESS] if request.get("requester") == "authenticated" else []
    agreed = system.get("consents", [{"side": "recipient", "who": ["*"], "services": ["*"]}])
    (home / "allowed").write_text("".join(
        f"{' '.join((p['sender'], p['recipient'], *p.get('services', ())))}\n"
        for p in request.get("allowed", ())
    ), encoding="utf-8")
    told = [
        f"uri = {toml(system['uri'])}",
        f"responsible = {toml(system.get('responsible', 'the harness'))}",
        f"allow_list = {toml(str(home / 'allowed'))}",
        *(f"{k} = {toml(v)}" for k, v in parameters.items()),
        f"own_clients = {json.dumps(trusted)}",
        f"timeout = {int(DEADLINE)}",
    ]
    for consent in agreed:
        told += ["[[consent]]", *(f"{key} = {json.dumps(consent[key])}" for key in consent)]
    for number, service in enumerate(request["services"]):
        if service.get("refusing") == "quarantines":
            raise lines.LeftOut("what is held stays in Postfix's queue")
        told += [
            "[[service]]",
            f"uri = {toml(service['uri'])}",
            f"socket = {toml(f'unix:{home}/service-{number}')}",
            f"stage = {toml(service.get('stage', 'message'))}",
            f"indispensable = {json.dumps(service.get('necessity') == 'indispensable')}",
        ]
    return "\n".join(told) + "\n"


class Processor:
    """Postfix with the milter."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    async def trace(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if "readdress" in request:
            raise lines.LeftOut("addresses are rewritten by a service, not by the milter")
        way = await self._carry(request, [RECIPIENT])
        given = [
            base64.b64encode(s.given).decode("ascii") for s in way.services if s.fields or s.body
        ]
        if way.reply:
            return {"outcome": "rejected", "reply": way.reply, "given": given}
        coded = base64.b64encode(way.message).decode("ascii")
        return {"outcome": "forwarded", "message": coded, "given": given}

    async def bypass(self, request: Mapping[str, Any]) -> dict[str, Any]:
        recipients = list(request["recipients"])
        if request.get("sender_parameters") or any(r.get("parameters") for r in recipients):
            raise lines.LeftOut("Postfix takes no parameter that it does not know")
        addresses = [str(r["address"]) for r in recipients]
        before = lines.octets(request, "message").lower().count(b"\nopes-bypass:")
        called: dict[str, list[str]] = {}
        added = False
        waiting = addresses
        while waiting:
            way = await self._carry(request, waiting)
            if way.reply:
                return {"outcome": "refused", "reason": way.reply[-1]}
            asked = [str(s.told["uri"]) for s in way.services if s.asked]
            called |= {a: asked for a in waiting if a not in way.later}
            added |= way.message.lower().count(b"\nopes-bypass:") > before + 1
            waiting = way.later
        return {
            "outcome": "planned",
            "recipients": [
                {"address": a, "called": called[a], "parameters": []} for a in addresses
            ],
            "sender_parameters": [],
            "field": "*" if added else None,
        }

    async def _carry(self, request: Mapping[str, Any], to: list[str]) -> Way:
        home = self._domain.home
        octets = fit_for_smtp(lines.octets(request, "message"))
        (home / "milter.toml").write_text(config(request, home), encoding="utf-8")
        async with milters(list(request["services"]), home) as services:
            async with agreed_milter(self._domain.program, home):
                sender = str(request.get("sender", SENDER))
                reply, later = await asyncio.to_thread(
                    hand_in, self._domain.port, octets, sender, to
                )
                message = b""
                if not reply:
                    async with asyncio.timeout(DEADLINE):
                        came = await self._domain.next_hop.came.get()
                        message = RECEIVED.sub(b"", came, count=1)
        return Way(message, reply, services, later)


@asynccontextmanager
async def agreed_milter(program: str, home: Path) -> AsyncIterator[None]:
    """The milter, which does not start with a service that it would never call."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(milter(program, "opes", home))
        except lines.RequestError as refused:
            if "cli.config.unconsented" not in str(refused):
                raise
            raise lines.LeftOut("the milter wants services that somebody has agreed to") from None
        yield


@dataclass(frozen=True)
class Way:
    """What the next hop got; or the lines of the reply; what the services saw; and recipients who
    need a message of their own."""

    message: bytes
    reply: list[str]
    services: list[Service]
    later: list[str]


def hand_in(port: int, message: bytes, sender: str, to: list[str]) -> tuple[list[str], list[str]]:
    """The reply by which the message was refused, a line each; none: it was taken, and then those
    of the recipients who were told to come with a message of their own."""
    with smtplib.SMTP(ADDRESS, port, timeout=DEADLINE) as client:
        try:
            refused = client.sendmail(sender, to, message, mail_options=["BODY=8BITMIME"])
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as no:
            return reply_lines(no.smtp_code, no.smtp_error), []
        except smtplib.SMTPRecipientsRefused as no:
            return reply_lines(*next(iter(no.recipients.values()))), []
    for code, text in refused.values():
        if code != OWN_MESSAGE:
            return reply_lines(code, text), []
    return [], list(refused)


def reply_lines(code: int, text: bytes | str) -> list[str]:
    octets = text if isinstance(text, bytes) else text.encode()
    said = octets.decode("ascii", "replace").split("\n")
    return [f"{code}-{line}" for line in said[:-1]] + [f"{code} {said[-1]}"]


async def serve(program: str, archive: Path, home: Path) -> int:
    next_hop = NextHop()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Endless(
            next_hop, hostname="next-hop.mailassay.invalid", data_size_limit=10 * MAX_LINE
        ),
        ADDRESS, NEXT_HOP,
    )
    async with server, domain(OUTSIDE, archive, home / "outside", next_hop, program) as outside:
        processor = Processor(outside)
        operations = {"trace": processor.trace, "bypass": processor.bypass}
        while line := await asyncio.to_thread(sys.stdin.buffer.readline, lines.MAX_LINE):
            print(json.dumps(await answer(operations, line)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2], serve))
