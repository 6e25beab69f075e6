"""What a target is: the strict reading of interop/targets/NAME.toml.

An unknown key, a wrong type or a missing key ends in one line that names file, key and what was
expected.  Nothing in a target file is executed but the command lines that it gives.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from mailassay.targets.declaration import Declaration
from mailassay.verdicts import Edition, Role
from mailassay.world import Store

# Options that a declaration may claim; cases name them in `needs`.
OPTIONS = {
    "dane": "authenticates next hops by DANE, and holds ordinary mail to a domain's DANE policy",
    "mta-sts": "fetches and honours MTA-STS policies",
    "pkix-with-dnssec": "takes a signed MX record and a trusted certificate, without any TLSA",
    "submits-required": "as a submitting client, can be asked to submit with REQUIRETLS",
    "submits-optional": "as a submitting client, can be asked to put the header field in",
    "alias": "expands the alias that the target file sets up",
    "list": "keeps the mailing list that the target file sets up; what a member does not get is "
    "reported to the list's owner",
    "moderated-list": "keeps a list whose owner is shown every post and asked for approval",
    "vacation": "answers mail to an absent user, and hands it on to a deputy",
    "forward-with-requiretls": "forwards a user's mail to known addresses, asking for REQUIRETLS",
    "retries-soon": "tries deferred mail again within seconds, as its file configures it",
    "tells-fields": "as a verifier, answers with the signed fields that it shows",
    "tells-warnings": "as a verifier, answers with the warnings that it shows",
    "tells-flags": "as an authority, answers with the faults of names that it flags",
    "signs-around": "as an authority, signs around envelopes, and answers with what such "
    "signatures are worth",
    "by-smtp": "is reached by SMTP: of what that does not carry it is not asked",
    "slow": "takes tenths of a second for a message; as an unaware verifier, is asked few vectors",
    "wraps": "as a verifier, judges a signature within a signature",
    "wraps-twice": "as a signer, signs by either part of a policy for triple wrapping",
    "opens": "as a verifier, opens an envelope with the key it is given and verifies what is in it",
    "tells-addresses": "as a verifier, answers whether the certificate is the sender's",
    "settles-at-once": "settles in seconds what becomes of a message, as its file configures it",
    "takes-parameters": "as a processor, takes XOPESBYPASS and passes it on",
    "rewrites-addresses": "as a processor, gives addresses another form by itself",
    "allow-list": "as a processor, lets mail of listed pairs through without services",
    "quarantines": "as a processor, holds what a service refuses, where it is told to",
    "states-itself": "as a processor, says who answers for it and what becomes of mail",
    "takes-all-for-military": "as a gateway to X.400, can be set up to take all for military",
    "refuses": "as a callout service, refuses the message of the table callout",
    "writes-results": "as a callout service, writes Authentication-Results for mail from outside",
}


REFUSES = "refuses"

# A package whose version leaves no choice.
PINNED = re.compile(r"(@[a-z0-9._-]+/)?[A-Za-z0-9][A-Za-z0-9._-]*@[0-9]+(\.[0-9]+){2}[a-z0-9.-]*")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Roles that are asked by the shim protocol.
ROLES_OF_SHIMS = (
    Role.SIGNER, Role.VERIFIER, Role.UNAWARE_VERIFIER, Role.GATEWAY, Role.SIGNING_GATEWAY,
    Role.ENCRYPTING_DCA,
    Role.DECRYPTING_DCA, Role.PROCESSOR, Role.REPORT_MAKER, Role.X400_GATEWAY,
    Role.RELEASE_SUBMISSION_SERVER, Role.RELEASING_AGENT, Role.BORDER_MTA,
    Role.RELEASE_DELIVERY_AGENT, Role.RELEASE_RECIPIENT,
)


class TargetError(Exception):
    """A target file is not what it should be."""


class Reach(StrEnum):
    """How a target is had."""

    PROCESS = "process"  # a program of this machine
    SHIM = "shim"  # a program that speaks the shim protocol (interop/shims/README.md)
    ROOTFS = "rootfs"  # a program in a root file system of another Debian release
    MILTER = "milter"  # a program of this machine that an MTA asks by the milter protocol


class Manner(StrEnum):
    """How a submitting client is asked to submit a message."""

    ORDINARY = "ordinary"
    REQUIRED = "required"  # with REQUIRETLS
    OPTIONAL = "optional"  # with the header field that says that TLS is not required


# The options that claim a manner.
CLAIMS = {Manner.REQUIRED: "submits-required", Manner.OPTIONAL: "submits-optional"}


@dataclass(frozen=True)
class RootfsRecipe:
    """What a root file system is made of."""

    suite: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class NpmRecipe:
    """Packages of the npm registry, as name@version; what they depend on is of before that day."""

    packages: tuple[str, ...]
    before: str  # YYYY-MM-DD


@dataclass(frozen=True)
class Target:
    """An implementation under test.  `files` maps paths to templates; in them, and in the
    commands, ${placeholder} stands for what the lab gives (`PLACEHOLDERS`).

    `command` starts a server; it is empty for what only submits.  `submit` has the commands by
    which a client submits the message on its standard input.  `socket` is where a milter listens,
    and `refused` a message (with LF) that it is set up to refuse.  A shim starts servers in a root
    file system of its own (`rootfs`), or in that of the target that `rootfs_of` names."""

    name: str
    title: str
    homepage: str
    reach: Reach
    version_command: tuple[str, ...]
    command: tuple[str, ...]
    declaration: Declaration
    files: Mapping[str, str]
    logs: tuple[str, ...]
    greeting_seconds: int = 30
    rootfs: RootfsRecipe | None = None
    npm: NpmRecipe | None = None
    rootfs_of: str = ""
    submit: Mapping[Manner, tuple[str, ...]] = field(default_factory=dict)
    socket: str = ""
    refused: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """All command lines that the file gives."""
        return (self.version_command, self.command, *self.submit.values())

    def described(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "name": self.name,
            "title": self.title,
            "homepage": self.homepage,
            "reach": self.reach,
            "editions": list(self.declaration.editions),
            "roles": list(self.declaration.roles),
            "options": list(self.declaration.options),
        }


class _Table:
    """A TOML table that is read once, key by key; what is left over is an error."""

    def __init__(self, file: str, where: str, told: Any) -> None:
        if not isinstance(told, dict):
            raise TargetError(f"{file}: {where} should be a table")
        self._file = file
        self._where = where
        self._left = dict(told)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._left.pop(key, default)
        if not isinstance(value, str):
            raise TargetError(f"{self._name(key)} should be a string{self._lack(value)}")
        return value

    def seconds(self, key: str, default: int) -> int:
        value = self._left.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 600:
            raise TargetError(f"{self._name(key)} should be a number of seconds from 1 to 600")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._left.pop(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise TargetError(f"{self._name(key)} should be a list of strings{self._lack(value)}")
        return tuple(value)

    def choices(self, key: str, known: type[StrEnum]) -> tuple[Any, ...]:
        return tuple(self._one_of(key, v, [str(k) for k in known], known) for v in self.texts(key))

    def options(self, key: str) -> tuple[str, ...]:
        return tuple(self._one_of(key, v, list(OPTIONS), str) for v in self.texts(key, ()))

    def one(self, key: str, known: type[StrEnum]) -> Any:
        return self._one_of(key, self.text(key), [str(k) for k in known], known)

    def _one_of(self, key: str, value: str, known: list[str], make: Any) -> Any:
        if value not in known:
            raise TargetError(f"{self._name(key)}: '{value}' is none of {', '.join(known)}")
        return make(value)

    def table(self, key: str, optional: bool = False) -> _Table:
        if key not in self._left and not optional:
            raise TargetError(f"{self._name(key)} is missing; it should be a table")
        return _Table(self._file, self._name(key).split(": ", 1)[1], self._left.pop(key, {}))

    def has(self, key: str) -> bool:
        return key in self._left

    def all_texts(self) -> dict[str, str]:
        return {key: self.text(key) for key in list(self._left)}

    def done(self) -> None:
        if self._left:
            raise TargetError(f"{self._name(sorted(self._left)[0])} is not a known key")

    def _name(self, key: str) -> str:
        return f"{self._file}: {self._where + '.' if self._where else ''}{key}"

    @staticmethod
    def _lack(value: Any) -> str:
        return " and is missing" if value is None else f", not {type(value).__name__}"


def load(file: Path) -> Target:
    """Reads one target file."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TargetError(f"{file}: there is no such file") from None
    except RecursionError:
        raise TargetError(f"{file.name}: its values are nested too deeply") from None
    except (OSError, ValueError) as problem:  # bad UTF-8, bad TOML, a number of 5000 digits
        raise TargetError(f"{file.name}: {problem}") from None
    table = _Table(file.name, "", told)
    target = _read(table, file)
    _refuse_unknown_placeholders(target, file.name)
    _refuse_unfounded_claims(target, file.name)
    return target


