"""Steps of stock-taking: begun, counted, ended, confirmed by a second person (N18)."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.core.ledger_model_counts import Count
from tests.core.ledger_model_losses import OFFICE, UNIT
from tests.core.life import GRADES, Life
from tests.core.life_losses import ORGANIZATIONS
from zhicheng.blanks.stocktaking import (
    abandon_stocktake,
    confirm_stocktake,
    count_serials,
    finish_stocktake,
    resume_stocktake,
    start_stocktake,
)
from zhicheng.values.serials import ranges_of

NEVER_PRINTED = 990001


class CountLife(Life):
    """A custodian counts; the work goes on meanwhile, because each step is one of its own."""

    def running(self, *states: str) -> list[int]:
        """The stocktakes in these states."""
        return sorted(key for key, item in self.model.counts.items() if item.state in states)

    def counter(self, data: st.DataObject, item: Count) -> str:
        """Somebody of the custodian."""
        del item
        return data.draw(st.sampled_from(["clerk", "officer"]), label="counts")

    @precondition(lambda self: any(self.model.counted_by(who) for who in ORGANIZATIONS))
    @rule(data=st.data(), narrow=st.booleans())
    def take_stock(self, data: st.DataObject, narrow: bool) -> None:
        """Begins, and counts nearly everything that is there."""
        keepers = [who for who in ORGANIZATIONS if self.model.counted_by(who)]
        who = data.draw(st.sampled_from(keepers), label="custodian")
        grade = data.draw(st.sampled_from(["", *GRADES]), label="grade") if narrow else ""
        states = OFFICE if who == "office" else UNIT
        scope = data.draw(st.sampled_from(["", *states]), label="scope") if narrow else ""
        started = self.model.start(who, grade, scope)
        made = self.attempt(
            started is not None,
            start_stocktake,
            actor=self.city.who(who, "clerk"),
            grade=grade,
            scope=scope,
        )
        if started is not None:
            self.model.counts[made.pk] = started
            self.count_nearly_all(data, made.pk)

    def count_nearly_all(self, data: st.DataObject, number: int) -> None:
        """What is before the counter, without some, and now and then with a strange one."""
        item = self.model.counts[number]
        there = self.model.before(item.organization, item.grade, item.scope) - item.counted
        seen = there - set(self.some(data, there)[:2])
        match data.draw(st.integers(0, 6), label="strange"):
            case 0:
                seen.add(NEVER_PRINTED)
            case 1 | 2:
                seen.add(data.draw(st.sampled_from(sorted(self.model.where)), label="found here"))
        if seen:
            self.attempt(
                self.model.count(item, sorted(seen)),
                count_serials,
                actor=self.city.who(item.organization, self.counter(data, item)),
                stocktake_id=number,
                serials=ranges_of(sorted(seen)),
            )

    @precondition(lambda self: self.running("counting"))
    @rule(data=st.data(), more=st.booleans())
    def count_on_and_finish(self, data: st.DataObject, more: bool) -> None:
        """Another sitting, and then the differences."""
        number = data.draw(st.sampled_from(self.running("counting")), label="stocktake")
        item = self.model.counts[number]
        if more:
            self.count_nearly_all(data, number)
        role = self.counter(data, item)
        self.attempt(
            self.model.finish(item, f"{item.organization}.{role}"),
            finish_stocktake,
            actor=self.city.who(item.organization, role),
            stocktake_id=number,
        )

    @precondition(lambda self: self.running("finished"))
    @rule(
        data=st.data(), way=st.sampled_from(["confirm", "confirm", "confirm", "resume", "abandon"])
    )
    def end(self, data: st.DataObject, way: str) -> None:
        """Confirmed by a second person, taken up again, or given up."""
        number = data.draw(st.sampled_from(self.running("finished")), label="stocktake")
        item = self.model.counts[number]
        if way == "confirm":
            office = item.organization == "office"
            role = self.office(data) if office else "officer"
            self.attempt(
                self.model.confirm(item, f"{item.organization}.{role}"),
                confirm_stocktake,
                actor=self.city.who(item.organization, role),
                stocktake_id=number,
            )
        elif way == "resume":
            self.attempt(
                self.model.resume(item),
                resume_stocktake,
                actor=self.city.who(item.organization, "clerk"),
                stocktake_id=number,
            )
        else:
            self.attempt(
                self.model.abandon(item),
                abandon_stocktake,
                actor=self.city.who(item.organization, "clerk"),
                stocktake_id=number,
                note="改日再盘",
            )
