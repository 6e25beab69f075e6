"""Draft and Release inside real servers: `mailassay milter --role release`, asked by a Postfix that
hands all mail to Dovecot, and `mailassay authorize` on what it takes out of a mailbox by IMAP.

    postfix_releaser.py PROGRAM ARCHIVE

`check-release` hands a message to Postfix and answers with the mailboxes that it came to, or the
reply; `authorize` lays it in the user's mailbox, takes it out by IMAP and asks the agent; `carry`
takes a draft the whole way, from its drafter by way of the users' mailboxes to its recipients.
Postfix's log and what was read from which mailbox go along as evidence.
"""

from __future__ import annotations

import asyncio
import base64
import imaplib
import json
import re
import shutil
import smtplib
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import lines
from postfix_authority import (
    ADDRESS,
    DEADLINE,
    MAIN,
    OUTSIDE,
    RECEIVED,
    answer,
    as_target,
    fit_for_smtp,
    main,
    milter,
    toml,
)

from mailassay.targets.launch import running
from mailassay.targets.model import Target

DRAFTER = "ann@mil.example"
LMTP, IMAP = 2524, 2143
PASSWORD = "mailassay"
# The user of a mailbox is its address, and the name of its folder.
PLAIN_ADDRESS = re.compile(r"[a-z0-9]+@[a-z0-9.]+")
QUEUED = re.compile(rb"queued as ([0-9A-Za-z]+)")
PUT_OFF = 452
MAX_LOG = 20_000

START = """
set -e
/usr/sbin/dovecot -F &
until (: </dev/tcp/${address}/${lmtp_port}) 2>/dev/null; do
    kill -0 $! || { cat ${dir}/dovecot.log; exit 1; }
    sleep 0.02
done
touch -d '1 hour ago' /etc/postfix/main.cf /etc/postfix/master.cf
/usr/sbin/postfix check
touch /var/spool/postfix/quick-start
exec /usr/sbin/postfix start-fg
"""
DOVECOT = f"""
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols = imap lmtp
listen = ${{address}}
log_path = ${{dir}}/dovecot.log
ssl = no
auth_allow_cleartext = yes
mail_driver = maildir
mail_home = /var/mail/%{{user}}
mail_path = ~/mail
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
lmtp_add_received_header = no
namespace inbox {{
  inbox = yes
}}
passdb static {{
  password = {PASSWORD}
}}
userdb static {{
  allow_all_users = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {IMAP}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = ${{lmtp_port}}
  }}
}}
"""
RELAYS = re.compile(r"(?m)^relayhost = .*$")
DELIVERS = f"""\
default_transport = lmtp:inet:{ADDRESS}:{LMTP}
lmtp_line_length_limit = 0
lmtp_connection_cache_on_demand = no"""


def servers() -> Target:
    """Both, as one target."""
    postfix = as_target("Postfix and Dovecot")
    files = {
        **postfix.files,
        "/start": "chown mail:mail /var/mail\n" + START,
        "/etc/dovecot/dovecot.conf": DOVECOT,
        "/etc/postfix/main.cf": RELAYS.sub(DELIVERS, MAIN),
    }
    return replace(
        postfix, files=files, logs=(*postfix.logs, "${dir}/dovecot.log"),
    )


@dataclass
class Handed:
    """What became of a message at SMTP."""

    queued: list[str] = field(default_factory=list)  # Postfix's names for it
    refused: dict[str, str] = field(default_factory=dict)  # the reply, by recipient


