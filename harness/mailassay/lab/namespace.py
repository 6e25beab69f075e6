"""A private network namespace in which the lab and the target run.

`enter` starts a program as process 1 of new network, mount and process namespaces.  In it the
whole of 127.0.0.0/8 and every port are free, and nothing can leave.  Nothing outlives it:

- every process in it dies with process 1;
- process 1 dies when the process that called `enter` does, in whatever way: it holds the reading
  end of a pipe (the lifeline) whose writing end only the caller has;
- scratch files live in a tmpfs that is mounted in the private mount namespace alone.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

LIFELINE = "MAILASSAY_LIFELINE"
# A plain user's own search path may lack the system programs that the lab is made with.
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PR_SET_PDEATHSIG = 1
LISTEN_ADDRESS = "127.0.0.25"
PLAIN_USER = ("--user", "--map-root-user", "--map-auto", "--setuid", "0", "--setgid", "0")
SCRATCH_SIZE = "4g"
# Existing directories that a tmpfs may be mounted over, for those in the namespace alone.
SCRATCH_CANDIDATES = ("/mnt", "/media", "/srv", "/opt")


class NamespaceUnavailable(Exception):
    """No private network can be had here; the text names what is missing."""


def enter(
    program: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int] = ()
) -> int:
    """Runs the program in the namespace; returns its exit code.

    Standard input, output and error and the descriptors are inherited.  SIGINT and SIGTERM end
    everything."""
    _require_tools()
    reader, writer = os.pipe()
    child = subprocess.Popen(
        [*_unshare(), *program],
        env={**environment, "PATH": SEARCH_PATH, LIFELINE: str(reader)},
        pass_fds=(reader, *descriptors),
        preexec_fn=die_with_parent,
    )
    os.close(reader)
    interrupted: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        # Closing the lifeline ends process 1, and with it everything else.
        if not interrupted:
            interrupted.append(number)
            os.close(writer)

    handlers = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = child.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if interrupted:
        return 128 + interrupted[0]
    os.close(writer)
    return code if code >= 0 else 128 - code


def _unshare() -> list[str]:
    return [*tied_to_us()[:-1], "--net", "--"]


def tied_to_us() -> list[str]:
    """The beginning of a command line that runs as root, or as root of a user namespace, with
    processes and mounts of its own; all of them end when the started process does."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command += PLAIN_USER
    return [*command, "--"]


def require_user_namespace() -> None:
    """Says in one line what a plain user lacks to be root of a user namespace."""
    if os.geteuid() == 0:
        return
    if shutil.which("newuidmap") is None:
        raise NamespaceUnavailable("a plain user needs newuidmap (package uidmap)")
    user = pwd.getpwuid(os.geteuid()).pw_name
    for ranges in (Path("/etc/subuid"), Path("/etc/subgid")):
        if not _has_range(ranges, user):
            raise NamespaceUnavailable(
                f"the user {user} has no range in {ranges} (see usermod --add-subuids, "
                "--add-subgids)"
            )


def _require_tools() -> None:
    """Says in one line what is missing, before anything is started."""
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None and not Path("/usr/sbin", tool).exists():
            raise NamespaceUnavailable(f"the program {tool} is missing (package {package})")
    require_user_namespace()
    probe = subprocess.run(
        [*_unshare(), "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )
    if probe.returncode != 0:
        why = probe.stderr.strip().splitlines() or ["no reason given"]
        raise NamespaceUnavailable(f"no private network namespace can be made: {why[-1]}")


def _has_range(file: Path, user: str) -> bool:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.split(":")[0] in (user, str(os.geteuid())) for line in lines)


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel kills the process when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def watch_lifeline() -> None:
    """In process 1: ends at once when whoever started the namespace is gone."""
    descriptor = int(os.environ[LIFELINE])

    def wait() -> None:
        while os.read(descriptor, 1):
            pass
        os._exit(128 + signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def prepare(keep_clear_of: Sequence[Path]) -> Path:
    """In the namespace: brings up the loopback network, mounts the scratch space; returns it.

    `keep_clear_of` are directories that must stay visible."""
    for command in (
        ["ip", "link", "set", "lo", "up"],
        # Postfix finds no interface to be its own on 127.0.0.1 alone.
        ["ip", "address", "add", f"{LISTEN_ADDRESS}/8", "dev", "lo"],
        ["mount", "--make-rprivate", "/"],
    ):
        subprocess.run(command, check=True)
    scratch = scratch_directory(keep_clear_of)
    subprocess.run(mount_scratch(scratch), check=True)
    return scratch


def mount_scratch(where: Path) -> list[str]:
    """The command that mounts scratch space there, in a mount namespace of our own."""
    options = f"mode=755,size={SCRATCH_SIZE}"
    return ["mount", "-t", "tmpfs", "-o", options, "mailassay", str(where)]


def scratch_directory(keep_clear_of: Sequence[Path]) -> Path:
    """An existing directory that scratch space may hide; `keep_clear_of` stays visible."""
    # A path counts as it is written and as what it leads to.
    wanted = [seen for path in keep_clear_of for seen in (path.absolute(), path.resolve())]
    for candidate in map(Path, SCRATCH_CANDIDATES):
        hides = any(path.is_relative_to(candidate) for path in wanted)
        if candidate.is_dir() and not candidate.is_symlink() and not hides:
            return candidate
    raise NamespaceUnavailable(f"none of {', '.join(SCRATCH_CANDIDATES)} is free for scratch space")


def use_resolver(scratch: Path, address: str) -> None:
    """Makes /etc/resolv.conf in the namespace name the lab's resolver."""
    own = scratch / "resolv.conf"
    own.write_text(f"nameserver {address}\noptions trust-ad edns0\n", encoding="ascii")
    there = Path("/etc/resolv.conf").resolve()
    if there.exists():
        subprocess.run(["mount", "--bind", str(own), str(there)], check=True)


def reexecute_apart(program: Sequence[str]) -> subprocess.Popen[bytes]:
    """In the namespace: starts a program in network and mount namespaces of its own, which share
    process 1 and so its end."""
    return subprocess.Popen(
        ["unshare", "--net", "--mount", "--", *program],
        preexec_fn=die_with_parent,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
