"""Writing files so that none is ever half written, and text so that it does no harm."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def write_whole(file: Path, text: str) -> str:
    """Writes to a temporary name beside the file, then renames; returns the SHA-256 in hex."""
    octets = text.encode("utf-8", errors="backslashreplace")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        partial.write_bytes(octets)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return hashlib.sha256(octets).hexdigest()


def one_line(text: str) -> str:
    """The text on one line, without what a terminal or a reader's eye would be misled by: control
    characters, escape sequences, changes of writing direction, lone surrogates."""
    flat = " ".join(text.split())
    return "".join(c if c.isprintable() else "\ufffd" for c in flat)
