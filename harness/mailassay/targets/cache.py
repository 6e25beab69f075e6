"""What is fetched once and kept for later runs, outside of the tree.

The cache is ${MAILASSAY_CACHE}, or mailassay/ in the user's cache directory.  The name of a thing
that is kept holds a digest of its recipe, so a changed recipe makes a new one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Where everything is kept."""
    own = os.environ.get("MAILASSAY_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(own) if own else Path(base) / "mailassay"


def digest(*recipe: str) -> str:
    """A short name for a recipe."""
    return hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:12]


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """In the folder, made if need be: nobody else makes the thing of that name meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
