"""The model's stock-taking: what was there, what was counted, and what follows (N18)."""

from dataclasses import dataclass, field

from tests.core.ledger_model_losses import Case, LossModel


@dataclass
class Count:
    """A stocktake of one organisation."""

    organization: str
    grade: str
    scope: str
    expected: set[int]
    counted: set[int] = field(default_factory=set)
    state: str = "counting"
    finished_by: str = ""
    missing: set[int] = field(default_factory=set)
    surplus: set[int] = field(default_factory=set)


@dataclass
class OfficeModel(LossModel):
    """Everything that can happen to a blank."""

    counts: dict[int, Count] = field(default_factory=dict)

    def before(self, organization: str, grade: str, scope: str) -> set[int]:
        """What lies before somebody who counts."""
        return {
            serial
            for serial in self.counted_by(organization)
            if (not grade or self.grade_of[serial] == grade)
            and (not scope or self.where[serial][0] == scope)
        }

    def start(self, organization: str, grade: str, scope: str) -> Count | None:
        """One at a time, and of something."""
        wanted = (organization, grade, scope)
        running = [
            item
            for item in self.counts.values()
            if (item.organization, item.grade, item.scope) == wanted
            and item.state in ("counting", "finished")
        ]
        expected = self.before(*wanted)
        return None if running or not expected else Count(*wanted, expected)

    def count(self, item: Count, serials: list[int]) -> bool:
        """Blocked ones are refused, with everything that was named beside them."""
        blocked = [
            s for s in serials if self.where.get(s, ("", None))[0] in ("lost", "written_off")
        ]
        if item.state != "counting" or not serials or blocked:
            return False
        item.counted |= set(serials)
        return True

    def finish(self, item: Count, who: str) -> bool:
        """What stayed and wasn't counted is missing; what never was here is surplus."""
        if item.state != "counting":
            return False
        now = self.before(item.organization, item.grade, item.scope)
        item.missing = (item.expected & now) - item.counted
        item.surplus = item.counted - item.expected - now
        item.state, item.finished_by = "finished", who
        return True

    @staticmethod
    def resume(item: Count) -> bool:
        """Back to counting."""
        if item.state != "finished":
            return False
        item.state, item.finished_by = "counting", ""
        item.missing, item.surplus = set(), set()
        return True

    @staticmethod
    def abandon(item: Count) -> bool:
        """Not when a shortage was seen."""
        if item.state not in ("counting", "finished") or item.missing:
            return False
        item.state = "abandoned"
        return True

    def confirm(self, item: Count, who: str) -> bool:
        """A second person: missing ones are lost, every difference is a case."""
        now = self.before(item.organization, item.grade, item.scope)
        if item.state != "finished" or item.finished_by == who or not item.missing <= now:
            return False
        self.lose(item.missing, "stock_shortage", who)
        by_grade: dict[str, set[int]] = {}
        for serial in item.surplus:
            by_grade.setdefault(self.grade_of.get(serial, ""), set()).add(serial)
        for grade, serials in by_grade.items():
            self.fresh.append(Case("stock_surplus", grade, serials, who))
        item.state = "confirmed"
        return True