@dataclass(frozen=True)
class System:
    """Running servers.  `home` is a folder for what belongs to the milter and the agent."""

    home: Path
    log: Path
    program: str

    def hand_in(self, message: bytes, to: Sequence[str], sender: str = DRAFTER) -> Handed:
        """Hands it to Postfix and waits until that has brought it where it should go."""
        handed = Handed()
        with smtplib.SMTP(ADDRESS, OUTSIDE, timeout=DEADLINE) as client:
            client.ehlo()
            left = list(to)
            while left:
                left = _one_transaction(client, sender, message, left, handed)
        return handed

    async def settled(self, handed: Handed) -> str:
        """Once Postfix is done with it: what its log says of it."""
        async with asyncio.timeout(DEADLINE):
            while True:
                log = self.log.read_text("utf-8", "replace")
                if all(f"{name}: removed" in log for name in handed.queued):
                    break
                # Nothing announces it.
                await asyncio.sleep(0.01)
        told = (line for line in log.splitlines() if any(n in line for n in handed.queued))
        return "\n".join(told)[-MAX_LOG:]

    def taken_from(self, address: str) -> list[bytes]:
        """The messages in a mailbox, by IMAP; they are taken out of it."""
        with imaplib.IMAP4(ADDRESS, IMAP, timeout=DEADLINE) as client:
            client.login(address, PASSWORD)
            client.select()
            _, told = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
            found = [part[1] for part in told if isinstance(part, tuple)]
            if found:
                client.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
                client.expunge()
            return found

    def lay_into(self, address: str, message: bytes) -> None:
        """Into a mailbox, by LMTP."""
        with smtplib.LMTP(ADDRESS, LMTP, timeout=DEADLINE) as client:
            client.sendmail(DRAFTER, [address], message, mail_options=["BODY=8BITMIME"])

    def decide(self, draft: bytes, user: str, decision: str, *more: str) -> "Decided":
        """What the releasing agent says and writes, by the configuration in `home`."""
        ended = subprocess.run(
            [self.program, "authorize", "--config", self.home / "milter.toml", "--user", user,
             "--decision", decision, "--json", *more],
            input=draft, capture_output=True, timeout=DEADLINE,
        )
        try:
            told = json.loads(ended.stderr)
        except ValueError:
            raise lines.RequestError(ended.stderr.decode("utf-8", "replace").strip()) from None
        return Decided(told, ended.stdout)


@dataclass(frozen=True)
class Decided:
    """The agent's line, and what is to be handed in."""

    told: Mapping[str, Any]
    message: bytes


def _one_transaction(
    client: smtplib.SMTP, sender: str, message: bytes, to: Sequence[str], handed: Handed
) -> list[str]:
    """The recipients for whom the message has to be sent once more."""
    code, text = client.mail(sender, ["BODY=8BITMIME"])
    if code != 250:
        raise lines.RequestError(f"MAIL: {code} {text!r}")
    taken: list[str] = []
    later: list[str] = []
    for address in to:
        code, text = client.rcpt(address)
        if code == PUT_OFF and taken:
            later.append(address)
        elif code == 250:
            taken.append(address)
        else:
            handed.refused[address] = f"{code} {text.decode('utf-8', 'replace')}"
    if not taken:
        client.rset()
        return later
    code, text = client.data(message)
    if queued := QUEUED.search(text):
        handed.queued.append(queued[1].decode("ascii"))
    else:
        handed.refused |= {a: f"{code} {text.decode('utf-8', 'replace')}" for a in taken}
    return later


