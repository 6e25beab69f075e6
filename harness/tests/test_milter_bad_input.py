"""Authorities as milters on what they can't deal with, and on what looks as if: no message is lost
or mangled.  It is answered with a temporary or a permanent failure as configured, why is said once
in the reply and once in the log, without a word of what was to be hidden; the original stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from milter_role_support import letter, milter, session
from milter_support import run

from mailassay import dca_vectors
from mailassay.authorities import hidden_in
from mailassay.dca_vectors import Decrypt, Encrypt
from mailassay.leaks import look_for
from mailassay.milter.client import Fate, Outcome
from mailassay.verdicts import Edition

KEYS = dca_vectors.FOLDER / "keys"
REPLACED = "undisclosed-recipients:;"
REPLACEMENTS = {"To": REPLACED, "Comments": "withheld"}
REFUSALS = {"temporary": (Fate.DEFERRED, b"451 4.7."), "permanent": (Fate.REJECTED, b"554 5.7.")}
OUT = ("contradictions", "not-half-hidden", "structure-unclear", "thousand")
IN = (
    "contradictions", "content", "damaged", "signature-broken", "somebody-else", "thousand",
    "not-encrypted", "forms",
)


def to_encrypt() -> list[Encrypt]:
    """Those that the one configuration below fits, and that an MTA shows: with a body."""
    return [
        v for v in dca_vectors.to_encrypt()
        if v.edition is Edition.RFC and dca_vectors.group_of(v.id) in OUT
        and v.replacements and dict(v.replacements).items() <= REPLACEMENTS.items()
        and [r.name for r in v.recipients] == ["dca-rsa"] and b"\r\n\r\n" in v.message
    ]


def to_decrypt() -> list[Decrypt]:
    return [
        v for v in dca_vectors.to_decrypt()
        if v.edition is Edition.RFC and dca_vectors.group_of(v.id) in IN
        and v.holder.name == "dca-rsa"
    ]


def judge(
    vector: Encrypt | Decrypt, outcome: Outcome, told: Sequence[dict[str, str]], refused: bool,
    word: str,
) -> None:
    who = vector.id
    assert len(told) == 1, f"{who}: said {len(told)} times"
    hidden = {v: v for v in hidden_in(vector)}
    said = {"log": repr(told).encode(), "reply": outcome.reply.text}
    assert not look_for({k: v for k, v in hidden.items() if v not in vector.addresses}, said), who
    if not refused:
        assert outcome.fate is Fate.ACCEPTED, f"{who}: {outcome.reply.text!r}"
        return
    fate, code = REFUSALS[word]
    assert outcome.fate is fate and outcome.reply.text.startswith(code), who
    assert told[0]["outcome"] == "refused" and told[0]["why"], who
    assert outcome.reply.text.count(told[0]["why"].encode()) == 1, who
    assert not outcome.changes and outcome.after.octets == vector.message, who


def counted(groups: Iterator[str]) -> int:
    return len(set(groups))


@pytest.mark.parametrize("word", REFUSALS)
def test_what_can_not_be_hidden_stays_as_it_is(tmp_path: Path, word: str) -> None:
    listed = to_encrypt()
    assert counted(dca_vectors.group_of(v.id) for v in listed) == len(OUT)
    config = (
        f'on_fault = "{word}"\n[replace]\nTo = "{REPLACED}"\nComments = "withheld"\n'
        f'[domains]\n"example.net" = ["{KEYS}/dca-rsa.pem"]\n'
    )

    async def body() -> None:
        async with milter(tmp_path, "dca-out", config) as outside:
            async with session(outside.socket) as connection:
                for number, vector in enumerate(listed):
                    outcome = await connection.carry(letter(vector.message))
                    refused = vector.expected.outcomes[0] == "refused"
                    judge(vector, outcome, outside.messages()[number:], refused, word)
                    if not refused:
                        assert b"pkcs7-mime" in outcome.after.octets, vector.id
                        hidden = {v: v for v in vector.hidden}
                        assert not look_for(hidden, {"wire": outcome.after.octets}), vector.id

    run(body())


@pytest.mark.parametrize("word", REFUSALS)
def test_what_can_not_be_opened_stays_as_it_is(tmp_path: Path, word: str) -> None:
    listed = to_decrypt()
    assert counted(dca_vectors.group_of(v.id) for v in listed) == len(IN)
    config = (
        f'on_fault = "{word}"\non_foreign = "{word}"\n'
        f'certificate = "{KEYS}/dca-rsa.pem"\nkey = "{KEYS}/dca-rsa.key.pem"\n'
    )

    async def body() -> None:
        async with milter(tmp_path, "dca-in", config) as inside:
            async with session(inside.socket) as connection:
                for number, vector in enumerate(listed):
                    outcome = await connection.carry(letter(vector.message))
                    wanted = vector.expected.outcomes[0]
                    refused = wanted in ("unreadable", "not-a-recipient")
                    judge(vector, outcome, inside.messages()[number:], refused, word)
                    if wanted == "not-encrypted":
                        assert not outcome.changes, vector.id
                    elif not refused and vector.is_determined:
                        assert outcome.after.octets == vector.restored, vector.id

    run(body())


def wrapping(word: str, more: str = "") -> str:
    return (
        f'on_fault = "{word}"\n{more}\n[replace]\nTo = "{REPLACED}"\n'
        f'[domains]\n"example.net" = ["{KEYS}/dca-rsa.pem"]\n'
        f'[outer]\ncertificate = "{KEYS}/signer-domain.pem"\nkey = "{KEYS}/signer-domain.key.pem"\n'
        f'trust = ["{KEYS}/../../secure-headers/keys/root.pem"]\n'
    )


@pytest.mark.parametrize("word", REFUSALS)
def test_a_signature_that_does_not_hold_is_not_signed_for(tmp_path: Path, word: str) -> None:
    """One that holds is, and comes off again; around a broken one nothing is opened."""
    listed = {v.id.rpartition("/")[2]: v for v in dca_vectors.to_encrypt()
              if v.edition is Edition.RFC and dca_vectors.group_of(v.id) == "signers"}
    broken = listed["signature-broken"]
    sound = next(v for v in dca_vectors.to_encrypt() if v.id.endswith("by-the-domain-detached"))
    inside_config = (
        f'on_fault = "{word}"\ncertificate = "{KEYS}/dca-rsa.pem"\nkey = "{KEYS}/dca-rsa.key.pem"\n'
        f'trust = ["{KEYS}/../../secure-headers/keys/root.pem"]\n'
    )

    async def body() -> None:
        async with (
            milter(tmp_path, "dca-out", wrapping(word)) as outside,
            milter(tmp_path, "dca-in", inside_config) as inside,
            session(outside.socket) as out, session(inside.socket) as into,
        ):
            judge(broken, await out.carry(letter(broken.message)), outside.messages(), True, word)
            sent = await out.carry(letter(sound.message))
            assert sent.fate is Fate.ACCEPTED and b"multipart/signed" in sent.after.octets
            came = await into.carry(letter(sent.after.octets))
            assert came.after.octets == sound.message
            assert "holds as domain-signing-authority" in inside.messages()[0]["outer"]
            touched = sent.after.octets.replace(b'name="smime.p7m"', b'name="other.p7m"')
            refused = await into.carry(letter(touched))
            assert refused.fate is REFUSALS[word][0] and not refused.changes
            assert inside.messages()[1]["why"] == "dca.decrypt.outer-signature"

    run(body())
