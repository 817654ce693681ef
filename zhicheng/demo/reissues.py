"""Applications for replacement and renewal in every interesting state (附件2, N10-N14)."""

import io
from collections.abc import Generator
from datetime import date, datetime, timedelta
from functools import cache

from django.utils import timezone
from PIL import Image, ImageDraw

from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate, Origin
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.files.store import Prepared, prepare
from zhicheng.organizations.models import Account, Organization
from zhicheng.protection import reveal
from zhicheng.reissues import (
    actions,
    actions_blank,
    actions_old,
    actions_opinions,
    deadlines,
)
from zhicheng.reissues.applicants import Applicant, By
from zhicheng.reissues.content import Application, Correction
from zhicheng.reissues.models import Fate, Kind, Reissue, Step

STEPS = ("submit", "accept", "opinions", "number", "hand_out", "fill", "seal", "emboss", "issue")
# Working days after the application at which each step is taken.
AFTER = (0, 2, 5, 6, 9, 11, 12, 14, 16)
SIGNED = 6  # days ago


def tell_reissues(city: City) -> list[Course]:
    """One application in each state, by holders and by clerks; some wait too long."""
    told = _Told(city)
    return [
        told.deadlines(),
        told.upto(Kind.REPLACEMENT, "issue", begun=40),
        told.renewed(),
        told.found(),
        told.refused(),
        told.upto(Kind.REPLACEMENT, "seal", begun=21),
        told.upto(Kind.RENEWAL, "hand_out", Correction("name", "杜若兰"), begun=15),
        told.upto(Kind.REPLACEMENT, "opinions", begun=9),
        told.unmatched(),
        told.halfway(),
        told.returned(),
        told.upto(Kind.RENEWAL, "submit", Correction("work_unit", "两江妇女儿童医院"), begun=5),
        told.upto(Kind.REPLACEMENT, "submit", begun=1),
        told.draft(),
    ]


