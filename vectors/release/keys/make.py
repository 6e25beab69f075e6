#!/usr/bin/python3
"""Makes the test keys and certificates of Draft and Release: a drafter, and who may authorize.

The authorities are those of vectors/secure-headers/keys, whose make.py does the work and says how.
Nothing here is a secret.
"""

from __future__ import annotations

import sys
from pathlib import Path

ISSUERS = Path(__file__).parents[2] / "secure-headers" / "keys"
sys.path.insert(0, str(ISSUERS))

import make as maker  # noqa: E402

WANTED = (
    maker.Wanted("drafter", "rsa", "ann@mil.example", "root"),
    maker.Wanted("officer-one", "rsa", "one@mil.example", "root"),
    maker.Wanted("officer-two", "rsa", "two@mil.example", "root"),
    maker.Wanted("officer-three", "rsa", "three@mil.example", "root"),
    # A mailbox that a group shares; the certificate names nobody.
    maker.Wanted("officers", "rsa", "officers@mil.example", "root"),
    # Of the same authority, and no officer.
    maker.Wanted("eve", "rsa", "eve@mil.example", "root"),
    maker.Wanted("officer-one-stranger", "rsa", "one@mil.example", "stranger-root"),
    maker.Wanted("officer-one-expired", "rsa", "one@mil.example", "root",
                 until=maker.LAST_YEAR),
    # Addresses that look like an officer's.
    maker.Wanted("look-alike", "rsa", ("one@mil.example.net", "one+mil.example@mil.example"),
                 "root"),
    # Other keys of the drafter's, and one of an authority that nobody knows.
    maker.Wanted("drafter-other", "rsa", "ann@mil.example", "root"),
    maker.Wanted("drafter-stranger", "rsa", "ann@mil.example", "stranger-root"),
)


def main() -> None:
    maker.make(Path(__file__).parent, WANTED, ISSUERS, first_serial=301)


if __name__ == "__main__":
    main()
