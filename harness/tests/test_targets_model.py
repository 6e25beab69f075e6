"""Target files: those of the tree, and what a template becomes.  Bad ones: test_bad_input.py."""

from pathlib import Path

import pytest

from mailassay import paths
from mailassay.targets.model import (
    OPTIONS,
    PLACEHOLDERS,
    Reach,
    TargetError,
    fill,
    load,
    load_all,
)

README = (paths.TARGETS / "README.md").read_text()


def test_every_target_of_the_tree_loads() -> None:
    targets = {t.name: t for t in load_all(paths.TARGETS)}
    assert {"postfix", "reference"} <= set(targets)
    assert targets["postfix"].reach is Reach.ROOTFS
    assert targets["reference"].reach is Reach.PROCESS


def test_a_template_is_filled_and_a_lone_dollar_stays() -> None:
    assert fill("a ${x} $x $$ ${ x} ${x}", {"x": "1"}) == "a 1 $x $$ ${ x} 1"


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert fill("${x}", {"x": "${y}", "y": "no"}) == "${y}"


@pytest.mark.parametrize("name", sorted((*OPTIONS, *PLACEHOLDERS)))
def test_the_readme_tells_of_every_option_and_placeholder(name: str) -> None:
    assert f"`{name}`" in README or f"`${{{name}}}`" in README


def test_the_example_of_the_readme_is_a_target(tmp_path: Path) -> None:
    example = README.split("```toml\n", 1)[1].split("```", 1)[0]
    file = tmp_path / "my-server.toml"
    file.write_text(example)
    assert load(file).title == "My server"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="nobody.toml: there is no such file"):
        load(tmp_path / "nobody.toml")


def test_a_name_is_the_file_s(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text((paths.TARGETS / "reference.toml").read_text())
    with pytest.raises(TargetError, match="name should be 'other'"):
        load(file)
