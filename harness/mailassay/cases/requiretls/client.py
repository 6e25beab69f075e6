"""Submitting clients: what a program that hands mail in gives, and to whom it gives nothing.

Each case lets the target submit a message to a scripted submission server.  The security properties
of section 2 bind the parameter: where one is missing it may not be given, and by section 4.3 a
message for which it was asked does not go without it.
"""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.submitting import HandedIn
from mailassay.targets.model import CLAIMS, Manner
from mailassay.trial import Trial
from mailassay.verdicts import Role
from mailassay.world import (
    Answer,
    Certificate,
    Cut,
    Domain,
    Faults,
    Host,
    Requiretls,
    Service,
    Starttls,
    World,
)

CLIENT = (Role.SUBMITTING_CLIENT,)
ASKS_FOR_IT = (CLAIMS[Manner.REQUIRED],)
PUTS_THE_FIELD = (CLAIMS[Manner.OPTIONAL],)
HELD_BACK = (clause.SUBMIT_REQUIRED, clause.ONLY_IN_SUCH_SESSIONS)


def server(certificate: Certificate = Certificate.TRUSTED, faults: Faults = Faults()) -> World:
    """One submission server."""
    host = Host("submit", certificate=certificate, faults=faults, service=Service.SUBMISSION)
    return World(destinations=(Domain(hosts=(host,)),))


def never_omitted(t: Trial, done: HandedIn) -> None:
    """What had to go with the parameter did not go, or try to go, without it."""
    t.check(
        clause.SUBMIT_REQUIRED,
        not done.omitted_requiretls,
        expected="no MAIL without REQUIRETLS",
        observed=done.story(),
    )


async def kept_back(t: Trial, *properties: str) -> None:
    """Asked for REQUIRETLS where these properties are missing, the client neither gives the
    parameter nor goes without it.  How it tells its user is its own affair."""
    done = await t.hand_in(Manner.REQUIRED)
    never_omitted(t, done)
    for requirement in (clause.ONLY_IN_SUCH_SESSIONS, *properties):
        t.check(
            requirement,
            not done.gave_requiretls,
            expected="no MAIL with REQUIRETLS in such a session",
            observed=done.story(),
        )


def given(t: Trial, done: HandedIn) -> None:
    """The message went, with the parameter, and nothing of it in plaintext."""
    t.check(
        clause.SUBMIT_REQUIRED,
        bool(done.deliveries) and done.gave_requiretls and not done.omitted_requiretls,
        expected="submitted with REQUIRETLS on MAIL",
        observed=done.story(),
    )
    t.check_if_declared(
        clause.SESSION_EMPLOYS_TLS,
        not any(a.envelope_in_plaintext or a.content_in_plaintext for a in done.attempts),
        expected="no MAIL, RCPT or message in plaintext",
        observed=done.story(),
    )


@case(
    "requiretls/client/parameter-is-given",
    roles=CLIENT,
    requirements=(clause.SUBMIT_REQUIRED, clause.SESSION_EMPLOYS_TLS, clause.NO_VALUE),
    needs=ASKS_FOR_IT,
    world=server(),
)
async def parameter_is_given(t: Trial) -> None:
    """Asked for REQUIRETLS, the client gives it on MAIL, in TLS and without a value."""
    done = await t.hand_in(Manner.REQUIRED)
    given(t, done)
    values = [
        value
        for d in done.deliveries
        for keyword, value in d.mail_parameters
        if keyword.upper() == "REQUIRETLS"
    ]
    t.check(
        clause.NO_VALUE,
        all(value is None for value in values),
        expected="the parameter without a value",
        observed=f"values {values}" if any(values) else "no value",
    )


@case(
    "requiretls/client/parameter-despite-the-field",
    roles=CLIENT,
    requirements=(clause.SUBMIT_REQUIRED,),
    needs=ASKS_FOR_IT,
    world=server(),
)
async def parameter_despite_the_field(t: Trial) -> None:
    """Asked for REQUIRETLS for a message whose header says the contrary, the client gives it."""
    given(t, await t.hand_in(Manner.REQUIRED, fields=(t.optional_field(),)))