def load_all(folder: Path) -> list[Target]:
    """Every target of the folder, by name."""
    return [load(file) for file in sorted(folder.glob("*.toml"))]


def _read(table: _Table, file: Path) -> Target:
    name = table.text("name")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or name != file.stem:
        raise TargetError(f"{file.name}: name should be '{file.stem}', in lower case")
    declare = table.table("declare")
    declaration = Declaration(
        editions=declare.choices("editions", Edition),
        roles=declare.choices("roles", Role),
        options=declare.options("options"),
    )
    declare.done()
    reach = table.table("reach")
    kind: Reach = reach.one("kind", Reach)
    rootfs = None
    npm = None
    if kind is Reach.ROOTFS or (kind is Reach.SHIM and reach.has("suite")):
        rootfs = RootfsRecipe(reach.text("suite"), reach.texts("packages"))
    elif reach.has("npm"):
        npm = _read_npm(reach, file.name)
    lodging = reach.text("rootfs_of", "") if kind is Reach.SHIM and rootfs is None else ""
    submit = _read_submit(table.table("submit")) if table.has("submit") else {}
    callout = table.table("callout", optional=True)
    refused = callout.text("refused", "")
    callout.done()
    target = Target(
        name=name,
        title=table.text("title"),
        homepage=table.text("homepage", ""),
        reach=kind,
        version_command=reach.texts("version"),
        command=reach.texts("command", () if submit else None),
        declaration=declaration,
        files=table.table("files", optional=True).all_texts(),
        logs=reach.texts("logs", ()),
        greeting_seconds=reach.seconds("greeting_seconds", 30),
        rootfs=rootfs,
        npm=npm,
        rootfs_of=lodging,
        submit=submit,
        socket=reach.text("socket") if kind is Reach.MILTER else "",
        refused=refused,
        notes=table.table("notes", optional=True).all_texts(),
    )
    reach.done()
    table.done()
    return target


