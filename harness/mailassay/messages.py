"""What a case submits, and what becomes of it: plain values over what the peers recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailassay.peers.dsn import Report
from mailassay.peers.smtp_client import Reply
from mailassay.peers.smtp_server import Delivery


@dataclass(frozen=True)
class Draft:
    """A message to be submitted, and how.

    `parameters` stand on MAIL as they are; `fields` are header fields without the last CRLF.
    `recipients` are whole addresses.  With `starttls` unset all is said in plaintext."""

    recipients: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    starttls: bool = True
    pipelined: bool = False
    null_reverse_path: bool = False


@dataclass
class Submitted:
    """A message as the target took or refused it.  `token` stands in its header and its body and
    in nothing else of the run."""

    token: str
    reverse_path: str
    recipients: tuple[str, ...]
    mail_reply: Reply
    rcpt_replies: list[Reply] = field(default_factory=list)
    data_reply: Reply | None = None

    @property
    def accepted(self) -> bool:
        """The target took responsibility for the message."""
        return self.data_reply is not None and self.data_reply.code == 250

    @property
    def refused_for_good(self) -> bool:
        """The first refusal was a permanent one."""
        replies = [self.mail_reply, *self.rcpt_replies]
        return any(500 <= reply.code <= 599 for reply in replies)

    def story(self) -> str:
        """One line about how the target answered."""
        told = [f"MAIL {self.mail_reply}"]
        told += [f"RCPT {reply}" for reply in self.rcpt_replies]
        if self.data_reply is not None:
            told.append(f"end of data {self.data_reply}")
        return ", ".join(told)


@dataclass(frozen=True)
class Arrival:
    """A message that the target transmitted to a mail server of the lab."""

    record: Delivery

    @property
    def host(self) -> str:
        return self.record.host_name

    @property
    def reverse_path(self) -> str:
        return self.record.reverse_path

    @property
    def in_tls(self) -> bool:
        return self.record.tls is not None

    @property
    def content(self) -> bytes:
        return self.record.content

    @property
    def greeted_with_ehlo(self) -> bool:
        return bool(self.record.attempt.ehlo_lines)

    def parameter_values(self, keyword: str) -> tuple[str | None, ...]:
        """The values of every MAIL parameter of that keyword, in any letter case."""
        wanted = keyword.upper()
        return tuple(v for k, v in self.record.mail_parameters if k.upper() == wanted)

    @property
    def has_requiretls(self) -> bool:
        return bool(self.parameter_values("REQUIRETLS"))

    def count_fields(self, name: str) -> int:
        """How many header fields of that name the message holds."""
        header = self.content.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
        wanted = name.lower().encode() + b":"
        return sum(line.lower().startswith(wanted) for line in header.split(b"\n"))

    @property
    def story(self) -> str:
        how = "in TLS" if self.in_tls else "in plaintext"
        tag = "with" if self.has_requiretls else "without"
        return f"delivered to {self.host} {how}, {tag} REQUIRETLS"


@dataclass(frozen=True)
class Outcome:
    """What became of a message within the time a case has: a delivery, a bounce, or neither."""

    delivery: Arrival | None
    bounce: Arrival | None
    waited: float

    @property
    def delivered(self) -> bool:
        return self.delivery is not None

    @property
    def silent(self) -> bool:
        """Nothing became of it so far."""
        return self.delivery is None and self.bounce is None

    @property
    def story(self) -> str:
        if self.delivery is not None:
            return self.delivery.story
        if self.bounce is not None:
            return "bounced to the sender"
        return f"neither delivered nor bounced within {self.waited:.0f} s, while other mail flowed"


@dataclass(frozen=True)
class Bounce:
    """The non-delivery notification for a message, or the lack of one."""

    arrival: Arrival | None
    parsed: Report | None
    body_marker: str
    instead: str

    @property
    def arrived(self) -> bool:
        return self.arrival is not None

    @property
    def delivery(self) -> Arrival:
        assert self.arrival is not None, "ask only about a bounce that arrived"
        return self.arrival

    @property
    def report(self) -> Report:
        assert self.parsed is not None, "ask only about a bounce that arrived"
        return self.parsed

    @property
    def holds_body(self) -> bool:
        """Something of the original's body is in it, in whatever part and encoding."""
        return self.arrival is not None and self.report.contains(self.body_marker)

    @property
    def failed_recipients(self) -> tuple[str, ...]:
        """Whom the report says the message failed for; empty too when it is no report."""
        if self.parsed is None:
            return ()
        return tuple(r.address for r in self.parsed.recipients if r.action.lower() == "failed")

    @property
    def status(self) -> str:
        """The first failed recipient's enhanced status code; empty when there is none."""
        return next((r.status for r in self.report.recipients if r.status), "")

    @property
    def story(self) -> str:
        if self.arrival is None:
            return self.instead
        content = "with the body" if self.holds_body else "without the body"
        return (
            f"a bounce arrived at {self.arrival.host} "
            f"{'in TLS' if self.arrival.in_tls else 'in plaintext'}, "
            f"{'with' if self.arrival.has_requiretls else 'without'} REQUIRETLS, {content}, "
            f"status {self.status or 'none'}"
        )
