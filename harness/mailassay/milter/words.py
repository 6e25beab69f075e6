"""The words of the milter protocol: commands, replies, what is negotiated, what a milter changes.

The protocol has no specification.  It is what sendmail's libmilter speaks; its versions 2 (sendmail
8.11) and 6 (sendmail 8.14 and Postfix 2.6) are what is met.  Everything here is a plain value.
Octets stay octets: nothing that crosses the wire is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum


class Command(StrEnum):
    """What the MTA says."""

    ABORT = "A"
    BODY = "B"
    CONNECT = "C"
    MACROS = "D"
    END_OF_MESSAGE = "E"
    HELO = "H"
    QUIT_AND_REUSE = "K"  # the SMTP session ends, the connection to the milter is kept
    HEADER = "L"
    MAIL = "M"
    END_OF_HEADER = "N"
    NEGOTIATE = "O"
    QUIT = "Q"
    RCPT = "R"
    DATA = "T"
    UNKNOWN = "U"


class Action(IntFlag):
    """What a milter may change (SMFIF_*)."""

    ADD_FIELDS = 0x01
    REPLACE_BODY = 0x02
    ADD_RECIPIENTS = 0x04
    DELETE_RECIPIENTS = 0x08
    CHANGE_FIELDS = 0x10
    QUARANTINE = 0x20
    CHANGE_SENDER = 0x40
    ADD_RECIPIENTS_WITH_PARAMETERS = 0x80
    CHOOSE_MACROS = 0x100


class Step(IntFlag):
    """What a milter does not want to be told, need not answer, or may ask for (SMFIP_*)."""

    NO_CONNECT = 0x01
    NO_HELO = 0x02
    NO_MAIL = 0x04
    NO_RCPT = 0x08
    NO_BODY = 0x10
    NO_HEADER = 0x20
    NO_END_OF_HEADER = 0x40
    SILENT_HEADER = 0x80
    NO_UNKNOWN = 0x100
    NO_DATA = 0x200
    SKIP = 0x400
    REJECTED_RECIPIENTS = 0x800
    SILENT_CONNECT = 0x1000
    SILENT_HELO = 0x2000
    SILENT_MAIL = 0x4000
    SILENT_RCPT = 0x8000
    SILENT_DATA = 0x10000
    SILENT_UNKNOWN = 0x20000
    SILENT_END_OF_HEADER = 0x40000
    SILENT_BODY = 0x80000
    LEADING_SPACE = 0x100000


# What each version can negotiate.
ACTIONS_OF: Mapping[int, Action] = {2: Action(0x3F), 6: Action(0x1FF)}
STEPS_OF: Mapping[int, Step] = {2: Step(0x7F), 6: Step(0x1FFFFF)}

LEFT_OUT: Mapping[Command, Step] = {
    Command.CONNECT: Step.NO_CONNECT,
    Command.HELO: Step.NO_HELO,
    Command.MAIL: Step.NO_MAIL,
    Command.RCPT: Step.NO_RCPT,
    Command.DATA: Step.NO_DATA,
    Command.HEADER: Step.NO_HEADER,
    Command.END_OF_HEADER: Step.NO_END_OF_HEADER,
    Command.BODY: Step.NO_BODY,
    Command.UNKNOWN: Step.NO_UNKNOWN,
}
SILENT: Mapping[Command, Step] = {
    Command.CONNECT: Step.SILENT_CONNECT,
    Command.HELO: Step.SILENT_HELO,
    Command.MAIL: Step.SILENT_MAIL,
    Command.RCPT: Step.SILENT_RCPT,
    Command.DATA: Step.SILENT_DATA,
    Command.HEADER: Step.SILENT_HEADER,
    Command.END_OF_HEADER: Step.SILENT_END_OF_HEADER,
    Command.BODY: Step.SILENT_BODY,
    Command.UNKNOWN: Step.SILENT_UNKNOWN,
}
# Commands that are never answered.
UNANSWERED = frozenset(
    (Command.ABORT, Command.MACROS, Command.QUIT, Command.QUIT_AND_REUSE)
)
# Commands that version 2 does not have.
OF_VERSION_6 = frozenset((Command.DATA, Command.UNKNOWN, Command.QUIT_AND_REUSE))


class MacroStage(IntEnum):
    """For which command a list of macros is asked."""

    CONNECT = 0
    HELO = 1
    MAIL = 2
    RCPT = 3
    DATA = 4
    END_OF_MESSAGE = 5
    END_OF_HEADER = 6


@dataclass(frozen=True)
class Offer:
    """What the MTA offers; `best` is all that a version has."""

    version: int
    actions: Action
    steps: Step

    @classmethod
    def best(cls, version: int = 6) -> Offer:
        return cls(version, ACTIONS_OF[version], STEPS_OF[version])


@dataclass(frozen=True)
class Terms:
    """What the milter made of it.  `macros` are the names that it wants, where it chose some."""

    version: int
    actions: Action
    steps: Step
    macros: Mapping[MacroStage, tuple[bytes, ...]] = field(default_factory=dict)


class Answer(StrEnum):
    """A milter's answer to a command; all but PROGRESS end the waiting."""

    CONTINUE = "c"
    ACCEPT = "a"
    REJECT = "r"
    TEMPFAIL = "t"
    DISCARD = "d"
    SKIP = "s"
    REPLY = "y"  # reject or defer with an SMTP reply of the milter's own
    CONNECTION_FAILED = "f"
    SHUTDOWN = "4"
    PROGRESS = "p"


