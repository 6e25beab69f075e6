"""Packages of npm are fetched once, whole or not at all, by version, and run no scripts."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mailassay import paths
from mailassay.targets.model import NpmRecipe, Target, TargetError, load
from mailassay.targets.npm import NpmError, ensure, folder_for

# Stands in for npm: the third argument is the folder, as with the real one.
FETCHES = 'mkdir -p "$3/node_modules/smtp-server"; echo "$*" >>"$COUNT"'
FAILS = 'mkdir -p "$3/node_modules"; echo "npm error code E404" >&2; ' \
    'echo "npm error 404 \033[1mno such thing" >&2; echo "npm error A complete log" >&2; exit 1'
FETCHES_NOTHING = "exit 0"


@pytest.fixture
def server() -> Target:
    return load(paths.TARGETS / "smtp-server.toml")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAILASSAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNT", str(tmp_path / "count"))
    return tmp_path / "cache" / "npm"


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("npm", "node"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def files(cache: Path) -> list[str]:
    return sorted(f.name for f in cache.iterdir())


def test_packages_are_fetched_once(tmp_path, monkeypatch, cache, server, capsys) -> None:
    stand_in(tmp_path, monkeypatch, FETCHES)
    folder = ensure(server)
    assert ensure(server) == folder == folder_for(server)
    assert files(cache) == [".smtp-server.lock", folder.name]
    assert (folder / "node_modules" / "smtp-server").is_dir()
    (call,) = (tmp_path / "count").read_text().splitlines()
    assert "--ignore-scripts" in call.split()
    assert call.endswith(" --before=2026-11-20 smtp-server@3.21.6")
    told = capsys.readouterr().out
    assert told == "smtp-server: fetching smtp-server@3.21.6 by npm (once)\n"


def test_another_version_is_another_folder(cache, server) -> None:
    older = NpmRecipe(("smtp-server@3.0.0",), "2026-11-20")
    earlier = NpmRecipe(("smtp-server@3.21.6",), "2026-11-19")
    folders = {folder_for(replace(server, npm=r)) for r in (older, earlier, server.npm)}
    assert len(folders) == 3


def test_a_failure_is_one_printable_line(tmp_path, monkeypatch, cache, server) -> None:
    stand_in(tmp_path, monkeypatch, FAILS)
    with pytest.raises(NpmError) as caught:
        ensure(server)
    assert str(caught.value) == (
        "smtp-server: npm could not fetch smtp-server@3.21.6 (is there a network?): "
        "404 \\x1b[1mno such thing"
    )
    assert files(cache) == [".smtp-server.lock"]


def test_nothing_fetched_is_a_failure(tmp_path, monkeypatch, cache, server) -> None:
    stand_in(tmp_path, monkeypatch, FETCHES_NOTHING)
    with pytest.raises(NpmError, match="no reason given"):
        ensure(server)
    assert files(cache) == [".smtp-server.lock"]


def test_what_a_killed_run_left_is_removed(tmp_path, monkeypatch, cache, server) -> None:
    stand_in(tmp_path, monkeypatch, FETCHES)
    (cache / ".smtp-server-x.partial" / "node_modules").mkdir(parents=True)
    folder = ensure(server)
    assert files(cache) == [".smtp-server.lock", folder.name]


def test_without_npm(tmp_path, monkeypatch, cache, server) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NpmError, match="the program npm is missing"):
        ensure(server)


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ("smtp-server@3.21.6", "smtp-server", "is not name@version"),
        ("smtp-server@3.21.6", "smtp-server@^3.21.6", "is not name@version"),
        ("smtp-server@3.21.6", "--prefix=/@1.0.0", "is not name@version"),
        ('npm_before = "2026-11-20"', 'npm_before = "soon"', "npm_before a YYYY-MM-DD"),
        ('npm = ["smtp-server@3.21.6"]', "npm = []", "should name a package"),
        ('npm = ["smtp-server@3.21.6"]\nnpm_before = "2026-11-20"', "", "there is no reach.npm"),
        (
            'kind = "process"',
            'kind = "rootfs"\nsuite = "forky"\npackages = []',
            "reach.npm is not a known key",
        ),
    ],
)
def test_a_bad_recipe(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = (paths.TARGETS / "smtp-server.toml").read_text()
    assert old in text
    file = tmp_path / "smtp-server.toml"
    file.write_text(text.replace(old, new))
    with pytest.raises(TargetError, match=complaint):
        load(file)