@case(
    "requiretls/client/keyword-not-offered",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(requiretls=Requiretls.NEVER)),
)
async def keyword_not_offered(t: Trial) -> None:
    """The server does not offer REQUIRETLS: the message does not go as ordinary mail."""
    await kept_back(t, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/client/keyword-gone-in-tls",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(requiretls=Requiretls.ONLY_IN_PLAINTEXT)),
)
async def keyword_gone_in_tls(t: Trial) -> None:
    """REQUIRETLS stands before STARTTLS and not after it: only the second EHLO counts."""
    await kept_back(t, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/client/keyword-resembled",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(requiretls=Requiretls.RESEMBLED)),
)
async def keyword_resembled(t: Trial) -> None:
    """X-REQUIRETLS and REQUIRETLS-NOT are other keywords, and an argument is none.

    A keyword is the whole first word of a line in the reply to EHLO (RFC 5321 section 4.1.1.1)."""
    await kept_back(t, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/client/helo-only-in-tls",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS),
    needs=ASKS_FOR_IT,
    world=server(
        faults=Faults(requiretls=Requiretls.ALWAYS, ehlo_in_tls=Answer(502, "5.5.1 Only HELO"))
    ),
)
async def helo_only_in_tls(t: Trial) -> None:
    """Inside TLS the server knows HELO only, which offers nothing; its first EHLO is forgotten."""
    await kept_back(t, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/client/keyword-injected",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(starttls=Starttls.INJECTING, requiretls=Requiretls.NEVER)),
)
async def keyword_injected(t: Trial) -> None:
    """An EHLO reply with REQUIRETLS behind the 220 to STARTTLS, in plaintext, counts for nothing.

    To hang up at such a reply is right as well."""
    await kept_back(t, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/client/server-without-starttls",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(starttls=Starttls.ABSENT, requiretls=Requiretls.ALWAYS)),
)
async def server_without_starttls(t: Trial) -> None:
    """The server offers REQUIRETLS and no STARTTLS: nothing is submitted."""
    await kept_back(t, clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/client/starttls-struck-out",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(starttls=Starttls.STRUCK, requiretls=Requiretls.ALWAYS)),
)
async def submission_starttls_struck(t: Trial) -> None:
    """Somebody on the wire struck STARTTLS out of the EHLO reply: nothing is submitted."""
    await kept_back(t, clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/client/starttls-not-now",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    needs=ASKS_FOR_IT,
    world=server(
        faults=Faults(starttls=Starttls.REFUSED_TEMPORARILY, requiretls=Requiretls.ALWAYS)
    ),
)
async def starttls_not_now(t: Trial) -> None:
    """STARTTLS is listed and answered 454: nothing is submitted in plaintext."""
    await kept_back(t, clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/client/starttls-never",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    needs=ASKS_FOR_IT,
    world=server(
        faults=Faults(starttls=Starttls.REFUSED_PERMANENTLY, requiretls=Requiretls.ALWAYS)
    ),
)
async def starttls_never(t: Trial) -> None:
    """STARTTLS is listed and answered 554: nothing is submitted in plaintext."""
    await kept_back(t, clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/client/handshake-breaks-off",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(starttls=Starttls.HANDSHAKE_ALERT, requiretls=Requiretls.ALWAYS)),
)
async def submission_handshake_fails(t: Trial) -> None:
    """The handshake fails: the client does not come again in plaintext."""
    await kept_back(t, clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/client/certificate-of-nobody-known",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.CERTIFICATE_VERIFIED),
    needs=ASKS_FOR_IT,
    world=server(Certificate.UNKNOWN_AUTHORITY),
)
async def certificate_of_nobody_known(t: Trial) -> None:
    """The server's certificate is of an authority that the client does not trust."""
    await kept_back(t, clause.CERTIFICATE_VERIFIED)


@case(
    "requiretls/client/certificate-of-another-server",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.CERTIFICATE_VERIFIED),
    needs=ASKS_FOR_IT,
    world=server(Certificate.MISNAMED),
)
async def certificate_of_another_server(t: Trial) -> None:
    """The server's certificate is trusted, and carries another server's name."""
    await kept_back(t, clause.CERTIFICATE_VERIFIED)


@case(
    "requiretls/client/certificate-ran-out",
    roles=CLIENT,
    requirements=(*HELD_BACK, clause.CERTIFICATE_VERIFIED),
    needs=ASKS_FOR_IT,
    world=server(Certificate.EXPIRED),
)
async def certificate_ran_out(t: Trial) -> None:
    """The server's certificate has expired."""
    await kept_back(t, clause.CERTIFICATE_VERIFIED)


@case(
    "requiretls/client/parameter-refused",
    roles=CLIENT,
    requirements=(clause.SUBMIT_REQUIRED,),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(mail_with_requiretls=Answer(555, "5.5.4 Not known here"))),
)
async def parameter_refused(t: Trial) -> None:
    """The server offers REQUIRETLS and refuses it at MAIL: the message does not go without it."""
    never_omitted(t, await t.hand_in(Manner.REQUIRED))


@case(
    "requiretls/client/parameter-refused-for-now",
    roles=CLIENT,
    requirements=(clause.SUBMIT_REQUIRED,),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(mail_with_requiretls=Answer(451, "4.7.0 Not now"))),
)
async def parameter_refused_for_now(t: Trial) -> None:
    """The server refuses the parameter for now: the message does not go without it."""
    never_omitted(t, await t.hand_in(Manner.REQUIRED))