class Releaser:
    """The operations.  The milter runs on while the questions have one configuration."""

    def __init__(self, system: System, stack: AsyncExitStack) -> None:
        self._system = system
        self._stack = stack
        self._settings = ""

    async def check_release(self, request: Mapping[str, Any]) -> dict[str, Any]:
        place = request.get("place", "recipient")
        recipients = _plain(request.get("recipients", []))
        if place == "recipient":
            raise lines.LeftOut("a recipient has no server")
        officers = _plain(request["policy"]["officers"])
        message = fit_for_smtp(lines.octets(request, "message"))
        # The question tells no sender.
        await self._milter(
            self._configured(request) + f'place = {toml(place)}\nhanded_in_by = "anybody"\n'
        )
        handed = await asyncio.to_thread(self._system.hand_in, message, recipients)
        log = await self._system.settled(handed)
        came = await asyncio.to_thread(self._all_taken, {*recipients, *officers})
        fates = {a: self._fate(a, came, handed, officers) for a in recipients}
        asked = [a for a in officers if came[a] and a not in recipients]
        told: dict[str, Any] = {
            "outcome": "judged",
            "recipients": [{"address": a, "fate": f} for a, f in fates.items()],
            "next": asked[0] if len(asked) == 1 else None,
            "evidence": {"postfix.log": log, **_shown(came)},
        }
        if handed.refused:
            told["reason"] = next(iter(handed.refused.values()))
        return told

    async def authorize(self, request: Mapping[str, Any]) -> dict[str, Any]:
        (user,) = _plain([request["user"]])
        home = self._system.home
        (home / "milter.toml").write_text(self._configured(request), encoding="utf-8")
        message = fit_for_smtp(lines.octets(request, "message"))
        await asyncio.to_thread(self._system.lay_into, user, message)
        (draft,) = await asyncio.to_thread(self._system.taken_from, user)
        decided = await asyncio.to_thread(
            self._system.decide, draft, user, str(request.get("decision", "return")),
            *self._agents_arguments(request),
        )
        told = dict(decided.told)
        octets = base64.b64encode(decided.message).decode("ascii")
        # What is handed in with any other outcome is a note about it.
        if told["outcome"] in ("released", "to-next", "redrafted"):
            told["message"] = octets
        if "notice" in told:
            told["notice"] = {"to": told["notice"], "message": octets}
        return {**told, "evidence": _shown({user: [draft]})}

    async def carry(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The whole way: from the drafter by way of the users' mailboxes, which are read by IMAP,
        to the recipients."""
        recipients = _plain(request["recipients"])
        (sender,) = _plain([request["sender"]])
        decisions = request.get("decisions", [])
        users = _plain([d["user"] for d in decisions])
        message = fit_for_smtp(lines.octets(request, "message"))
        await self._without_envelopes()
        await self._milter(self._configured(request) + 'place = "submission"\n')
        handed = await asyncio.to_thread(self._system.hand_in, message, recipients, sender)
        evidence = {"postfix.log, the draft": await self._system.settled(handed)}
        refusals = list(handed.refused.values())
        for number, (user, decision) in enumerate(zip(users, decisions, strict=True), start=1):
            drafts = await asyncio.to_thread(self._system.taken_from, user)
            if not drafts:
                refusals.append(f"the mailbox of {user} is empty")
                continue
            evidence |= _shown({f"{user}, decision {number}": drafts})
            decided = await asyncio.to_thread(
                self._system.decide, drafts[0], user, str(decision.get("decision", "return")),
                *self._agents_arguments(decision),
            )
            evidence[f"decision {number}"] = json.dumps(dict(decided.told))
            if decided.message:
                to = _addressees(decided, recipients)
                handed = await asyncio.to_thread(self._system.hand_in, decided.message, to, user)
                refusals += handed.refused.values()
                evidence[f"postfix.log, decision {number}"] = await self._system.settled(handed)
        officers = _plain(request["policy"]["officers"])
        came = await asyncio.to_thread(self._all_taken, {*recipients, *officers, sender})
        return {
            "outcome": "carried",
            "mailboxes": {
                address: [base64.b64encode(one).decode("ascii") for one in found]
                for address, found in came.items() if found
            },
            "refusals": refusals,
            "evidence": {**evidence, **_shown(came)},
        }

    def _agents_arguments(self, request: Mapping[str, Any]) -> list[str]:
        """What the agent is told beside its user and the decision."""
        home = self._system.home
        more = ["--reason", str(request.get("explanation", "not so"))]
        if signer := request.get("signer"):
            (home / "own.pem").write_text(str(signer["certificate"]), encoding="ascii")
            (home / "own.key").write_text(str(signer["key"]), encoding="ascii")
            more += ["--certificate", f"{home}/own.pem", "--key", f"{home}/own.key"]
        if "forward_to" in request:
            more += ["--to", str(request["forward_to"])]
        return more

    def _configured(self, request: Mapping[str, Any]) -> str:
        home = self._system.home
        roots = [home / f"root-{number}.pem" for number, _ in enumerate(lines.roots(request))]
        for file, pem in zip(roots, lines.roots(request), strict=True):
            file.write_text(pem, encoding="ascii")
        policy = {k: v for k, v in request["policy"].items() if v is not None}
        keys = request.get("dkim_keys", {})
        (home / "dkim-keys").write_text(
            "".join(f"{name} {record}\n" for name, record in keys.items()), encoding="ascii"
        )
        return "".join(
            f"{key} = {json.dumps(value)}\n"
            for key, value in {
                **policy, "edition": request.get("edition", "rfc"),
                "countersign": request.get("countersign", "review"), "dkim_keys": "dkim-keys",
                "trust": [file.name for file in roots], "envelopes": "envelopes",
            }.items()
        )

    async def _milter(self, settings: str) -> None:
        if settings == self._settings:
            return
        await self._stack.aclose()
        home = self._system.home
        (home / "milter.toml").write_text(settings, encoding="utf-8")
        await self._stack.enter_async_context(milter(self._system.program, "release", home))
        self._settings = settings

    async def _without_envelopes(self) -> None:
        """Servers that know of no other request: what has been released is refused from then on,
        and requests carry the same draft."""
        await self._stack.aclose()
        self._settings = ""
        envelopes = self._system.home / "envelopes"
        await asyncio.to_thread(shutil.rmtree, envelopes)
        envelopes.mkdir()

    def _all_taken(self, addresses: set[str]) -> dict[str, list[bytes]]:
        return {a: self._system.taken_from(a) for a in sorted(addresses)}

    @staticmethod
    def _fate(
        address: str, came: Mapping[str, list[bytes]], handed: Handed, officers: Sequence[str]
    ) -> str:
        if came[address]:
            return "passes"
        if address in handed.refused:
            return "refused"
        if any(came[officer] for officer in officers):
            return "to-officers"
        raise lines.RequestError(f"the message for {address} came to no mailbox")


def _addressees(decided: Decided, recipients: Sequence[str]) -> list[str]:
    """Of what an agent has to hand in: whom a note is for; a new drafter's are those of the old
    one; else any will do, since the server knows whom the drafter meant."""
    if "notice" in decided.told:
        return [str(decided.told["notice"])]
    if decided.told["outcome"] == "redrafted":
        return list(recipients)
    return [recipients[0]]


def _plain(addresses: Sequence[object]) -> list[str]:
    told = [str(a) for a in addresses]
    if not all(PLAIN_ADDRESS.fullmatch(a) for a in told):
        raise lines.LeftOut("an address that is no mailbox of the lab's")
    return told


def _shown(mailboxes: Mapping[str, list[bytes]]) -> dict[str, str]:
    """What was read from which."""
    return {
        f"mailbox of {address}": RECEIVED.sub(b"", b"".join(found)).decode("utf-8", "replace")
        for address, found in mailboxes.items() if found
    }


@asynccontextmanager
async def system(archive: Path, folder: Path, program: str) -> AsyncIterator[System]:
    """Both servers, in a folder that is made for them."""
    for made in (folder, folder / "lab", folder / "own", folder / "own" / "envelopes"):
        made.mkdir()
    settings = {
        "address": ADDRESS, "port": str(OUTSIDE), "lmtp_port": str(LMTP), "resolver": ADDRESS,
        "hostname": "mx.mil.example",
    }
    async with running(servers(), settings, folder, archive):
        yield System(folder / "own", folder / "target" / "postfix.log", program)


async def serve(program: str, archive: Path, home: Path) -> int:
    async with system(archive, home / "servers", program) as both, AsyncExitStack() as stack:
        releaser = Releaser(both, stack)
        operations = {
            "check-release": releaser.check_release, "authorize": releaser.authorize,
            "carry": releaser.carry,
        }
        while line := await asyncio.to_thread(sys.stdin.buffer.readline, lines.MAX_LINE):
            print(json.dumps(await answer(operations, line)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2], serve))
