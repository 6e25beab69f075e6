"""A user without any privilege can judge, and leaves nothing behind either."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from plain_user import as_plain_user
from support import COMMAND, ENVIRONMENT, hostile
from test_lifetime import descendants, wait_until

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="all other tests run as a plain user already"
)


def test_a_plain_user_judges_the_reference() -> None:
    command = [*COMMAND, "run", "--only", "requiretls/relay/onward-*"]
    done = subprocess.run(
        as_plain_user(command), capture_output=True, text=True, env=ENVIRONMENT, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conformant" in done.stdout


def test_a_plain_user_without_a_range_is_told(tmp_path: Path) -> None:
    words = as_plain_user([*COMMAND, "run"])
    words[words.index("-c") + 1] = words[words.index("-c") + 1].replace("nobody:3", "somebody:3")
    done = subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert done.returncode == 4
    assert "the user nobody has no range in /etc/subuid" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_run_of_a_plain_user(tmp_path: Path, number: signal.Signals) -> None:
    marker = f"MAILASSAY_TEST_PLAIN={os.getpid()}-{number}"
    mounts = Path("/proc/self/mounts").read_text()
    target = hostile(tmp_path, "never-answers")
    # The plain user may not be able to read our temporary files, so it writes its own.
    script = f'printf %s "$1" >{target.name}; shift; exec "$@"'
    run_it = [*COMMAND, "run", "--target", target.name]
    command = ["/bin/sh", "-c", script, "sh", target.read_text(), *run_it]
    run = subprocess.Popen(
        as_plain_user(command),
        env={**ENVIRONMENT, **dict([marker.split("=")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait_until(lambda: len(descendants(marker)) >= 6)
    run.send_signal(number)
    run.wait()
    assert wait_until(lambda: not descendants(marker))
    assert Path("/proc/self/mounts").read_text() == mounts
