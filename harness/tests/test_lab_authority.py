"""Certificates are what their kind says, by the word of openssl."""

import subprocess
from pathlib import Path

import pytest

from mailassay.lab.authority import MARK, CertificateStore
from mailassay.world import Certificate

NAME = "mx1.to.case.signed.example"
# The number of the error that `openssl verify` gives; None where there is none.
ERRORS = {
    Certificate.TRUSTED: None,
    Certificate.EXPIRED: 10,
    Certificate.NOT_YET_VALID: 9,
    Certificate.MISNAMED: 62,
    Certificate.SELF_SIGNED: 18,
    Certificate.UNKNOWN_AUTHORITY: 20,
    Certificate.REVOKED: 23,
    Certificate.WEAK: 66,
    Certificate.COMMON_NAME_ONLY: None,
    Certificate.WILDCARD: None,
}


def verify(store: CertificateStore, chain: Path, *more: str) -> str:
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-auth_level", "2",
         "-no-CApath", "-CAfile", str(store.ca_file), "-verify_hostname", NAME, *more, str(chain)],
        capture_output=True, text=True, timeout=20,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("kind", list(Certificate))
def test_openssl_says_what_is_wrong(tmp_path: Path, kind: Certificate) -> None:
    store = CertificateStore(tmp_path)
    issued = store.issue(NAME, kind)
    more = []
    if kind is Certificate.REVOKED:
        more = ["-crl_check", "-CRLfile", str(store.write_revocation_list())]
    told = verify(store, issued.chain_file, *more)
    expected = ERRORS[kind]
    wanted = ": OK" if expected is None else f"error {expected} at"
    assert wanted in told, told


def test_a_good_certificate_is_not_on_the_list(tmp_path: Path) -> None:
    store = CertificateStore(tmp_path)
    store.issue("other.example", Certificate.REVOKED)
    good = store.issue(NAME, Certificate.TRUSTED)
    told = verify(
        store, good.chain_file, "-crl_check", "-CRLfile", str(store.write_revocation_list())
    )
    assert ": OK" in told, told


def test_names_longer_than_a_common_name(tmp_path: Path) -> None:
    store = CertificateStore(tmp_path)
    name = f"mx1.{'long-' * 11}label.signed.example"
    issued = store.issue(name, Certificate.TRUSTED)
    told = subprocess.run(
        ["openssl", "verify", "-CAfile", str(store.ca_file), "-verify_hostname", name,
         str(issued.chain_file)],
        capture_output=True, text=True, timeout=20,
    )
    assert ": OK" in told.stdout, told.stderr


def test_everything_is_marked_as_test_material(tmp_path: Path) -> None:
    store = CertificateStore(tmp_path)
    made = [store.issue(f"{kind}.example", kind) for kind in Certificate]
    for issued in made:
        assert MARK in issued.certificate.subject.rfc4514_string()


def test_the_tlsa_digest_is_the_one_openssl_computes(tmp_path: Path) -> None:
    store = CertificateStore(tmp_path)
    issued = store.issue(NAME, Certificate.TRUSTED)
    told = subprocess.run(
        ["/bin/sh", "-c",
         'openssl x509 -noout -pubkey -in "$1" | openssl pkey -pubin -outform DER |'
         " openssl dgst -sha256 -r", "sh", str(issued.chain_file)],
        capture_output=True, text=True, timeout=20,
    )
    assert told.stdout.split()[0] == issued.public_key_digest()
