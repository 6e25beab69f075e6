"""What a case talks to: the target and the world around it, and the checks that it makes.

A `Trial` is one case on one target.  It submits messages, waits for what becomes of them, and
records checks.  It never concludes from silence alone: when nothing happens within the target's
patience, a control message goes the same way, and only if that one arrives was the silence the
target's own.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mailassay.crash import Crash
from mailassay.judging import Inconclusive, Judging, Patience
from mailassay.messages import Arrival, Bounce, Draft, Outcome, Submitted
from mailassay.peers.dsn import parse_report
from mailassay.peers.smtp_client import Submission
from mailassay.peers.smtp_server import Attempt, ScriptedServer
from mailassay.submitting import HandedIn, Message, SubmittingClient
from mailassay.targets.launch import LaunchError
from mailassay.targets.model import Manner
from mailassay.verdicts import Conversation, Edition
from mailassay.verdicts import Outcome as CheckOutcome

__all__ = ["Arrival", "Bounce", "Draft", "Hop", "Outcome", "Patience", "Submitted", "Trial",
           "Inconclusive"]

# How long a message that may rightly stay in the queue is watched for, once a control message
# that was submitted after it has arrived.  Seconds.
SETTLE = 1.0


@dataclass(frozen=True)
class TargetFacts:
    """What a trial needs to know about the target: where it listens, what it declares, and the
    addresses of its own (`mediators`), by the name of their placeholder."""

    address: str
    port: int
    options: tuple[str, ...]
    submission_port: int = 587
    lmtp_port: int = 24
    user: str = ""
    password: str = ""
    mediators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hop:
    """A mail server of the case's world."""

    name: str
    label: str
    server: ScriptedServer

    @property
    def attempts(self) -> list[Attempt]:
        return self.server.attempts

    @property
    def messages(self) -> list[Arrival]:
        return [Arrival(d) for d in self.server.deliveries]


@dataclass(frozen=True)
class _Forbidden:
    """A promise to be looked at once more when all cases are over."""

    requirement: str
    message: Submitted
    hop: Hop


