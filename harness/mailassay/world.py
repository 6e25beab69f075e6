"""What a case declares of the world around the target: domains, hosts, certificates, faults.

The lab turns all declarations of a run into zones, certificates and listening peers before the
target starts.  Every default is correct behaviour, so a case names only what is wrong in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum


class Zone(StrEnum):
    """In which zone of the lab a domain lies; the value is the zone's name."""

    SIGNED = "signed.example"  # validates from the lab's trust anchor
    UNSIGNED = "unsigned.example"  # no DNSSEC
    BOGUS = "bogus.example"  # anchored, the signatures do not verify
    EXPIRED = "expired.example"  # anchored, the signatures ran out
    MISSING = "missing.example"  # no such zone: NXDOMAIN


class Certificate(StrEnum):
    """What a host presents."""

    TRUSTED = "trusted"  # by the lab's authority, for the host's name
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    MISNAMED = "misnamed"  # trusted, but for another name
    SELF_SIGNED = "self-signed"
    UNKNOWN_AUTHORITY = "unknown-authority"
    REVOKED = "revoked"
    WEAK = "weak"  # RSA 1024
    COMMON_NAME_ONLY = "common-name-only"  # right CN, no subjectAltName
    WILDCARD = "wildcard"  # *.<parent of the host>


class Tlsa(StrEnum):
    """The TLSA RRset at _25._tcp.<host>."""

    NONE = "none"
    MATCHING = "matching"  # 3 1 1 of the host's own key
    MISMATCHING = "mismatching"  # 3 1 1 of another key
    ANCHOR = "anchor"  # 2 0 1 of the lab's authority
    UNUSABLE = "unusable"  # only records with unknown parameters
    BROKEN = "broken"  # the RRset's signature does not verify
    ALIASED = "aliased"  # a CNAME that leads to the matching record


class Alias(StrEnum):
    """Whether the MX record names the host itself, or, as it should not, an alias of it."""

    NONE = "none"
    OF_HOST = "of-host"  # alias-<label>.<domain>, a CNAME of the host


class Starttls(StrEnum):
    """How a host treats STARTTLS."""

    OFFERED = "offered"
    ABSENT = "absent"  # not in the EHLO reply; 502 if tried
    STRUCK = "struck"  # an attacker on the wire put XXXXXXXX in the place of STARTTLS
    REFUSED_TEMPORARILY = "refused-454"
    REFUSED_PERMANENTLY = "refused-554"
    GARBLED = "garbled"  # 220, then octets that are no TLS
    CLOSED = "closed"  # 220, then the connection closes
    HANDSHAKE_ALERT = "alert"  # 220, then a fatal TLS alert
    INJECTING = "injecting"  # 220 and plaintext replies behind it in the same segment


class Requiretls(StrEnum):
    """When a host lists REQUIRETLS in its EHLO reply."""

    IN_TLS = "in-tls"
    NEVER = "never"
    ONLY_IN_PLAINTEXT = "only-in-plaintext"
    ALWAYS = "always"
    RESEMBLED = "resembled"  # in TLS: keywords that hold the word, and the word as an argument


class MxKind(StrEnum):
    """How the domain's mail servers are found."""

    MX = "mx"
    ADDRESS = "address"  # no MX record: the domain's own address record
    NULL = "null"  # RFC 7505
    NO_SUCH_DOMAIN = "no-such-domain"


class Service(StrEnum):
    """What a host is there for."""

    RELAY = "relay"  # a next hop, on port 25
    SUBMISSION = "submission"  # takes mail from users, who may log in, on port 587
    LMTP = "lmtp"  # keeps mail, and takes it by LMTP on port 24

    @property
    def port(self) -> int:
        return {Service.RELAY: 25, Service.SUBMISSION: 587, Service.LMTP: 24}[self]


@dataclass(frozen=True)
class Answer:
    """A reply that a fault puts in the place of the normal one."""

    code: int
    text: str


class Cut(StrEnum):
    """Where a host cuts the connection, without a word and with nothing resembling a reply."""

    NOWHERE = "nowhere"
    AT_MAIL = "at-mail"  # in the place of the reply to MAIL
    IN_CONTENT = "in-content"  # after the first octets behind its 354


@dataclass(frozen=True)
class Faults:
    """What a host does wrong; the defaults are a correct host.

    In LMTP, where every recipient has a reply of its own, `end_of_data` is for all behind the
    first."""

    starttls: Starttls = Starttls.OFFERED
    requiretls: Requiretls = Requiretls.IN_TLS
    listening: bool = True
    greeting: Answer | None = None
    ehlo_in_tls: Answer | None = None  # HELO is taken all the same
    mail: Answer | None = None
    mail_in_plaintext: Answer | None = None
    mail_with_requiretls: Answer | None = None
    rcpt: Answer | None = None
    data: Answer | None = None
    end_of_data: Answer | None = None
    maximum_tls: str | None = None  # "TLSv1", "TLSv1.1", "TLSv1.2"
    cut: Cut = Cut.NOWHERE


