"""Runs the tests of `inside/` in a private network: as who runs this, and as a plain user."""

import os
import subprocess
from pathlib import Path

import pytest

from mailassay import paths
from mailassay.targets.model import load
from mailassay.targets.rootfs import ensure
from plain_user import as_plain_user

HERE = Path(__file__).resolve().parent
ENTER = """
import os, sys
from mailassay.lab.namespace import enter
sys.exit(enter(sys.argv[1:], {**os.environ, "MAILASSAY_INSIDE": "1"}))
"""
LODGINGS = ("postfix", "sendmail", "reference-release-in-postfix")
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "inside")]


@pytest.fixture(scope="module")
def archives() -> list[Path]:
    """The root file systems whose programs some of the tests ask."""
    return [ensure(load(paths.TARGETS / f"{name}.toml")) for name in LODGINGS]


def enter_and_test(plain: bool, archives: list[Path]) -> str:
    command = ["/usr/bin/python3", "-c", ENTER, *PYTEST]
    done = subprocess.run(
        as_plain_user(command, archives) if plain else command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )
    return f"{done.stdout}{done.stderr}\nexit {done.returncode}"


def test_in_the_private_network(archives: list[Path]) -> None:
    told = enter_and_test(False, archives)
    assert told.endswith("exit 0"), told
    assert " passed" in told and " skipped" not in told, told


@pytest.mark.skipif(os.geteuid() != 0, reason="the test above runs as a plain user already")
def test_in_the_private_network_as_a_plain_user(archives: list[Path]) -> None:
    told = enter_and_test(True, archives)
    assert told.endswith("exit 0"), told
    assert " passed" in told and " skipped" not in told, told


def test_nothing_inside_is_run_outside() -> None:
    """The folder is empty to a pytest that does not stand in the private network."""
    outside = {k: v for k, v in os.environ.items() if k != "MAILASSAY_INSIDE"}
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "pytest", "-q", "--collect-only", str(HERE)],
        capture_output=True,
        text=True,
        env=outside,
    )
    assert "inside/" not in done.stdout
