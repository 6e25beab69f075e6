"""Root file systems of other Debian releases: made once with mmdebstrap, kept as an archive.

The cache is ${MAILASSAY_CACHE}, or mailassay/ in the user's cache directory; never the tree.  An
archive's name holds a hash of its recipe, so a changed recipe makes a new one.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from mailassay.targets.model import RootfsRecipe, Target

PR_SET_PDEATHSIG = 1
BUILD_DEADLINE = 900
# What no target needs at run time.
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# A release that is not stable yet can be past its Valid-Until on a mirror.
APT_OPTION = 'Acquire::Check-Valid-Until "false"'


class RootfsError(Exception):
    """A root file system can't be had; the text is one line."""


def cache_folder() -> Path:
    """Where archives are kept."""
    own = os.environ.get("MAILASSAY_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(own) if own else Path(base) / "mailassay"


def archive_for(target: Target) -> Path:
    """Where the target's archive is, made or not."""
    assert target.rootfs is not None, "only targets with a recipe have a root file system"
    recipe = target.rootfs
    named = "\n".join((recipe.suite, *recipe.packages, *LEFT_OUT))
    digest = hashlib.sha256(named.encode()).hexdigest()[:12]
    return cache_folder() / "rootfs" / f"{target.name}-{digest}.tar.zst"


def ensure(target: Target) -> Path:
    """The target's archive, made now if it is not there."""
    archive = archive_for(target)
    if archive.is_file():
        return archive
    assert target.rootfs is not None
    archive.parent.mkdir(parents=True, exist_ok=True)
    with (archive.parent / f".{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.is_file():
            _build(target.name, target.rootfs, archive)
    return archive


def _build(name: str, recipe: RootfsRecipe, archive: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        raise RootfsError("the program mmdebstrap is missing (package mmdebstrap)")
    for stale in archive.parent.glob(f".{name}-*.partial.tar.zst"):
        stale.unlink()
    print(f"{name}: making a root file system of Debian {recipe.suite} (once)", flush=True)
    partial = archive.parent / f".{name}-{os.getpid()}.partial.tar.zst"
    command = [
        *_tied_to_us(),
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--aptopt={APT_OPTION}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        f"--include={','.join(recipe.packages)}",
        recipe.suite,
        str(partial),
        _mirror(),
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=BUILD_DEADLINE,
            preexec_fn=_die_with_parent,
        )
        if done.returncode != 0:
            words = [x for x in done.stderr.splitlines() if x.startswith(("E:", "W:"))]
            raise RootfsError(
                f"{name}: mmdebstrap could not make it (is there a network?): "
                f"{(words or ['no reason given'])[-1][:300]}"
            )
        partial.rename(archive)
    except subprocess.TimeoutExpired:
        raise RootfsError(f"{name}: mmdebstrap took more than {BUILD_DEADLINE} s") from None
    finally:
        partial.unlink(missing_ok=True)


def _tied_to_us() -> list[str]:
    """As root, a process namespace: when we are killed, nothing of the build stays."""
    if os.geteuid() != 0:
        return []
    return ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "--"]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _mirror() -> str:
    """The Debian mirror that this machine's apt uses."""
    told = subprocess.run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(ORIGIN)|$(LABEL)|$(REPO_URI)",
            "Created-By: Packages",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    for line in told.stdout.splitlines():
        origin, label, address = line.split("|", 2)
        if origin == "Debian" and label == "Debian":
            return address
    raise RootfsError("apt knows no Debian mirror; run `apt-get update` first")
