"""The kill matrix: every deviant is run like any target, and must be caught.

A deviant is a correct program with one rule replaced (interop/deviants/): the reference, or a
server that does not know the extension.  A case catches it when a check of that case is broken on
the deviant and was not on its base.  The matrix is complete when every deviant is caught by some
case and every case catches some deviant.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mailassay import cover, paths
from mailassay.cases.registry import Case, Shard, all_cases, select
from mailassay.exits import Exit, Stop
from mailassay.job import Job, run_apart
from mailassay.targets.declaration import Declaration
from mailassay.targets.model import Reach, Target
from mailassay.targets.model import load as load_target
from mailassay.trial import Patience
from mailassay.verdicts import CaseResult, Edition, Outcome, Role, TargetResult, Verdict

# A deviant's silence is no accusation, so it is believed sooner than a real target's.
IMPATIENT = Patience(event=4.0, ending=4.0, answer=4.0, case=40.0)
WORKERS = 3
# With a handful of cases each, a deviant mostly waits.
COVER_WORKERS = 6


class Base(StrEnum):
    """What a deviant is but for its one fault; a case that fails there says nothing of it."""

    REFERENCE = "reference"
    UNAWARE = "unaware"  # a correct server that does not know the extension
    SECURE_HEADERS = "secure-headers"  # the reference as a signer and verifier
    PROCESSOR = "processor"  # the reference as a processor of OPES
    BORDER = "border"  # the reference as a gateway to X.400
    RELEASE = "release"  # the reference in the roles of Draft and Release
    UNAWARE_VERIFIER = "unaware-verifier"  # a correct client that does not know Secure Headers
    CALLOUT_SERVICE = "callout-service"  # a correct milter


@dataclass(frozen=True)
class Deviant:
    """One wrong implementation: `wrong` says how, in a sentence."""

    name: str
    wrong: str
    requirement: str
    editions: tuple[Edition, ...]
    base: Base


@dataclass(frozen=True)
class Matrix:
    """Which case catches which deviant, for one edition.  `unsound` are the cases that do not
    pass on a base itself."""

    edition: Edition
    deviants: tuple[Deviant, ...]
    cases: tuple[str, ...]
    catches: Mapping[str, tuple[str, ...]]
    unsound: tuple[str, ...]

    @property
    def survivors(self) -> tuple[str, ...]:
        """Deviants that no case catches."""
        return tuple(d.name for d in self.deviants if not self.catches.get(d.name))

    @property
    def toothless(self) -> tuple[str, ...]:
        """Cases that catch no deviant."""
        caught = {case for cases in self.catches.values() for case in cases}
        return tuple(c for c in self.cases if c not in caught)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's own options."""
    parser.description = "Runs every deviant and prints which case catches which."
    parser.epilog = (
        "exit codes: 0 the matrix is complete, 1 a deviant survives or a case catches none, "
        "3 nothing ran, 4 harness error"
    )
    parser.add_argument("--list", action="store_true", help="list the deviants and end")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--edition", choices=("rfc", "draft", "both"), default="both")
    parser.add_argument(
        "--deviant", action="append", default=[], metavar="NAME", help="only this; may be repeated"
    )
    parser.add_argument(
        "--base", choices=tuple(Base), help="only deviants of this base, and cases that apply to it"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="GLOB", help="only cases that match"
    )
    parser.add_argument(
        "--cover",
        action="store_true",
        help="run on each deviant only the cases listed in interop/deviants/cover.toml, "
        "which show as much in a fraction of the time",
    )
    parser.add_argument(
        "--write-cover", action="store_true",
        help="write that file, or the part of it that --base is about, from the matrix",
    )
    parser.set_defaults(command=main)


def registered() -> tuple[Deviant, ...]:
    """What `mailassay-deviant --list` tells, and its like for milters."""
    return (
        *_listed(str(paths.DEVIANT_PROGRAM)), *_listed("/usr/bin/python3", str(paths.CALLOUTS))
    )


