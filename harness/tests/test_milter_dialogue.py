"""Who may say what, and when: the milter's side of a dialogue held to what was negotiated."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import pytest

from mailassay.milter import codec
from mailassay.milter.dialogue import Dialogue
from mailassay.milter.words import (
    Action,
    AddField,
    Answer,
    Command,
    Limits,
    MilterFault,
    Misdeed,
    Offer,
    Reply,
    ReplaceBody,
    Step,
    Terms,
)

CONTINUE = codec.packed("c")
ADD = codec.packed("h", b"X\0y\0")
ALL = 0x1FF


def negotiated(actions: int = ALL, steps: int = 0, version: int = 6, more: bytes = b"",
               limits: Limits | None = None) -> Dialogue:
    dialogue = Dialogue(Offer.best(6), limits or Limits())
    dialogue.negotiate()
    answer = dialogue.hear(
        codec.packed("O", struct.pack(">III", version, actions, steps) + more)
    )
    assert isinstance(answer, Terms)
    return dialogue


def say(dialogue: Dialogue, command: Command, macros: Mapping[bytes, bytes] | None = None) -> bytes:
    return dialogue.say(command, codec.packed(command), macros)


def misdeed_of(dialogue: Dialogue, octets: bytes) -> Misdeed:
    with pytest.raises(MilterFault) as fault:
        dialogue.hear(octets)
    return fault.value.misdeed


@pytest.mark.parametrize(
    ("version", "actions", "steps"), [(7, 0, 0), (1, 0, 0), (6, 0x200, 0), (6, 0, 0x200000)]
)
def test_nothing_is_asked_for_that_was_not_offered(version: int, actions: int, steps: int) -> None:
    dialogue = Dialogue(Offer.best(6), Limits())
    dialogue.negotiate()
    octets = codec.packed("O", struct.pack(">III", version, actions, steps))
    assert misdeed_of(dialogue, octets) is Misdeed.NOT_NEGOTIATED


def test_version_2_is_not_told_of_what_it_does_not_know() -> None:
    dialogue = negotiated(version=2)
    assert say(dialogue, Command.DATA) == say(dialogue, Command.UNKNOWN) == b""
    assert say(dialogue, Command.MAIL)


@pytest.mark.parametrize("command", [c for c in Command if c in "CHMRTLNBU"])
def test_a_step_that_is_left_out_or_not_answered(command: Command) -> None:
    left_out = Step[f"NO_{command.name}"]
    assert say(negotiated(steps=left_out), command) == b""
    silent = negotiated(steps=Step[f"SILENT_{command.name}"])
    assert say(silent, command) and silent.awaits is None
    assert say(silent, Command.END_OF_MESSAGE) and silent.awaits is Command.END_OF_MESSAGE


def test_an_answer_to_what_is_not_answered_is_out_of_turn() -> None:
    silent = negotiated(steps=Step.SILENT_HEADER)
    say(silent, Command.HEADER)
    silent.hear(CONTINUE)
    with pytest.raises(MilterFault) as fault:
        say(silent, Command.END_OF_MESSAGE)
    assert fault.value.misdeed is Misdeed.OUT_OF_TURN


def test_two_answers_to_one_command_are_out_of_turn() -> None:
    dialogue = negotiated()
    say(dialogue, Command.MAIL)
    assert dialogue.hear(CONTINUE + CONTINUE) == Reply(Answer.CONTINUE)
    with pytest.raises(MilterFault):
        dialogue.nothing_unasked()


def test_the_beginning_of_a_packet_is_too() -> None:
    dialogue = negotiated()
    say(dialogue, Command.MAIL)
    dialogue.hear(CONTINUE + b"\0")
    with pytest.raises(MilterFault):
        say(dialogue, Command.RCPT)


def test_changes_stand_at_the_end_of_a_message_alone() -> None:
    dialogue = negotiated()
    say(dialogue, Command.MAIL)
    assert misdeed_of(dialogue, ADD) is Misdeed.OUT_OF_TURN
    dialogue = negotiated()
    say(dialogue, Command.END_OF_MESSAGE)
    assert dialogue.hear(ADD + codec.packed("b", b"1") + codec.packed("p")) is None
    assert dialogue.hear(codec.packed("b", b"2") + codec.packed("a")) == Reply(Answer.ACCEPT)
    assert dialogue.changes == [AddField(b"X", b"y"), ReplaceBody(b"1"), ReplaceBody(b"2")]
    assert dialogue.signs_of_life == 1


@pytest.mark.parametrize(
    ("packet", "needed"),
    [
        (ADD, Action.ADD_FIELDS),
        (codec.packed("i", b"\0\0\0\0X\0y\0"), Action.ADD_FIELDS),
        (codec.packed("m", b"\0\0\0\0X\0y\0"), Action.CHANGE_FIELDS),
        (codec.packed("b", b"x"), Action.REPLACE_BODY),
        (codec.packed("+", b"<x>\0"), Action.ADD_RECIPIENTS),
        (codec.packed("2", b"<x>\0\0"), Action.ADD_RECIPIENTS_WITH_PARAMETERS),
        (codec.packed("-", b"<x>\0"), Action.DELETE_RECIPIENTS),
        (codec.packed("e", b"<x>\0"), Action.CHANGE_SENDER),
        (codec.packed("q", b"x\0"), Action.QUARANTINE),
    ],
)
def test_a_change_needs_the_action_that_is_for_it(packet: bytes, needed: Action) -> None:
    dialogue = negotiated(actions=needed)
    say(dialogue, Command.END_OF_MESSAGE)
    dialogue.hear(packet)
    assert len(dialogue.changes) == 1
    dialogue = negotiated(actions=ALL & ~needed)
    say(dialogue, Command.END_OF_MESSAGE)
    assert misdeed_of(dialogue, packet) is Misdeed.NOT_NEGOTIATED


def test_skip_is_for_bodies_and_negotiated() -> None:
    skip = codec.packed("s")
    dialogue = negotiated(steps=Step.SKIP)
    say(dialogue, Command.BODY)
    assert dialogue.hear(skip) == Reply(Answer.SKIP)
    say(dialogue, Command.MAIL)
    assert misdeed_of(dialogue, skip) is Misdeed.OUT_OF_TURN
    dialogue = negotiated()
    say(dialogue, Command.BODY)
    assert misdeed_of(dialogue, skip) is Misdeed.NOT_NEGOTIATED


def test_what_is_told_is_bounded() -> None:
    few = Limits(packet=100, octets=120, changes=2, progress=2)
    for octets in (ADD * 3, codec.packed("p") * 3, codec.packed("b", b"x" * 120)):
        dialogue = negotiated(limits=few)
        say(dialogue, Command.END_OF_MESSAGE)
        assert misdeed_of(dialogue, octets) is Misdeed.TOO_MUCH
    dialogue = negotiated(limits=Limits(octets=120))
    say(dialogue, Command.END_OF_MESSAGE)
    dialogue.hear(codec.packed("b", b"x" * 100))
    assert misdeed_of(dialogue, b"\0" * 30) is Misdeed.TOO_MUCH


def test_the_end_is_a_fault_where_an_answer_is_due() -> None:
    dialogue = negotiated()
    dialogue.closed()
    say(dialogue, Command.MAIL)
    with pytest.raises(MilterFault) as fault:
        dialogue.closed()
    assert fault.value.misdeed is Misdeed.CLOSED


def test_macros_are_told_that_were_chosen() -> None:
    wanted = {b"i": b"Q", b"j": b"host"}
    everything = negotiated()
    assert codec.macros(Command.MAIL, wanted) in say(everything, Command.MAIL, wanted)
    some = negotiated(more=b"\0\0\0\x02i\0")
    assert codec.macros(Command.MAIL, {b"i": b"Q"}) in say(some, Command.MAIL, wanted)
    none = negotiated(more=b"\0\0\0\x02\0")
    assert say(none, Command.MAIL, wanted) == codec.packed("M")
