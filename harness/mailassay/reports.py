"""The commands that work on reports: diff, table, verify-report, merge, publish, baseline."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mailassay import baseline, paths
from mailassay.catalogue import load
from mailassay.exits import Exit, Stop
from mailassay.report import write_all
from mailassay.report.diff import Change, differences
from mailassay.report.files import one_line, write_whole
from mailassay.report.merge import MergeError, joined, left_out
from mailassay.report.publish import publish
from mailassay.report.read import read, read_whole, report_file
from mailassay.report.summary import print_summary
from mailassay.report.table import as_markdown, to_evidence
from mailassay.report.verify import evidence_of, problems
from mailassay.targets.model import load_all
from mailassay.verdicts import RunResult, Verdict

HALF_A_YEAR = datetime.timedelta(days=182)


def add_commands(commands: Any) -> None:
    """Adds them to a parser's subcommands."""
    diff = commands.add_parser("diff", help="what changed between two reports")
    diff.description = "Says what changed between two reports, case by case."
    diff.epilog = (
        "exit codes: 0 nothing is worse, 2 usage or no report, 5 something is: a case is broken "
        "that was not, or one that held or was decided is so no more"
    )
    diff.add_argument("first", type=Path, metavar="A", help="a folder of a report, or report.json")
    diff.add_argument("second", type=Path, metavar="B", help="a later one")
    diff.add_argument("--json", action="store_true", help="as JSON")
    diff.set_defaults(command=_diff)

    table = commands.add_parser("table", help="all targets by all requirements, as Markdown")
    table.add_argument("report", type=Path, metavar="REPORT")
    table.add_argument("--links", default="", metavar="PREFIX", help="put before evidence paths")
    table.set_defaults(command=_table)

    verify = commands.add_parser("verify-report", help="check that a report is whole")
    verify.description = (
        "Checks a report against its schema, its evidence against its hashes, and its verdicts, "
        "findings and exit code against its checks."
    )
    verify.epilog = "exit codes: 0 whole, 1 not, 2 usage or no report"
    verify.add_argument("report", type=Path, metavar="DIR")
    verify.set_defaults(command=_verify)

    merge = commands.add_parser("merge", help="join reports, of shards or of several targets")
    merge.description = (
        "Joins reports of one version of the suite into one. Each must be whole, and those that "
        "report the same case of the same target must agree on it."
    )
    merge.epilog = "exit codes: those of `run`, for all together; 2 when they can't be joined"
    merge.add_argument("reports", type=Path, nargs="+", metavar="REPORT")
    merge.add_argument("--out", type=Path, default=paths.DEFAULT_OUT, metavar="DIR")
    merge.set_defaults(command=_merge)

    kept = commands.add_parser("publish", help="write the table and a page for each target")
    kept.description = "Writes a report as it is kept in the tree, without what differs every time."
    kept.epilog = (
        "exit codes: 0 written, 2 usage or no report, 4 a target is unavailable or a case undecided"
    )
    kept.add_argument("report", type=Path, metavar="REPORT")
    kept.add_argument("--out", type=Path, required=True, metavar="DIR")
    kept.set_defaults(command=_publish)

    known = commands.add_parser("baseline", help="keep a baseline of known faults")
    actions = known.add_subparsers(required=True, metavar="ACTION")
    update = actions.add_parser("update", help="write the entries that a report calls for")
    update.description = (
        "Writes the entries that a report calls for. Reasons, links and expiries of those that "
        "stay are kept; new ones get the reason and link given here."
    )
    update.add_argument("report", type=Path, metavar="REPORT")
    update.add_argument("--baseline", type=Path, required=True, metavar="FILE")
    update.add_argument("--reason", default="", help="why new entries are lived with")
    update.add_argument("--link", default="", help="where new entries are followed up")
    update.add_argument("--expires", type=_date, metavar="YYYY-MM-DD", help="in half a year")
    update.set_defaults(command=_update)


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date, as in 2027-03-31") from None


