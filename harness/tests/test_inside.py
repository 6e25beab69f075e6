"""Runs the tests of `inside/` in a private network."""

import os
import subprocess
from pathlib import Path

from mailassay.lab.namespace import enter

HERE = Path(__file__).resolve().parent
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "inside")]


def environment() -> dict[str, str]:
    return {**os.environ, "MAILASSAY_INSIDE": "1", "PYTHONPATH": str(HERE.parent)}


def test_in_the_private_network(capfd) -> None:
    code = enter(PYTEST, environment())
    told = capfd.readouterr().out
    assert code == 0 and " passed" in told, told


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
