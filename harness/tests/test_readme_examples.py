"""What the READMEs show of the program is what it does.

A block of ```console is a dialogue in an empty folder: behind `$ ` a command of bash, which goes on
behind `> `, and below it all that it prints.  `mailassay` is the program, `$vectors` the folder of
the vectors.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from mailassay import paths

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DEADLINE = 60
READMES = [
    readme for folder in ("reference", "vectors", "harness", "interop", "fuzz", "ci", "reports")
    for readme in sorted((paths.ROOT / folder).glob("**/README.md"))
    if BLOCK.search(readme.read_text("utf-8"))
]
WITH_EXAMPLE = {"dca", "mixer", "opes", "release", "secureheaders"}


def dialogue_of(block: str) -> list[tuple[str, str]]:
    """Each command with what is to be printed."""
    steps: list[tuple[str, str]] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            steps.append((line[2:], ""))
        elif line.startswith("> ") and not steps[-1][1]:
            steps[-1] = (steps[-1][0] + line[2:], "")
        else:
            steps[-1] = (steps[-1][0], steps[-1][1] + line)
    return steps


def test_modules_of_mechanisms_have_an_example() -> None:
    assert WITH_EXAMPLE <= {readme.parent.name for readme in READMES}


@pytest.mark.parametrize("readme", READMES, ids=lambda r: str(r.parent.relative_to(paths.ROOT)))
def test_an_example_is_as_it_is_shown(readme: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mailassay").symlink_to(paths.PROGRAM)
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "vectors": str(paths.ROOT / "vectors"),
    }
    for block in BLOCK.findall(readme.read_text("utf-8")):
        for command, wanted in dialogue_of(block):
            done = subprocess.run(
                ["bash", "-c", command], cwd=home, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE, check=False,
            )
            printed = done.stdout.decode("utf-8").replace("\r\n", "\n")
            assert printed == wanted, command
