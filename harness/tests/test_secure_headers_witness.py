"""`mailassay sign` and `verify`, by the word of programs that we did not write: openssl makes the
certificates and verifies what we sign, and pyasn1 reads the attribute by the RFC's own module."""

from __future__ import annotations

import base64
import email
import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from pyasn1.codec.der import decoder, encoder  # type: ignore[import-untyped,unused-ignore]
from pyasn1.type import char, namedtype, univ  # type: ignore[import-untyped,unused-ignore]
from pyasn1_modules import rfc5652, rfc7508  # type: ignore[import-untyped,unused-ignore]

from mailassay import paths, vectors
from mailassay.smime import attribute_type, signers_of, split
from mailassay.verdicts import Edition

MESSAGE = (
    b"From: Alice <alice@example.org>\r\n"
    b"To: bob@example.net\r\n"
    b"Subject: h\xc3\xa9llo\r\n"
    b"\t  again\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"\r\n"
    b"Body\r\n"
)
WRAPPING = """
[secured]
From = "duplicated"
Subject = "deleted"
[outer.secured]
To = "duplicated"
"""
POLICY = '[secured]\nFrom = "duplicated"\nSubject = "deleted"\nTo = "modified"\n'
SCHEMA = json.loads((paths.ROOT / "vectors/schema/verify.schema.json").read_text("utf-8"))


def openssl(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *command], capture_output=True, timeout=60)


