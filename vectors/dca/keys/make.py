#!/usr/bin/python3
"""Makes the test keys and certificates of this folder, as those of the signers are made.

Nothing here is a secret.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from cryptography.x509.oid import NameOID

HERE = Path(__file__).resolve().parent
SIGNERS = HERE.parents[1] / "secure-headers" / "keys"

specification = importlib.util.spec_from_file_location("signers", SIGNERS / "make.py")
assert specification is not None and specification.loader is not None
signers = importlib.util.module_from_spec(specification)
sys.modules["signers"] = signers
specification.loader.exec_module(signers)

AUTHORITY = "domain-confidentiality-authority"
SIGNER = "domain-signing-authority"
REVIEWER = "review-authority"
NAMED = ((NameOID.COMMON_NAME, AUTHORITY),)


def wanted(name, kind, address, subject=NAMED):
    return signers.Wanted(
        name, kind, address, "root", use=signers.Use.ENCRYPTION, subject=subject
    )


def signing(name, address, *subject):
    """Who signs around envelopes: a certificate for signatures, otherwise like the others."""
    return signers.Wanted(name, "rsa", address, "root", use=signers.Use.SIGNING, subject=subject)


WANTED = (
    wanted("dca-rsa", "rsa", f"{AUTHORITY}@example.net"),
    wanted("dca-p256", "p256", f"{AUTHORITY}@example.net"),
    wanted("dca-p384", "p384", f"{AUTHORITY}@example.net"),
    wanted("dca-below", "rsa", f"{AUTHORITY}@sub.example.net"),
    wanted("dca-elsewhere", "rsa", f"{AUTHORITY}@example.com"),
    wanted("dca-of-two", "rsa", (f"{AUTHORITY}@example.net", f"{AUTHORITY}@example.com")),
    wanted("dca-of-a-likeness", "rsa", f"{AUTHORITY}@notexample.net"),
    wanted("dca-mail-misnamed", "rsa", "gateway@example.net"),
    wanted("dca-one-mail-misnamed", "rsa", (f"{AUTHORITY}@example.net", "gateway@example.net")),
    wanted("dca-misnamed", "rsa", f"{AUTHORITY}@example.net",
           ((NameOID.COMMON_NAME, "gateway"),)),
    wanted("dca-named-twice", "rsa", f"{AUTHORITY}@example.net",
           ((NameOID.COMMON_NAME, AUTHORITY), (NameOID.COMMON_NAME, AUTHORITY))),
    wanted("dca-not-named", "rsa", f"{AUTHORITY}@example.net",
           ((NameOID.ORGANIZATIONAL_UNIT_NAME, "Gateways"),)),
    wanted("dca-in-capitals", "rsa", f"{AUTHORITY}@example.net",
           ((NameOID.COMMON_NAME, AUTHORITY.upper()),)),
    wanted("dca-without-mail", "rsa", ()),
    wanted("dca-by-components", "rsa", (),
           ((NameOID.DOMAIN_COMPONENT, "net"), (NameOID.DOMAIN_COMPONENT, "example"), *NAMED)),
    wanted("bob-rsa", "rsa", "bob@example.net", ((NameOID.COMMON_NAME, "Bob"),)),
    wanted("bob-p256", "p256", "bob@example.net", ((NameOID.COMMON_NAME, "Bob"),)),
    wanted("mallory-rsa", "rsa", "mallory@example.com", ((NameOID.COMMON_NAME, "Mallory"),)),
    signing("signer-domain", f"{SIGNER}@example.org", (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-elsewhere", f"{SIGNER}@example.com", (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-below", f"{SIGNER}@sub.example.org", (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-misnamed", f"{SIGNER}@example.org", (NameOID.COMMON_NAME, "gateway")),
    signing("signer-mail-misnamed", "gateway@example.org", (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-named-twice", f"{SIGNER}@example.org",
            (NameOID.COMMON_NAME, SIGNER), (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-of-defence", f"{SIGNER}@example.org",
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Defence"), (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-of-marketing", f"{SIGNER}@example.org",
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Marketing"), (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-by-components", f"{SIGNER}@example.org",
            (NameOID.DOMAIN_COMPONENT, "org"), (NameOID.DOMAIN_COMPONENT, "example"),
            (NameOID.COMMON_NAME, SIGNER)),
    signing("signer-by-other-components", f"{SIGNER}@example.org",
            (NameOID.DOMAIN_COMPONENT, "org"), (NameOID.DOMAIN_COMPONENT, "marketing"),
            (NameOID.COMMON_NAME, SIGNER)),
    signing("alice-in-units", "alice@example.org",
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Defence"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Marketing"), (NameOID.COMMON_NAME, "Alice")),
    signing("alice-by-components", "alice@example.org",
            (NameOID.DOMAIN_COMPONENT, "org"), (NameOID.DOMAIN_COMPONENT, "example"),
            (NameOID.DOMAIN_COMPONENT, "marketing"), (NameOID.COMMON_NAME, "Alice")),
    signing("signer-review", f"{REVIEWER}@example.com", (NameOID.COMMON_NAME, REVIEWER)),
)

if __name__ == "__main__":
    # Behind the numbers of the signers.
    signers.make(HERE, WANTED, SIGNERS, first_serial=101)
