"""Targets are started, listened to and ended, whatever they do."""

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

from mailassay.targets.declaration import Declaration
from mailassay.targets.launch import MAX_OUTPUT, Launched, LaunchError, running as launch
from mailassay.targets.model import Reach, Target
from mailassay.verdicts import Edition, Role

SETTINGS = {"address": "127.0.0.25", "port": "25", "hostname": "mail.target.example"}
SERVE = """
import socketserver, subprocess, sys, time
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        {within}
        self.request.sendall(b"220 here\\r\\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
{before}
Server(("127.0.0.25", 25), Handler).serve_forever()
"""
DAEMON = 'subprocess.Popen(["setsid", "sleep", "4242"], start_new_session=True)'


def target(
    before: str,
    within: str = "",
    version: str = "print('a version')",
    command: str = SERVE,
) -> Target:
    python = sys.executable
    return Target(
        name="test",
        title="A test target",
        homepage="",
        reach=Reach.PROCESS,
        version_command=(python, "-c", version),
        command=(python, "-c", command.replace("{before}", before).replace("{within}", within)),
        declaration=Declaration((Edition.RFC,), (Role.RELAY_SERVER,), ()),
        files={"greeting": "for ${hostname}\n"},
        logs=("${dir}/greeting",),
        greeting_seconds=5,
    )


def launched(made: Target, scratch: Path, then=lambda up: None):  # type: ignore[no-untyped-def]
    async def run():  # type: ignore[no-untyped-def]
        async with launch(made, SETTINGS, scratch, None) as up:
            return then(up)

    return asyncio.run(run())


def running_commands() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (OSError, UnicodeDecodeError):
            continue
    return found


def test_a_target_is_up_with_its_files_and_gone_with_all_that_it_started(tmp_path: Path) -> None:
    def look(up: Launched) -> tuple[str, list[str], dict[str, str]]:
        return up.version, running_commands(), up.output()

    version, during, output = launched(target(DAEMON), tmp_path, look)
    assert version == "a version"
    assert any("sleep 4242" in c for c in during)
    assert output["greeting"] == "for mail.target.example\n"
    assert not any("sleep 4242" in c for c in running_commands())
    assert not list(tmp_path.iterdir())


def test_what_a_target_prints_is_bounded_and_printable(tmp_path: Path) -> None:
    flood = 'sys.stdout.write("x" * 79 + "\\n") ; sys.stdout.write("y" * 30_000_000)'
    last = 'sys.stdout.write("\\nthe \\x1b[31mend\\n"); sys.stdout.flush()'
    output = launched(target(f"{flood}; {last}"), tmp_path, lambda up: up.output())["target.output"]
    assert output.endswith("the \\x1b[31mend\n")
    assert len(output) <= 2 * MAX_OUTPUT


@pytest.mark.parametrize(
    "made, complaint",
    [
        (target("sys.exit('no such key')"), "test: ended with 1: no such key"),
        (target("", version="raise SystemExit('odd')"), "version command failed with 1: odd"),
        (target("", version=""), "version command failed with 0: it said nothing"),
        (target("", command="import time; time.sleep(99)"), "no 220 within 5 s: it said nothing"),
    ],
)
def test_what_does_not_come_up_is_one_line(tmp_path: Path, made: Target, complaint: str) -> None:
    with pytest.raises(LaunchError) as caught:
        launched(made, tmp_path)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_target_that_ends_during_the_run_is_told(tmp_path: Path, capsys) -> None:
    ends_at_the_second = "import os; GREETED and os._exit(7); GREETED.append(1)"

    async def run() -> None:
        made = target("GREETED = []", within=ends_at_the_second)
        async with launch(made, SETTINGS, tmp_path, None) as up:
            reader, _ = await asyncio.open_connection("127.0.0.25", 25)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            while up.alive:
                await asyncio.sleep(0)

    asyncio.run(run())
    told = capsys.readouterr().err
    assert told == "test: ended by itself with 7 before the run was over: it said nothing\n"
