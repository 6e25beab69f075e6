"""MAIL and RCPT commands, read leniently: what should not have been said must be seen as well."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A path in brackets, in which a quoted local part may hold a bracket; or a bare word.
ENVELOPE_COMMAND = re.compile(
    r"(?:MAIL +FROM|RCPT +TO): *(?:<((?:\"(?:\\.|[^\"\\])*\"|[^\">])*)>|([^ <>]+))(?: +(.*))?$",
    re.IGNORECASE | re.DOTALL,
)

Parameters = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Envelope:
    """A MAIL or RCPT command.  The path stands without its brackets; the parameters keep their
    order and their spelling."""

    path: str
    parameters: Parameters
    in_tls: bool

    @property
    def has_requiretls(self) -> bool:
        """It carries the parameter, whatever its value."""
        return "REQUIRETLS" in (keyword.upper() for keyword, _ in self.parameters)


def parse_envelope(text: str, in_tls: bool) -> Envelope | None:
    """A MAIL or RCPT command, read leniently; None when it holds no path."""
    match = ENVELOPE_COMMAND.match(text)
    if match is None:
        return None
    parameters = []
    for word in (match[3] or "").split():
        keyword, equals, value = word.partition("=")
        parameters.append((keyword, value if equals else None))
    path = match[1] if match[1] is not None else match[2]
    return Envelope(path, tuple(parameters), in_tls)
