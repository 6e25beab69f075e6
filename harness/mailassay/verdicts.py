"""The words of a judgement: mechanisms, editions, roles, checks, verdicts, findings, evidence.

Everything here is a plain value.  Cases make `Check`s, the runner folds them into one
`Verdict` a case and one `Finding` a requirement, and the report prints both.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Mechanism(StrEnum):
    """What is under test; a specification and a role belong to one."""

    REQUIRETLS = "requiretls"
    SECURE_HEADERS = "secure-headers"
    OPES = "opes"
    RELEASE = "release"


class Edition(StrEnum):
    """Which text of the mechanism is applied."""

    DRAFT = "draft"
    RFC = "rfc"


class Role(StrEnum):
    """What a target can be; a declaration names the ones that it claims."""

    RELAY_SERVER = "relay-server"
    UNAWARE_SERVER = "unaware-server"  # an SMTP server that does not claim the extension
    RELAY_CLIENT = "relay-client"
    BOUNCE_MAKER = "bounce-maker"
    SUBMITTING_CLIENT = "submitting-client"
    SUBMISSION_SERVER = "submission-server"
    LMTP_SERVER = "lmtp-server"
    LMTP_CLIENT = "lmtp-client"
    MEDIATOR = "mediator"
    DELIVERY_AGENT = "delivery-agent"
    USER_INTERFACE = "user-interface"
    SIGNER = "signer"  # a mail client that signs header fields
    VERIFIER = "verifier"  # a mail client that verifies them
    UNAWARE_VERIFIER = "unaware-verifier"  # an S/MIME engine that does not know the attribute
    GATEWAY = "gateway"  # signs for its domain, or verifies such signatures
    SIGNING_GATEWAY = "signing-gateway"  # signs on the way, beside others
    ENCRYPTING_DCA = "encrypting-dca"  # the sender's Domain Confidentiality Authority
    DECRYPTING_DCA = "decrypting-dca"  # the recipient's
    PROCESSOR = "processor"  # of OPES: calls services for mail that passes through
    REPORT_MAKER = "report-maker"  # tells a sender that adapted mail did not arrive
    CALLOUT_SERVICE = "callout-service"  # a milter, as the MTA that asks it sees it
    RELEASE_SUBMISSION_SERVER = "release-submission-server"  # brings drafts to authorizing users
    RELEASING_AGENT = "releasing-agent"  # an authorizing user's agent
    BORDER_MTA = "border-mta"  # lets out of the domain what was authorized
    RELEASE_DELIVERY_AGENT = "release-delivery-agent"  # delivers within it what was authorized
    RELEASE_RECIPIENT = "release-recipient"  # verifies who authorized a message
    X400_GATEWAY = "x400-gateway"

    @property
    def mechanism(self) -> Mechanism:
        """What it is a role of."""
        return _MECHANISM_OF[self]


_ROLES_OF = {
    Mechanism.REQUIRETLS: (
        Role.RELAY_SERVER,
        Role.UNAWARE_SERVER,
        Role.RELAY_CLIENT,
        Role.BOUNCE_MAKER,
        Role.SUBMITTING_CLIENT,
        Role.SUBMISSION_SERVER,
        Role.LMTP_SERVER,
        Role.LMTP_CLIENT,
        Role.MEDIATOR,
        Role.DELIVERY_AGENT,
        Role.USER_INTERFACE,
    ),
    Mechanism.SECURE_HEADERS: (
        Role.SIGNER,
        Role.VERIFIER,
        Role.UNAWARE_VERIFIER,
        Role.GATEWAY,
        Role.SIGNING_GATEWAY,
        Role.ENCRYPTING_DCA,
        Role.DECRYPTING_DCA,
    ),
    Mechanism.OPES: (
        Role.PROCESSOR,
        Role.REPORT_MAKER,
        Role.CALLOUT_SERVICE,
    ),
    Mechanism.RELEASE: (
        Role.RELEASE_SUBMISSION_SERVER,
        Role.RELEASING_AGENT,
        Role.BORDER_MTA,
        Role.RELEASE_DELIVERY_AGENT,
        Role.RELEASE_RECIPIENT,
        Role.X400_GATEWAY,
    ),
}
_MECHANISM_OF = {role: mechanism for mechanism, roles in _ROLES_OF.items() for role in roles}


def mechanisms_of(roles: Iterable[Role]) -> tuple[Mechanism, ...]:
    """The mechanisms that the roles are roles of, each once."""
    there = {r.mechanism for r in roles}
    return tuple(m for m in Mechanism if m in there)


class Level(StrEnum):
    """How strongly a clause binds.  STEP: part of a procedure or a syntax, without a keyword."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    STEP = "STEP"


class Outcome(StrEnum):
    """What one check saw.  NOTED: an observation that is neither right nor wrong."""

    HELD = "held"
    BROKEN = "broken"
    NOTED = "noted"


class Verdict(StrEnum):
    """The verdict of a case (ISO/IEC 9646)."""

    PASS = "pass"
    FAIL = "fail"
    CRASH = "crash"  # an adapter ended while it was asked
    HANG = "hang"  # it did not answer in time
    NONSENSE = "nonsense"  # its answer is none of the protocol
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NOT_APPLICABLE = "not applicable"


