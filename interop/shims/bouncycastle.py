"""Bouncy Castle, by small Java programs."""

from __future__ import annotations

from pathlib import Path

import engine
import peer

LIBRARIES = ":".join(f"/usr/share/java/{n}.jar" for n in ("bcmail", "bcpkix", "bcprov", "bcutil"))


TITLE = "Bouncy Castle"


def command(program: str) -> tuple[str, ...]:
    source = peer.beside(f"bouncycastle/{program}.java")
    return ("java", "-XX:TieredStopAtLevel=1", "-cp", LIBRARIES, source)


def make(home: Path) -> engine.Engine:
    return peer.Peer(TITLE, command("Check"))


def make_envelopes(home: Path) -> peer.Envelopes:
    return peer.Envelopes(TITLE, command("Envelope"))


if __name__ == "__main__":
    raise SystemExit(engine.main(make, make_envelopes))
