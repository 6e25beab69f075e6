"""The judged table of callout services: what each leaves whole, what it tells, and what it breaks.

`python3 -m mailassay.report.callouts REPORT.json` prints it; with `--check FILE` it ends with 1
unless the file holds it word for word."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mailassay.verdicts import FAILED, Outcome, Status, Verdict

COLUMNS = {
    "OPES trace": "milter/6/1",
    "S/MIME": "milter/6/2",
    "DKIM": "milter/6/3",
    "encrypted": "milter/6/4",
    "content": "milter/6/7",
    "envelope": "milter/6/8",
    "forged results": "milter/6/9",
    "says what it did": "milter/6/5",
    "reason of a refusal": "milter/6/6",
}
GOOD = {"milter/6/9": "removed", "milter/6/5": "yes", "milter/6/6": "yes"}
BAD = {"milter/6/9": "left", "milter/6/5": "no", "milter/6/6": "no"}


def table(told: dict[str, Any]) -> str:
    """The table as Markdown, from a report as JSON."""
    rows = ["| milter | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for target in told["targets"]:
        cells = (_cell(target, clause) for clause in COLUMNS.values())
        rows.append(f"| {target['target']} ({target['version']}) | " + " | ".join(cells) + " |")
    broken = [line for target in told["targets"] for line in _broken(target)]
    return "\n".join([*rows, "", *broken]) + "\n"


def _cell(target: dict[str, Any], clause: str) -> str:
    checks = [
        k for c in target["cases"] for k in c["checks"] if clause in k["requirements"]
    ]
    undecided = any(
        c["verdict"] in (Verdict.INCONCLUSIVE, Verdict.ERROR)
        for c in target["cases"] if clause in c["requirements"]
    )
    if not checks:
        return "?" if undecided else "–"
    broken = any(k["outcome"] == Outcome.BROKEN for k in checks)
    word = BAD.get(clause, "altered") if broken else GOOD.get(clause, "whole")
    return word + (" (?)" if undecided else "")


def _broken(target: dict[str, Any]) -> Iterator[str]:
    """A line for each clause that is broken, with the cases that show it."""
    failed = {c["name"] for c in target["cases"] if c["verdict"] in FAILED}
    for finding in target["findings"]:
        if finding["status"] in (Status.VIOLATES, Status.DEVIATES):
            cases = ", ".join(n.rsplit("/", 1)[1] for n in finding["cases"] if n in failed)
            yield f"- {target['target']}: `{finding['requirement']}` ({cases})"


def main(arguments: Sequence[str]) -> int:
    """Prints the table, or holds a file against it."""
    made = table(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    if arguments[1:2] != ["--check"]:
        print(made, end="")
        return 0
    if made in Path(arguments[2]).read_text(encoding="utf-8"):
        return 0
    print(f"{arguments[2]} does not hold the table of this run:\n{made}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
