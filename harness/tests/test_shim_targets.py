"""Targets that speak the shim protocol badly: each ends in a verdict of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from mailassay import paths
from mailassay.targets.launch import Place
from mailassay.targets.model import Target, TargetError, load
from mailassay.targets.shim import Shim, ShimHang

CASE = "secure-headers/verifier/algorithm-unknown"
INFO = '{"name": "x", "version": "1", "operations": ["verify"]}'
SCRIPT = """
import json, os, sys, time
for line in sys.stdin:
    request = json.loads(line)
    name = request["id"]
    if request["op"] == "info":
        print(json.dumps({{"id": name, "result": {info}}}), flush=True)
        continue
    {act}
"""


def target(folder: Path, act: str, info: str = INFO) -> Path:
    script = folder / "shim.py"
    script.write_text(SCRIPT.format(info=info, act=act))
    file = folder / "odd.toml"
    file.write_text(
        'name = "odd"\ntitle = "Odd"\n[declare]\neditions = ["rfc"]\nroles = ["verifier"]\n'
        '[reach]\nkind = "shim"\nversion = ["/bin/echo", "1"]\n'
        f'command = ["/usr/bin/python3", "{script}"]\ngreeting_seconds = 5\n'
    )
    return file


def run(file: Path, out: Path, case: str = CASE) -> tuple[int, dict[str, object], str]:
    ended = subprocess.run(
        [paths.PROGRAM, "run", "--target", file, "--only", case, "--out", out],
        capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(paths.HARNESS)},
    )
    report = out / "report.json"
    told = json.loads(report.read_text()) if report.is_file() else {}
    case = told["targets"][0]["cases"][0] if told else {}
    return ended.returncode, case, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("act", "verdict", "told"),
    [
        ("os._exit(7)", "crash", "ended with code 7"),
        ("import ctypes; ctypes.string_at(0)", "crash", "ended with"),
        ("print('hello', flush=True)", "nonsense", "hello"),
        ("print(json.dumps({'id': 'x', 'result': {}}), flush=True)", "nonsense", "no answer"),
        ("print(json.dumps({'id': name, 'result': 3}), flush=True)", "nonsense", "no result"),
        (
            "print(json.dumps({'id': name, 'result': {'outcome': '<b>'}}), flush=True)",
            "nonsense", "<b>",
        ),
        (
            "print(json.dumps({'id': name, 'unimplemented': True}), flush=True)",
            "inconclusive", "does not implement",
        ),
        (
            "print(json.dumps({'id': name, 'unimplemented': True, 'reason': 'too odd'}), "
            "flush=True)",
            "inconclusive", "too odd",
        ),
        (
            "print(json.dumps({'id': name, 'error': 'no licence'}), flush=True)",
            "inconclusive", "no licence",
        ),
        (
            "print(json.dumps({'id': name, 'result': {'outcome': 'valid'}}), flush=True)",
            "fail", "valid",
        ),
    ],
)
def test_what_is_no_answer_has_its_verdict(
    tmp_path: Path, act: str, verdict: str, told: str
) -> None:
    code, case, said = run(target(tmp_path, act), tmp_path / "out")
    assert (case["verdict"], code) == (verdict, 4 if verdict == "inconclusive" else 1), said
    assert told in str(case["reason"])


@pytest.mark.parametrize(
    ("odd", "verdict", "told"),
    [
        ("len(request['message']) > 4000", "pass", "left out: too odd"),
        ("True", "inconclusive", "nothing was checked"),
    ],
)
def test_an_unaware_program_has_its_own_way_with_some_messages(
    tmp_path: Path, odd: str, verdict: str, told: str
) -> None:
    act = f"gap = {{'unimplemented': True, 'reason': 'too odd'}} if {odd} else None; " \
        "good = {'result': {'outcome': 'no-secure-headers', 'evidence': {'screen': 'S'}}}; " \
        "print(json.dumps({'id': name, **(gap or good)}), flush=True)"
    file = target(tmp_path, act)
    file.write_text(file.read_text().replace('"verifier"', '"unaware-verifier"'))
    code, case, said = run(file, tmp_path / "out", "secure-headers/unaware/attribute-is-ignored")
    assert (case["verdict"], code) == (verdict, 0 if verdict == "pass" else 4), said
    assert told in str(case["reason"])


def test_a_shim_that_can_not_say_what_it_is_is_not_judged(tmp_path: Path) -> None:
    code, case, said = run(target(tmp_path, "pass", info="{}"), tmp_path / "out")
    assert code == 4 and not case and "odd: no answer to 'info'" in said


@dataclass
class Alone:
    """Where a shim runs that no namespace is made for."""

    folder: Path
    target: Target

    def command(self, template: tuple[str, ...], more: Mapping[str, str]) -> list[str]:
        return list(template)


def test_silence_is_a_hang_and_the_next_request_finds_it_well(tmp_path: Path) -> None:
    act = "open('asked', 'x').close() if not os.path.exists('asked') else print(" \
        "json.dumps({'id': name, 'result': {'outcome': 'valid'}}), flush=True)"

    async def drive() -> object:
        shim = Shim(cast(Place, Alone(tmp_path, load(target(tmp_path, act)))))
        try:
            with pytest.raises(ShimHang, match="no answer to 'verify'"):
                await shim.ask("verify", {}, seconds=3.0)
            return await shim.ask("verify", {})
        finally:
            await shim.stop()

    assert asyncio.run(drive()) == {"outcome": "valid"}


def test_roles_and_kind_go_together(tmp_path: Path) -> None:
    file = target(tmp_path, "pass")
    file.write_text(file.read_text().replace('"verifier"', '"relay-server"'))
    with pytest.raises(TargetError, match="kind = 'shim'"):
        load(file)


@pytest.mark.parametrize(
    ("only", "judged"),
    [
        (CASE, ["reference-smime"]),
        ("requiretls/server/advertised-*", ["reference"]),
        ("*/server/advertised-*", ["reference"]),
    ],
)
def test_unless_named_only_targets_that_the_cases_are_about_are_judged(
    tmp_path: Path, only: str, judged: list[str]
) -> None:
    ended = subprocess.run(
        [paths.PROGRAM, "run", "--only", only, "--out", tmp_path], capture_output=True,
        text=True, timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads((tmp_path / "report.json").read_text())
    assert [t["target"] for t in told["targets"]] == judged
