"""Steps of the unit and of the five opinions, up to the old certificate that is handed in."""

from tests.reissues.life_model import UNDER_WAY, App
from tests.reissues.life_steps import Life
from tests.support.reissues import TODAY, paper
from zhicheng.certificates.models import Certificate
from zhicheng.reissues import actions_old, actions_opinions


class OpinionLife(Life):
    """Everybody who says yes, no or not yet."""

    def may_accept(self, app: App) -> bool:
        return app.state == "applied"

    def do_accept(self, pk: int, app: App) -> None:
        self.accepting(pk, app, 2)

    def may_accept_one_copy(self, app: App) -> bool:
        return False

    def do_accept_one_copy(self, pk: int, app: App) -> None:
        self.accepting(pk, app, 1)

    def accepting(self, pk: int, app: App, copies: int) -> None:
        good = app.state == "applied" and copies == 2
        self.attempt(
            good,
            "accept",
            lambda: actions_opinions.accept(
                actor=self.clerk(app), reissue_id=pk, signed_on=TODAY, copies=copies
            ),
        )
        if good:
            app.state = "opinions"
            app.agreed["applicant"] = app.content
            if app.kind == "replacement":
                self.olds[app.old].lost = app.lost = True

    def may_accept_loss(self, app: App) -> bool:
        return app.kind == "replacement" and app.state in ("applied", "returned") and not app.lost

    def do_accept_loss(self, pk: int, app: App) -> None:
        good = self.may_accept_loss(app)
        self.attempt(
            good,
            "accept_loss",
            lambda: actions_opinions.accept_loss(actor=self.clerk(app), reissue_id=pk),
        )
        if good:
            self.olds[app.old].lost = app.lost = True

    def opine(self, pk: int, app: App, level: str, decision: str) -> bool:
        good = app.state == "opinions" and app.turn == level
        by = {"work_unit": "hospital", "department": app.unit, "approving": "health"}.get(level)

        def call() -> object:
            if by is None:
                return actions_opinions.record_opinion(
                    actor=self.clerk(app),
                    reissue_id=pk,
                    level=level,
                    decision=decision,
                    text="原因",
                    given_on=TODAY,
                    scan=paper(),
                )
            return actions_opinions.opine(
                actor=self.city.who(by, "officer"),
                reissue_id=pk,
                level=level,
                decision=decision,
                text="原因",
            )

        self.attempt(good, f"{decision} at {level}", call)
        return good

    def may_agree(self, app: App) -> bool:
        return app.state == "opinions" and app.turn not in ("", "applicant")

    def do_agree(self, pk: int, app: App) -> None:
        level = app.turn or "approving"
        if self.opine(pk, app, level, "agree"):
            app.agreed[level] = app.content
            if not app.turn:
                app.state = "granted"

    def may_agree_out_of_order(self, app: App) -> bool:
        return False

    def do_agree_out_of_order(self, pk: int, app: App) -> None:
        for level in ("work_unit", "district", "department", "approving"):
            if level != app.turn or app.state != "opinions":
                self.opine(pk, app, level, "agree")

    def may_send_back_by_opinion(self, app: App) -> bool:
        return self.may_agree(app)

    def do_send_back_by_opinion(self, pk: int, app: App) -> None:
        if self.opine(pk, app, app.turn or "approving", "return"):
            app.state = "returned"

    def may_refuse_by_opinion(self, app: App) -> bool:
        return self.may_agree(app)

    def do_refuse_by_opinion(self, pk: int, app: App) -> None:
        if self.opine(pk, app, app.turn or "approving", "refuse"):
            self.ended(app, "refused")

    def may_send_back(self, app: App) -> bool:
        return app.state in ("applied", "opinions", "granted")

    def do_send_back(self, pk: int, app: App) -> None:
        good = self.may_send_back(app)
        self.attempt(
            good,
            "send_back",
            lambda: actions_opinions.return_application(
                actor=self.clerk(app), reissue_id=pk, reason="材料不清"
            ),
        )
        if good:
            app.state = "returned"

    def may_refuse(self, app: App) -> bool:
        return app.state in UNDER_WAY

    def do_refuse(self, pk: int, app: App) -> None:
        good = self.may_refuse(app)
        self.attempt(
            good,
            "refuse",
            lambda: actions_opinions.refuse(
                actor=self.city.who(app.unit, "officer"), reissue_id=pk, reason="不符"
            ),
        )
        if good:
            self.ended(app, "refused")

    def may_hand_in(self, app: App) -> bool:
        before = app.kind == "renewal" and app.state in UNDER_WAY
        return (before or app.state == "done") and not app.handed

    def do_hand_in(self, pk: int, app: App) -> None:
        good = self.may_hand_in(app)
        number = Certificate.objects.get(pk=app.old).number
        self.attempt(
            good,
            "hand_in",
            lambda: actions_old.hand_in(
                actor=self.clerk(app), reissue_id=pk, number=number, received_on=TODAY
            ),
        )
        app.handed = app.handed or good
