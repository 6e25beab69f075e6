"""The kill matrix: what deviants are measured against."""

from mailassay.deviants import Base, Deviant, Matrix, as_target, base_targets
from mailassay.targets.model import Reach
from mailassay.verdicts import Edition, Role


def deviant(base: Base) -> Deviant:
    return Deviant("forgets", "Forgets.", "rfc8689/4.1/1", (Edition.RFC,), base)


def test_a_deviant_is_run_as_its_base_is() -> None:
    bases = base_targets()
    for base in Base:
        made = as_target(deviant(base), bases)
        assert made.name == "forgets" and made.title == "Forgets."
        if bases[base].reach is Reach.MILTER:
            assert made.command[2:] == ("forgets", "${dir}/milter")
            continue
        shim = bases[base].reach is Reach.SHIM
        assert made.command[1:3] == ("forgets", "shim" if shim else "mta")
        assert made.declaration == bases[base].declaration
        assert made.files == bases[base].files


def test_the_unaware_base_claims_nothing_else() -> None:
    unaware = base_targets()[Base.UNAWARE]
    assert unaware.declaration.roles == (Role.UNAWARE_SERVER,)
    assert unaware.command[1:3] == ("unaware", "mta")


def test_a_matrix_names_survivors_and_toothless_cases() -> None:
    made = Matrix(
        Edition.RFC, (deviant(Base.REFERENCE),), ("one", "two"), {"forgets": ("two",)}, ()
    )
    assert made.survivors == () and made.toothless == ("one",)
    none = Matrix(Edition.RFC, (deviant(Base.REFERENCE),), ("one",), {"forgets": ()}, ())
    assert none.survivors == ("forgets",) and none.toothless == ("one",)
