"""The milter client, by the word of miltertest, which has protocol code of its own: the same
dialogue with the same opendkim has to come to the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mailassay import paths
from mailassay.milter.client import Caller, Fate, Outcome, open_connection
from mailassay.milter.message import Mail, told_value
from mailassay.milter.words import Action, Answer, InsertField, Offer, Step, Terms
from mailassay.peers.transcript import Recorder
from mailassay.verdicts import Party
from milter_support import INSIDE, OUTSIDE, PATIENCE, message, opendkim, run

# A signature's time, and what it comes to, differ from run to run.
OF_THE_MOMENT = re.compile(rb"\b(t|b|header\.b)=[^;]*")


@dataclass(frozen=True)
class Seen:
    """What either client saw."""

    actions: Mapping[str, bool]
    steps: Mapping[str, bool]
    answers: tuple[str, ...]
    inserted: bytes | None
    reply: str | None

    def of_any_moment(self) -> Seen:
        told = self.inserted
        return replace(self, inserted=OF_THE_MOMENT.sub(rb"\1=", told) if told else None)


NAMES = {
    "actions": {"ADDHDRS": Action.ADD_FIELDS, "CHGHDRS": Action.CHANGE_FIELDS,
                "CHGBODY": Action.REPLACE_BODY, "ADDRCPT": Action.ADD_RECIPIENTS,
                "DELRCPT": Action.DELETE_RECIPIENTS, "QUARANTINE": Action.QUARANTINE},
    "steps": {"NOCONNECT": Step.NO_CONNECT, "NOHELO": Step.NO_HELO, "NOMAIL": Step.NO_MAIL,
              "NORCPT": Step.NO_RCPT, "NOBODY": Step.NO_BODY, "NOHDRS": Step.NO_HEADER,
              "NOEOH": Step.NO_END_OF_HEADER},
}
FIELDS = ("DKIM-Signature", "Authentication-Results")


def quoted(octets: bytes) -> str:
    """As a text of Lua."""
    return '"' + "".join(f"\\{octet:03d}" for octet in octets) + '"'


def script(socket: str, caller: Caller, mail: Mail, offer: Offer, terms: Terms) -> str:
    """The dialogue for miltertest: the same as ours, and what came of it as lines of JSON."""
    spaced = bool(terms.steps & Step.LEADING_SPACE)
    # Its manual has the actions before the steps; what it writes shows that it is the other way.
    bits = f"{int(offer.steps)}, {int(offer.actions)}"
    lines = [
        "function tell(v) mt.echo('answer ' .. string.char(mt.getreply(conn))) end",
        "function must(v) if v ~= nil then error(v) end end",
        f'conn = mt.connect("{socket}")',
        f"must(mt.negotiate(conn, {offer.version}, {bits}))",
    ]
    for name in NAMES["actions"]:
        lines.append(f"mt.echo('actions {name} ' .. tostring(mt.test_action(conn, SMFIF_{name})))")
    for name in NAMES["steps"]:
        lines.append(f"mt.echo('steps {name} ' .. tostring(mt.test_option(conn, SMFIP_{name})))")
    told = [f"mt.conninfo(conn, {quoted(caller.host)}, {quoted(caller.address.encode())})"]
    told += [f"mt.mailfrom(conn, {quoted(mail.sender)})"]
    told += [f"mt.rcptto(conn, {quoted(r)})" for r in mail.recipients]
    told += [
        f"mt.header(conn, {quoted(f.name)}, {quoted(told_value(f, spaced))})" for f in mail.fields
    ]
    told += ["mt.eoh(conn)", f"mt.bodystring(conn, {quoted(mail.body)})", "mt.eom(conn)"]
    for command in told:
        lines += [f"must({command})", "tell()"]
    for name in FIELDS:
        lines.append(
            f"v = mt.getheader(conn, '{name}', 0) if v ~= nil then "
            "mt.echo('inserted ' .. string.gsub(v, '\\n', '\\\\n')) end"
        )
        lines.append(
            f"mt.echo('first {name} ' .. tostring(mt.eom_check(conn, MT_HDRINSERT, '{name}')))"
        )
    lines += [
        "mt.echo('reply ' .. tostring(mt.eom_check(conn, MT_SMTPREPLY, '550', '5.7.0', "
        "'bad DKIM signature data')))",
        "mt.disconnect(conn)",
    ]
    return "\n".join(lines) + "\n"


async def by_miltertest(folder: Path, text: str) -> Seen:
    file = folder / "script.lua"
    file.write_text(text)
    process = await asyncio.create_subprocess_exec(
        "/usr/bin/miltertest", "-s", str(file), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    told = [line.split(b" ", 1) for line in output.splitlines()]
    of = {kind: [v.decode() for k, v in told if k == kind] for kind in (b"actions", b"steps")}
    bits = {k: {w.split()[0]: w.split()[1] == "true" for w in of[k]} for k in of}
    inserted = [v.replace(b"\\n", b"\n") for k, v in told if k == b"inserted"]
    reply = [v for k, v in told if k == b"reply"] == [b"true"]
    return Seen(
        bits[b"actions"], bits[b"steps"],
        tuple(v.decode() for k, v in told if k == b"answer"),
        inserted[0] if inserted else None,
        "550 5.7.0 bad DKIM signature data" if reply else None,
    )


async def by_us(
    socket: str, caller: Caller, mail: Mail, offer: Offer
) -> tuple[Seen, Outcome, Terms]:
    recorder = Recorder()
    async with open_connection(socket, offer, track=recorder.open("", "", "")) as connection:
        terms = await connection.negotiate()
        await connection.greet(caller)
        outcome = await connection.carry(mail)
        await connection.quit()
    told = (e.text.split()[0] for e in recorder.conversations[0].entries if e.party is Party.TARGET)
    asked = {"actions": int(terms.actions), "steps": int(terms.steps)}
    bits = {
        kind: {n: bool(asked[kind] & flag) for n, flag in names.items()}
        for kind, names in NAMES.items()
    }
    inserted = [c.value for c in outcome.changes if isinstance(c, InsertField)]
    seen = Seen(
        bits["actions"], bits["steps"],
        tuple(str(Answer[word]) for word in told if word in Answer.__members__),
        inserted[0] if inserted else None,
        outcome.reply.text.decode() or None,
    )
    return seen, outcome, terms


OFFERS = {
    "version 6": Offer.best(6),
    "version 2": Offer.best(2),
    "without leading space": Offer(6, Action(0x1FF), Step(0x1FFFFF) & ~Step.LEADING_SPACE),
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=list(OFFERS))
def test_opendkim_says_the_same_to_miltertest(tmp_path: Path, offer: Offer) -> None:
    """Signed, verified intact, and refused broken: terms, answers, changes and reply are alike."""

    async def alike(socket: str, caller: Caller, mail: Mail) -> Outcome:
        ours, outcome, terms = await by_us(socket, caller, mail, offer)
        theirs = await by_miltertest(tmp_path, script(socket, caller, mail, offer, terms))
        assert theirs.of_any_moment() == ours.of_any_moment()
        return outcome

    async def body() -> None:
        async with opendkim(tmp_path, "On-BadSignature reject") as socket:
            signed = await alike(socket, INSIDE, message())
            assert signed.fate is Fate.ACCEPTED and signed.after.values(b"DKIM-Signature")
            intact = await alike(socket, OUTSIDE, signed.after)
            assert b"dkim=pass" in intact.after.values(b"Authentication-Results")[0]
            broken = await alike(socket, OUTSIDE, replace(signed.after, body=b"Another.\r\n"))
            assert broken.fate is Fate.REJECTED
            assert broken.reply.lines == (b"5.7.0 bad DKIM signature data",)

    run(body())


def test_a_pair_that_differs_is_told_apart(tmp_path: Path) -> None:
    """What holds one client against the other can fail."""

    async def body() -> None:
        async with opendkim(tmp_path) as socket:
            ours, _, terms = await by_us(socket, OUTSIDE, message(), Offer.best(6))
            other = script(socket, INSIDE, message(), Offer.best(6), terms)
            theirs = await by_miltertest(tmp_path, other)
            assert theirs.of_any_moment() != ours.of_any_moment()
            assert theirs.answers != ours.answers or theirs.inserted != ours.inserted

    run(body())


def test_the_example_of_the_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It runs as it stands there, and prints what its comments say."""
    text = (paths.HARNESS / "mailassay/milter/README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    said = re.findall(r"^print\(.*?\) +# (.*)$", example, re.MULTILINE)
    assert len(said) == 2
    lines = "".join(f"    {line}\n" for line in example.splitlines())
    names: dict[str, Any] = {}
    exec(f"async def example(socket):\n{lines}", names)

    async def body() -> None:
        async with opendkim(tmp_path) as socket:
            await names["example"](socket)

    run(body())
    assert capsys.readouterr().out.splitlines() == said
