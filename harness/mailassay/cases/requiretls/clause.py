"""Names for the clauses of the catalogue that the cases cite.

The ids are those of RFC 8689; those of the draft alone stand at the end.  Under the edition
`draft` an id is translated to the draft's own by the catalogue's `same_as`.
"""

from __future__ import annotations

from mailassay.verdicts import Edition

KEYWORD = "rfc8689/2/1"
NO_VALUE = "rfc8689/2/2"
LINE_LENGTH = "rfc8689/2/3"
VALID_FOR = "rfc8689/2/4"
PARAMETER_SYNTAX = "rfc8689/2/5"
PARAMETER_PER_MESSAGE = "rfc8689/2/6"
ONLY_IN_SUCH_SESSIONS = "rfc8689/2/7"
SESSION_EMPLOYS_TLS = "rfc8689/2/8"
MX_VALIDATED = "rfc8689/2/9"
CERTIFICATE_VERIFIED = "rfc8689/2/10"
PEER_OFFERS_REQUIRETLS = "rfc8689/2/11"
SERVER_ADVERTISES = "rfc8689/2/12"
FIELD_VALUE = "rfc8689/3/1"
OPTIONAL_SENT = "rfc8689/3/2"
OPTIONAL_TRIES_STARTTLS = "rfc8689/3/3"
FIELD_ONCE = "rfc8689/3/4"
FIELD_SYNTAX = "rfc8689/3/5"
TAG = "rfc8689/4.1/1"
TAG_BY_FIELD = "rfc8689/4.1/2"
PARAMETER_BEATS_FIELD = "rfc8689/4.1/3"
FIELD_MAY_GO_ON = "rfc8689/4.1/4"
ALIASES_ALIKE = "rfc8689/4.1/5"
LOOK_UP = "rfc8689/4.2.1/1"
STS_WHEN_UNSIGNED = "rfc8689/4.2.1/2"
OPEN_WITH_EHLO = "rfc8689/4.2.1/3"
AUTHENTICATE = "rfc8689/4.2.1/4"
NAME_MATCHES = "rfc8689/4.2.1/5"
CHECK_SECOND_EHLO = "rfc8689/4.2.1/6"
TLS_RECOMMENDATIONS = "rfc8689/4.2.1/7"
QUIT = "rfc8689/4.2.1/8"
EACH_HOST = "rfc8689/4.2.1/9"
OTHER_MAIL_FIRST = "rfc8689/4.2.1/10"
NOT_TRANSMITTED = "rfc8689/4.2.1/11"
NOTIFY = "rfc8689/4.2.1/12"
STATUS_REQUIRETLS = "rfc8689/4.2.1/13"
STATUS_TLS = "rfc8689/4.2.1/14"
TRANSMIT = "rfc8689/4.2.1/15"
OPTIONAL_LOOK_UP = "rfc8689/4.2.2/1"
OPTIONAL_SESSION = "rfc8689/4.2.2/2"
OPTIONAL_NOTIFY = "rfc8689/4.2.2/3"
OPTIONAL_TRAVELS = "rfc8689/4.2.2/4"
SUBMIT_REQUIRED = "rfc8689/4.3/1"
SUBMIT_OPTIONAL = "rfc8689/4.3/2"
SUBMISSION_INTERPRETS = "rfc8689/4.3/3"
SUBMIT_DECISION = "rfc8689/4.3/4"
DELIVERY_GUIDELINES = "rfc8689/4.4/1"
BOUNCE_PROTECTED = "rfc8689/5/1"
BOUNCE_PARAMETER = "rfc8689/5/2"
BOUNCE_HEADERS_ONLY = "rfc8689/5/3"
BOUNCE_RET_FULL = "rfc8689/5/4"
BOUNCE_NULL_PATH = "rfc8689/5/5"
BOUNCE_NOT_DISCARDED = "rfc8689/5/6"
REORIGINATE = "rfc8689/6/1"
REORIGINATE_BY_USER = "rfc8689/6/2"
BASIC_CODE = "rfc8689/7/1"
END_TO_END = "rfc8689/8.3/1"

RET_TRANSFORMED = "draft-require-tls-03/5/5"
LIST_INHERITS = "draft-require-tls-03/6/1"
LIST_WARNING = "draft-require-tls-03/6/2"
LIST_APPLIES = "draft-require-tls-03/6/3"
LIST_ADMINISTRATION = "draft-require-tls-03/6/4"

# The enhanced status code that a clause names.  The draft left one number open.
_CODES = {
    (STATUS_REQUIRETLS, Edition.RFC): "5.7.30",
    (STATUS_REQUIRETLS, Edition.DRAFT): "5.7.x",
    (STATUS_TLS, Edition.RFC): "5.7.10",
    (STATUS_TLS, Edition.DRAFT): "5.7.10",
}


def status_code(clause: str, edition: Edition) -> str:
    """The code that the clause asks for; "x" stands for any number."""
    return _CODES[clause, edition]


def matches(seen: str, code: str) -> bool:
    """Whether a status in a report is the code."""
    return seen.startswith(code[:-1]) if code.endswith("x") else seen == code