def _read_submit(table: _Table) -> dict[Manner, tuple[str, ...]]:
    wanted = [m for m in Manner if m is Manner.ORDINARY or table.has(m)]
    commands = {m: table.texts(m) for m in wanted}
    table.done()
    return commands


def _refuse_unfounded_claims(target: Target, file: str) -> None:
    """What a target claims as a client has a command, and what it has a command for is claimed."""
    declared = target.declaration
    if set(declared.roles).issubset(ROLES_OF_SHIMS) is not (target.reach is Reach.SHIM):
        raise TargetError(
            f"{file}: roles of Secure Headers and of Draft and Release, processor and report-maker "
            "go with reach.kind = 'shim'"
        )
    if (declared.roles == (Role.CALLOUT_SERVICE,)) is not (target.reach is Reach.MILTER):
        raise TargetError(f"{file}: the role callout-service goes with reach.kind = 'milter'")
    if (REFUSES in declared.options) is not bool(target.refused):
        raise TargetError(f"{file}: the option {REFUSES} goes with callout.refused")
    if (Role.SUBMITTING_CLIENT in declared.roles) is not bool(target.submit):
        raise TargetError(f"{file}: the role submitting-client goes with the table submit")
    for manner, option in CLAIMS.items():
        if (option in declared.options) is not (manner in target.submit):
            raise TargetError(f"{file}: the option {option} goes with submit.{manner}")
    if not target.command and declared.roles != (Role.SUBMITTING_CLIENT,):
        raise TargetError(f"{file}: reach.command is missing; only a client alone needs none")


