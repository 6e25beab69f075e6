"""The harness's part of the command line: run, targets, cases, requirements, deviants."""

from __future__ import annotations

import argparse
import json
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from mailassay import baseline, deviants, paths, reports
from mailassay.baseline import BaselineError
from mailassay.cases.registry import Shard, all_cases, select
from mailassay.catalogue import CatalogueError, Requirement, load
from mailassay.exits import Exit, Stop
from mailassay.job import Job, judge
from mailassay.report.read import UnreadableReport
from mailassay.targets.model import Target, TargetError, load_all
from mailassay.targets.model import load as load_target
from mailassay.verdicts import Edition

EDITIONS = {"rfc": (Edition.RFC,), "draft": (Edition.DRAFT,), "both": (Edition.RFC, Edition.DRAFT)}


def main(arguments: Sequence[str]) -> int:
    """Runs one subcommand; returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return int(command(options))
    except Stop as stop:
        print(f"mailassay: {stop.line}", file=sys.stderr)
        return int(stop.code)
    except (TargetError, CatalogueError, BaselineError, UnreadableReport) as problem:
        print(f"mailassay: {problem}", file=sys.stderr)
        return int(Exit.USAGE)
    except BrokenPipeError:
        return int(Exit.HARNESS_ERROR)
    except Exception:
        # A fault of ours must never look like a verdict, which Python's own exit code 1 would.
        traceback.print_exc()
        return int(Exit.HARNESS_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mailassay",
        description="Judges implementations of secure-mail mechanisms and shows the evidence.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="judge targets, write a report"))
    for name, command, text in (
        ("targets", _targets, "list what can be judged"),
        ("cases", _cases, "list what is tested"),
    ):
        listing = commands.add_parser(name, help=text, description=text)
        listing.add_argument("--json", action="store_true", help="as JSON")
        listing.set_defaults(command=command)
    requirements = commands.add_parser("requirements", help="list every clause")
    requirements.add_argument("--json", action="store_true", help="as JSON")
    requirements.add_argument("--edition", choices=EDITIONS, default="rfc")
    requirements.set_defaults(command=_requirements)
    deviants.add_arguments(
        commands.add_parser("deviants", help="the kill matrix: which case catches which deviant")
    )
    reports.add_commands(commands)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.description = "Judges targets and writes a report."
    run.epilog = (
        "exit codes: 0 conformant, 1 nonconformant, 2 usage, 3 nothing ran, "
        "4 harness error, inconclusive or not all ran, 5 regression against the baseline, "
        "6 stale baseline"
    )
    run.add_argument(
        "--all-targets", action="store_true", help="all of `mailassay targets`"
    )
    run.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="known faults (TOML): what is wrong and not in it is a regression",
    )
    run.add_argument(
        "--target",
        action="append",
        metavar="T",
        help="a name from `mailassay targets`, or the path of a target file; may be repeated "
        "(default: the reference, in all its roles)",
    )
    run.add_argument("--edition", choices=EDITIONS, default="rfc", help="default: rfc")
    run.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="GLOB",
        help="only cases whose name matches, as in 'requiretls/relay/*'; may be repeated",
    )
    run.add_argument(
        "--shard", type=_shard, default=Shard(), metavar="I/N", help="only share I of N"
    )
    run.add_argument(
        "--out",
        type=Path,
        default=paths.DEFAULT_OUT,
        metavar="DIR",
        help=f"where the report goes (default: {paths.DEFAULT_OUT})",
    )
    run.set_defaults(command=_run)


# The reference takes part as a server and as an adapter.
REFERENCES = [
    "reference", "reference-smime", "reference-opes", "reference-mixer", "reference-release",
]


def _shard(text: str) -> Shard:
    match = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text)
    if match is None or int(match[1]) > int(match[2]):
        raise argparse.ArgumentTypeError(f"'{text}' is not I/N with 1 <= I <= N, as in 2/5")
    return Shard(int(match[1]), int(match[2]))


def _find_target(name: str) -> Target:
    if "/" in name or name.endswith(".toml"):
        return load_target(Path(name))
    file = paths.TARGETS / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not file.is_file():
        known = ", ".join(t.name for t in load_all(paths.TARGETS))
        raise Stop(Exit.USAGE, f"no target is called '{name}'; there are: {known}")
    return load_target(file)


def _run(options: argparse.Namespace) -> int:
    if options.all_targets and options.target:
        raise Stop(Exit.USAGE, "--all-targets and --target exclude each other")
    targets = [_find_target(name) for name in options.target or REFERENCES]
    if options.all_targets:
        targets = load_all(paths.TARGETS)
    cases = select(options.only, options.shard)
    if not cases:
        raise Stop(
            Exit.NOTHING_RAN,
            f"no case matches {' '.join(options.only) or 'this shard'}; see `mailassay cases`",
        )
    if not options.target:
        # Of targets that nobody named, those that the cases are about.
        wanted = {c.mechanism for c in cases}
        targets = [t for t in targets if wanted & set(t.declaration.mechanisms)]
    job = Job(
        targets=tuple(targets),
        editions=EDITIONS[options.edition],
        cases=tuple(c.name for c in cases),
        filters=tuple(options.only),
        out=options.out.absolute(),
        baseline=baseline.load(options.baseline) if options.baseline is not None else None,
    )
    return judge(job)


def _targets(options: argparse.Namespace) -> int:
    targets = load_all(paths.TARGETS)
    if options.json:
        _print_json([t.described() for t in targets])
        return 0
    for target in targets:
        roles = ", ".join(target.declaration.roles)
        print(f"{target.name:12} {target.title}\n{'':12} {roles}")
    return 0


def _cases(options: argparse.Namespace) -> int:
    if options.json:
        _print_json(
            [
                {
                    "name": c.name,
                    "title": c.title,
                    "description": c.description,
                    "roles": list(c.roles),
                    "requirements": list(c.requirements),
                    "editions": list(c.editions),
                    "needs": list(c.needs),
                }
                for c in all_cases()
            ]
        )
        return 0
    for c in all_cases():
        print(f"{c.name}\n    {c.title}")
    return 0


def _requirements(options: argparse.Namespace) -> int:
    catalogue = load(paths.CATALOGUE)
    editions = EDITIONS[options.edition]
    listed = list(dict.fromkeys(r for e in editions for r in catalogue.of_edition(e)))
    citing = _cases_by_requirement(listed, editions)
    if options.json:
        _print_json([{**r.described(), "cases": citing[r.id]} for r in listed])
        return 0
    for r in listed:
        print(f"{r.id:32} {r.level:7} {', '.join(r.roles)}")
        print(f"    {r.statement}")
        if citing[r.id]:
            print(f"    cases: {', '.join(citing[r.id])}")
        elif r.untestable:
            print(f"    untestable: {r.untestable}")
        else:
            print("    untested so far")
    return 0


def _cases_by_requirement(
    listed: Sequence[Requirement], editions: Sequence[Edition]
) -> dict[str, list[str]]:
    catalogue = load(paths.CATALOGUE)
    citing: dict[str, list[str]] = {r.id: [] for r in listed}
    for edition in editions:
        for c in all_cases():
            if edition not in c.editions:
                continue
            for cited in c.requirements:
                translated = catalogue.translate(cited, edition)
                if translated in citing and c.name not in citing[translated]:
                    citing[translated].append(c.name)
    return citing


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
