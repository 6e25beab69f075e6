"""Root file systems are made once, whole or not at all, and leave nothing behind."""

import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mailassay import paths
from mailassay.lab.namespace import tied_to_us
from mailassay.targets.model import RootfsRecipe, Target, load
from mailassay.targets.rootfs import RootfsError, archive_for, ensure, lodging_of
from test_lifetime import descendants, wait_until

PYTHON = "/usr/bin/python3"
ENSURE = """
from mailassay import paths
from mailassay.targets import rootfs
from mailassay.targets.model import load
try:
    rootfs.ensure(load(paths.TARGETS / "postfix.toml"))
except rootfs.RootfsError as problem:
    print(problem)
"""
# Stands in for mmdebstrap: the last but one argument is the archive, as with the real one.
MAKES = 'for word; do archive=$last; last=$word; done; echo made >"$archive"; echo once >>"$COUNT"'
FAILS = 'echo "I: a start" >&2; echo "E: no such \033[1mmirror" >&2; echo "E: so what" >&2; exit 1'
HANGS = 'echo half >"$TMPDIR/half"; for word; do archive=$last; last=$word; done; ' \
    'echo half >"$archive"; touch "$COUNT"; sleep 4243'


@pytest.fixture
def postfix() -> Target:
    return load(paths.TARGETS / "postfix.toml")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAILASSAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNT", str(tmp_path / "count"))
    return tmp_path / "cache" / "rootfs"


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "mmdebstrap").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "mmdebstrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def files(cache: Path) -> list[str]:
    return sorted(f.name for f in cache.iterdir())


def test_an_archive_is_made_once(tmp_path, monkeypatch, cache, postfix, capsys) -> None:
    stand_in(tmp_path, monkeypatch, MAKES)
    archive = ensure(postfix)
    assert ensure(postfix) == archive == archive_for(postfix)
    assert archive.read_text() == "made\n"
    assert (tmp_path / "count").read_text() == "once\n"
    assert capsys.readouterr().out == "postfix: making a root file system of Debian forky (once)\n"
    assert files(cache) == [".postfix.lock", archive.name]


def test_another_recipe_is_another_archive(cache, postfix) -> None:
    assert postfix.rootfs is not None
    more = RootfsRecipe(postfix.rootfs.suite, (*postfix.rootfs.packages, "swaks"))
    assert archive_for(replace(postfix, rootfs=more)) != archive_for(postfix)


def test_a_shim_lodges_with_another_target_or_has_its_own() -> None:
    guest = load(paths.TARGETS / "reference-in-postfix.toml")
    lodging = lodging_of(guest)
    assert lodging is not None and lodging.name == guest.rootfs_of == "postfix"
    host = load(paths.TARGETS / "reference-release-in-postfix.toml")
    assert lodging_of(host) is host and host.rootfs is not None
    assert lodging_of(load(paths.TARGETS / "reference.toml")) is None


def test_a_failure_is_one_printable_line(tmp_path, monkeypatch, cache, postfix) -> None:
    stand_in(tmp_path, monkeypatch, FAILS)
    with pytest.raises(RootfsError) as caught:
        ensure(postfix)
    assert str(caught.value) == (
        "postfix: mmdebstrap could not make a root file system (is there a network?): "
        "E: no such \\x1b[1mmirror"
    )
    assert files(cache) == [".postfix.lock"]


def test_what_a_killed_run_left_is_removed(tmp_path, monkeypatch, cache, postfix) -> None:
    stand_in(tmp_path, monkeypatch, MAKES)
    cache.mkdir(parents=True)
    (cache / ".postfix-1.partial").write_text("half")
    archive = ensure(postfix)
    assert files(cache) == [".postfix.lock", archive.name]


def test_without_mmdebstrap(tmp_path, monkeypatch, cache, postfix) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RootfsError, match="mmdebstrap is missing"):
        ensure(postfix)


def test_nothing_outlives_a_build_that_is_killed(tmp_path, monkeypatch, cache) -> None:
    stand_in(tmp_path, monkeypatch, HANGS)
    marker = f"MAILASSAY_TEST_BUILD={os.getpid()}"
    mounts = Path("/proc/self/mounts").read_text()
    environment = {**os.environ, "PYTHONPATH": str(paths.HARNESS)}
    environment |= dict([marker.split("=")])
    build = subprocess.Popen([PYTHON, "-c", ENSURE], env=environment, stdout=subprocess.DEVNULL)
    assert wait_until((tmp_path / "count").exists)
    assert len(descendants(marker)) >= 4
    build.send_signal(signal.SIGKILL)
    build.wait()
    assert wait_until(lambda: not descendants(marker))
    assert Path("/proc/self/mounts").read_text() == mounts
    assert files(cache) == [".postfix.lock"]


def test_no_network_is_one_line(cache) -> None:
    done = subprocess.run(
        [*tied_to_us()[:-1], "--net", "--", PYTHON, "-c", ENSURE],
        env={**os.environ, "PYTHONPATH": str(paths.HARNESS)},
        capture_output=True, text=True, timeout=120,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2 and "is there a network?): E: Failed to fetch" in lines[1], lines
    assert files(cache) == [".postfix.lock"]
