"""Draft and Release from end to end: the drafter hands in, the users who may authorize read by IMAP
and decide, the recipients get what was released, and OpenSSL verifies both signatures on it.

Postfix and Dovecot carry; the milter and the agent are the program's."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import postfix_authority
import postfix_releaser as lab
import pytest
from milter_role_support import PROGRAM, milter
from milter_support import run
from support import ROOT

from mailassay import paths
from mailassay.targets.model import load
from mailassay.targets.rootfs import archive_for

KEYS = ROOT / "vectors" / "release" / "keys"
TRUSTED = ROOT / "vectors" / "secure-headers" / "keys" / "root.pem"
# Signed by its drafter, header and all.
DRAFT = (ROOT / "vectors/release/messages/agent/origin/signed.eml").read_bytes()
ANN = "ann@mil.example"
ONE, TWO, EVE = "one@mil.example", "two@mil.example", "eve@mil.example"
NAMES = {ONE: "officer-one", TWO: "officer-two", EVE: "eve"}
# The second is in no field of the message.
TO, BLIND = "bob@example.net", "carol@example.net"


@dataclass(frozen=True)
class World:
    servers: lab.System

    async def hand_in(self, message: bytes, to: tuple[str, ...], sender: str = ANN) -> str:
        """Empty: it was taken, and brought where it should go."""
        handed = await asyncio.to_thread(self.servers.hand_in, message, to, sender)
        await self.servers.settled(handed)
        return next(iter(handed.refused.values()), "")

    async def mailbox(self, address: str) -> list[bytes]:
        return await asyncio.to_thread(self.servers.taken_from, address)

    async def draft_of(self, user: str) -> bytes:
        """The one message in the mailbox of a user who may authorize."""
        (draft,) = await self.mailbox(user)
        return draft

    async def decided(self, draft: bytes, user: str, decision: str, *more: str) -> lab.Decided:
        key = KEYS / f"{NAMES[user]}.key.pem"
        signer = ("--certificate", str(KEYS / f"{NAMES[user]}.pem"), "--key", str(key))
        return await asyncio.to_thread(
            self.servers.decide, draft, user, decision, *signer, *more
        )

    async def empty(self, *addresses: str) -> bool:
        return all([not await self.mailbox(address) for address in addresses])


@asynccontextmanager
async def world(folder: Path, policy: str) -> AsyncIterator[World]:
    archive = archive_for(load(paths.TARGETS / "reference-release-in-postfix.toml"))
    async with lab.system(archive, folder / "servers", str(PROGRAM)) as servers:
        settings = (
            f'place = "submission"\nofficers = ["{ONE}", "{TWO}"]\ntrust = ["{TRUSTED}"]\n'
            f'envelopes = "envelopes"\n{policy}\n'
        )
        (servers.home / "milter.toml").write_text(settings)
        socket = f"inet:{postfix_authority.MILTER}@{postfix_authority.ADDRESS}"
        (folder / "envelopes").mkdir()
        async with milter(folder, "release", settings, socket=socket):
            yield World(servers)


def verified(message: bytes, folder: Path, name: str) -> bytes:
    """What OpenSSL says is signed by the certificate of that name."""
    (folder / "message.eml").write_bytes(message)
    ended = subprocess.run(
        ["openssl", "cms", "-verify", "-in", folder / "message.eml", "-CAfile", TRUSTED,
         "-purpose", "smimesign", "-signer", folder / "signer.pem", "-out", folder / "content"],
        capture_output=True,
    )
    assert ended.returncode == 0, ended.stderr
    own = (KEYS / f"{name}.pem").read_text().partition("-----BEGIN")[2].split()
    assert (folder / "signer.pem").read_text().partition("-----BEGIN")[2].split() == own
    return (folder / "content").read_bytes()


def inner(entity: bytes) -> bytes:
    """The message in an entity that is a message/rfc822."""
    header, _, message = entity.partition(b"\r\n\r\n")
    assert b"content-type: message/rfc822" in header.lower()
    return message


def envelope_sender(message: bytes) -> str:
    return str(message_from_bytes(message)["Return-Path"])


async def released(w: World, folder: Path) -> None:
    assert await w.hand_in(DRAFT, (TO, BLIND)) == ""
    assert await w.empty(TO, BLIND, ANN)
    draft = await w.draft_of(ONE)
    assert await w.draft_of(TWO) == draft
    assert b"carol" not in draft

    decided = await w.decided(draft, ONE, "release")
    assert decided.told["outcome"] == "released"
    assert await w.hand_in(decided.message, (TO,), ONE) == ""

    for address in (TO, BLIND):
        (came,) = await w.mailbox(address)
        assert envelope_sender(came) == f"<{ANN}>"
        fields = message_from_bytes(came)
        assert fields.get_all("MMHS-Authorizing-Users") == [ONE]
        assert "Draft-Reference" not in came.decode()
        assert b"carol" not in came
        within = inner(verified(came, folder, "officer-one"))
        assert message_from_bytes(within).get_all("MMHS-Authorizing-Users") == [ONE]
        original = inner(verified(within, folder, "drafter"))
        assert original.endswith(b"The fleet sails at dawn.\r\n")
        # The drafter's signature is in it as he wrote it.
        assert DRAFT.partition(b"\r\n\r\n")[2] in came
    assert await w.empty(ONE, TWO, ANN)


async def released_by_each(w: World, _: Path) -> None:
    """Either may; who comes second is told, and the recipients get one message."""
    assert await w.hand_in(DRAFT, (TO,)) == ""
    both = [await w.decided(await w.draft_of(user), user, "release") for user in (ONE, TWO)]
    assert [each.told["outcome"] for each in both] == ["released", "released"]
    assert await w.hand_in(both[1].message, (TO,), TWO) == ""
    told = await w.hand_in(both[0].message, (TO,), ONE)
    assert told == "550 5.7.1 Not released: roles.release.went-out"
    (came,) = await w.mailbox(TO)
    assert message_from_bytes(came).get_all("MMHS-Authorizing-Users") == [TWO]


async def by_two(w: World, folder: Path) -> None:
    assert await w.hand_in(DRAFT, (TO, BLIND)) == ""
    assert await w.empty(TO, BLIND, TWO)
    first = await w.decided(await w.draft_of(ONE), ONE, "release")
    assert (first.told["outcome"], first.told["next"]) == ("to-next", TWO)
    # To whomever it is handed in, it goes to the one who has not seen it yet.
    assert await w.hand_in(first.message, (TO,), ONE) == ""
    assert await w.empty(TO, BLIND, ONE)
    second = await w.decided(await w.draft_of(TWO), TWO, "release")
    assert second.told["outcome"] == "released"
    assert await w.hand_in(second.message, (TO,), TWO) == ""
    for address in (TO, BLIND):
        (came,) = await w.mailbox(address)
        assert message_from_bytes(came).get_all("MMHS-Authorizing-Users") == [f"{ONE}, {TWO}"]
        within = inner(verified(came, folder, "officer-two"))
        within = inner(verified(within, folder, "officer-one"))
        verified(within, folder, "drafter")


async def returned(w: World, _: Path) -> None:
    assert await w.hand_in(DRAFT, (TO, BLIND)) == ""
    decided = await w.decided(
        await w.draft_of(ONE), ONE, "return", "--reason", "At dusk, please"
    )
    assert decided.told["outcome"] == "returned"
    assert await w.hand_in(decided.message, (ANN,), ONE) == ""
    (note,) = await w.mailbox(ANN)
    assert b"At dusk, please" in note and b"The fleet sails at dawn." in note
    assert await w.empty(TO, BLIND)


async def discarded(w: World, _: Path) -> None:
    assert await w.hand_in(DRAFT, (TO, BLIND)) == ""
    decided = await w.decided(await w.draft_of(ONE), ONE, "discard")
    assert (decided.told["outcome"], decided.message) == ("discarded", b"")
    await w.draft_of(TWO)
    assert await w.empty(TO, BLIND, ANN, ONE)


async def forged(w: World, _: Path) -> None:
    told = await w.hand_in(b"MMHS-Authorizing-Users: " + ONE.encode() + b"\r\n" + DRAFT, (TO,))
    assert told.startswith("550 5.7.1 Not released")
    assert await w.empty(TO, ONE, TWO)


async def unauthorized(w: World, _: Path) -> None:
    """Whose mailbox a draft got into is not thereby one who may release it."""
    assert await w.hand_in(DRAFT, (TO,)) == ""
    decided = await w.decided(await w.draft_of(ONE), EVE, "release")
    assert decided.told["outcome"] != "released" and decided.message == b""
    assert await w.empty(TO)


async def on_another_body(w: World, folder: Path) -> None:
    """What was released is that message, whatever it refers to and whatever stands around it."""
    assert await w.hand_in(DRAFT, (TO, BLIND)) == ""
    decided = await w.decided(await w.draft_of(ONE), ONE, "release")
    altered = decided.message.replace(b"sails at dawn", b"sinks at dawn")
    assert altered != decided.message
    assert (await w.hand_in(altered, (TO,), ONE)).startswith("550 5.7.1 Not released")
    assert await w.hand_in(another_draft(folder), (TO,)) == ""
    other = await w.decided(await w.draft_of(ONE), ONE, "release")
    assert other.told["outcome"] == "released"
    mixed = other.message.replace(reference_of(other.message), reference_of(decided.message))
    assert mixed != other.message
    assert (await w.hand_in(mixed, (TO,), ONE)).startswith("550 5.7.1 Not released")
    assert await w.empty(TO, BLIND)


async def sent_to_others(w: World, _: Path) -> None:
    """Who has got what was released can't hand it in to somebody else."""
    assert await w.hand_in(DRAFT, (TO,)) == ""
    decided = await w.decided(await w.draft_of(ONE), ONE, "release")
    assert await w.hand_in(decided.message, (TO,), ONE) == ""
    (came,) = await w.mailbox(TO)
    for sender in (ANN, EVE):
        told = await w.hand_in(came, (BLIND,), sender)
        assert told == "550 5.7.1 Not released: roles.release.not-by-its-users"
    assert await w.empty(TO, BLIND)