def _listed(*program: str) -> Iterator[Deviant]:
    try:
        answer = subprocess.run(
            [*program, "--list"], check=True, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as problem:
        told = f"{program[-1]} does not list its deviants: {problem}"
        raise Stop(Exit.HARNESS_ERROR, told) from None
    return (_deviant(json.loads(line)) for line in answer.stdout.splitlines() if line)


def _deviant(told: Mapping[str, object]) -> Deviant:
    editions = told.get("editions", ["rfc", "draft"])
    assert isinstance(editions, list)
    return Deviant(
        name=str(told["name"]),
        wrong=str(told["wrong"]),
        requirement=str(told["requirement"]),
        editions=tuple(Edition(e) for e in editions),
        base=Base(str(told["base"])),
    )


def as_target(deviant: Deviant, bases: Mapping[Base, Target]) -> Target:
    """The base's target with the deviant in the place of the program."""
    base = bases[deviant.base]
    return dataclasses.replace(
        _run_by_deviant_program(base, deviant.name), name=deviant.name, title=deviant.wrong
    )


def base_targets() -> dict[Base, Target]:
    """The correct programs that deviants are measured against."""
    reference = load_target(paths.TARGETS / "reference.toml")
    unaware = dataclasses.replace(
        _run_by_deviant_program(reference, Base.UNAWARE),
        name=str(Base.UNAWARE),
        title="A server that does not know REQUIRETLS",
        declaration=Declaration((Edition.RFC,), (Role.UNAWARE_SERVER,), ()),
    )
    smime = load_target(paths.TARGETS / "reference-smime.toml")
    unaware_verifier = dataclasses.replace(
        _run_by_deviant_program(smime, Base.UNAWARE_VERIFIER),
        name=str(Base.UNAWARE_VERIFIER),
        title="A client that does not know Secure Headers",
        declaration=Declaration(tuple(Edition), (Role.UNAWARE_VERIFIER,), ()),
    )
    return {
        Base.REFERENCE: reference,
        Base.UNAWARE: unaware,
        Base.SECURE_HEADERS: smime,
        Base.PROCESSOR: load_target(paths.TARGETS / "reference-opes.toml"),
        Base.BORDER: load_target(paths.TARGETS / "reference-mixer.toml"),
        Base.RELEASE: load_target(paths.TARGETS / "reference-release.toml"),
        Base.UNAWARE_VERIFIER: unaware_verifier,
        Base.CALLOUT_SERVICE: load_target(paths.DEVIANTS / "callout-service.toml"),
    }


def _run_by_deviant_program(target: Target, name: str) -> Target:
    if target.reach is Reach.MILTER:
        told = (name if word == "sound-callout" else word for word in target.command)
        return dataclasses.replace(target, command=tuple(told))
    own = (str(paths.DEVIANT_PROGRAM), name)
    command = "shim" if target.reach is Reach.SHIM else "mta"
    server = (*own, *target.command[target.command.index(command):])
    submit = {m: (*own, *c[c.index("sendmail"):]) for m, c in target.submit.items()}
    return dataclasses.replace(target, command=server, submit=submit)


def main(options: argparse.Namespace) -> int:
    """`mailassay deviants`."""
    chosen = _choose(_of_base(registered(), options.base), options.deviant)
    if options.list:
        for d in chosen:
            print(json.dumps(dataclasses.asdict(d)) if options.json else f"{d.name}\n    {d.wrong}")
        return int(Exit.CONFORMANT)
    partial = bool(options.deviant or options.only)
    if (options.cover or options.write_cover) and (partial or options.edition != "both"):
        raise Stop(Exit.USAGE, "a cover is of all deviants, cases and editions")
    if options.cover:
        matrices = _covered(chosen)
    else:
        editions = {"rfc": ("rfc",), "draft": ("draft",), "both": ("rfc", "draft")}
        matrices = [
            _matrix(Edition(e), _of_edition(chosen, Edition(e)), _cases(options))
            for e in editions[options.edition]
        ]
    if options.json:
        json.dump([_as_json(m) for m in matrices], sys.stdout, indent=2)
        print()
    else:
        for matrix in matrices:
            _print(matrix, partial)
    code = _judge(matrices, partial)
    if options.write_cover and code is Exit.CONFORMANT:
        _write_cover(matrices, Base(options.base) if options.base else None)
    return int(code)


def _write_cover(matrices: Iterable[Matrix], base: Base | None) -> None:
    """The cover of the matrices; where they are of one base, the rest of the file stays."""
    found = cover.choose({m.edition: m.catches for m in matrices})
    if base is not None:
        others = {d.name for d in registered() if d.base is not base}
        found = _cover().only(others).joined(found)
    paths.COVER.write_text(found.text(), encoding="utf-8")


def _cases(options: argparse.Namespace) -> tuple[Case, ...]:
    """Those that the options ask for."""
    wanted = select(options.only, Shard())
    if options.base is None:
        return wanted
    declared = base_targets()[Base(options.base)].declaration
    return tuple(c for c in wanted if any(declared.why_not(c, e) is None for e in Edition))


def _of_base(deviants: tuple[Deviant, ...], base: str | None) -> tuple[Deviant, ...]:
    return tuple(d for d in deviants if base is None or d.base == base)


def _choose(all_of_them: tuple[Deviant, ...], names: list[str]) -> tuple[Deviant, ...]:
    unknown = set(names) - {d.name for d in all_of_them}
    if unknown:
        raise Stop(Exit.USAGE, f"no deviant is called '{sorted(unknown)[0]}'")
    chosen = tuple(d for d in all_of_them if not names or d.name in names)
    if not chosen:
        raise Stop(Exit.NOTHING_RAN, "there is no deviant to run")
    return chosen


def _of_edition(deviants: Iterable[Deviant], edition: Edition) -> tuple[Deviant, ...]:
    return tuple(d for d in deviants if edition in d.editions)


def missing(deviants: tuple[Deviant, ...]) -> tuple[str, ...]:
    """What the cover leaves out, a line each."""
    declared = [b.declaration for b in base_targets().values()]
    applicable = {
        e: [c.name for c in all_cases() if any(d.why_not(c, e) is None for d in declared)]
        for e in Edition
    }
    return cover.gaps(_cover(), {d.name: d.editions for d in deviants}, applicable)


def _cover() -> cover.Cover:
    try:
        return cover.load(paths.COVER)
    except cover.CoverError as problem:
        raise Stop(Exit.HARNESS_ERROR, str(problem)) from None


def _covered(deviants: tuple[Deviant, ...]) -> list[Matrix]:
    """The matrices of the cover for these; it must leave no deviant and no case out."""
    if lines := missing(registered()):
        told = "; ".join(lines[:5]) + ("; ..." if len(lines) > 5 else "")
        raise Stop(
            Exit.NONCONFORMANT, f"{paths.COVER}: {told}; mailassay deviants --write-cover mends it"
        )
    return [
        _matrix(
            edition,
            tuple(d for d in deviants if d.name in asked),
            [c for c in all_cases() if any(c.name in names for names in asked.values())],
            asked,
        )
        for edition, asked in _cover().only([d.name for d in deviants]).cases.items()
        if asked
    ]


def _matrix(
    edition: Edition,
    deviants: tuple[Deviant, ...],
    selected: Iterable[Case],
    asked: Mapping[str, tuple[str, ...]] | None = None,
) -> Matrix:
    """`asked` are the cases to run on each deviant, where not all are."""
    cases = tuple(c for c in selected if edition in c.editions)
    if not cases or not deviants:
        raise Stop(Exit.NOTHING_RAN, f"nothing to run in the edition {edition}")
    bases = base_targets()
    used = [b for b in Base if any(d.base is b for d in deviants)]
    job = Job(
        targets=(*(bases[b] for b in used), *(as_target(d, bases) for d in deviants)),
        editions=(edition,),
        cases=tuple(c.name for c in cases),
        filters=(),
        out=Path(),
        patience=IMPATIENT,
        workers=COVER_WORKERS if asked else WORKERS,
        cases_of=asked or {},
    )
    results = {r.target: r for r in run_apart(job)}
    sound = {b: {c.name: c for c in results[bases[b].name].cases} for b in used}
    catches = {d.name: _caught(results[d.name], sound[d.base]) for d in deviants}
    applied = {n: c for of_base in sound.values() for n, c in of_base.items() if _applies(c)}
    unsound = tuple(n for n, c in applied.items() if c.verdict is not Verdict.PASS)
    applicable = tuple(c.name for c in cases if c.name in applied)
    return Matrix(edition, deviants, applicable, catches, unsound)


def _applies(result: CaseResult) -> bool:
    return result.verdict is not Verdict.NOT_APPLICABLE


def _caught(result: TargetResult, sound: Mapping[str, CaseResult]) -> tuple[str, ...]:
    return tuple(c.name for c in result.cases if _broken(c) - _broken(sound[c.name]))


def _broken(result: CaseResult) -> set[tuple[str, ...]]:
    return {c.requirements for c in result.checks if c.outcome is Outcome.BROKEN}


def _judge(matrices: Iterable[Matrix], partial: bool) -> Exit:
    """A case has teeth when it bites in any edition that was run."""
    listed = list(matrices)
    if any(m.unsound for m in listed):
        return Exit.HARNESS_ERROR
    if any(m.survivors for m in listed):
        return Exit.NONCONFORMANT
    if not partial and _toothless_in_all(listed):
        return Exit.NONCONFORMANT
    return Exit.CONFORMANT


def _toothless_in_all(matrices: list[Matrix]) -> list[str]:
    biting = {c for m in matrices for c in m.cases if c not in m.toothless}
    return sorted({c for m in matrices for c in m.cases} - biting)


def _print(matrix: Matrix, partial: bool) -> None:
    width = max(len(d.name) for d in matrix.deviants)
    counts = f"{len(matrix.deviants)} deviants, {len(matrix.cases)} cases"
    print(f"\nedition {matrix.edition}: {counts}\n")
    for d in matrix.deviants:
        caught = matrix.catches[d.name]
        by = ", ".join(c.split("/", 1)[1] for c in caught) or "NOBODY"
        print(f"{d.name:{width}}  {len(caught):3}  {by}")
    for case in matrix.unsound:
        print(f"does not pass on a correct program: {case}")
    for name in matrix.survivors:
        print(f"survives: {name}")
    if not partial:
        for case in matrix.toothless:
            print(f"catches no deviant of this edition: {case}")
    caught_count = len(matrix.deviants) - len(matrix.survivors)
    print(f"\n{caught_count} caught, {len(matrix.survivors)} survived")


def _as_json(matrix: Matrix) -> dict[str, object]:
    return {
        "edition": matrix.edition,
        "deviants": {
            d.name: {
                "wrong": d.wrong,
                "requirement": d.requirement,
                "caught_by": matrix.catches[d.name],
            }
            for d in matrix.deviants
        },
        "survivors": matrix.survivors,
        "toothless": matrix.toothless,
        "unsound": matrix.unsound,
    }
