"""Applications taken along their way by the real actions, up to a step."""

import io
from datetime import date
from typing import Any

from PIL import Image

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import Prepared, prepare
from zhicheng.organizations.models import Account, Organization
from zhicheng.protection import reveal
from zhicheng.reissues import actions, actions_blank, actions_old, actions_opinions
from zhicheng.reissues.applicants import Applicant, By
from zhicheng.reissues.content import Application, Correction
from zhicheng.reissues.models import Reissue

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TODAY = date(2026, 4, 20)
STEPS = ("submitted", "accepted", "granted", "numbered", "collected", "filled", "sealed",
         "embossed", "issued")  # fmt: skip


def paper(name: str = "材料.pdf") -> Prepared:
    """A scan, judged as uploads are."""
    return prepare(PDF, name)


def picture() -> bytes:
    """A photograph."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "JPEG")
    return made.getvalue()


def issued(
    city: City,
    people: int = 1,
    *,
    grade: str = "intermediate",
    unit: Organization | None = None,
    spare: int = 30,
) -> list[Certificate]:
    """Certificates in force, from a register of this unit; ``spare`` blanks stay in the store."""
    register = accepted_register(city, people, grades=(grade,), unit=unit)
    deliver(city, 2 * people + 2 + spare, grade=grade)
    carry(city, register, "issued")
    return list(register.certificates.order_by("pk"))


def about(certificate: Certificate, kind: str = "replacement", **other: Any) -> Application:
    """What the holder of a certificate on file enters."""
    values: dict[str, Any] = {
        "kind": kind,
        "unit_id": certificate.issuing_unit_id,
        "name": certificate.name,
        "id_number": reveal(bytes(certificate.id_number_cipher)),
        "telephone": "13800001234",
        "old_number": certificate.number,
        "reason": "搬家时遗失" if kind == "replacement" else "信息有误",
    }
    if kind == "replacement":
        values |= {"newspaper_name": "重庆日报", "newspaper_date": TODAY, "newspaper_page": "8"}
    else:
        values["corrections"] = (Correction("specialty", "心血管内科"),)
    return Application(**{**values, **other})


def typed(city: City, person: ApprovedPerson, **other: Any) -> Application:
    """An application for a certificate that isn't on file; the approval document lists it."""
    values: dict[str, Any] = {
        "kind": "replacement",
        "unit_id": city.health.pk,
        "name": person.name,
        "id_number": reveal(bytes(person.id_number_cipher)),
        "telephone": "13800001234",
        "old_number": "渝职2012-00871",
        "sex": person.sex,
        "work_unit": "山城第一人民医院",
        "specialty": person.specialty,
        "qualification": person.qualification,
        "approval_date": person.approval_date,
        "document_number": person.document.number,
        "newspaper_name": "重庆日报",
        "newspaper_date": TODAY,
    }
    return Application(**{**values, **other})


def begun(application: Application, actor: By | None = None) -> tuple[Reissue, By]:
    """A draft, and who goes on with it."""
    reissue = actions.apply(actor=actor or Applicant(), application=application)
    return reissue, actor or Applicant(reissue.pk)


def with_papers(reissue: Reissue, actor: By) -> None:
    """Hands in everything that its kind asks for."""
    kinds = ["review_form"] + (["newspaper"] if reissue.kind == "replacement" else [])
    for kind in kinds:
        actions.add_evidence(actor=actor, reissue_id=reissue.pk, kind=kind, file=paper())
    for row in reissue.corrections.filter(removed_at=None):
        actions.add_evidence(
            actor=actor, reissue_id=reissue.pk, kind="proof", field=row.field, file=paper()
        )


class Way:
    """One application and everybody who works on it."""

    def __init__(self, city: City, application: Application, actor: By | None = None) -> None:
        self.city = city
        self.reissue, self.holder = begun(application, actor)

    @property
    def now(self) -> Reissue:
        """As it is in the database."""
        return Reissue.objects.get(pk=self.reissue.pk)

    @property
    def certificate(self) -> Certificate:
        """The new one."""
        return Certificate.objects.get(reissue=self.reissue.pk)

    def who(self, role: str, organization: Organization | None = None) -> Account:
        """Somebody of the handling unit, or of another organisation."""
        wanted = organization or self.reissue.unit
        return next(
            account
            for (_name, kind), account in self.city.accounts.items()
            if account.organization_id == wanted.pk and kind == role
        )

    def submit(self) -> "Way":
        with_papers(self.reissue, self.holder)
        actions.submit(actor=self.holder, reissue_id=self.reissue.pk)
        return self

    def accept(self) -> "Way":
        actions_opinions.accept(
            actor=self.who("clerk"), reissue_id=self.reissue.pk, signed_on=TODAY, copies=2
        )
        return self

    def hand_in(self) -> None:
        actions_old.hand_in(
            actor=self.who("clerk"),
            reissue_id=self.reissue.pk,
            number=self.reissue.old_number,
            received_on=TODAY,
        )

    def opinions(self, upto: str = "approving") -> "Way":
        """Every opinion in order, by an account where the level has one, else from paper."""
        for step in self.now.path:
            if step["skipped"] or step["level"] == "applicant":
                continue
            self.opine(step)
            if step["level"] == upto:
                break
        return self

    def opine(self, step: dict[str, Any], decision: str = "agree", text: str = "") -> None:
        if step["organization"]:
            organization = Organization.objects.get(pk=step["organization"])
            actions_opinions.opine(
                actor=self.who("officer", organization),
                reissue_id=self.reissue.pk,
                level=step["level"],
                decision=decision,
                text=text,
            )
        else:
            actions_opinions.record_opinion(
                actor=self.who("clerk"),
                reissue_id=self.reissue.pk,
                level=step["level"],
                decision=decision,
                text=text,
                given_on=TODAY,
                scan=paper("意见.pdf"),
            )

    def upto(self, last: str) -> "Way":
        """Along the whole way to a step."""
        for step in STEPS[: STEPS.index(last) + 1]:
            self.step(step)
        return self

    def step(self, step: str) -> "Way":
        """One step of the way."""
        pk = self.reissue.pk
        match step:
            case "submitted":
                self.submit()
            case "accepted":
                self.accept()
            case "granted":
                if self.reissue.kind == "renewal":
                    self.hand_in()
                self.opinions()
            case "numbered":
                actions_blank.assign_number(
                    actor=self.who("clerk"), reissue_id=pk, number=f"新{pk:06d}"
                )
            case "collected":
                actions_blank.hand_out(
                    actor=self.city.who("office", "clerk"), reissue_id=pk, collected_by="王领取"
                )
            case "filled":
                actions_blank.fill_in(actor=self.who("clerk"), reissue_id=pk)
            case "sealed":
                path.seal(actor=self.who("officer"), reissue=pk)
            case "embossed":
                path.emboss(actor=self.who("embosser", self.certificate.embosser), reissue=pk)
            case "issued":
                path.issue(actor=self.who("clerk"), reissue=pk)
        return self
