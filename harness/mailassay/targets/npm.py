"""Packages of the npm registry that a target is made of: fetched once, by name and version.

Nothing of a package is run while it is fetched (no install scripts).  What a package depends on is
taken as it was published before the recipe's date, so that the same recipe gives the same target
next year.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from mailassay.lab.namespace import die_with_parent
from mailassay.peers.transcript import printable_text
from mailassay.targets.cache import alone, cache_folder, digest
from mailassay.targets.model import NpmRecipe, Target

FETCH_DEADLINE = 300  # seconds
MODULES = "node_modules"
OPTIONS = (
    "--ignore-scripts",
    "--omit=dev",
    "--omit=optional",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--no-save",
    "--no-update-notifier",
    "--loglevel=error",
)


class NpmError(Exception):
    """The packages can't be had; the text is one line."""


def folder_for(target: Target) -> Path:
    """Where the target's packages are, below node_modules/, fetched or not."""
    assert target.npm is not None, "only targets with a recipe have packages"
    named = digest(*target.npm.packages, target.npm.before, *OPTIONS)
    return cache_folder() / "npm" / f"{target.name}-{named}"


def ensure(target: Target) -> Path:
    """The folder with the target's packages, fetched now if it is not there."""
    folder = folder_for(target)
    if (folder / MODULES).is_dir():
        return folder
    assert target.npm is not None
    with alone(folder.parent, target.name):
        if not folder.is_dir():
            _fetch(target.name, target.npm, folder)
    return folder


def _fetch(name: str, recipe: NpmRecipe, folder: Path) -> None:
    """The folder appears when it is whole."""
    for program in ("npm", "node"):
        if shutil.which(program) is None:
            raise NpmError(f"{name}: the program {program} is missing (Node.js 20 or newer)")
    for stale in folder.parent.glob(f".{name}-*.partial"):
        shutil.rmtree(stale)
    print(f"{name}: fetching {', '.join(recipe.packages)} by npm (once)", flush=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{name}-", suffix=".partial", dir=folder.parent))
    try:
        _run(name, recipe, partial)
        partial.chmod(0o755)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _run(name: str, recipe: NpmRecipe, partial: Path) -> None:
    command = ["npm", "install", "--prefix", str(partial), *OPTIONS]
    try:
        done = subprocess.run(
            [*command, f"--before={recipe.before}", *recipe.packages],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=partial,
            timeout=FETCH_DEADLINE,
            preexec_fn=die_with_parent,
        )
    except subprocess.TimeoutExpired:
        raise NpmError(f"{name}: npm took more than {FETCH_DEADLINE} s") from None
    if done.returncode != 0 or not (partial / MODULES).is_dir():
        raise NpmError(
            f"{name}: npm could not fetch {', '.join(recipe.packages)} (is there a network?): "
            f"{_complaint(done.stderr.decode('utf-8', errors='replace'))}"
        )


def _complaint(told: str) -> str:
    """The last thing that it says of an error, but for where its log is: the reason in words."""
    errors = [line.removeprefix("npm error ") for line in told.splitlines() if "error" in line]
    words = [line for line in errors if not line.startswith(("A complete log", "code "))]
    return printable_text((words or ["no reason given"])[0])[:300]