class _Told:
    """Takes applications along, each for the next holder."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ago = city.days.ago
        self.taken: set[int] = set()

    @property
    def today(self) -> date:
        return timezone.localdate()

    def deadlines(self) -> Course:
        """What each step may take."""
        yield self.ago(70, 10)
        for step, days in ((Step.ACCEPTANCE, 5), (Step.OPINION, 5), (Step.MAKING, 15)):
            deadlines.set_deadline(
                actor=self.who("office.officer"),
                step=step,
                valid_from=self.today,
                days=days,
            )

    def holder(self) -> Certificate:
        """The next one whose certificate can be lost or wrong."""
        found = (
            Certificate.objects.filter(
                state="issued",
                origin=Origin.REGISTER,
                issuing_unit=self.city.departments["市卫生健康委"],
            )
            .exclude(name__contains="·")
            .exclude(pk__in=self.taken)
            .order_by("-pk")
        )[0]
        self.taken.add(found.pk)
        return found

    def who(self, name: str) -> Account:
        return self.city.accounts[name]

    def form(self, kind: str, *corrections: Correction) -> Application:
        """What the next holder enters."""
        old = self.holder()
        lost = kind == Kind.REPLACEMENT
        return Application(
            kind=kind,
            unit_id=old.issuing_unit_id,
            name=old.name,
            id_number=reveal(bytes(old.id_number_cipher)),
            telephone="13800000000",
            old_number=old.number,
            reason="搬家时遗失，多方查找未果。" if lost else "证书所载信息有误，申请更正换发。",
            newspaper_name="重庆日报" if lost else "",
            newspaper_date=self.today - timedelta(days=SIGNED + 8) if lost else None,
            newspaper_page="第 8 版" if lost else "",
            corrections=corrections,
        )

    def begun(self, form: Application, by: By | None = None) -> tuple[Reissue, By]:
        """The draft with its papers."""
        reissue = actions.apply(actor=by or Applicant(), application=form)
        holder = by or Applicant(reissue.pk)
        self.add(holder, reissue, "review_form", "评审表复印件.jpg")
        if reissue.kind == Kind.REPLACEMENT:
            self.add(holder, reissue, "newspaper", "遗失声明.jpg")
        for row in reissue.corrections.filter(removed_at=None):
            self.add(holder, reissue, "proof", "更正依据.jpg", row.field)
        return reissue, holder

    def add(self, by: By, reissue: Reissue, kind: str, name: str, field: str = "") -> None:
        actions.add_evidence(
            actor=by, reissue_id=reissue.pk, kind=kind, file=scan(name), field=field
        )

    def upto(
        self, kind: str, last: str, *corrections: Correction, begun: int
    ) -> Generator[datetime, None, Reissue]:
        """The next holder's application along its way up to a step."""
        yield self.ago(begun, 19, 40)
        reissue, holder = self.begun(self.form(kind, *corrections))
        yield from self.go(reissue, holder, last, begun)
        return reissue

    def go(self, reissue: Reissue, holder: By, last: str, begun: int) -> Course:
        """A begun application along its way up to a step; one takes a day or two."""
        for place, step in enumerate(STEPS[: STEPS.index(last) + 1]):
            if place:
                yield self.ago(begun - AFTER[place], 10 + place % 6, 10)
            self.take(step, reissue, holder)

    def take(self, step: str, reissue: Reissue, holder: By) -> None:
        """One step."""
        pk, clerk = reissue.pk, self.who("health.clerk")
        match step:
            case "submit":
                actions.submit(actor=holder, reissue_id=pk)
            case "accept":
                self.accept(pk)
            case "opinions":
                self.opinions(pk)
            case "number":
                actions_blank.assign_number(actor=clerk, reissue_id=pk)
            case "hand_out":
                if reissue.kind == Kind.RENEWAL:
                    self.hand_in(reissue)
                actions_blank.hand_out(
                    actor=self.who("office.clerk"),
                    reissue_id=pk,
                    collected_by=clerk.display_name,
                )
            case "fill":
                actions_blank.fill_in(actor=clerk, reissue_id=pk)
            case "seal":
                path.seal(actor=self.who("health.officer"), reissue=pk)
            case "emboss":
                made = Certificate.objects.get(reissue=pk)
                home = made.embosser_id == self.city.office.pk
                embosser = "office.embosser" if home else "health.embosser"
                path.emboss(actor=self.who(embosser), reissue=pk)
            case "issue":
                path.issue(actor=clerk, reissue=pk)

    def accept(self, pk: int) -> None:
        actions_opinions.accept(
            actor=self.who("health.clerk"),
            reissue_id=pk,
            signed_on=self.today - timedelta(days=SIGNED),
            copies=2,
            scan=scan("签字申请表.jpg"),
        )

    def opinions(self, pk: int, upto: str = "approving") -> None:
        """Whoever has an account signs; the others' stamps are recorded from paper."""
        for step in Reissue.objects.get(pk=pk).path:
            if step["skipped"] or step["level"] == "applicant":
                continue
            account = self.account(step["organization"])
            if account is not None:
                actions_opinions.opine(
                    actor=account,
                    reissue_id=pk,
                    level=step["level"],
                    decision="agree",
                    text="情况属实，同意。",
                )
            else:
                actions_opinions.record_opinion(
                    actor=self.who("health.clerk"),
                    reissue_id=pk,
                    level=step["level"],
                    decision="agree",
                    text="情况属实，同意。",
                    given_on=self.today - timedelta(days=2),
                    scan=scan("盖章意见.jpg"),
                )
            if step["level"] == upto:
                return

    def account(self, organization: int | None) -> Account | None:
        """Who signs for an organisation: its officer, or a work unit's clerk."""
        found = Organization.objects.filter(pk=organization or 0).first()
        role = "clerk" if found and found.kind == "reporting_unit" else "officer"
        return next(
            (
                account
                for account in self.city.accounts.values()
                if account.organization_id == organization and account.role == role
            ),
            None,
        )

    def hand_in(self, reissue: Reissue) -> None:
        actions_old.hand_in(
            actor=self.who("health.clerk"),
            reissue_id=reissue.pk,
            number=reissue.old_number,
            received_on=self.today - timedelta(days=1),
        )

    def draft(self) -> Course:
        """A holder has begun, a paper is missing."""
        yield self.ago(1, 20, 5)
        reissue = actions.apply(actor=Applicant(), application=self.form(Kind.REPLACEMENT))
        self.add(Applicant(reissue.pk), reissue, "review_form", "评审表复印件.jpg")

    def returned(self) -> Course:
        """A hospital's clerk applied for the holder; the unit wants a better paper."""
        yield self.ago(10, 10)
        reissue, clerk = self.begun(self.form(Kind.REPLACEMENT), self.who("hospital.clerk"))
        actions.submit(actor=clerk, reissue_id=reissue.pk)
        yield self.ago(8, 14, 30)
        actions_opinions.accept_loss(actor=self.who("health.clerk"), reissue_id=reissue.pk)
        actions_opinions.return_application(
            actor=self.who("health.clerk"),
            reissue_id=reissue.pk,
            reason="评审表复印件没有档案管理机构公章，请补盖后重新上传。",
        )

    def halfway(self) -> Course:
        """The hospital has agreed; the commission's opinion is next."""
        yield self.ago(7, 18)
        reissue, holder = self.begun(self.form(Kind.RENEWAL, Correction("specialty", "重症医学")))
        yield from self.go(reissue, holder, "accept", 7)
        yield self.ago(3, 11)
        self.opinions(reissue.pk, "work_unit")

    def unmatched(self) -> Course:
        """An old paper certificate that no approval document on file confirms."""
        yield self.ago(5, 21)
        form = Application(
            kind=Kind.REPLACEMENT,
            unit_id=self.city.departments["市卫生健康委"].pk,
            name="冉天佑",
            id_number="500101197305120436",
            telephone="13900000000",
            old_number="渝卫职2006-01342",
            sex="男",
            work_unit="山城第一人民医院",
            specialty="口腔医学",
            qualification="主治医师",
            level="intermediate",
            approval_date=date(2006, 11, 17),
            document_number="渝卫职改〔2006〕41号",
            reason="旧证书遗失。",
            newspaper_name="重庆日报",
            newspaper_date=self.today - timedelta(days=20),
            newspaper_page="第 6 版",
        )
        reissue, holder = self.begun(form)
        actions.submit(actor=holder, reissue_id=reissue.pk)
        yield self.ago(2, 15, 20)
        self.accept(reissue.pk)

    def renewed(self) -> Course:
        """Renewed, the old one destroyed before a witness."""
        corrected = Correction("specialty", "心血管内科学")
        reissue = yield from self.upto(Kind.RENEWAL, "issue", corrected, begun=36)
        yield self.ago(19, 9, 40)
        actions_old.dispose(
            actor=self.who("health.clerk"),
            reissue_id=reissue.pk,
            fate=Fate.DESTROYED,
            on=self.today,
            witness=self.who("health.officer").display_name,
            note="碎纸销毁",
        )

    def found(self) -> Course:
        """The certificate was found when its replacement was written already."""
        yield self.ago(33, 19)
        reissue, holder = self.begun(self.form(Kind.REPLACEMENT))
        yield from self.go(reissue, holder, "fill", 33)
        yield self.ago(21, 20)
        actions.report_found(actor=holder, reissue_id=reissue.pk, note="在旧公文包夹层中找到。")

    def refused(self) -> Course:
        """The newspaper's notice names another certificate."""
        yield self.ago(31, 12, 30)
        reissue, holder = self.begun(self.form(Kind.REPLACEMENT))
        actions.submit(actor=holder, reissue_id=reissue.pk)
        yield self.ago(27, 15, 45)
        actions_opinions.refuse(
            actor=self.who("health.officer"),
            reissue_id=reissue.pk,
            reason="登报声明所载证书编号与申请不符，且申请人无法说明。",
        )


@cache  # an image is judged and made anew in a process of its own: once is enough
def scan(name: str) -> Prepared:
    """A made-up scan: a page with lines, and a box where a stamp would be. No real seal."""
    page = Image.new("L", (620, 877), 252)
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 40, 580, 837), outline=150)
    for line in range(14):
        width = 480 - (line * 53) % 190
        draw.rectangle((70, 110 + line * 38, 70 + width, 120 + line * 38), fill=190)
    draw.rectangle((390, 700, 540, 800), outline=110, width=3)
    draw.text((70, 60), "DEMO", fill=120)
    kept = io.BytesIO()
    page.save(kept, "JPEG", quality=70)
    return prepare(kept.getvalue(), name)
