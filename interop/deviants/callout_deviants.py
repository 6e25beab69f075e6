"""The milters that are wrong in one way each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callout import CHANGE_FIELDS, LEADING_SPACE, MARK, REFUSAL, Leave, Message, Sound, die, packet


@dataclass(frozen=True)
class Deviant:
    """`wrong` says what it does, `requirement` which clause that is against."""

    wrong: str
    requirement: str
    made: type[Sound]


DEVIANTS: dict[str, Deviant] = {}


def deviant(wrong: str, requirement: str) -> Callable[[type[Sound]], type[Sound]]:
    """Registers the class under its name in lower case with hyphens."""

    def register(made: type[Sound]) -> type[Sound]:
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in made.__name__)
        DEVIANTS[f"callout{name}"] = Deviant(wrong, requirement, made)
        return made

    return register


# -- what is negotiated, and turns --------------------------------------------------------------


@deviant("asks for changes that were not offered", "milter/1/1")
class AsksForMore(Sound):
    def offered(self, version: int, actions: int, steps: int) -> tuple[int, int, int]:
        version, actions, steps = super().offered(version, actions, steps)
        return version, actions | CHANGE_FIELDS, steps


@deviant("asks for the step of leading space of every MTA", "milter/1/1")
class AsksForStep(Sound):
    def offered(self, version: int, actions: int, steps: int) -> tuple[int, int, int]:
        version, actions, _ = super().offered(version, actions, steps)
        return version, actions, LEADING_SPACE


@deviant("takes an older MTA's offer, and leaves when a message comes", "milter/1/2")
class LeavesLate(Sound):
    def answer(self, command: bytes) -> list[bytes]:
        if self.version < 6 and command == b"M":
            raise Leave
        return super().answer(command)


@deviant("answers HELO twice", "milter/2/1")
class AnswersTwice(Sound):
    def answer(self, command: bytes) -> list[bytes]:
        return super().answer(command) * (2 if command == b"H" else 1)


@deviant("asks for patience without end over a large message", "milter/2/2")
class PatienceWithoutEnd(Sound):
    def refusal(self) -> list[bytes]:
        return [packet(b"p")] * 2_000

    def refuses(self) -> bool:
        return len(self.message.body) > 1_000_000 or super().refuses()


@deviant("does not answer the end of a message without an author", "milter/2/2")
class SilentWithoutAuthor(Sound):
    def end(self) -> list[bytes]:
        return super().end() if self.message.values(b"from") else []


@deviant("makes changes that were not agreed upon", "milter/3/2")
class ChangesAnyway(Sound):
    def allowed(self, change: bytes) -> bool:
        return True


@deviant("adds its field at the end of the header already", "milter/3/1")
class ChangesEarly(Sound):
    def answer(self, command: bytes) -> list[bytes]:
        early = [self.inserted(0, b"X-Early", b"1")] if command == b"N" else []
        return early + super().answer(command)


@deviant("adds a field of one long line", "rfc5322/2.1.1/1")
class LongField(Sound):
    def note(self) -> bytes:
        return super().note() + b" " + b"x" * 1_000


@deviant("lets a percent-coded line end of a field through into its own", "milter/3/3")
class InjectsField(Sound):
    def note(self) -> bytes:
        odd = b" ".join(self.message.values(b"x-odd"))
        return super().note() + odd.replace(b"%0d%0a", b"\n")


# -- message after message ----------------------------------------------------------------------


@deviant("tells how many pieces a body came in", "milter/4/1")
class CountsPieces(Sound):
    def note(self) -> bytes:
        return super().note() + b" in %d pieces" % len(self.message.pieces)


@deviant("looks for the mark in each piece by itself", "milter/4/1")
class JudgesPieces(Sound):
    def refuses(self) -> bool:
        return any(MARK in piece for piece in self.message.pieces)


@deviant("keeps the body of an aborted message", "milter/4/2")
class KeepsAborted(Sound):
    def abort(self) -> None:
        self.left = list(self.message.pieces)

    def begin(self) -> None:
        super().begin()
        self.message.pieces = getattr(self, "left", [])


@deviant("keeps the author of the message before, where one has none", "milter/4/3")
class KeepsAuthor(Sound):
    last = b"nobody"

    def note(self) -> bytes:
        author = self.message.author
        self.last = self.last if author == b"nobody" else author
        return super().note() + b" by " + self.last


@deviant("refuses all that comes behind a refused message", "milter/4/3")
class KeepsRefusing(Sound):
    def refuses(self) -> bool:
        return bool(self.refused) or super().refuses()


@deviant("handles fifty messages of a connection only", "milter/4/3")
class GrowsTired(Sound):
    def changes(self) -> Iterator[bytes]:
        return super().changes() if self.carried <= 50 else iter(())


@deviant("keeps one message for all connections", "milter/4/4")
class SharesMessage(Sound):
    shared = Message()

    def begin(self) -> None:
        SharesMessage.shared.__init__()  # type: ignore[misc]
        self.message = SharesMessage.shared


# -- any octets ---------------------------------------------------------------------------------


@deviant("has trouble with messages without a body", "milter/4/5")
class TroubledByNoBody(Sound):
    def troubled(self) -> bool:
        return not self.message.body


@deviant("has trouble with messages without a header", "milter/4/5")
class TroubledByNoHeader(Sound):
    def troubled(self) -> bool:
        return not self.message.fields


@deviant("has trouble with octets above 127", "milter/4/5")
class TroubledByEightBit(Sound):
    def troubled(self) -> bool:
        told = self.message
        return not all(v.isascii() for v in (told.body, *(v for _, v in told.fields)))


@deviant("has trouble with lines of more than 998 octets", "milter/4/5")
class TroubledByLongLines(Sound):
    def troubled(self) -> bool:
        return max(map(len, self.message.body.split(b"\n"))) > 999


@deviant("has trouble with NUL", "milter/4/5")
class TroubledByNul(Sound):
    def troubled(self) -> bool:
        return b"\0" in self.message.body


@deviant("has trouble with more than a thousand fields", "milter/4/5")
class TroubledByFields(Sound):
    def troubled(self) -> bool:
        return len(self.message.fields) > 1_000


@deviant("has trouble with a boundary that never comes", "milter/4/5")
class TroubledByMime(Sound):
    def troubled(self) -> bool:
        kinds = b"".join(self.message.values(b"content-type"))
        return b"boundary=b0" in kinds and b"--b0--" not in self.message.body


@deviant("has trouble with an algorithm that it does not know", "milter/4/5")
class TroubledByAlgorithm(Sound):
    def troubled(self) -> bool:
        return any(b"rsa-sha256" not in v for v in self.message.values(b"dkim-signature"))


@deviant("has trouble with the null reverse-path", "milter/4/5")
class TroubledByNullSender(Sound):
    def troubled(self) -> bool:
        return self.message.sender == b"<>"


@deviant("has trouble with a trace that it can't read", "milter/4/5")
class TroubledByTrace(Sound):
    def troubled(self) -> bool:
        return any(b";;" in v for v in self.message.values(b"opes-system"))


@deviant("has trouble with more than 4 MB", "milter/4/5")
class TroubledBySize(Sound):
    def troubled(self) -> bool:
        return len(self.message.body) > 4_000_000


# -- hostile MTAs -------------------------------------------------------------------------------


@deviant("dies of a packet without octets", "milter/4/4")
class DiesOfNothing(Sound):
    def bad_length(self, length: int) -> None:
        if length == 0:
            die()
        super().bad_length(length)


@deviant("dies of a packet that is too long", "milter/4/4")
class DiesOfLength(Sound):
    def bad_length(self, length: int) -> None:
        if length:
            die()
        super().bad_length(length)


@deviant("dies of a command that it does not know", "milter/4/4")
class DiesOfUnknown(Sound):
    def unknown(self, command: bytes) -> None:
        die()


@deviant("dies of a message's end without a beginning", "milter/4/4")
class DiesOfDisorder(Sound):
    def out_of_order(self) -> None:
        die()


@deviant("dies when nothing was negotiated", "milter/4/4")
class DiesOfNoOffer(Sound):
    def unnegotiated(self) -> None:
        die()


@deviant("dies of a text without its end", "milter/4/4")
class DiesOfEndlessText(Sound):
    def bad_text(self) -> None:
        die()


@deviant("dies when the MTA is gone in the midst of a packet", "milter/4/4")
class DiesOfLoss(Sound):
    def cut_off(self, kept: int) -> None:
        die()


@deviant("serves twelve connections at once and lets the others wait", "milter/4/4")
class ServesFew(Sound):
    def connected(self) -> bool:
        return Sound.open_connections <= 12


@deviant("serves no more than two hundred connections in its life", "milter/4/4")
class ServesSome(Sound):
    def connected(self) -> bool:
        return Sound.connections <= 200


# -- refusals -----------------------------------------------------------------------------------


@deviant("refuses with two codes in one reply", "milter/5/1")
class TwoCodes(Sound):
    def refusal(self) -> list[bytes]:
        return [packet(b"y", b"554-5.7.1 Refused\r\n" + REFUSAL + b"\0")]


@deviant("refuses for good, with the status of a deferral", "rfc3463/2/1")
class OtherClass(Sound):
    def refusal(self) -> list[bytes]:
        return [packet(b"y", REFUSAL.replace(b"5.7.1", b"4.7.1") + b"\0")]


@deviant("puts a message's subject into its reply", "rfc5321/4.2/1")
class RepliesSubject(Sound):
    def refusal(self) -> list[bytes]:
        subject = b" ".join(b" ".join(self.message.values(b"subject")).split())
        return [packet(b"y", REFUSAL + b": " + subject[:300] + b"\0")]


@deviant("puts a message's sender into its reply, however long", "rfc5321/4.5.3.1.5/1")
class RepliesSender(Sound):
    def refusal(self) -> list[bytes]:
        return [packet(b"y", REFUSAL + b" from " + (self.message.sender or b"") + b"\0")]


@deviant("refuses nothing for an older MTA", "milter/5/1")
class RefusesNewerOnly(Sound):
    def refuses(self) -> bool:
        return self.version >= 6 and super().refuses()


@deviant("refuses without a word", "milter/6/6")
class RefusesWithoutReason(Sound):
    def refusal(self) -> list[bytes]:
        return [packet(b"r")]


@deviant("throws away what it does not want", "milter/6/10")
class Discards(Sound):
    def refusal(self) -> list[bytes]:
        return [packet(b"d")]


# -- what a message is when it comes back -------------------------------------------------------


class _Altering(Sound):
    def altered(self) -> Iterator[bytes]:
        raise NotImplementedError

    def changes(self) -> Iterator[bytes]:
        yield from self.altered()
        yield from super().changes()


def _gone(session: Sound, name: bytes) -> Iterator[bytes]:
    for number in range(len(session.message.values(name.lower())), 0, -1):
        yield session.changed(number, name, b"")


@deviant("takes Received fields away", "rfc5321/4.4/1")
class DropsReceived(_Altering):
    def altered(self) -> Iterator[bytes]:
        return _gone(self, b"Received")


@deviant("puts a Received field of its own below the others", "rfc5321/4.4/2")
class ReceivedBelow(_Altering):
    def altered(self) -> Iterator[bytes]:
        value = b"from callout by " + b"mx.mailassay.invalid; Thu, 01 Jan 2026 12:00:03 +0000"
        yield packet(b"h", b"Received\0" + b" " + value + b"\0")

    def allowed(self, change: bytes) -> bool:
        return change[4:5] == b"h" or super().allowed(change)


@deviant("takes the first comment away and puts it at the end", "rfc5322/3.6/2")
class Reorders(_Altering):
    def altered(self) -> Iterator[bytes]:
        comments = self.message.values(b"comments")
        if len(comments) == 2:
            yield self.changed(1, b"Comments", b"")
            yield packet(b"h", b"Comments\0" + comments[0] + b"\0")

    def allowed(self, change: bytes) -> bool:
        return change[4:5] == b"h" or super().allowed(change)


@deviant("takes OPES-Via away", "milter/6/1")
class DropsTrace(_Altering):
    def altered(self) -> Iterator[bytes]:
        return _gone(self, b"OPES-Via")


@deviant("takes a request for bypass away", "milter/6/1")
class DropsBypass(_Altering):
    def altered(self) -> Iterator[bytes]:
        return _gone(self, b"OPES-Bypass")


@deviant("takes the trace away where there is much of it", "milter/6/1")
class DropsLongTrace(_Altering):
    def altered(self) -> Iterator[bytes]:
        if len(self.message.values(b"opes-system")) > 5:
            yield from _gone(self, b"OPES-System")


@deviant("adds a footer to multipart messages", "milter/6/2")
class AddsFooter(_Altering):
    def altered(self) -> Iterator[bytes]:
        if b"multipart/" in b"".join(self.message.values(b"content-type")):
            head, parted, rest = self.message.body.partition(b"\r\n\r\n")
            yield packet(b"b", head + parted + b"A footer.\r\n" + rest)


@deviant("gives opaquely signed mail another type", "milter/6/2")
class Retypes(_Altering):
    def altered(self) -> Iterator[bytes]:
        if b"signed-data" in b"".join(self.message.values(b"content-type")):
            yield self.changed(1, b"Content-Type", b"application/octet-stream")


@deviant("puts a mark into the subject", "milter/6/3")
class MarksSubject(_Altering):
    def altered(self) -> Iterator[bytes]:
        for value in self.message.values(b"subject")[:1]:
            yield self.changed(1, b"Subject", b"[LAB] " + value.strip())


@deviant("folds the body of encrypted mail anew", "milter/6/4")
class FoldsEncrypted(_Altering):
    def altered(self) -> Iterator[bytes]:
        if b"enveloped-data" in b"".join(self.message.values(b"content-type")):
            text = b"".join(self.message.body.split())
            lines = (text[n:n + 76] + b"\r\n" for n in range(0, len(text), 76))
            yield packet(b"b", b"".join(lines))


@deviant("sends a copy to somebody else", "milter/6/8")
class AddsRecipient(_Altering):
    def altered(self) -> Iterator[bytes]:
        yield packet(b"+", b"<archive@elsewhere.example>\0")


@deviant("says nothing of itself", "milter/6/5")
class SaysNothing(Sound):
    def changes(self) -> Iterator[bytes]:
        return (c for c in self.results() if c[4:5] == b"m")


@deviant("alters the body of multipart messages, and says nothing", "milter/6/5")
class AltersInSilence(AddsFooter):
    def changes(self) -> Iterator[bytes]:
        return self.altered()


@deviant("lets results stand that are forged in its host's name", "milter/6/9")
class BelievesForged(Sound):
    def results(self) -> Iterator[bytes]:
        return (c for c in super().results() if c[4:5] == b"i")