def _diff(options: argparse.Namespace) -> int:
    catalogue = load(paths.CATALOGUE)
    found = differences(read(options.first)[0], read(options.second)[0], catalogue)
    if options.json:
        json.dump([dataclasses.asdict(d) for d in found], sys.stdout, indent=2)
        print()
    else:
        for d in found:
            print(one_line(f"{d.change:16}  {d.target} ({d.edition})  {d.case}"))
            print(one_line(f"    was {d.before}"))
            print(one_line(f"    is  {d.after}"))
        counts = Counter(d.change for d in found)
        print(", ".join(f"{counts[c]} {c}" for c in Change if counts[c]) or "no difference")
    regressed = any(d.worse for d in found)
    return int(Exit.REGRESSION if regressed else Exit.CONFORMANT)


def _table(options: argparse.Namespace) -> int:
    run, told = read(options.report)
    made = f"Made from a run of {run.started} (mailassay {run.program_version})."
    sys.stdout.write(as_markdown(run, told, to_evidence(told, options.links), made))
    return int(Exit.CONFORMANT)


def _verify(options: argparse.Namespace) -> int:
    run, told = read(options.report)
    folder = report_file(options.report).parent
    found = list(problems(run, told, folder, load(paths.CATALOGUE)))
    for problem in found:
        print(one_line(problem))
    count = sum(1 for _ in evidence_of(told))
    print(f"{count} files of evidence, {len(found)} problems")
    return int(Exit.NONCONFORMANT if found else Exit.CONFORMANT)


def _publish(options: argparse.Namespace) -> int:
    run = read_whole(options.report)
    undecided = next(_undecided(run), None)
    if undecided is not None:
        raise Stop(Exit.HARNESS_ERROR, one_line(f"{options.report}: not published: {undecided}"))
    publish(run, load(paths.CATALOGUE), options.out)
    return int(Exit.CONFORMANT)


def _undecided(run: RunResult) -> Iterator[str]:
    """What a report leaves open: a table with holes would say less than it seems to."""
    for absent in run.unavailable:
        yield f"{absent.target} is unavailable: {absent.reason}"
    for target in run.targets:
        for case in target.cases:
            if case.verdict in (Verdict.INCONCLUSIVE, Verdict.ERROR):
                yield f"{target.target} ({target.edition}) {case.name} is {case.verdict}"


def _merge(options: argparse.Namespace) -> int:
    catalogue = load(paths.CATALOGUE)
    folders = [report_file(r).parent.resolve() for r in options.reports]
    if options.out.resolve() in folders:
        raise Stop(Exit.USAGE, f"{options.out}: it is one of the reports to be joined")
    for report in options.reports:
        run, told = read(report)
        wrong = next(problems(run, told, report_file(report).parent, catalogue), None)
        if wrong is not None:
            raise Stop(Exit.USAGE, one_line(f"{report}: it is not whole: {wrong}"))
    try:
        made = joined([read_whole(r) for r in options.reports], catalogue)
    except MergeError as problem:
        raise Stop(Exit.USAGE, one_line(str(problem))) from None
    kept = {t.name: t.notes for t in load_all(paths.TARGETS)}
    write_all(made, catalogue, kept, options.out)
    print_summary(made, options.out)
    missing = left_out(made)
    if missing:
        print(f"in none of the reports: {len(missing)} cases of the suite, {missing[0]} first")
    return made.exit_code


def _update(options: argparse.Namespace) -> int:
    run, _ = read(options.report)
    catalogue = load(paths.CATALOGUE)
    old = baseline.load(options.baseline) if options.baseline.exists() else None
    entries_before = old.entries if old is not None else ()
    new = [
        b
        for b in baseline.broken_in(run.targets, catalogue)
        if baseline.explaining(entries_before, b) is None
    ]
    if new and not (options.reason.strip() and options.link.strip()):
        raise Stop(
            Exit.USAGE,
            f"{len(new)} new entries, {new[0].case} first: give them a --reason and a --link",
        )
    today = datetime.datetime.now(datetime.timezone.utc).date()
    entries = baseline.update(
        old,
        run.targets,
        catalogue,
        {"reason": options.reason, "link": options.link},
        options.expires or today + HALF_A_YEAR,
    )
    write_whole(options.baseline, baseline.as_toml(entries))
    print(f"{options.baseline}: {len(entries)} entries, {len(new)} of them new")
    return int(Exit.CONFORMANT)
