"""What must hold after every step of an application's life, and at its end (invariants 3-6)."""

from collections import Counter

from hypothesis.stateful import invariant

from tests.reissues.life_model import NEEDS, OPEN, App
from tests.reissues.life_steps import STEPS, Life
from zhicheng.audit.verify import verify
from zhicheng.blanks.models import Holding
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.waiting import reissues_waiting


class TrueLife(Life):
    """Database and model say the same, and at a life's end both proofs hold."""

    def teardown(self) -> None:
        try:
            if self.olds:
                proof = reconcile()
                assert proof.passed, proof.faults
                report = verify()
                assert report.passed, report.faults
                self.no_application_is_lost()
        finally:
            super().teardown()

    @invariant()
    def every_application_is_where_the_model_says(self) -> None:
        found = {item.pk: item for item in Reissue.objects.all()}
        assert found.keys() == self.apps.keys()
        for pk, app in self.apps.items():
            item = found[pk]
            assert (item.state, item.lost_at is not None) == (app.state, app.lost), pk
        STEPS["moments compared"] += 1

    @invariant()
    def no_blank_without_complete_papers(self) -> None:
        live = {"unit", "filling", "on_certificate"}
        lying: dict[int, list[str]] = {pk: [] for pk in self.apps}
        for holding in Holding.objects.filter(custody__reissue__isnull=False).select_related(
            "custody"
        ):
            assert holding.custody.reissue is not None
            count = holding.serials.upper - holding.serials.lower
            lying[holding.custody.reissue] += [holding.custody.state] * count
        for pk, app in self.apps.items():
            states = Counter(lying[pk])
            wanted = Counter(
                {app.blank or "unit": 1 if app.blank else 0, "spoiled": app.waste + app.due}
            )
            wanted["on_certificate"] = 1 if app.state == "done" else 0
            got = Counter({name: n for name, n in states.items() if name in {*live, "spoiled"}})
            assert +got == +wanted, (pk, got, wanted)
            if got.keys() & live:
                assert app.papers >= NEEDS[app.kind]
                assert not app.turn
                assert app.handed or app.kind == "replacement"

    @invariant()
    def never_two_in_force(self) -> None:
        certificates = {item.pk: item for item in Certificate.objects.all()}
        for pk, old in self.olds.items():
            assert certificates[pk].in_force == (not old.void), pk
            if not old.void:
                assert (certificates[pk].lost_at is not None) == old.lost
        in_force: Counter[tuple[bytes, str]] = Counter()
        for item in certificates.values():
            if item.in_force:
                in_force[bytes(item.id_number_index), item.document_number] += 1
        assert set(in_force.values()) <= {1}
        assert sum(in_force.values()) == (3 if self.olds else 0)

    def no_application_is_lost(self) -> None:
        """Each one that isn't finished waits for its holder, or on somebody's task list."""
        named: set[str] = set()
        for account in self.city.accounts.values():
            for group in reissues_waiting(account):
                named |= {label.split(" ")[0] for label, _address, _since in group.items}
        for pk, app in self.apps.items():
            if app.state in (OPEN - {"returned"}) | {"closing"} and not self.only_lost(app):
                assert Reissue.objects.get(pk=pk).receipt_number in named, (pk, app)

    def only_lost(self, app: App) -> bool:
        """More than five of a kind aren't named on the first page; there are at most nine."""
        return len(self.apps) > 5
