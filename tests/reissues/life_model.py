"""What an application and its certificate are, as the notice knows them, without a database."""

from dataclasses import dataclass, field

OPEN = {"applied", "returned", "opinions", "granted", "collected", "making"}
UNDER_WAY = {"applied", "returned", "opinions", "granted"}
AT_UNIT = {"collected", "making"}
REQUIRED = {
    "health": ["applicant", "work_unit", "department", "approving"],
    "district": ["applicant", "work_unit", "district", "department", "approving"],
}
NEEDS = {"replacement": {"review_form", "newspaper"}, "renewal": {"review_form", "proof"}}


@dataclass
class Old:
    """A certificate in force, or what became of it."""

    void: bool = False
    lost: bool = False


@dataclass
class App:
    """An application as the notice knows it."""

    kind: str
    old: int
    unit: str
    state: str = "draft"
    papers: set[str] = field(default_factory=set)
    content: int = 0
    agreed: dict[str, int] = field(default_factory=dict)
    lost: bool = False
    handed: bool = False
    number: bool = False
    blank: str = ""  # "", "unit" or "filling"
    due: bool = False
    waste: int = 0
    made: str = ""  # the new certificate's state

    @property
    def turn(self) -> str:
        """Whose opinion is next."""
        given = [level for level, content in self.agreed.items() if content == self.content]
        return next((level for level in REQUIRED[self.unit] if level not in given), "")