async def of_ten_megabytes(w: World, _: Path) -> None:
    """Such a field costs its sender a reply, and nobody else a message."""
    comments = b"\r\n ".join([b"(" + b"x" * 900 + b")"] * 11_000)
    field = b"MMHS-Authorizing-Users: " + comments + ONE.encode() + b"\r\n"
    assert (await w.hand_in(field + DRAFT, (TO,))).startswith("55")
    assert await w.hand_in(DRAFT, (TO,)) == ""
    await w.draft_of(ONE)
    assert await w.empty(TO)


def reference_of(message: bytes) -> bytes:
    return str(message_from_bytes(message)["Draft-Reference"]).encode()


def another_draft(folder: Path) -> bytes:
    """Signed by OpenSSL for the same drafter."""
    header = DRAFT.partition(b"MIME-Version:")[0]
    (folder / "entity").write_bytes(
        b"Content-Type: message/rfc822\r\n\r\n" + header + b"\r\nThe fleet stays.\r\n"
    )
    signed = subprocess.run(
        ["openssl", "cms", "-sign", "-in", folder / "entity", "-signer", KEYS / "drafter.pem",
         "-inkey", KEYS / "drafter.key.pem", "-binary", "-crlfeol"],
        capture_output=True, check=True,
    )
    return header + signed.stdout


Scenario = Callable[[World, Path], Awaitable[None]]
IN_ORDER = 'needed = 2\norder = "as-listed"'


@pytest.mark.parametrize(
    ("scenario", "policy"),
    [
        (released, ""), (released_by_each, ""), (by_two, IN_ORDER), (returned, ""),
        (discarded, ""), (forged, ""), (unauthorized, ""), (on_another_body, ""),
        (sent_to_others, ""), (of_ten_megabytes, ""),
    ],
)
def test_in_postfix_and_dovecot(tmp_path: Path, scenario: Scenario, policy: str) -> None:
    async def body() -> None:
        async with world(tmp_path, policy) as w:
            await scenario(w, tmp_path)

    run(body())