# The target's own fault, each of them.
FAILED = (Verdict.FAIL, Verdict.CRASH, Verdict.HANG, Verdict.NONSENSE)


class Status(StrEnum):
    """The finding for a requirement, over all checks that cite it."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    DEVIATES = "deviates"
    OBSERVED = "observed"
    UNTESTED = "untested"
    UNTESTABLE = "untestable"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Check:
    """One comparison of what the text asks with what the target did.

    `requirements` are ids of the edition that was run.  `reading` names the reading of an
    ambiguous clause that the target follows, where the catalogue lists several.
    """

    requirements: tuple[str, ...]
    outcome: Outcome
    expected: str
    observed: str
    reading: str | None = None


class Party(StrEnum):
    """Who did what an entry of a conversation tells."""

    TARGET = "target"
    PEER = "peer"
    LAB = "lab"


class Kind(StrEnum):
    """What an entry of a conversation is."""

    OPEN = "open"
    LINE = "line"  # one protocol line, without CRLF, non-printables escaped
    DATA = "data"  # message content, dot-unstuffed
    RAW = "raw"  # octets that are no lines (garbled handshakes)
    TLS = "tls"  # facts of a TLS session, or why there is none
    DNS = "dns"  # an answer that the resolver gave
    NOTE = "note"
    CLOSE = "close"


@dataclass(frozen=True)
class Entry:
    """One thing that happened.  `at` is seconds since the case began; `text` is printable,
    bounded, escaped (see `mailassay.peers.transcript.printable`); `size` is the octets before
    any cut."""

    at: float
    party: Party
    kind: Kind
    text: str
    size: int = 0


@dataclass
class Conversation:
    """All that crossed one connection, in order.

    `hop` says which side of the target it is on: "submission" (towards the target), "next hop"
    (target to an MX of the destination), "return hop" (target to the sender's MX), "witness".
    `name` is the host name of the peer; `address` is "127.x.y.z:port".
    """

    hop: str
    name: str
    address: str
    entries: list[Entry] = field(default_factory=list)


@dataclass
class CaseResult:
    """What became of one case on one target."""

    name: str
    title: str
    description: str
    roles: tuple[Role, ...]
    requirements: tuple[str, ...]
    verdict: Verdict
    reason: str
    seconds: float
    checks: list[Check] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """The finding for one requirement on one target."""

    requirement: str
    status: Status
    reason: str
    cases: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass
class TargetResult:
    """One target, judged under one edition.  `logs` are what it wrote itself, printable."""

    target: str
    title: str
    version: str
    edition: Edition
    roles: tuple[Role, ...]
    options: tuple[str, ...]
    seconds: float
    cases: list[CaseResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """An entry of a baseline (`mailassay.baseline`).  `observed` is a part of what the case
    observes, the same in every run."""

    target: str
    edition: Edition
    case: str
    requirement: str
    finding: Status
    observed: str
    reason: str
    link: str
    version: str
    expires: datetime.date

    @property
    def key(self) -> tuple[str, ...]:
        return (self.target, str(self.edition), self.case, self.requirement)


@dataclass(frozen=True)
class Broken:
    """A clause that a case found broken on a target."""

    target: str
    edition: Edition
    version: str
    case: str
    requirement: str
    finding: Status
    observed: str

    @property
    def key(self) -> tuple[str, ...]:
        return (self.target, str(self.edition), self.case, self.requirement)


class Staleness(StrEnum):
    """What makes an entry of a baseline stale."""

    EXPIRED = "expired"
    FIXED = "fixed"  # what it says is not seen any more
    VERSION = "other version"
    NOT_APPLICABLE = "not applicable"
    UNKNOWN = "unknown"  # it names what is not there


@dataclass(frozen=True)
class Stale:
    """An entry that is not right any more, and why."""

    entry: Known
    kind: Staleness
    why: str


@dataclass(frozen=True)
class Comparison:
    """A run held against a baseline, whose file's name is `baseline`."""

    baseline: str
    known: tuple[tuple[Known, Broken], ...] = ()
    regressions: tuple[Broken, ...] = ()
    stale: tuple[Stale, ...] = ()

    @cached_property
    def covered(self) -> frozenset[tuple[str, ...]]:
        """The cases (target, edition, name) in which all that is broken is known."""
        wrong = {b.key[:3] for b in self.regressions}
        return frozenset(b.key[:3] for _, b in self.known if b.key[:3] not in wrong)

    def covers(self, target: TargetResult, case: CaseResult) -> bool:
        """All that the case found broken on the target is known."""
        return (target.target, str(target.edition), case.name) in self.covered


@dataclass(frozen=True)
class Unavailable:
    """A target that could not be had, why, and what it would have been asked about."""

    target: str
    reason: str
    mechanisms: tuple[Mechanism, ...] = tuple(Mechanism)


@dataclass
class RunResult:
    """A whole run: what `report.json` holds."""

    program: str
    program_version: str
    started: str
    seconds: float
    peak_memory_kib: int
    exit_code: int
    outcome: str
    filters: tuple[str, ...]
    targets: list[TargetResult] = field(default_factory=list)
    baseline: Comparison | None = None
    unavailable: list[Unavailable] = field(default_factory=list)
