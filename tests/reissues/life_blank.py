"""Steps of the blank and the new certificate, and what can happen to them."""

from tests.reissues.life_model import AT_UNIT, App, Old
from tests.reissues.life_steps import Life
from zhicheng.blanks import investigations
from zhicheng.blanks.models import Holding
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.reissues import actions_blank
from zhicheng.values.serials import SerialRange


class BlankLife(Life):
    """From the office's store to the holder's hand, or back."""

    def may_hand_out(self, app: App) -> bool:
        if app.state in AT_UNIT:
            return not app.blank and not app.due
        return app.state == "granted" and (app.kind == "replacement" or app.handed)

    def do_hand_out(self, pk: int, app: App) -> None:
        good = self.may_hand_out(app)
        self.attempt(
            good,
            "hand_out",
            lambda: actions_blank.hand_out(
                actor=self.city.who("office", "clerk"), reissue_id=pk, collected_by="王领取"
            ),
        )
        if good:
            app.blank = "unit"
            app.state = "making" if app.state == "making" else "collected"

    def may_give_number(self, app: App) -> bool:
        return app.state in ("opinions", "granted", "collected")

    def do_give_number(self, pk: int, app: App) -> None:
        good = self.may_give_number(app)
        self.numbers += 1
        self.attempt(
            good,
            "give_number",
            lambda: actions_blank.assign_number(
                actor=self.clerk(app), reissue_id=pk, number=f"新证{self.numbers:05d}"
            ),
        )
        app.number = app.number or good

    def may_fill(self, app: App) -> bool:
        begins = app.state == "collected" and app.number
        again = app.state == "making" and app.made == "awaiting_blank"
        return (begins or again) and app.blank == "unit"

    def do_fill(self, pk: int, app: App) -> None:
        good = self.may_fill(app)
        self.attempt(
            good,
            "fill",
            lambda: actions_blank.fill_in(actor=self.clerk(app), reissue_id=pk),
        )
        if good:
            app.state, app.made, app.blank = "making", "filled", "filling"

    def may_spoil(self, app: App) -> bool:
        return app.state in AT_UNIT and app.blank != ""

    def do_spoil(self, pk: int, app: App) -> None:
        good = self.may_spoil(app)
        self.attempt(
            good,
            "spoil",
            lambda: actions_blank.spoil(actor=self.clerk(app), reissue_id=pk, reason="misprint"),
        )
        if good:
            self.off_its_blank(app)
            app.due = True

    def off_its_blank(self, app: App) -> None:
        if app.blank == "filling":
            app.made = "awaiting_blank"
        app.blank = ""

    def may_exchange(self, app: App) -> bool:
        return app.state in AT_UNIT and app.due

    def do_exchange(self, pk: int, app: App) -> None:
        good = self.may_exchange(app)
        self.attempt(
            good,
            "exchange",
            lambda: actions_blank.exchange(actor=self.city.who("office", "officer"), reissue_id=pk),
        )
        if good:
            app.due, app.blank = False, "unit"

    def may_lose_blank(self, app: App) -> bool:
        return app.blank != ""

    def do_lose_blank(self, pk: int, app: App) -> None:
        lying = Holding.objects.filter(
            custody__reissue=pk, custody__state__in=["unit", "filling"]
        ).first()
        assert (lying is not None) == self.may_lose_blank(app)
        if lying is None:
            return
        serial = lying.serials.lower
        (case,) = self.attempt(
            True,
            "lose_blank",
            lambda: investigations.report_loss(
                actor=self.clerk(app), serials=[SerialRange(serial, serial)], note="找不到"
            ),
        )
        self.off_its_blank(app)
        # Every other one is found again: empty ones serve others, written ones are waste.
        self.losses += 1
        if self.losses % 2:
            empty = lying.custody.state == "unit"
            self.attempt(
                True,
                "blank found",
                lambda: investigations.settle_case(
                    actor=self.city.who("office", "officer"),
                    case_id=case.pk,
                    outcome="found",
                    conclusion="找到",
                ),
            )
            app.waste += 0 if empty else 1

    def may_seal(self, app: App) -> bool:
        return app.made == "filled"

    def do_seal(self, pk: int, app: App) -> None:
        good = self.may_seal(app)
        if app.made:
            officer = self.city.who(app.unit, "officer")
            self.attempt(good, "seal", lambda: path.seal(actor=officer, reissue=pk))
        if good:
            app.made = "sealed"

    def may_emboss(self, app: App) -> bool:
        return app.made == "sealed"

    def do_emboss(self, pk: int, app: App) -> None:
        good = self.may_emboss(app)
        if app.made:
            embosser = self.city.who("health", "embosser")
            self.attempt(good, "emboss", lambda: path.emboss(actor=embosser, reissue=pk))
        if good:
            app.made = "embossed"

    def may_issue(self, app: App) -> bool:
        return app.made == "embossed"

    def do_issue(self, pk: int, app: App) -> None:
        good = self.may_issue(app)
        if app.made:
            self.attempt(good, "issue", lambda: path.issue(actor=self.clerk(app), reissue=pk))
        if good:
            app.made, app.state, app.blank = "issued", "done", ""
            self.olds[app.old].void = True
            self.olds[Certificate.objects.get(reissue=pk).pk] = Old()

    def may_take_back(self, app: App) -> bool:
        return app.state == "closing"

    def do_take_back(self, pk: int, app: App) -> None:
        good = self.may_take_back(app)
        self.attempt(
            good,
            "take_back",
            lambda: actions_blank.take_back(actor=self.city.who("office", "clerk"), reissue_id=pk),
        )
        if good:
            app.state, app.blank = "ended", ""

    def may_return_spoiled(self, app: App) -> bool:
        return app.waste > 0

    def do_return_spoiled(self, pk: int, app: App) -> None:
        good = self.may_return_spoiled(app)
        self.attempt(
            good,
            "return_spoiled",
            lambda: actions_blank.return_spoiled(
                actor=self.city.who("office", "officer"), reissue_id=pk
            ),
        )
        if good:
            app.waste = 0
