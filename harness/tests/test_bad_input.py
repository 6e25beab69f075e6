"""Every bad input ends in one clear line and the right exit code."""

import json
import subprocess
from pathlib import Path

import pytest

from mailassay.job import _why_absent
from mailassay.targets.model import load
from support import TARGET, hostile, mailassay

ONE_CASE = ("--only", "requiretls/server/advertised-after-starttls")


def one_line(text: str) -> str:
    lines = [x for x in text.splitlines() if x]
    assert len(lines) == 1, text
    return lines[0]


def test_an_unknown_target() -> None:
    done = mailassay("run", "--target", "nobody")
    assert done.returncode == 2
    assert "no target is called 'nobody'" in one_line(done.stderr)


def test_a_filter_that_matches_nothing() -> None:
    done = mailassay("run", "--only", "no/such/*")
    assert done.returncode == 3
    assert "no case matches no/such/*" in one_line(done.stderr)


def test_a_shard_that_does_not_exist() -> None:
    done = mailassay("run", "--shard", "3/2")
    assert done.returncode == 2
    assert "'3/2' is not I/N" in done.stderr


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = mailassay("run", "--out", str(tmp_path / "file"), *ONE_CASE)
    assert done.returncode == 2
    assert "can't be written" in done.stderr


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ('title = "A test target"', 'title = 7', "title should be a string, not int"),
        ('title = "A test target"', "", "title should be a string and is missing"),
        ('kind = "process"', 'kind = "magic"', "reach.kind: 'magic' is none of process"),
        ('editions = ["rfc"]', 'editions = "rfc"', "declare.editions should be a list of strings"),
        ('editions = ["rfc"]', 'edition = ["rfc"]', "declare.editions should be a list"),
        ("[reach]", "[reach]\ncolour = 1", "reach.colour is not a known key"),
        ("${{port}}", "${{harbour}}", "names the unknown placeholder 'harbour'"),
        ("[declare]", "[declare", "hostile-x.toml:"),
        ('options = ["settles-at-once"]', 'options = ["magic"]', "'magic' is none of dane"),
    ],
)
def test_a_bad_target_file(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in TARGET
    file = tmp_path / "hostile-x.toml"
    file.write_text(TARGET.replace(old, new).format(name="hostile-x", mode="closes", script="x"))
    done = mailassay("run", "--target", str(file), *ONE_CASE)
    assert done.returncode == 2
    assert complaint in one_line(done.stderr)


@pytest.mark.parametrize(
    "mode, complaint",
    [("dies", "ended with 1: I would rather not"), ("silent", "no 220 within 3 s")],
)
def test_a_target_that_does_not_come_up(tmp_path: Path, mode: str, complaint: str) -> None:
    done = mailassay("run", "--target", str(hostile(tmp_path, mode)), "--out", str(tmp_path / "o"))
    assert done.returncode == 4
    assert complaint in one_line(done.stderr)
    assert not (tmp_path / "o" / "report.json").exists()


def test_the_others_run_when_one_target_does_not_come_up(tmp_path: Path) -> None:
    broken = hostile(tmp_path, "dies")
    recipe = 'kind = "rootfs"\nsuite = "no-such-suite"\npackages = ["postfix"]'
    absent = tmp_path / "hostile-absent.toml"
    absent.write_text(
        broken.read_text().replace("hostile-dies", absent.stem).replace('kind = "process"', recipe)
    )
    targets = [w for t in (str(absent), "reference", str(broken)) for w in ("--target", t)]
    done = mailassay("run", *targets, "--out", str(tmp_path / "o"), *ONE_CASE)
    assert done.returncode == 4, done.stdout + done.stderr
    report = json.loads((tmp_path / "o" / "report.json").read_text())
    assert report["outcome"] == "not all ran"
    assert [t["target"] for t in report["targets"]] == ["reference"]
    told = {u["target"]: u["reason"] for u in report["unavailable"]}
    assert set(told) == {"hostile-absent", "hostile-dies"}
    assert "I would rather not" in told["hostile-dies"]
    assert "no-such-suite" in told["hostile-absent"]
    assert "unavailable: hostile-absent" in done.stdout


def test_no_target_comes_up(tmp_path: Path) -> None:
    """Not "nothing ran": each is told of, and the code is that of one that does not come up."""
    dying = [hostile(tmp_path, mode) for mode in ("dies", "silent")]
    absent = tmp_path / "hostile-absent.toml"
    recipe = 'kind = "rootfs"\nsuite = "no-such-suite"\npackages = ["postfix"]'
    told = dying[0].read_text().replace("hostile-dies", absent.stem)
    absent.write_text(told.replace('kind = "process"', recipe))
    for number, targets in enumerate((dying, [absent, dying[0]])):
        out = tmp_path / f"o{number}"
        words = [w for t in targets for w in ("--target", str(t))]
        done = mailassay("run", *words, "--out", str(out), *ONE_CASE)
        assert done.returncode == 4, done.stdout + done.stderr
        report = json.loads((out / "report.json").read_text())
        assert report["outcome"] == "not all ran"
        assert {u["target"] for u in report["unavailable"]} == {t.stem for t in targets}


def test_a_target_whose_package_takes_too_long_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hostile(tmp_path, "dies")
    recipe = 'kind = "rootfs"\nsuite = "sid"\npackages = ["postfix"]'
    file.write_text(file.read_text().replace('kind = "process"', recipe))

    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired(["apt-get", "indextargets"], 60)

    monkeypatch.setenv("MAILASSAY_CACHE", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", late)
    assert _why_absent(load(file)) == "hostile-dies: apt-get took more than 60 s"


@pytest.mark.parametrize("mode", ["closes", "floods", "endless-lines", "eight-bit", "garbage"])
def test_a_target_that_misbehaves_gets_a_report(tmp_path: Path, mode: str) -> None:
    done = mailassay(
        "run", "--target", str(hostile(tmp_path, mode)), "--out", str(tmp_path / "o"),
        "--only", "requiretls/server/*",
    )
    assert done.returncode in (1, 4), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    page = (tmp_path / "o" / "index.html").read_text()
    assert "<script>alert" not in page
    assert "\x1b" not in done.stdout + page


def test_no_network_namespace_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the tool that makes one, the run says which tool."""
    for tool in ("bash", "env"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setitem(__import__("support").ENVIRONMENT, "PATH", str(tmp_path))
    done = mailassay("run", "--out", str(tmp_path / "o"), *ONE_CASE)
    assert done.returncode == 4
    assert "unshare is missing" in done.stderr or "is not there" in done.stderr