@dataclass(frozen=True)
class Later:
    """What becomes of a host in the midst of a case.

    It turns when a client has got as far as MAIL, before that MAIL is answered; or, with
    `when_told`, when the case says so.  Sessions that are open then go on as they began.  What is
    None stays as it was."""

    faults: Faults = Faults()
    certificate: Certificate | None = None
    tlsa: Tlsa | None = None
    when_told: bool = False


@dataclass(frozen=True)
class Host:
    """A mail server of a domain.  Its name is <label>.<domain>."""

    label: str = "mx1"
    preference: int = 10
    certificate: Certificate = Certificate.TRUSTED
    tlsa: Tlsa = Tlsa.MATCHING
    alias: Alias = Alias.NONE
    faults: Faults = field(default_factory=Faults)
    later: Later | None = None
    service: Service = Service.RELAY


class StsMode(StrEnum):
    """The mode of a published policy."""

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True)
class StsPolicy:
    """A published MTA-STS policy.  `mx` are patterns; "{domain}" stands for the domain's name.
    `body` replaces the whole policy text when it is set."""

    mode: StsMode = StsMode.ENFORCE
    mx: tuple[str, ...] = ("mx1.{domain}",)
    max_age: int = 86400
    certificate: Certificate = Certificate.TRUSTED
    status: int = 200
    content_type: str = "text/plain"
    body: str | None = None


@dataclass(frozen=True)
class Domain:
    """A mail domain: <label>.<slug of the case>.<zone>."""

    label: str = "to"
    zone: Zone = Zone.SIGNED
    hosts: tuple[Host, ...] = (Host(),)
    kind: MxKind = MxKind.MX
    mta_sts: StsPolicy | None = None


SENDER = Domain(label="from")


@dataclass(frozen=True)
class World:
    """All domains of a case.  `destinations[0]` is where a case sends by default; `sender` is
    the reverse-path's domain, whose hosts collect the bounces.

    What a target's file sets up (lists, stores) is there before any case, so it leads to domains
    that belong to no case: with `standing` those are in the place of the case's own."""

    destinations: tuple[Domain, ...] = (Domain(),)
    sender: Domain = SENDER
    standing: Standing | None = None


class Standing(StrEnum):
    """The worlds that a target's file leads to; the value is the slug."""

    MEMBERS = "members"  # where its mediators send to, in the order of `Member`
    STORES = "stores"  # servers that it hands mail to by LMTP, in the order of `Store`


class Member(IntEnum):
    """The domains of the members, by their number."""

    FIT = 0
    UNAWARE = 1  # good but for REQUIRETLS: ordinary mail reaches it
    PLAIN = 2  # no STARTTLS, although its TLSA record demands TLS: only the field leads there
    OWNER = 3  # the mailing lists' owner; as fit as the first


# Perfect, and of no case: a next hop, and a server that takes mail from users.
CONTROL = World(
    destinations=(
        Domain(),
        Domain(label="submission", hosts=(Host(service=Service.SUBMISSION),)),
    )
)


class Store(IntEnum):
    """The domains of the stores, by their number."""

    FIT = 0
    UNAWARE = 1  # good but for REQUIRETLS
    PLAIN = 2  # no STARTTLS
    STRANGE = 3  # its certificate is of an authority that the target does not trust
    FULL = 4  # takes a message for the first recipient only


def _store(label: str, host: Host) -> Domain:
    return Domain(label=label, hosts=(replace(host, service=Service.LMTP, tlsa=Tlsa.NONE),))


STANDING = {
    Standing.MEMBERS: World(
        destinations=(
            Domain(label="fit"),
            Domain(label="unaware", hosts=(Host(faults=Faults(requiretls=Requiretls.NEVER)),)),
            Domain(label="plain", hosts=(Host(faults=Faults(starttls=Starttls.ABSENT)),)),
            Domain(label="owner"),
        )
    ),
    Standing.STORES: World(
        destinations=(
            _store("fit", Host()),
            _store("unaware", Host(faults=Faults(requiretls=Requiretls.NEVER))),
            _store("plain", Host(faults=Faults(starttls=Starttls.ABSENT))),
            _store("strange", Host(certificate=Certificate.UNKNOWN_AUTHORITY)),
            _store("full", Host(faults=Faults(end_of_data=Answer(552, "5.2.2 Mailbox full")))),
        )
    ),
}
