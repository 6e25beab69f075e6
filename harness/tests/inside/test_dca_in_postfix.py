"""Two domains with a Postfix each and a wire between them: what one authority hides crosses it
unseen, and what the other restores verifies.  Killed authorities and mail that they can't deal with
cost no message, and nothing goes out in the clear."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import postfix_authority as lab
from milter_role_support import PROGRAM, Milter, milter
from milter_support import run
from test_milter_roles import HIDDEN, in_config, out_config, signed, verdict

from mailassay import paths
from mailassay.leaks import look_for
from mailassay.targets.model import Target, load
from mailassay.targets.rootfs import archive_for

WIRE, OUT_MILTER, IN_MILTER = 2503, 8892, 8893
BOB, CAROL = "bob@example.net", "carol@example.com"


class Wire:
    """Carries octets from the one server to the other and back, and keeps them."""

    def __init__(self) -> None:
        self.seen = bytearray()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(lab.ADDRESS, lab.INSIDE)
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while octets := await reader.read(65_536):
            self.seen += octets
            writer.write(octets)
            await writer.drain()
        writer.close()


def postfix(milter_port: int, next_port: int) -> Callable[[str], Target]:
    """A server with a milter of its own, and whom it hands its mail to."""
    def made(name: str) -> Target:
        target = lab.as_target(name)
        main = target.files["/etc/postfix/main.cf"]
        for old, new in (
            (f"[{lab.ADDRESS}]:{lab.NEXT_HOP}", f"[{lab.ADDRESS}]:{next_port}"),
            (f"inet:{lab.ADDRESS}:{lab.MILTER}", f"inet:{lab.ADDRESS}:{milter_port}"),
        ):
            assert main.count(old) == 1
            main = main.replace(old, new)
        return replace(target, files={**target.files, "/etc/postfix/main.cf": main})

    return made


@dataclass
class World:
    folder: Path
    next_hop: lab.NextHop
    wire: Wire
    outside: lab.Domain
    inside: lab.Domain

    @asynccontextmanager
    async def hiding(self, config: str) -> AsyncIterator[Milter]:
        socket = f"inet:{OUT_MILTER}@{lab.ADDRESS}"
        async with milter(self.folder, "dca-out", config, socket=socket) as made:
            yield made

    @asynccontextmanager
    async def restoring(self, config: str) -> AsyncIterator[Milter]:
        socket = f"inet:{IN_MILTER}@{lab.ADDRESS}"
        async with milter(self.folder, "dca-in", config, socket=socket) as made:
            yield made

    async def hand_in(self, domain: lab.Domain, message: bytes, to: str = BOB) -> str:
        """Why it was refused; empty: it was taken."""
        return await asyncio.to_thread(lab.hand_in, domain.port, message, [to]) or ""

    async def came(self) -> bytes:
        """What the end of the way got, without what the two servers wrote on top."""
        async with asyncio.timeout(lab.DEADLINE):
            message = await self.next_hop.came.get()
        while (bare := lab.RECEIVED.sub(b"", message, count=1)) != message:
            message = bare
        return message

    def leaks(self, *milters: Milter) -> list[str]:
        sources = {
            "the wire": bytes(self.wire.seen),
            "Postfix outside": self.outside.log.read_bytes(),
            "Postfix inside": self.inside.log.read_bytes(),
            **{f"milter {number}": each.log for number, each in enumerate(milters)},
        }
        return [str(leak) for leak in look_for(HIDDEN, sources)]


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    next_hop, wire = lab.NextHop(), Wire()
    archive = archive_for(load(paths.TARGETS / "postfix.toml"))
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            await loop.create_server(
                lambda: lab.Endless(next_hop, data_size_limit=10 * lab.MAX_LINE),
                lab.ADDRESS, lab.NEXT_HOP,
            )
        )
        await stack.enter_async_context(await asyncio.start_server(wire, lab.ADDRESS, WIRE))
        inside, outside = [
            await stack.enter_async_context(
                lab.domain(
                    port, archive, folder / name, next_hop, str(PROGRAM), postfix(own, beyond)
                )
            )
            for port, name, own, beyond in (
                (lab.INSIDE, "inside", IN_MILTER, lab.NEXT_HOP),
                (lab.OUTSIDE, "outside", OUT_MILTER, WIRE),
            )
        ]
        yield World(folder, next_hop, wire, outside, inside)


def test_from_domain_to_domain(tmp_path: Path) -> None:
    async def body() -> None:
        message = signed(tmp_path)
        async with (
            world(tmp_path) as w,
            w.hiding(out_config()) as outside, w.restoring(in_config()) as inside,
        ):
            assert await w.hand_in(w.outside, message) == ""
            came = await w.came()
            assert came == message and verdict(came) == "valid"
            assert b"pkcs7-mime" in w.wire.seen and not w.leaks(outside, inside)
            assert [m["header"] for m in (*outside.messages(), *inside.messages())] == [
                "hidden", "restored",
            ]

    run(body())


def test_recipients_of_several_domains_each_get_theirs(tmp_path: Path) -> None:
    """One that is not encrypted to waits for a message of its own."""
    async def body() -> None:
        message = signed(tmp_path)
        async with (
            world(tmp_path) as w, w.hiding(out_config()), w.restoring(in_config()),
        ):
            refused = await asyncio.to_thread(refused_of, w.outside.port, message, [BOB, CAROL])
            assert list(refused) == [CAROL] and refused[CAROL][0] == 452
            assert await w.came() == message and not w.leaks()
            assert await w.hand_in(w.outside, message, CAROL) == ""
            assert await w.came() == message

    run(body())


def refused_of(port: int, message: bytes, to: list[str]) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(lab.ADDRESS, port, timeout=lab.DEADLINE) as client:
        return client.sendmail(lab.SENDER, to, message, mail_options=["BODY=8BITMIME"])


class Dialogue:
    """A client that has come as far as DATA."""

    def __init__(self, port: int) -> None:
        self.client = smtplib.SMTP(lab.ADDRESS, port, timeout=lab.DEADLINE)
        self.client.ehlo()
        assert self.client.mail(lab.SENDER)[0] == 250 and self.client.rcpt(BOB)[0] == 250

    def end(self, message: bytes) -> int:
        try:
            return self.client.data(message)[0]
        except smtplib.SMTPDataError as no:
            return no.smtp_code
        finally:
            self.client.close()


def test_a_killed_authority_costs_no_message(tmp_path: Path) -> None:
    """With SIGKILL in the middle of a message, and gone altogether: the client keeps it, and it
    arrives once the authority is back."""
    async def body() -> None:
        message = signed(tmp_path)
        async with world(tmp_path) as w:
            async with w.hiding(out_config()) as outside:
                dialogue = await asyncio.to_thread(Dialogue, w.outside.port)
                outside.process.kill()
                await outside.process.wait()
                assert await asyncio.to_thread(dialogue.end, message) == 451
            assert (await w.hand_in(w.outside, message)).startswith("451 ")
            async with w.hiding(out_config()), w.restoring(in_config()) as inside:
                assert not w.wire.seen and w.next_hop.came.empty()
                assert await w.hand_in(w.outside, message) == ""
                assert await w.came() == message
                sealed = sealed_of(bytes(w.wire.seen))
                dialogue = await asyncio.to_thread(Dialogue, w.inside.port)
                inside.process.kill()
                await inside.process.wait()
                assert await asyncio.to_thread(dialogue.end, sealed) == 451
            assert (await w.hand_in(w.inside, sealed)).startswith("451 ")
            assert w.next_hop.came.empty()
            async with w.restoring(in_config()):
                assert await w.hand_in(w.inside, sealed) == ""
                assert await w.came() == message
            assert not w.leaks()

    run(body())


def sealed_of(wire: bytes) -> bytes:
    """The one message on it."""
    message = wire[wire.index(b"From: "):]
    return message[: message.index(b"\r\n.\r\n") + 2]


def test_what_can_not_be_opened_is_refused_and_stays(tmp_path: Path) -> None:
    """As configured; said once, in the reply and in the log; nothing is handed on."""
    async def body() -> None:
        message = signed(tmp_path)
        async with world(tmp_path) as w:
            async with w.hiding(out_config()), w.restoring(in_config()):
                assert await w.hand_in(w.outside, message) == ""
                await w.came()
            sealed = sealed_of(bytes(w.wire.seen))
            damaged = sealed[: len(sealed) // 8 * 4] + b"\r\n"
            for word, code in (("temporary", "451 "), ("permanent", "554 ")):
                async with w.restoring(in_config(more=f'on_fault = "{word}"')) as inside:
                    told = await w.hand_in(w.inside, damaged)
                    (said,) = inside.messages()
                    assert told.startswith(code) and told.count(said["why"]) == 1
            assert w.next_hop.came.empty() and not w.leaks()

    run(body())
