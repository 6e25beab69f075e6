"""What a target claims to be, and which cases therefore apply to it."""

from __future__ import annotations

from dataclasses import dataclass

from mailassay.cases.registry import Case
from mailassay.verdicts import Edition, Mechanism, Role, mechanisms_of


@dataclass(frozen=True)
class Declaration:
    """What a target claims: a case outside of it is not applicable."""

    editions: tuple[Edition, ...]
    roles: tuple[Role, ...]
    options: tuple[str, ...]

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """Those that it has a role in."""
        return mechanisms_of(self.roles)

    def why_not(self, case: Case, edition: Edition) -> str | None:
        """Why the case does not apply; None when it does."""
        if edition not in case.editions:
            return f"the case is about the other edition than {edition}"
        missing = [r for r in case.roles if r not in self.roles]
        if missing:
            return f"the target does not declare the role {missing[0]}"
        lacking = [n for n in case.needs if n not in self.options]
        if lacking:
            return f"the target does not declare the option {lacking[0]}"
        return None