@dataclass(kw_only=True)
class Trial(Judging):
    """One case on one target that is reached by SMTP."""

    target: TargetFacts
    domains: tuple[str, ...]
    sender_domain: str
    hops_by_domain: tuple[tuple[Hop, ...], ...]
    return_hops: tuple[Hop, ...]
    control_domain: str
    control_hop: Hop
    changed: asyncio.Condition
    crash: Crash
    client: SubmittingClient
    _forbidden: list[_Forbidden] = field(default_factory=list)
    _count: int = 0
    _judged: int = 0

    # -- what to submit ---------------------------------------------------------------------

    @property
    def field_name(self) -> str:
        """The header field of section 3, in this edition."""
        return "TLS-Required" if self.edition is Edition.RFC else "RequireTLS"

    @property
    def field_value(self) -> str:
        return "No" if self.edition is Edition.RFC else "NO"

    def optional_field(self) -> str:
        """The whole field, without CRLF, that asks for delivery whatever TLS is worth."""
        return f"{self.field_name}: {self.field_value}"

    def mediator(self, name: str) -> str:
        """An address of the target's own: "alias", "list", "vacation" and so on."""
        return self.target.mediators[f"{name}_address"]

    def tagged(
        self,
        *,
        to: int = 0,
        parameters: tuple[str, ...] = ("REQUIRETLS",),
        fields: tuple[str, ...] = (),
        recipients: tuple[str, ...] = (),
        starttls: bool = True,
        pipelined: bool = False,
        null_reverse_path: bool = False,
    ) -> Draft:
        """A message with REQUIRETLS (or with just these parameters) on MAIL."""
        return Draft(
            recipients=recipients or (f"recipient@{self.domains[to]}",),
            parameters=parameters,
            fields=fields,
            starttls=starttls,
            pipelined=pipelined,
            null_reverse_path=null_reverse_path,
        )

    def untagged(
        self, *, to: int = 0, fields: tuple[str, ...] = (), recipients: tuple[str, ...] = ()
    ) -> Draft:
        """A message without REQUIRETLS on MAIL."""
        return self.tagged(to=to, parameters=(), fields=fields, recipients=recipients)

    def optional(self, *, to: int = 0, recipients: tuple[str, ...] = ()) -> Draft:
        """A message whose header asks for delivery whatever TLS is worth."""
        return self.untagged(to=to, fields=(self.optional_field(),), recipients=recipients)

    # -- talking to the target --------------------------------------------------------------

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Submission]:
        """A connection of the submitting peer to the target; QUIT is said at the end."""
        async with await Submission.open(
            self.target.address, self.target.port, self.recorder, hop="submission"
        ) as session:
            yield session
            await session.quit()

    @asynccontextmanager
    async def submission(self) -> AsyncIterator[Submission]:
        """A connection to the target's submission port, greeted within TLS, not logged in."""
        async with await Submission.open(
            self.target.address, self.target.submission_port, self.recorder, hop="submission"
        ) as session:
            await session.ehlo()
            await session.starttls()
            await session.ehlo()
            yield session
            await session.quit()

    async def log_in(self, session: Submission) -> None:
        """AUTH with the credentials that the target was given.

        A target that refuses its own user cannot be judged as a submission server."""
        reply = await session.log_in(self.target.user, self.target.password)
        if reply.code != 235:
            raise Inconclusive(f"the target does not let its user log in: {reply}")

    @asynccontextmanager
    async def lmtp(self) -> AsyncIterator[Submission]:
        """A connection to the target's LMTP port, greeted within TLS."""
        async with await Submission.open(
            self.target.address, self.target.lmtp_port, self.recorder, hop="submission"
        ) as session:
            await session.lhlo()
            await session.starttls()
            await session.lhlo()
            yield session
            await session.quit()

    async def submit(self, draft: Draft, session: Submission | None = None) -> Submitted:
        """Submits the draft, in a session of its own unless one is given (already greeted)."""
        self._judged += 1
        return await self._submit(draft, session)

    async def _submit(self, draft: Draft, session: Submission | None = None) -> Submitted:
        if session is not None:
            return await self._transact(session, draft)
        async with self.session() as own:
            await own.ehlo()
            if draft.starttls:
                await own.starttls()
                await own.ehlo()
            return await self._transact(own, draft)

    async def _transact(self, session: Submission, draft: Draft) -> Submitted:
        self._count += 1
        token = f"{self.case.slug}-{self._count}"
        reverse_path = "" if draft.null_reverse_path else f"sender@{self.sender_domain}"
        replies = await session.transaction(
            reverse_path,
            draft.parameters,
            draft.recipients,
            compose(token, reverse_path, draft),
            pipelined=draft.pipelined,
        )
        return Submitted(
            token=token,
            reverse_path=reverse_path,
            recipients=draft.recipients,
            mail_reply=replies.mail,
            rcpt_replies=list(replies.rcpt),
            data_reply=replies.end_of_data,
        )

    async def hand_in(self, manner: Manner, *, fields: tuple[str, ...] = ()) -> HandedIn:
        """Lets the target submit a message to the case's server, which is its first host."""
        unable = await self.client.unable(manner)
        if unable is not None:
            raise Inconclusive(f"the client can't submit to a perfect server either: {unable}")
        self._count += 1
        token = f"{self.case.slug}-{self._count}"
        draft = Draft(recipients=(f"recipient@{self.domains[0]}",), fields=fields)
        sender = f"sender@{self.sender_domain}"
        message = Message(
            marker(token).encode(), compose(token, sender, draft), sender, draft.recipients[0]
        )
        done = await self.client.hand_in(manner, message, self.hop().server, self.recorder)
        if not done.attempts:
            raise Inconclusive(f"the client did not connect: {done.story()}: {done.said}")
        if done.code is None:
            self.inconclusive("the client did not come to an end by itself")
        return done

    async def crash_the_target(self) -> None:
        """The target is killed without warning, and started again: for cases of that phase."""
        try:
            await self.crash.come(self.case.name)
        except LaunchError as problem:
            raise Inconclusive(f"the target did not come back: {problem}") from None

    async def leave(self) -> None:
        """The case is over: nobody need wait for it."""
        await self.crash.leave(self.case.name)

    # -- watching the world -----------------------------------------------------------------

    def hop(self, label: str = "", domain: int = 0) -> Hop:
        """The host of that label; the first one by default."""
        hops = self.hops_by_domain[domain]
        return next(h for h in hops if label in ("", h.label))

    def hops(self, domain: int = 0) -> tuple[Hop, ...]:
        return self.hops_by_domain[domain]

    async def outcome(
        self,
        message: Submitted,
        where: Iterable[Hop] = (),
        *,
        or_deferred: bool = False,
        settle: float = SETTLE,
        despite_bounce: bool = False,
    ) -> Outcome:
        """Waits until the message is delivered to one of the hops or bounced to the sender.

        With `or_deferred` it may rightly stay where it is: a control message is sent at once, and
        when that has arrived the message is watched for `settle` more seconds.  With
        `despite_bounce` it has several recipients, so that a bounce, which may be another's, does
        not end the wait for the delivery."""
        if not message.accepted:
            raise Inconclusive(f"the target did not take the message: {message.story()}")
        hops = tuple(where) or tuple(h for d in self.hops_by_domain for h in d)
        begun = time.monotonic()

        def seen() -> bool:
            if self._found(message, hops):
                return True
            return not despite_bounce and bool(self._found(message, self.return_hops))

        if or_deferred:
            await self._control()
            await self._wait(seen, settle)
        elif not await self._wait(seen, self.patience.event):
            await self._control()
            await self._wait(seen, SETTLE)
        return Outcome(
            delivery=self._found(message, hops),
            bounce=self._found(message, self.return_hops),
            waited=time.monotonic() - begun,
        )

    async def bounce(self, message: Submitted, *, or_deferred: bool = False) -> Bounce:
        """Waits for the bounce of the message; a delivery ends the wait as well."""
        everywhere = tuple(h for d in self.hops_by_domain for h in d)
        outcome = await self.outcome(message, everywhere, or_deferred=or_deferred)
        if outcome.bounce is None and len(self.domains) > 1 and outcome.delivered:
            await self._wait(
                lambda: self._found(message, self.return_hops) is not None, self.patience.event
            )
            outcome = Outcome(
                outcome.delivery, self._found(message, self.return_hops), outcome.waited
            )
        instead = outcome.story
        if or_deferred and not outcome.delivered:
            instead = "neither delivered nor bounced so far: kept for later"
        return Bounce(
            arrival=outcome.bounce,
            parsed=parse_report(outcome.bounce.content) if outcome.bounce else None,
            body_marker=body_marker(message.token),
            instead=instead,
        )

    def _found(self, message: Submitted, hops: Iterable[Hop]) -> Arrival | None:
        found = next((a for h in hops for a in self.arrivals(message, h)), None)
        if found is None and hops == self.return_hops and self._judged == 1:
            # A bounce may return nothing of the message; then it is known by being the only one.
            return next((a for h in hops for a in h.messages), None)
        return found

    def arrivals(self, message: Submitted, hop: Hop) -> list[Arrival]:
        """All that was transmitted to the hop and is the message or speaks of it."""
        token = marker(message.token).encode()
        return [a for a in hop.messages if token in a.content]

    async def ended_attempts(self, hop: Hop) -> list[Attempt]:
        """All connections to the hop, after those still open had time to end."""
        await self._wait(lambda: all(a.ended for a in hop.attempts), self.patience.ending)
        return hop.attempts

    async def until(self, condition: Callable[[], bool]) -> bool:
        """Waits for what a message should bring about; whether it came, while other mail flowed."""
        if await self._wait(condition, self.patience.event):
            return True
        await self._control()
        return await self._wait(condition, SETTLE)

    async def second_try(self, hop: Hop) -> Attempt:
        """A connection that the target made after the hop had turned, when that has ended."""

        def seen() -> list[Attempt]:
            return [a for a in hop.attempts if a.after_turn and a.ended]

        if not await self._wait(lambda: bool(seen()), self.patience.retry):
            raise Inconclusive(f"the target did not try {hop.name} again")
        return seen()[0]

    def reached(self, message: Submitted, hop: Hop) -> bool:
        """Some of the message's content was transmitted to the hop."""
        return self._found(message, (hop,)) is not None

    def how_reached(self, message: Submitted, hop: Hop) -> str:
        found = self._found(message, (hop,))
        return found.story if found is not None else "not transmitted"

    async def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Waits until the condition holds; it is looked at whenever anything was recorded."""
        try:
            async with asyncio.timeout(seconds):
                async with self.changed:
                    await self.changed.wait_for(condition)
        except TimeoutError:
            return condition()
        return True

    async def _control(self) -> None:
        """Sends an ordinary message to a perfect host and waits for it."""
        control = await self._submit(Draft(recipients=(f"control@{self.control_domain}",)))
        arrived = control.accepted and await self._wait(
            lambda: self._found(control, (self.control_hop,)) is not None, self.patience.event
        )
        if not arrived:
            raise Inconclusive("a control message did not come through: the target is too slow")

    def conversations(self) -> list[Conversation]:
        """All that was recorded of this case: what went where others' mail
        goes, too, is found by its content."""
        if self.case.world.standing is None:
            return self.recorder.conversations
        own = re.compile(rf"<of\.{re.escape(self.case.slug)}-\d+\.message@".encode())
        theirs = [
            d.attempt.conversation
            for hops in self.hops_by_domain
            for hop in hops
            for d in hop.server.deliveries
            if own.search(d.content)
        ]
        known = {id(c): c for c in (*self.recorder.conversations, *theirs)}
        return list(known.values())

    # -- judging ----------------------------------------------------------------------------

    def check(
        self,
        requirement: str,
        held: bool,
        *,
        expected: str,
        observed: str,
        reading: str | None = None,
        absence: bool = False,
    ) -> None:
        """Records whether a clause was met.

        With `absence` nothing became of a message yet, neither delivery nor bounce.  No text says
        that it must at once: only a target that declares `settles-at-once` breaks the clause."""
        if not held and absence and "settles-at-once" not in self.target.options:
            self.inconclusive(f"{observed}; the target does not say that it settles at once")
            return
        self.judge(requirement, held, expected=expected, observed=observed, reading=reading)

    def check_if_declared(
        self,
        requirement: str,
        held: bool,
        *,
        expected: str,
        observed: str,
        reading: str | None = None,
        absence: bool = False,
    ) -> None:
        """`check`, for shared judgements: does nothing where the case does not bind the clause."""
        if self.declares(requirement):
            self.check(
                requirement,
                held,
                expected=expected,
                observed=observed,
                reading=reading,
                absence=absence,
            )

    def forbid(self, requirement: str, message: Submitted, hop: Hop) -> None:
        """The message must not have reached the hop when all cases are over, either."""
        self._forbidden.append(_Forbidden(requirement, message, hop))

    def look_back(self) -> None:
        """Looks at every `forbid` once more; called when all cases of the target are over."""
        for promise in self._forbidden:
            told = self.catalogue.translate(promise.requirement, self.edition)
            known = any(
                told in c.requirements and c.outcome is CheckOutcome.BROKEN for c in self.checks
            )
            if not known and self.reached(promise.message, promise.hop):
                self.check_if_declared(
                    promise.requirement,
                    False,
                    expected=f"nothing reaches {promise.hop.name}, not even later",
                    observed=self.how_reached(promise.message, promise.hop),
                )


def marker(token: str) -> str:
    """What identifies a message in its header section; none is part of another."""
    return f"of.{token}.message@mailassay.invalid"


def body_marker(token: str) -> str:
    """What stands in a message's body and nowhere else."""
    return f"body-of-{token}"


def compose(token: str, reverse_path: str, draft: Draft) -> bytes:
    """The message in octets: header section, the draft's own fields, a short body."""
    lines = [
        f"From: <{reverse_path or 'mailer-daemon@from.invalid'}>",
        f"To: {', '.join(f'<{r}>' for r in draft.recipients)}",
        f"Subject: Mailassay {token}",
        "Date: Thu, 01 Jan 2026 12:00:00 +0000",
        f"Message-ID: <{marker(token)}>",
        *draft.fields,
        "",
        f"This is {body_marker(token)}.",
        "",
    ]
    return "\r\n".join(lines).encode()
