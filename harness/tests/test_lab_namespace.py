"""The private network: what it hides, what goes in and out, and what is said when there is none."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from mailassay.lab import namespace
from mailassay.lab.namespace import NamespaceUnavailable, enter, scratch_directory


def test_scratch_space_hides_nothing_that_is_needed(tmp_path: Path, monkeypatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (tmp_path / "link").symlink_to(first)
    monkeypatch.setattr(namespace, "SCRATCH_CANDIDATES", (str(first), str(second)))
    assert scratch_directory([]) == first
    assert scratch_directory([tmp_path]) == first
    assert scratch_directory([first / "report"]) == second
    assert scratch_directory([tmp_path / "link" / "report"]) == second
    with pytest.raises(NamespaceUnavailable, match="is free for scratch space"):
        scratch_directory([first, second])


def test_a_link_is_no_scratch_space(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setattr(namespace, "SCRATCH_CANDIDATES", (str(tmp_path / "link"),))
    with pytest.raises(NamespaceUnavailable):
        scratch_directory([])


@pytest.mark.parametrize("code", [0, 1, 4, 77])
def test_the_exit_code_comes_back(code: int) -> None:
    assert enter(["/bin/sh", "-c", f"exit {code}"], dict(os.environ)) == code


def test_a_signal_inside_is_an_exit_code() -> None:
    assert enter(["/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?"], dict(os.environ)) == 137


def test_inside_is_process_1_root_and_without_a_network(capfd) -> None:
    script = (
        "echo $$ $(id -u) $(ip -o link | wc -l) $(ip route | wc -l) $(ls -d /proc/[0-9]* | wc -l)"
    )
    assert enter(["/bin/sh", "-c", script], dict(os.environ)) == 0
    process, user, links, routes, processes = capfd.readouterr().out.split()
    assert (process, user, links, routes) == ("1", "0", "1", "0")
    assert int(processes) < 6


def test_descriptors_go_in_and_others_do_not() -> None:
    reader, writer = os.pipe()
    other, _ = os.pipe()
    script = f"echo told >&{writer}; [ ! -e /proc/self/fd/{other} ]"
    assert enter(["/bin/bash", "-c", script], dict(os.environ), [writer]) == 0
    assert os.read(reader, 100) == b"told\n"


def test_a_missing_tool_is_named(monkeypatch) -> None:
    monkeypatch.setattr(namespace.shutil, "which", lambda tool: None)
    with pytest.raises(NamespaceUnavailable, match="the program unshare is missing"):
        enter(["/bin/true"], {})


def test_a_user_without_newuidmap_or_range_is_told(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(namespace.os, "geteuid", lambda: 65534)
    monkeypatch.setattr(namespace, "_has_range", lambda file, user: False)
    user = pwd.getpwuid(65534).pw_name
    with pytest.raises(NamespaceUnavailable, match=f"{user} has no range in /etc/subuid"):
        namespace.require_user_namespace()
    monkeypatch.setattr(namespace.shutil, "which", lambda tool: None)
    with pytest.raises(NamespaceUnavailable, match="needs newuidmap"):
        namespace.require_user_namespace()


def test_a_refusal_of_the_kernel_is_one_line(monkeypatch) -> None:
    """As where the machine forbids it: the command that would make the namespace fails."""

    def refuse(command, **more):
        return subprocess.CompletedProcess(command, 1, "", "unshare: unshare failed: no\n")

    monkeypatch.setattr(namespace.subprocess, "run", refuse)
    with pytest.raises(NamespaceUnavailable) as caught:
        enter(["/bin/true"], {})
    told = "no private network namespace can be made: unshare: unshare failed: no"
    assert str(caught.value) == told
