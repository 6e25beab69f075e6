"""Root file systems of other Debian releases: made once with mmdebstrap, kept as an archive."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from mailassay import paths
from mailassay.lab.namespace import (
    NamespaceUnavailable,
    die_with_parent,
    mount_scratch,
    require_user_namespace,
    scratch_directory,
    tied_to_us,
)
from mailassay.peers.transcript import printable_text
from mailassay.targets.cache import alone, cache_folder, digest
from mailassay.targets.model import RootfsRecipe, Target, load

BUILD_DEADLINE = 900
# What no target needs at run time.
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# A release that is not stable yet can be past its Valid-Until on a mirror.
APT_OPTION = 'Acquire::Check-Valid-Until "false"'


class RootfsError(Exception):
    """A root file system can't be had; the text is one line."""


def archive_for(target: Target) -> Path:
    """Where the target's archive is, made or not."""
    assert target.rootfs is not None, "only targets with a recipe have a root file system"
    recipe = target.rootfs
    named = digest(recipe.suite, *recipe.packages, *LEFT_OUT)
    return cache_folder() / "rootfs" / f"{target.name}-{named}.tar.zst"


def lodging_of(target: Target) -> Target | None:
    """The target whose root file system this one lives in, or starts servers in; none: in none."""
    if target.rootfs_of:
        return load(paths.TARGETS / f"{target.rootfs_of}.toml")
    return target if target.rootfs is not None else None


def ensure(target: Target) -> Path:
    """The target's archive, made now if it is not there."""
    archive = archive_for(target)
    if archive.is_file():
        return archive
    assert target.rootfs is not None
    with alone(archive.parent, target.name):
        if not archive.is_file():
            _build(target.name, target.rootfs, archive)
    return archive


def _build(name: str, recipe: RootfsRecipe, archive: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        raise RootfsError("the program mmdebstrap is missing (package mmdebstrap)")
    for stale in archive.parent.glob(f".{name}-*.partial"):
        stale.unlink()
    try:
        require_user_namespace()
        command = _command(recipe)
    except NamespaceUnavailable as problem:
        raise RootfsError(f"{name}: {problem}") from None
    print(f"{name}: making a root file system of Debian {recipe.suite} (once)", flush=True)
    # A file without a name: if we are killed, nothing of it stays.
    with tempfile.TemporaryFile(dir=archive.parent) as made:
        _run(name, command, made)
        partial = archive.parent / f".{name}-{os.getpid()}.partial"
        try:
            with partial.open("wb") as whole:
                made.seek(0)
                shutil.copyfileobj(made, whole)
            partial.rename(archive)
        finally:
            partial.unlink(missing_ok=True)


def _run(name: str, command: list[str], sink: IO[bytes]) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.PIPE,
            timeout=BUILD_DEADLINE,
            preexec_fn=die_with_parent,
        )
    except subprocess.TimeoutExpired:
        raise RootfsError(f"{name}: mmdebstrap took more than {BUILD_DEADLINE} s") from None
    if done.returncode != 0:
        raise RootfsError(
            f"{name}: mmdebstrap could not make a root file system (is there a network?): "
            f"{_complaint(done.stderr.decode('utf-8', errors='replace'))}"
        )


def _command(recipe: RootfsRecipe) -> list[str]:
    """Writes the archive to standard output.  All else that mmdebstrap makes ends with it: its
    processes, its mounts, and its working directory, which lies in scratch space."""
    scratch = scratch_directory([])
    archive = scratch / "archive.tar.zst"
    mmdebstrap = [
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        f"--aptopt={APT_OPTION}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        f"--include={','.join(recipe.packages)}",
        recipe.suite,
        str(archive),
        _mirror(),
    ]
    steps = (
        shlex.join(mount_scratch(scratch)),
        f"TMPDIR={shlex.quote(str(scratch))} {shlex.join(mmdebstrap)} >&2",
        f"cat {shlex.quote(str(archive))}",
    )
    return [*tied_to_us(), "/bin/sh", "-c", " && ".join(steps)]


def _complaint(told: str) -> str:
    """The first thing that went wrong: what follows it is its consequence."""
    words = [line for line in told.splitlines() if line.startswith("E:")]
    return printable_text((words or ["no reason given"])[0])[:300]


def _mirror() -> str:
    """The Debian mirror that this machine's apt uses."""
    told = subprocess.run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI)|$(ORIGIN)|$(LABEL)",
            "Created-By: Packages",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    sources = [line.split("|") for line in told.stdout.splitlines()]
    for address, *made_by in sources:
        if made_by == ["Debian", "Debian"]:
            return address
    # Before the first `apt-get update` apt does not know who made a source.
    for address, *_ in sources:
        if address.rstrip("/").endswith("/debian"):
            return address
    raise RootfsError("apt's sources name no Debian mirror")
