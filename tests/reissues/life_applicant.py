"""Steps of the applicant: papers, another content, submitting, withdrawing, finding."""

from tests.reissues.life_model import AT_UNIT, NEEDS, UNDER_WAY, App
from tests.reissues.life_steps import Life
from tests.support.reissues import paper
from zhicheng.reissues import actions
from zhicheng.reissues.applicants import Applicant
from zhicheng.reissues.models import Reissue


class ApplicantLife(Life):
    """What the holder does, or whoever applies for the holder."""

    def may_add_paper(self, app: App) -> bool:
        return app.state in ("draft", "returned") and bool(NEEDS[app.kind] - app.papers)

    def do_add_paper(self, pk: int, app: App) -> None:
        kind = min(NEEDS[app.kind] - app.papers, default="review_form")
        good = app.state in ("draft", "returned")
        self.attempt(
            good,
            "add_paper",
            lambda: actions.add_evidence(
                actor=Applicant(pk),
                reissue_id=pk,
                kind=kind,
                field="specialty" if kind == "proof" else "",
                file=paper(),
            ),
        )
        if good:
            app.papers.add(kind)

    def may_remove_paper(self, app: App) -> bool:
        return app.state in ("draft", "returned") and bool(app.papers)

    def do_remove_paper(self, pk: int, app: App) -> None:
        kind = min(app.papers, default="")
        named = [
            item.pk
            for item in Reissue.objects.get(pk=pk).evidence.filter(kind=kind, removed_at=None)
        ]
        good = self.may_remove_paper(app)
        for item in named:
            self.attempt(
                good,
                "remove_paper",
                lambda item=item: actions.remove_evidence(
                    actor=Applicant(pk), reissue_id=pk, evidence_id=item
                ),
            )
        if good:
            app.papers.discard(kind)

    def may_amend(self, app: App) -> bool:
        return (
            app.state in ("draft", "returned")
            and not self.olds[app.old].void
            and not self.running(app.old, app)
        )

    def do_amend(self, pk: int, app: App) -> None:
        good = self.may_amend(app)
        self.attempt(
            good,
            "amend",
            lambda: actions.amend(
                actor=Applicant(pk),
                reissue_id=pk,
                application=self.form(app.kind, app.old, app.unit, app.content + 1),
            ),
        )
        if good and app.kind == "renewal":
            app.content += 1
            app.papers.discard("proof")

    def may_submit(self, app: App) -> bool:
        return self.may_amend(app) and app.papers >= NEEDS[app.kind]

    def do_submit(self, pk: int, app: App) -> None:
        good = self.may_submit(app)
        self.attempt(good, "submit", lambda: actions.submit(actor=Applicant(pk), reissue_id=pk))
        if good:
            app.state = "applied"

    def may_withdraw(self, app: App) -> bool:
        return app.state in UNDER_WAY | AT_UNIT | {"draft"}

    def do_withdraw(self, pk: int, app: App) -> None:
        good = self.may_withdraw(app)
        self.attempt(good, "withdraw", lambda: actions.withdraw(actor=Applicant(pk), reissue_id=pk))
        if good:
            self.ended(app, "ended")

    def may_find(self, app: App) -> bool:
        return app.kind == "replacement" and app.state in UNDER_WAY | AT_UNIT

    def do_find(self, pk: int, app: App) -> None:
        good = self.may_find(app)
        self.attempt(good, "find", lambda: actions.report_found(actor=Applicant(pk), reissue_id=pk))
        if good:
            self.ended(app, "ended")
