"""Running the command line as a user does."""

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "harness")}
COMMAND = ["/usr/bin/python3", "-m", "mailassay"]

TARGET = """
name = "{name}"
title = "A test target"
[declare]
editions = ["rfc"]
roles = ["relay-server", "relay-client", "bounce-maker"]
options = ["settles-at-once"]
[reach]
kind = "process"
version = ["/bin/echo", "1"]
greeting_seconds = 3
command = ["/usr/bin/python3", "{script}", "{mode}", "${{address}}", "${{port}}"]
"""


def mailassay(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=ENVIRONMENT, timeout=timeout
    )


def hostile(folder: Path, mode: str) -> Path:
    """A target file for `hostile_target.py` in that mode."""
    name = f"hostile-{mode}"
    file = folder / f"{name}.toml"
    file.write_text(TARGET.format(name=name, mode=mode, script=HERE / "hostile_target.py"))
    return file
