"""The target as a submitting client: a command that hands one message to a scripted server.

That nothing was sent means something only of a client that can send: `unable` hands a message to a
perfect server, once for each manner, and says what was wrong with that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from mailassay.peers.smtp_server import Attempt, Delivery, ScriptedServer
from mailassay.peers.transcript import Recorder
from mailassay.targets.launch import Launched
from mailassay.targets.model import Manner
from mailassay.verdicts import Kind, Party

DEADLINE = 20.0  # seconds in which a client should have come to an end
AT_ONCE = 4  # clients that run side by side


@dataclass(frozen=True)
class Message:
    """What a client is given: the whole message in octets, and its envelope.  `mark` stands in
    the message and in nothing else of the run."""

    mark: bytes
    octets: bytes
    sender: str
    recipient: str


@dataclass(frozen=True)
class HandedIn:
    """What a client did with a message: how it ended (None: not by itself), what it said last, and
    what the server saw of it."""

    code: int | None
    said: str
    attempts: tuple[Attempt, ...]
    deliveries: tuple[Delivery, ...]

    @property
    def gave_requiretls(self) -> bool:
        """Some MAIL command had the parameter."""
        return any(a.gave_requiretls for a in self.attempts)

    @property
    def omitted_requiretls(self) -> bool:
        """Some MAIL command had not."""
        return any(not mail.has_requiretls for a in self.attempts for mail in a.mails)

    def story(self) -> str:
        """One line about it."""
        mails = [mail for a in self.attempts for mail in a.mails]
        told = [
            f"MAIL {'with' if m.has_requiretls else 'without'} REQUIRETLS"
            f" {'in TLS' if m.in_tls else 'in plaintext'}"
            for m in mails
        ] or ["no MAIL"]
        told += ["the message was transmitted"] if self.deliveries else []
        return f"{', '.join(told)}; {ending(self.code)}"


def ending(code: int | None) -> str:
    """How a client ended, in words."""
    return "the client did not end" if code is None else f"the client ended with {code}"


class SubmittingClient:
    """A target's commands, by manner.  `control` is a perfect server."""

    def __init__(
        self,
        launched: Launched,
        commands: Mapping[Manner, tuple[str, ...]],
        control: ScriptedServer,
        changed: asyncio.Condition,
    ) -> None:
        self._launched = launched
        self._commands = commands
        self._control = control
        self._changed = changed
        self._room = asyncio.Semaphore(AT_ONCE)
        self._unable: dict[Manner, asyncio.Task[str | None]] = {}

    async def hand_in(
        self, manner: Manner, message: Message, server: ScriptedServer, recorder: Recorder | None
    ) -> HandedIn:
        """Runs the client and waits for its end, and for that of its connections."""
        settings = {
            "server": server.host_name,
            "server_port": str(server.port),
            "sender": message.sender,
            "recipient": message.recipient,
        }
        async with self._room:
            ended = await self._launched.carry_out(
                self._commands[manner], settings, message.octets, DEADLINE
            )
        async with self._changed:
            await self._changed.wait_for(lambda: all(a.ended for a in server.attempts))
        if recorder is not None:
            track = recorder.open("client", server.host_name, "its own words")
            track.add(Party.TARGET, Kind.NOTE, f"asked to submit ({manner}): {ending(ended.code)}")
            track.add(Party.TARGET, Kind.NOTE, ended.said)
        return HandedIn(
            ended.code,
            ended.said,
            tuple(server.attempts),
            tuple(d for d in server.deliveries if message.mark in d.content),
        )

    async def unable(self, manner: Manner) -> str | None:
        """Why the client can't submit in this manner even to a perfect server, if it can't."""
        if manner not in self._unable:
            self._unable[manner] = asyncio.create_task(self._try(manner))
        return await asyncio.shield(self._unable[manner])

    async def _try(self, manner: Manner) -> str | None:
        mark = f"control-of-{manner}@mailassay.invalid"
        sender, recipient = "sender@from.invalid", "recipient@to.invalid"
        lines = [
            f"From: <{sender}>",
            f"To: <{recipient}>",
            "Date: Thu, 01 Jan 2026 12:00:00 +0000",
            f"Message-ID: <{mark}>",
            "",
            "This is a control.",
            "",
        ]
        message = Message(mark.encode(), "\r\n".join(lines).encode(), sender, recipient)
        done = await self.hand_in(manner, message, self._control, None)
        return None if done.deliveries else f"{done.story()}: {done.said}"