def _read_npm(reach: _Table, file: str) -> NpmRecipe:
    recipe = NpmRecipe(reach.texts("npm"), reach.text("npm_before"))
    for package in recipe.packages:
        if not PINNED.fullmatch(package):
            raise TargetError(f"{file}: reach.npm: '{package}' is not name@version, as in a@1.2.3")
    if not recipe.packages or not DAY.fullmatch(recipe.before):
        raise TargetError(f"{file}: reach.npm should name a package, and npm_before a YYYY-MM-DD")
    return recipe


# What the lab and the launcher give; a target file may name nothing else.
PLACEHOLDERS = frozenset(
    (
        "address",
        "alias_address",
        "forward_address",
        "forward_unaware_address",
        "list_address",
        "list_owner",
        "member_fit",
        "member_plain",
        "member_unaware",
        "milters",
        "moderated_address",
        "vacation_address",
        *(f"store_{s.name.lower()}" for s in Store),
        *(f"store_{s.name.lower()}_address" for s in Store),
        "ca_file",
        "certificate_file",
        "deviants",
        "dir",
        "dkim_key_file",
        "dkim_record",
        "dkim_strings",
        "edition",
        "hostname",
        "key_file",
        "lmtp_port",
        "npm",
        "password",
        "port",
        "program",
        "resolver",
        "rootfs",
        "shims",
        "submission_port",
        "trust_anchor_file",
        "user",
    )
)


# What is known when a message is submitted: for the commands of the table `submit` alone.
OF_A_SUBMISSION = frozenset(("recipient", "sender", "server", "server_port"))

PLACEHOLDER = re.compile(r"\$\{([a-z_]+)\}")


def fill(template: str, settings: Mapping[str, str]) -> str:
    """The template with every ${name} replaced.  A lone $ stays what it is."""
    return PLACEHOLDER.sub(lambda match: settings[match[1]], template)


def _refuse_unknown_placeholders(target: Target, file: str) -> None:
    templates = {f"files.{k}": v for k, v in target.files.items()}
    templates |= {f"reach.command[{i}]": v for i, v in enumerate(target.command)}
    templates |= {f"reach.version[{i}]": v for i, v in enumerate(target.version_command)}
    templates |= {f"reach.logs[{i}]": v for i, v in enumerate(target.logs)}
    templates["reach.socket"] = target.socket
    submits = {f"submit.{m}[{i}]": v for m, c in target.submit.items() for i, v in enumerate(c)}
    for where, text in (templates | submits).items():
        known = PLACEHOLDERS | OF_A_SUBMISSION if where in submits else PLACEHOLDERS
        for match in PLACEHOLDER.finditer(text):
            if match[1] not in known:
                raise TargetError(f"{file}: {where} names the unknown placeholder '{match[1]}'")
            if match[1] == "npm" and target.npm is None:
                raise TargetError(f"{file}: {where} names npm, but there is no reach.npm")
            if match[1] == "rootfs" and not target.rootfs_of and target.rootfs is None:
                raise TargetError(
                    f"{file}: {where} names rootfs, but there is no reach.suite or reach.rootfs_of"
                )
