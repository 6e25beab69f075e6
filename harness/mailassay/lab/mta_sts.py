"""MTA-STS over HTTPS: one server for the policy hosts of all domains, told apart by SNI."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from mailassay.lab.authority import Issued
from mailassay.lab.plan import MTA_STS_ADDRESS, LabPlan
from mailassay.peers.transcript import Recorder, printable
from mailassay.verdicts import Kind, Party
from mailassay.world import StsPolicy

PATH = "/.well-known/mta-sts.txt"
MAX_REQUEST = 16_384
DEADLINE = 10.0


@dataclass(frozen=True)
class PolicyHost:
    """What https://mta-sts.<domain>/ serves, and with which certificate."""

    policy: StsPolicy
    body: str
    issued: Issued


def policy_text(policy: StsPolicy, domain: str) -> str:
    """The policy file of RFC 8461 section 3.2."""
    if policy.body is not None:
        return policy.body
    lines = ["version: STSv1", f"mode: {policy.mode}"]
    lines += [f"mx: {pattern.format(domain=domain)}" for pattern in policy.mx]
    lines.append(f"max_age: {policy.max_age}")
    return "\r\n".join(lines) + "\r\n"


def policy_domains(plan: LabPlan) -> dict[str, StsPolicy]:
    """Domain name to policy, for every domain that publishes one."""
    return {
        d.name: d.domain.mta_sts for d in plan.domains if d.domain.mta_sts is not None
    }


class MtaStsServer:
    """An async context manager; `hosts` and `recorders` are keyed by domain name.

    `recorders` may change while the server runs."""

    def __init__(self, hosts: Mapping[str, PolicyHost], recorders: Mapping[str, Recorder]) -> None:
        self._hosts = {f"mta-sts.{domain}": host for domain, host in hosts.items()}
        self._recorders = recorders
        self._contexts = {name: _context(h.issued) for name, h in self._hosts.items()}
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> MtaStsServer:
        if self._hosts:
            default = next(iter(self._contexts.values()))
            default.sni_callback = self._choose
            self._server = await asyncio.start_server(
                self._serve, MTA_STS_ADDRESS, 443, ssl=default, limit=MAX_REQUEST
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _choose(
        self, session: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext
    ) -> None:
        chosen = self._contexts.get((name or "").lower())
        if chosen is not None:
            session.context = chosen

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._respond(head))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def _respond(self, head: bytes) -> bytes:
        lines = head.decode("latin-1").split("\r\n")
        named = [v.strip() for k, _, v in (x.partition(":") for x in lines) if k.lower() == "host"]
        name = named[0].lower().removesuffix(":443") if named else ""
        host = self._hosts.get(name)
        if host is None or lines[0].split(" ")[:2] != ["GET", PATH]:
            status, kind, body = 404, "text/plain", "not here\n"
        else:
            status, kind, body = host.policy.status, host.policy.content_type, host.body
        self._record(name, lines[0], status, body)
        octets = body.encode()
        head_lines = (
            f"HTTP/1.1 {status} Mailassay\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(octets)}\r\nConnection: close\r\n\r\n"
        )
        return head_lines.encode() + octets

    def _record(self, name: str, request: str, status: int, body: str) -> None:
        recorder = self._recorders.get(name.removeprefix("mta-sts."))
        if recorder is None:
            return
        conversation = recorder.open("policy", name, f"{MTA_STS_ADDRESS}:443")
        conversation.add(Party.TARGET, Kind.LINE, printable(request.encode(), 1000))
        conversation.add(Party.LAB, Kind.LINE, f"{status}")
        for line in body.splitlines():
            conversation.add(Party.LAB, Kind.LINE, printable(line.encode(), 1000))


def _context(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.chain_file, issued.key_file)
    return context
