#!/usr/bin/python3
"""What the role opes costs in Postfix: messages a second with it, beside a milter that changes
nothing, in turns.

    reference/bench/opes_in_postfix.py [MESSAGES [TURNS]]

The Postfix is that of the target postfix (`mailassay run --target postfix` fetches it), in a private
network.  The milter that changes nothing is `dca-in`, to which ordinary mail is none of its business:
it has the same front end.  The processor has no service, so that trace and bypass are all it does.

Beside the rate stands the time that the processors spend in Postfix and the milter, which other load on the
machine changes less.  Exit code 1: the cost in messages a second is above the tenth that it may be."""

from __future__ import annotations

import asyncio
import os
import smtplib
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "harness"), str(ROOT / "interop" / "shims")]

import postfix_authority as lab  # noqa: E402
from mailassay import paths  # noqa: E402
from mailassay.lab.namespace import enter, prepare  # noqa: E402
from mailassay.targets.model import load  # noqa: E402
from mailassay.targets.rootfs import archive_for, ensure  # noqa: E402

CLIENTS = 4
AUTHORITY = ROOT / "vectors" / "dca" / "keys" / "dca-rsa"
CONFIGS = {
    "dca-in": f'certificate = "{AUTHORITY}.pem"\nkey = "{AUTHORITY}.key.pem"\n',
    "opes": (
        'uri = "https://opes.example/"\nresponsible = "mailto:postmaster@opes.example"\n'
        f'own_clients = ["{lab.ADDRESS}"]\n'
    ),
}
MESSAGE = (
    b"OPES-Bypass: https://opes.example/spam\r\nOPES-System: https://other.example/\r\n"
    b"From: alice@example.org\r\nTo: bob@example.net\r\nSubject: one of many\r\n\r\n"
    + b"A line of an ordinary letter, as long as most of them are.\r\n" * 50
)


MOST_COST = 0.10


def spent() -> float:
    """Seconds that processors have spent for what runs in this network, without this program."""
    here = os.readlink("/proc/self/ns/net")
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name == str(os.getpid()) or os.readlink(process / "ns" / "net") != here:
                continue
            told = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(n) for n in told[11:15])  # its own, and of its children that have ended
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Rate:
    messages: float  # a second
    work: float      # of the processors, milliseconds a message


def hand_in(port: int, count: int) -> None:
    with smtplib.SMTP(lab.ADDRESS, port, timeout=60) as client:
        for _ in range(count):
            client.sendmail(lab.SENDER, [lab.RECIPIENT], MESSAGE)


async def turn(domain: lab.Domain, role: str, program: str, count: int) -> Rate:
    """From the first command to the last message at the next hop."""
    (domain.home / "milter.toml").write_text(CONFIGS[role], encoding="utf-8")
    quiet, sys.stderr = sys.stderr, open(os.devnull, "w", encoding="utf-8")
    try:
        async with lab.milter(program, role, domain.home):
            start, work = time.monotonic(), spent()
            await asyncio.gather(
                *(asyncio.to_thread(hand_in, domain.port, count // CLIENTS) for _ in range(CLIENTS))
            )
            for _ in range(count // CLIENTS * CLIENTS):
                came = await domain.next_hop.came.get()
                assert came.count(b"\nOPES-System:") == (2 if role == "opes" else 1)
            return Rate(count / (time.monotonic() - start), 1000 * (spent() - work) / count)
    finally:
        sys.stderr.close()
        sys.stderr = quiet


async def measure(count: int, turns: int, scratch: Path) -> int:
    next_hop = lab.NextHop()
    archive = archive_for(load(paths.TARGETS / "postfix.toml"))
    server = await asyncio.get_running_loop().create_server(
        lambda: lab.Endless(next_hop), lab.ADDRESS, lab.NEXT_HOP
    )
    rates: dict[str, list[Rate]] = {role: [] for role in CONFIGS}
    with tempfile.TemporaryDirectory(dir=scratch) as home:
        async with (
            server,
            lab.domain(
                lab.OUTSIDE, archive, Path(home) / "outside", next_hop, str(paths.PROGRAM)
            ) as domain,
        ):
            await turn(domain, "opes", str(paths.PROGRAM), CLIENTS)  # all programs read once
            for number in range(turns):
                order = list(CONFIGS) if number % 2 == 0 else list(reversed(CONFIGS))
                for role in order:
                    rate = await turn(domain, role, str(paths.PROGRAM), count)
                    rates[role].append(rate)
                    print(
                        f"turn {number + 1}  {role:7} {rate.messages:7.1f} messages/s"
                        f" {rate.work:6.2f} ms of work a message", flush=True,
                    )
    # Neighbours in time are held against each other, as the machine's load comes and goes.
    pairs = list(zip(rates["opes"], rates["dca-in"], strict=True))
    cost = statistics.median(1 - ours.messages / empty.messages for ours, empty in pairs)
    work = statistics.median(ours.work / empty.work - 1 for ours, empty in pairs)
    best = {role: max(rate.messages for rate in found) for role, found in rates.items()}
    print(f"best    dca-in {best['dca-in']:.1f}, opes {best['opes']:.1f} messages/s")
    print(
        f"opes costs {cost:+.1%} of the messages a second and {work:+.1%} more work, the medians of "
        f"{turns} pairs; load {os.getloadavg()[0]:.1f}"
    )
    return int(cost > MOST_COST)


def main(arguments: list[str]) -> int:
    if "MAILASSAY_INSIDE" not in os.environ:
        ensure(load(paths.TARGETS / "postfix.toml"))
        command = [sys.executable, str(Path(__file__).resolve()), *arguments]
        return int(enter(command, {**os.environ, "MAILASSAY_INSIDE": "1"}))
    scratch = prepare([Path(__file__).resolve(), archive_for(load(paths.TARGETS / "postfix.toml"))])
    count, turns = (int(a) for a in (arguments + ["400", "10"][len(arguments):])[:2])
    return asyncio.run(measure(count, turns, scratch))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