@case(
    "requiretls/client/broken-off-at-mail",
    roles=CLIENT,
    requirements=(clause.SUBMIT_REQUIRED,),
    needs=ASKS_FOR_IT,
    world=server(faults=Faults(cut=Cut.AT_MAIL)),
)
async def submission_cut_at_mail(t: Trial) -> None:
    """The connection breaks at MAIL: another try, if there is one, has the parameter too."""
    never_omitted(t, await t.hand_in(Manner.REQUIRED))


def judge_field(t: Trial, done: HandedIn, *requirements: str) -> None:
    """The message went, with the header field once, and with its one value."""
    if not done.deliveries:
        t.inconclusive(f"the message was not submitted: {done.story()}")
        return
    header = done.deliveries[0].content.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b" ")
    name = f"{t.field_name}:".lower().encode()
    found = [x for x in header.split(b"\r\n") if x.lower().startswith(name)]
    values = [x[len(name):].strip().lower() for x in found]
    observed = ", ".join(x.decode("utf-8", "backslashreplace") for x in found) or "no such field"
    held = {
        clause.SUBMIT_OPTIONAL: values[:1] == [b"no"],
        clause.FIELD_VALUE: all(v == b"no" for v in values),
        clause.FIELD_ONCE: len(found) <= 1,
    }
    for requirement in requirements:
        t.check(
            requirement,
            held[requirement],
            expected=f"one field, {t.optional_field()}",
            observed=observed,
        )


@case(
    "requiretls/client/field-is-put",
    roles=CLIENT,
    requirements=(clause.SUBMIT_OPTIONAL, clause.FIELD_VALUE, clause.FIELD_ONCE),
    needs=PUTS_THE_FIELD,
    world=server(),
)
async def field_is_put(t: Trial) -> None:
    """Asked to say that TLS is not required, the client puts the field in, once."""
    done = await t.hand_in(Manner.OPTIONAL)
    judge_field(t, done, clause.SUBMIT_OPTIONAL, clause.FIELD_VALUE, clause.FIELD_ONCE)


@case(
    "requiretls/client/field-is-put-once",
    roles=CLIENT,
    requirements=(clause.SUBMIT_OPTIONAL, clause.FIELD_ONCE),
    needs=PUTS_THE_FIELD,
    world=server(),
)
async def field_is_put_once(t: Trial) -> None:
    """The message has the field already: the client puts in no second one."""
    done = await t.hand_in(Manner.OPTIONAL, fields=(t.optional_field(),))
    judge_field(t, done, clause.SUBMIT_OPTIONAL, clause.FIELD_ONCE)


@case(
    "requiretls/client/users-own-field",
    roles=CLIENT,
    requirements=(clause.FIELD_ONCE,),
    world=server(),
)
async def users_own_field(t: Trial) -> None:
    """A field that the user wrote into the message does not arrive twice.

    This binds a client that knows nothing of the extension, too: the field is its user's."""
    done = await t.hand_in(Manner.ORDINARY, fields=(t.optional_field(),))
    judge_field(t, done, clause.FIELD_ONCE)


async def not_given_unasked(t: Trial, *properties: str) -> None:
    """Submitting ordinary mail where these properties are missing, the client does not give the
    parameter.  It may submit the message or not."""
    done = await t.hand_in(Manner.ORDINARY)
    for requirement in (clause.ONLY_IN_SUCH_SESSIONS, *properties):
        t.check(
            requirement,
            not done.gave_requiretls,
            expected="no MAIL with REQUIRETLS in such a session",
            observed=done.story(),
        )


@case(
    "requiretls/client/ordinary-without-the-offer",
    roles=CLIENT,
    requirements=(clause.ONLY_IN_SUCH_SESSIONS, clause.PEER_OFFERS_REQUIRETLS),
    world=server(faults=Faults(requiretls=Requiretls.NEVER)),
)
async def ordinary_without_the_offer(t: Trial) -> None:
    """Ordinary mail: a client does not give what the server does not offer."""
    await not_given_unasked(t, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/client/ordinary-in-plaintext",
    roles=CLIENT,
    requirements=(clause.ONLY_IN_SUCH_SESSIONS, clause.SESSION_EMPLOYS_TLS),
    world=server(faults=Faults(starttls=Starttls.ABSENT, requiretls=Requiretls.ALWAYS)),
)
async def ordinary_in_plaintext(t: Trial) -> None:
    """Ordinary mail without TLS: a client does not give the parameter, even where it is offered."""
    await not_given_unasked(t, clause.SESSION_EMPLOYS_TLS)
