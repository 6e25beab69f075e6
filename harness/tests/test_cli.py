"""The program knows every command of the harness."""

import re
import subprocess

import pytest

from mailassay.cli import main
from mailassay.paths import PROGRAM


def test_every_command_of_the_harness_is_one_of_the_program(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.search(r"^  COMMAND\n((?:    .*\n)+)", capsys.readouterr().out, re.MULTILINE)
    assert listed is not None
    names = re.findall(r"^    (\S+)", listed[1], re.MULTILINE)
    assert {"run", "merge", "publish"} <= set(names)
    for name in names:
        done = subprocess.run([PROGRAM, name, "--help"], capture_output=True, text=True)
        assert done.returncode == 0 and "unknown command" not in done.stderr, name