def mailassay(*command: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([paths.PROGRAM, *command], input=said, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with TEST keys: ca.pem, rsa.pem and ec.pem, and a policy."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "policy.toml").write_text(POLICY)
    (folder / "mail.ext").write_text("subjectAltName=email:alice@example.org\n")
    made = openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-subj", "/CN=TEST CA",
    )
    assert made.returncode == 0, made.stderr
    (folder / "wrapping.toml").write_text(WRAPPING)
    (folder / "password").write_text("secret\n")
    (folder / "wrong").write_text("wrong\n")
    kinds = {"rsa": ("rsa:2048",), "ec": ("ec", "ec_paramgen_curve:P-256"), "ed": ("ed25519",)}
    for name, kind in kinds.items():
        curve = ("-pkeyopt", kind[1]) if len(kind) > 1 else ()
        request = openssl(
            "req", "-newkey", kind[0], *curve, "-nodes", "-keyout", f"{folder}/{name}.key",
            "-out", f"{folder}/{name}.csr", "-subj", "/CN=TEST Alice",
        )
        assert request.returncode == 0, request.stderr
        signed = openssl(
            "x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ca.pem",
            "-CAkey", f"{folder}/ca.key", "-CAcreateserial", "-extfile", f"{folder}/mail.ext",
            "-out", f"{folder}/{name}.pem",
        )
        assert signed.returncode == 0, signed.stderr
    locked = openssl("pkey", "-in", f"{folder}/rsa.key", "-aes256", "-passout", "pass:secret",
                     "-out", f"{folder}/locked.key")
    assert locked.returncode == 0, locked.stderr
    return folder


def sign(keys: Path, name: str, *options: str, message: bytes = MESSAGE) -> bytes:
    made = mailassay(
        "sign", "--policy", f"{keys}/policy.toml", "--certificate", f"{keys}/{name}.pem",
        "--key", f"{keys}/{name}.key", *options, said=message,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def openssl_accepts(keys: Path, message: bytes, tmp_path: Path) -> bool:
    file = tmp_path / "signed.eml"
    file.write_bytes(message)
    ended = openssl("cms", "-verify", "-in", str(file), "-CAfile", f"{keys}/ca.pem")
    return ended.returncode == 0


def verify(keys: Path, message: bytes, *options: str) -> tuple[int, dict[str, object]]:
    ended = mailassay(
        "verify", "--json", "--ca-file", f"{keys}/ca.pem", "--policy", f"{keys}/policy.toml",
        *options, said=message,
    )
    told = json.loads(ended.stdout)
    jsonschema.validate(told, SCHEMA)
    return ended.returncode, told


def attribute(message: bytes) -> bytes:
    """The octets of the secure headers attribute's only value."""
    parts = [p for p in email.message_from_bytes(message).walk()
             if p.get_content_type() in ("application/pkcs7-signature", "application/pkcs7-mime")]
    der = parts[0].get_payload(decode=True)
    info, rest = decoder.decode(der, asn1Spec=rfc5652.ContentInfo())
    assert rest == b""
    data, _ = decoder.decode(info["content"], asn1Spec=rfc5652.SignedData())
    found = [
        bytes(value)
        for a in data["signerInfos"][0]["signedAttrs"]
        if a["attrType"] == rfc7508.id_aa_secureHeaderFieldsIdentifier
        for value in a["attrValues"]
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("name", ["rsa", "ec"])
@pytest.mark.parametrize("form", [(), ("--opaque",), ("--pss",), ("--edition", "draft")])
def test_openssl_verifies_what_we_sign(
    keys: Path, tmp_path: Path, name: str, form: tuple[str, ...]
) -> None:
    # The draft's string has no room for UTF-8 or a tab.
    plain = MESSAGE.replace(b"\xc3\xa9", b"e").replace(b"\t", b" ")
    message = plain if "draft" in form else MESSAGE
    signed = sign(keys, name, *form, message=message)
    assert openssl_accepts(keys, signed, tmp_path)
    edition = form if "draft" in form else ()
    assert verify(keys, signed, *edition)[0] == 0
    if "--opaque" not in form:
        changed = signed.replace(b"\r\nBody\r\n", b"\r\nbody\r\n")
        assert changed != signed and not openssl_accepts(keys, changed, tmp_path)
        assert verify(keys, changed, *edition)[1]["outcome"] == "signature-invalid"


def test_pyasn1_reads_the_attribute_and_writes_the_same_octets(keys: Path) -> None:
    octets = attribute(sign(keys, "ec"))
    structure, rest = decoder.decode(octets, asn1Spec=rfc7508.SecureHeaderFields())
    assert rest == b"" and encoder.encode(structure) == octets
    assert int(structure["canonAlgorithm"]) == 1
    fields = [
        (str(f["field-Name"]), str(f["field-Value"]), int(f["field-Status"]))
        for f in structure["secHeaderFields"]
    ]
    assert fields == [
        ("from", "Alice <alice@example.org>", 0),
        ("to", "bob@example.net", 2),
        ("subject", "h\u00e9llo again", 1),
    ]


def test_an_unaware_verifier_does_not_see_a_changed_header(keys: Path, tmp_path: Path) -> None:
    """Which is why the attribute exists: openssl is content, and we are not."""
    changed = sign(keys, "rsa").replace(b"bob@", b"eve@")
    assert openssl_accepts(keys, changed, tmp_path)
    code, told = verify(keys, changed)
    assert code == 1 and told["outcome"] == "invalid"


def test_what_openssl_signs_secures_no_field(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_bytes(b"Content-Type: text/plain\r\n\r\nBody\r\n")
    made = openssl(
        "cms", "-sign", "-in", f"{tmp_path}/plain.txt", "-signer", f"{keys}/rsa.pem",
        "-inkey", f"{keys}/rsa.key", "-binary", "-from", "alice@example.org", "-crlfeol",
    )
    assert made.returncode == 0, made.stderr
    code, told = verify(keys, made.stdout)
    assert code == 3 and told["outcome"] == "no-secure-headers"


def test_a_signature_put_beside_another_leaves_it_as_it_was(keys: Path, tmp_path: Path) -> None:
    """OpenSSL verifies both, and the first signerInfo has the octets that it had."""
    before = sign(keys, "rsa")
    after = sign(keys, "ec", "--add", message=before)
    assert openssl_accepts(keys, after, tmp_path)
    old, new = (signers_of(split(m).cms) for m in (before, after))
    assert len(new) == 2 and old[0].octets in {s.octets for s in new}
    assert split(after).content == split(before).content
    assert {s.values[attribute_type(Edition.RFC)] for s in new} == {
        old[0].values[attribute_type(Edition.RFC)]
    }
    code, told = verify(keys, after)
    assert code == 0
    layers = told["layers"]
    assert isinstance(layers, list) and len(layers[0]["signers"]) == 2
    for changed in (after.replace(b"\r\nBody\r\n", b"\r\nbody\r\n"),
                    before.replace(b"bob@", b"eve@")):
        refused = mailassay(
            "sign", "--add", "--policy", f"{keys}/policy.toml", "--certificate",
            f"{keys}/ec.pem", "--key", f"{keys}/ec.key", said=changed,
        )
        assert refused.returncode == 1 and not refused.stdout
        assert refused.stderr.startswith(b"mailassay sign: secureheaders.add.")
        assert refused.stderr.count(b"\n") == 1


def test_triple_wrapping_goes_all_the_way(keys: Path, tmp_path: Path) -> None:
    """Signed, encrypted, signed: OpenSSL verifies the outer signature, opens the envelope and
    verifies the inner one; each of ours is judged by its part of the policy."""
    own = ("--certificate", f"{keys}/rsa.pem", "--key", f"{keys}/rsa.key")
    policy = ("--policy", f"{keys}/wrapping.toml")
    trusted = ("--ca-file", f"{keys}/ca.pem", *policy)
    inner = mailassay("sign", *policy, *own, said=MESSAGE).stdout
    sealed = mailassay("encrypt", "--certificate", f"{keys}/rsa.pem", said=inner).stdout
    wrapped = mailassay("sign", "--outer", *policy, *own, said=sealed).stdout
    assert b"Subject:" not in wrapped

    assert openssl_accepts(keys, wrapped, tmp_path)
    (tmp_path / "envelope").write_bytes(split(wrapped).content or b"")
    opened = openssl("cms", "-decrypt", "-in", f"{tmp_path}/envelope", "-inkey",
                     f"{keys}/rsa.key", "-recip", f"{keys}/rsa.pem", "-binary")
    assert opened.returncode == 0 and openssl_accepts(keys, opened.stdout, tmp_path)

    closed = mailassay("verify", "--json", *trusted, said=wrapped)
    told = json.loads(closed.stdout)
    jsonschema.validate(told, SCHEMA)
    assert closed.returncode == 0 and told["inside"] == "encrypted"
    assert [layer["layer"] for layer in told["layers"]] == ["outer"]
    both = mailassay("verify", "--json", *trusted, *own, said=wrapped)
    told = json.loads(both.stdout)
    jsonschema.validate(told, SCHEMA)
    assert both.returncode == 0 and told["outcome"] == "valid" and told["inside"] == "plain"
    names = [[f["name"] for f in x["secure_headers"]["fields"]] for x in told["layers"]]
    assert names == [["to"], ["from", "subject"]]
    assert b"encrypted" in mailassay("verify", *trusted, said=wrapped).stdout

    decrypted = mailassay("decrypt", *own, said=wrapped)
    assert decrypted.returncode == 0 and b"outer signature" in decrypted.stderr
    plain = mailassay("verify", "--json", *trusted, said=decrypted.stdout)
    assert plain.returncode == 0 and len(json.loads(plain.stdout)["layers"]) == 1
    forged = wrapped.replace(b"From: Alice", b"From: Alicia")
    assert mailassay("verify", *trusted, said=forged).returncode == 0
    assert mailassay("verify", *trusted, *own, said=forged).returncode == 1
    stranger = ("--certificate", f"{keys}/ec.pem", "--key", f"{keys}/ec.key")
    unopened = mailassay("verify", *trusted, *stranger, said=wrapped)
    assert unopened.returncode == 4 and unopened.stderr.count(b"\n") == 1


def test_a_certificate_for_somebody_else_is_told(keys: Path) -> None:
    message = MESSAGE.replace(b"Alice <alice@example.org>", b"Bob <bob@example.net>")
    signed = sign(keys, "ec", message=message)
    shown = mailassay("verify", "--ca-file", f"{keys}/ca.pem", said=signed).stdout.decode()
    assert "warning: the certificate is for alice@example.org" in shown
    layers = verify(keys, signed)[1]["layers"]
    assert isinstance(layers, list)
    signer = layers[0]["signers"][0]
    assert (signer["address"], signer["mail_addresses"]) == ("differs", ["alice@example.org"])


def test_keys_that_sign_no_cms_and_passwords_that_open_none_are_one_line(keys: Path) -> None:
    def signing(certificate: str, key: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        return mailassay(
            "sign", "--policy", f"{keys}/policy.toml", "--certificate",
            f"{keys}/{certificate}.pem", "--key", f"{keys}/{key}.key", *options, said=MESSAGE,
        )
    assert signing("rsa", "locked", "--password-file", f"{keys}/password").returncode == 0
    for ended, code, what in (
        (signing("ed", "ed"), 1, b"crypto.sign.unsupported-key"),
        (signing("rsa", "locked"), 2, b"crypto.key.password"),
        (signing("rsa", "locked", "--password-file", f"{keys}/wrong"), 2, b"crypto.key.password"),
        (signing("rsa", "locked", "--password-file", "/nowhere"), 2, b"cli.input.unreadable"),
    ):
        assert ended.returncode == code and not ended.stdout
        assert what in ended.stderr and ended.stderr.count(b"\n") == 1


def test_bad_input_is_one_line(keys: Path, tmp_path: Path) -> None:
    for command in (
        ("sign", "--policy", "/nowhere", "--certificate", "x", "--key", "y"),
        ("sign", "--policy", f"{keys}/policy.toml", "--certificate", f"{keys}/rsa.pem",
         "--key", f"{keys}/ec.key"),
        ("sign", "--policy", f"{keys}/policy.toml", "--certificate", f"{keys}/rsa.pem",
         "--key", f"{keys}/ca.pem"),
        ("verify", "--ca-file", f"{keys}/policy.toml"),
        ("verify", "--ca-file", f"{keys}/ca.pem", "--time", "tomorrow"),
    ):
        ended = mailassay(*command, said=MESSAGE)
        assert ended.returncode == 2, command
        assert ended.stderr.count(b"\n") == 1 and ended.stderr.startswith(b"mailassay ")
    unreadable = mailassay("verify", "--ca-file", f"{keys}/ca.pem",
                           said=b"Content-Type: application/pkcs7-mime\r\n\r\n\x30\x80")
    assert unreadable.returncode == 4 and unreadable.stderr.count(b"\n") == 1


def test_output_is_whole_or_not_there(keys: Path, tmp_path: Path) -> None:
    out = tmp_path / "there" / "signed.eml"
    refused = mailassay(
        "sign", "--policy", f"{keys}/policy.toml", "--certificate", f"{keys}/ec.pem",
        "--key", f"{keys}/ec.key", "--out", str(out), said=MESSAGE,
    )
    assert refused.returncode == 2 and not out.parent.exists()
    out.parent.mkdir()
    sign(keys, "ec", "--out", str(out))
    assert [f.name for f in out.parent.iterdir()] == ["signed.eml"]
    assert verify(keys, out.read_bytes())[0] == 0


def test_a_batch_is_a_line_a_message_in_order(keys: Path, tmp_path: Path) -> None:
    good = sign(keys, "ec")
    bad = good.replace(b"bob@", b"eve@")
    box = tmp_path / "box"
    box.write_bytes(b"".join(b"From x\n" + m.replace(b"\r", b"") + b"\n" for m in (good, bad) * 5))
    plain = tmp_path / "plain.eml"
    plain.write_bytes(MESSAGE)
    ended = mailassay(
        "verify", "--batch", "--ca-file", f"{keys}/ca.pem", str(box), str(plain)
    )
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    for each in told:
        jsonschema.validate(each, SCHEMA)
    assert [t["outcome"] for t in told] == ["valid", "invalid"] * 5 + ["not-signed"]
    assert told[1]["file"] == f"{box}#2" and ended.returncode == 1


def test_a_batch_goes_on_behind_what_cannot_be_read(keys: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(sign(keys, "ec"))
    files = [good, tmp_path / "nowhere", tmp_path, good]
    ended = mailassay(
        "verify", "--batch", "--ca-file", f"{keys}/ca.pem", *(str(file) for file in files)
    )
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    for each in told:
        jsonschema.validate(each, SCHEMA)
    assert [t["outcome"] for t in told] == ["valid", "unreadable", "unreadable", "valid"]
    assert [t["file"] for t in told] == [str(file) for file in files]
    assert told[1]["error"]["id"] == "cli.input.unreadable"
    assert ended.returncode == 4 and not ended.stderr


def test_a_mailbox_is_no_message(keys: Path, tmp_path: Path) -> None:
    """One message is taken out of it, several need --batch, and none is signed."""
    good = sign(keys, "ec")
    box = tmp_path / "box"
    box.write_bytes(b"From x\r\n" + good + b"\r\n")
    trusted = ("verify", "--ca-file", f"{keys}/ca.pem", str(box))
    assert mailassay(*trusted).returncode == 0
    box.write_bytes(box.read_bytes() * 2)
    for ended, code, what in (
        (mailassay(*trusted), 2, b"holds 2 messages"),
        (mailassay("sign", "--policy", f"{keys}/policy.toml", "--certificate",
                   f"{keys}/ec.pem", "--key", f"{keys}/ec.key", str(box)), 1, b"is a mailbox"),
    ):
        assert ended.returncode == code and not ended.stdout
        assert what in ended.stderr and ended.stderr.count(b"\n") == 1


@pytest.mark.parametrize("how", [(), ("--json",), ("--batch",)])
def test_a_verdict_that_cannot_be_told_is_no_verdict(keys: Path, how: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [paths.PROGRAM, "verify", "--ca-file", f"{keys}/ca.pem", *how],
            input=sign(keys, "ec"), stdout=full, stderr=subprocess.PIPE, timeout=60,
        )
    assert ended.returncode == 2
    assert b"cli.output.unwritable" in ended.stderr and ended.stderr.count(b"\n") == 1


class DraftField(univ.Sequence):  # type: ignore[misc,unused-ignore]
    """A field as draft-05 has it: the RFC's, with another string type for the value."""

    componentType = namedtype.NamedTypes(
        namedtype.NamedType("field-Name", rfc7508.HeaderFieldName()),
        namedtype.NamedType("field-Value", char.IA5String()),
        namedtype.DefaultedNamedType(
            "field-Status", rfc7508.HeaderFieldStatus().subtype(value="duplicated")
        ),
    )


class DraftStructure(univ.Set):  # type: ignore[misc,unused-ignore]
    componentType = namedtype.NamedTypes(
        namedtype.NamedType("canonAlgorithm", rfc7508.Algorithm()),
        namedtype.NamedType("secHeaderFields", univ.SetOf(componentType=DraftField())),
    )


@pytest.mark.parametrize(
    ("edition", "structure"),
    [(Edition.RFC, rfc7508.SecureHeaderFields()), (Edition.DRAFT, DraftStructure())],
)
def test_pyasn1_reads_and_writes_every_attribute_alike(
    edition: Edition, structure: univ.Set
) -> None:
    """Of all vectors: what the reference signs, and what it verifies as valid.  pyasn1 has a module
    of the RFC alone; for the draft its two types that differ are written anew."""
    requests = [
        {
            "id": v.id, "op": "sign", "edition": str(edition),
            "message": base64.b64encode(v.message).decode(), **v.request,
        }
        for v in vectors.vectors_of(edition, "sign")
        if v.expected.outcomes[0] == "signed"
    ]
    told = mailassay("shim", said="".join(json.dumps(r) + "\n" for r in requests).encode())
    results = [json.loads(line)["result"] for line in told.stdout.splitlines()]
    messages = [base64.b64decode(r["message"]) for r in results]
    messages += [
        v.message
        for v in vectors.vectors_of(edition)
        if v.expected.outcomes[0] == "valid"
    ]
    values = {
        value
        for message in messages
        for signer in signers_of(split(message).cms)
        for value in signer.values.get(attribute_type(edition), ())
    }
    assert len(values) > 60
    for octets in values:
        read, rest = decoder.decode(octets, asn1Spec=structure)
        assert not rest
        assert encoder.encode(read) == octets