@dataclass(frozen=True)
class Reply:
    """An answer; `text` is the SMTP reply of REPLY, code first, lines parted by CRLF."""

    answer: Answer
    text: bytes = b""

    @property
    def code(self) -> int:
        """The SMTP code that a client is given; 0 for none."""
        if self.answer is Answer.REPLY:
            return int(self.text[:3])
        return {
            Answer.REJECT: 550, Answer.TEMPFAIL: 451, Answer.CONNECTION_FAILED: 451,
            Answer.SHUTDOWN: 421,
        }.get(self.answer, 0)

    @property
    def lines(self) -> tuple[bytes, ...]:
        """What stands behind the code, line by line; empty unless the milter said it itself."""
        return tuple(line[4:] for line in self.text.replace(b"\r\n", b"\n").split(b"\n") if line)


@dataclass(frozen=True)
class AddField:
    """A header field at the end of the header."""

    name: bytes
    value: bytes


@dataclass(frozen=True)
class InsertField:
    """A header field before the one that is `index`th, counted from 0."""

    index: int
    name: bytes
    value: bytes


@dataclass(frozen=True)
class ChangeField:
    """Another value for the `index`th field of the name, from 1; an empty one takes it away."""

    index: int
    name: bytes
    value: bytes


@dataclass(frozen=True)
class ReplaceBody:
    """A piece of a new body; the pieces follow each other."""

    octets: bytes


@dataclass(frozen=True)
class AddRecipient:
    """An address in angle brackets or not, as the milter gave it.  `parameters` are ESMTP's, of the
    change that can have some; None: of the one that can't."""

    address: bytes
    parameters: bytes | None = None


@dataclass(frozen=True)
class DeleteRecipient:
    address: bytes


@dataclass(frozen=True)
class ChangeSender:
    address: bytes
    parameters: bytes = b""


@dataclass(frozen=True)
class Quarantine:
    reason: bytes


Change = (
    AddField | InsertField | ChangeField | ReplaceBody | AddRecipient | DeleteRecipient
    | ChangeSender | Quarantine
)

# What had to be negotiated for a change; of AddRecipient see `needs`.
_NEEDS: Mapping[type[Change], Action] = {
    AddField: Action.ADD_FIELDS,
    InsertField: Action.ADD_FIELDS,
    ChangeField: Action.CHANGE_FIELDS,
    ReplaceBody: Action.REPLACE_BODY,
    DeleteRecipient: Action.DELETE_RECIPIENTS,
    ChangeSender: Action.CHANGE_SENDER,
    Quarantine: Action.QUARANTINE,
}


def needs(change: Change) -> Action:
    """What had to be negotiated for the change."""
    if isinstance(change, AddRecipient):
        plain = change.parameters is None
        return Action.ADD_RECIPIENTS if plain else Action.ADD_RECIPIENTS_WITH_PARAMETERS
    return _NEEDS[type(change)]


class Misdeed(StrEnum):
    """What a milter did that no milter may."""

    HANG = "hang"  # no answer in time
    CLOSED = "closed"  # the connection ended where an answer was due
    OUT_OF_TURN = "out of turn"  # an answer that nothing asked for, or not there
    NOT_NEGOTIATED = "not negotiated"
    TOO_MUCH = "too much"  # more octets, changes or signs of life than any milter needs
    MALFORMED = "malformed"


class MilterFault(Exception):
    """The milter broke the protocol.  The text is one printable line."""

    def __init__(self, misdeed: Misdeed, told: str) -> None:
        super().__init__(f"{misdeed}: {told}")
        self.misdeed = misdeed
        self.told = told


@dataclass(frozen=True)
class Limits:
    """What is put up with.  `packet` and `octets` are of what one message is answered with;
    `reply` and `message` are seconds."""

    packet: int = 1_100_000  # libmilter negotiates pieces of up to 1 MiB
    octets: int = 64_000_000
    changes: int = 20_000
    progress: int = 1_000
    reply: float = 10.0
    message: float = 60.0
