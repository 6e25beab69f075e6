"""One unbound for the lab: authoritative for its zones, validating, with nothing to ask outside."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import dns.asyncquery
import dns.exception
import dns.message

from mailassay.lab.plan import RESOLVER_ADDRESS
from mailassay.lab.zones import ZoneFiles

START_DEADLINE = 10.0
# [time] unbound[pid:thread] info: client name type class rcode seconds cached octets
LINE = re.compile(
    r"^\[\d+\] unbound\[[^]]*\] info: \S+ (?P<name>\S+) (?P<type>\S+) IN (?P<rcode>[A-Z]+) "
)
MAX_LOG = 20_000_000


@dataclass(frozen=True)
class Answer:
    """An answer that the resolver gave: owner name, type, response code."""

    name: str
    type: str
    rcode: str

    def __str__(self) -> str:
        return f"{self.name} {self.type}: {self.rcode}"


class ResolverError(Exception):
    """The lab's resolver does not run; the text holds its own last words."""


class Resolver:
    """An async context manager around the daemon."""

    def __init__(self, zones: ZoneFiles, folder: Path) -> None:
        self._zones = zones
        self._folder = folder
        self._log = folder / "unbound.log"
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Resolver:
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "unbound.conf"
        configuration.write_text(self._configuration(), encoding="ascii")
        program = shutil.which("unbound", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if program is None:
            raise ResolverError("the program unbound is missing (package unbound)")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "-d", "-c", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await self._until_it_answers()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait)

    async def reload(self, zone: str) -> None:
        """Reads a zone's file anew; what is cached stays for its time to live."""
        process = await asyncio.create_subprocess_exec(
            "/usr/sbin/unbound-control", "-c", str(self._folder / "unbound.conf"),
            "auth_zone_reload", zone,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode != 0 or said.strip() != b"ok":
            raise ResolverError(f"unbound does not reload {zone}: {said!r}")

    async def _until_it_answers(self) -> None:
        assert self._process is not None
        question = dns.message.make_query("target.example.", "SOA")
        deadline = asyncio.get_running_loop().time() + START_DEADLINE
        while asyncio.get_running_loop().time() < deadline:
            if self._process.poll() is not None:
                break
            try:
                await dns.asyncquery.udp(question, RESOLVER_ADDRESS, timeout=0.2)
                return
            except (dns.exception.Timeout, OSError):
                # Nothing announces that the daemon is ready, so it is asked again.
                await asyncio.sleep(0.02)
        tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
        raise ResolverError(f"unbound does not answer: {' / '.join(tail)}")

    def answers(self, suffixes: tuple[str, ...]) -> list[Answer]:
        """What was answered about names at or below any of the suffixes, in order, once each."""
        with self._log.open("rb") as log:
            text = log.read(MAX_LOG).decode("utf-8", errors="replace")
        wanted = tuple(s.rstrip(".").lower() + "." for s in suffixes)
        found: dict[Answer, None] = {}
        for line in text.splitlines():
            match = LINE.match(line)
            if match is None:
                continue
            name = match["name"].lower()
            if any(name == s or name.endswith("." + s) for s in wanted):
                found[Answer(name, match["type"], match["rcode"])] = None
        return list(found)

    def _configuration(self) -> str:
        zones = "".join(
            f'auth-zone:\n  name: "{name}"\n  zonefile: "{file}"\n  for-upstream: yes\n'
            "  for-downstream: no\n  fallback-enabled: no\n"
            for name, file in self._zones.files.items()
        )
        return f"""server:
  interface: {RESOLVER_ADDRESS}
  port: 53
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{self._folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  log-replies: yes
  verbosity: 0
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "{self._zones.trust_anchor_file}"
  val-bogus-ttl: 1
  qname-minimisation: no
  local-zone: "127.in-addr.arpa." nodefault
remote-control:
  control-enable: yes
  control-interface: "{self._folder}/control"
  control-use-cert: no
{zones}"""
