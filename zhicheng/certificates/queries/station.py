"""The work station: one register's people and certificates, and what may be done to them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, TruncDate

from zhicheng.blanks.models import CustodyState
from zhicheng.blanks.queries.stock import GRADES, Held, held_for
from zhicheng.certificates.lifecycle import CERTIFICATE
from zhicheng.certificates.models import Certificate, CertificateState, RegisterApprover
from zhicheng.certificates.queries import visible
from zhicheng.database.any_of import looked_up
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.refusal import Refusal

UNFILLED = "unfilled"
# Every place on the path, in its order; ``unfilled`` are people without a certificate yet.
PATH: tuple[str, ...] = (
    UNFILLED,
    CertificateState.AWAITING_BLANK.value,
    CertificateState.FILLED.value,
    CertificateState.SEALED.value,
    CertificateState.EMBOSSED.value,
    CertificateState.ISSUED.value,
)
STEPS: tuple[Action, ...] = (
    Action.CERTIFICATE_FILL,
    Action.CERTIFICATE_SEAL,
    Action.CERTIFICATE_EMBOSS,
    Action.CERTIFICATE_ISSUE,
)


def ready_for(action: Action) -> frozenset[str]:
    """The places on the path from which ``action`` is possible; filling begins before them all."""
    if action == Action.CERTIFICATE_PRINT:
        return frozenset({CertificateState.FILLED.value})
    sources = CERTIFICATE.sources(action)
    return sources | {UNFILLED} if action == Action.CERTIFICATE_FILL else sources


@dataclass(frozen=True)
class Embossing:
    """Certificates that an organisation embosses, for the guard."""

    organization_id: int

    def parties(self) -> Mapping[Relation, set[int]]:
        """Only the embossing relation."""
        return {Relation.EMBOSSING: {self.organization_id}}


def may_do(account: Account, action: Action, register: Register) -> bool:
    """Whether the account may take this step on some of the register's certificates."""
    if action == Action.CERTIFICATE_EMBOSS:
        return may(account, action, Embossing(account.organization_id)) and (
            Certificate.objects.filter(register=register, embosser=account.organization_id).exists()
        )
    return may(account, action, register)


def stations(account: Account) -> QuerySet[Register]:
    """Accepted registers whose certificates the account may see, wholly or in part."""
    registers = Register.objects.filter(state=RegisterState.ACCEPTED).defer("source")
    registers = registers.select_related("reporting_unit", "issuing_unit", "endorser")
    mine = account.organization_id
    if may(account, Action.CERTIFICATE_VIEW):
        return registers
    if not visible(account).query.is_empty():
        ours = Register.objects.order_by().filter(_named(mine)).values("pk")
        approved = RegisterApprover.objects.filter(department=mine).values("register")
        # As one set, and not as an OR: a unit's few are then found by it, and not among all.
        return registers.filter(pk__in=ours.union(approved))
    return registers.none()


def _named(organization: int) -> Q:
    return Q(issuing_unit=organization) | Q(reporting_unit=organization) | Q(endorser=organization)


def issuing_units(account: Account) -> QuerySet[Organization]:
    """The issuing units of :func:`stations`, by name."""
    accepted = Register.objects.order_by().filter(
        state=RegisterState.ACCEPTED, issuing_unit=OuterRef("pk")
    )
    if may(account, Action.CERTIFICATE_VIEW):
        return Organization.objects.filter(Exists(accepted))
    if visible(account).query.is_empty():
        return Organization.objects.none()
    # Each unit is asked for one such register: a department has thousands of them.
    mine = account.organization_id
    approved = RegisterApprover.objects.filter(department=mine).values("register")
    theirs = accepted.filter(_named(mine) | Q(pk__in=approved))
    return Organization.objects.filter(looked_up(theirs))


def people(account: Account, register: Register) -> QuerySet[Any]:
    """The register's accepted rows with ``step`` and ``serial``, as far as the account may see.

    Who only approves or embosses sees the rows of its own certificates.
    """
    rows = (
        RegisterRow.objects.filter(register=register, accepted=True)
        .select_related("certificate")
        .annotate(
            step=Coalesce("certificate__state", Value(UNFILLED), output_field=CharField()),
            serial=F("certificate__blank_serial"),
        )
        .defer("id_number_cipher", "id_number_index")
        .order_by("position")
    )
    if may(account, Action.CERTIFICATE_VIEW, register):
        return rows
    return rows.filter(certificate__in=visible(account).values("pk"))


def of(account: Account, register: Register) -> QuerySet[Certificate]:
    """The register's certificates that the account may see."""
    found = Certificate.objects.filter(register=register)
    if may(account, Action.CERTIFICATE_VIEW, register):
        return found
    return visible(account).filter(register=register)


@dataclass(frozen=True)
class Counts:
    """How many people of a register are at each place of the path, in all and by grade."""

    by_place: Mapping[str, int]
    by_grade: Mapping[tuple[str, str], int]
    mine_to_emboss: Mapping[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """Everybody on the register whom the account may see."""
        return sum(self.by_place.values())

    @property
    def grades(self) -> list[Grade]:
        """The grades that occur, senior first."""
        present = {grade for grade, _place in self.by_grade}
        return [grade for grade in GRADES if grade.value in present]

    def ready(self, action: Action, grade: str | None = None) -> int:
        """How many wait for ``action``."""
        if action == Action.CERTIFICATE_EMBOSS:
            return sum(
                number
                for key, number in self.mine_to_emboss.items()
                if grade is None or key == grade
            )
        places = ready_for(action)
        if grade is None:
            return sum(self.by_place.get(place, 0) for place in places)
        return sum(self.by_grade.get((grade, place), 0) for place in places)


def counts(account: Account, register: Register) -> Counts:
    """The register's people by place and grade, in two queries."""
    by_grade: dict[tuple[str, str], int] = {
        (grade, place): number
        for grade, place, number in people(account, register)
        .order_by()
        .values_list("grade", "step")
        .annotate(number=Count("pk"))
    }
    by_place: dict[str, int] = {}
    for (_grade, place), number in by_grade.items():
        by_place[place] = by_place.get(place, 0) + number
    mine = dict(
        Certificate.objects.filter(
            register=register,
            embosser=account.organization_id,
            register__isnull=False,
            state__in=CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS),
        )
        .order_by()
        .values_list("grade")
        .annotate(number=Count("pk"))
    )
    return Counts(by_place, by_grade, mine)


def certificate_ids(rows: QuerySet[Any], row_ids: Sequence[int]) -> list[int]:
    """The certificates of the rows that somebody picked.

    Raises Refusal when somebody without a certificate, or of another register, is among them.
    """
    found = dict(rows.filter(pk__in=row_ids).values_list("pk", "certificate__pk"))
    missing = [key for key, certificate in found.items() if certificate is None]
    if missing or len(found) != len(set(row_ids)):
        raise Refusal(
            "certificate.not_filled",
            "所选人员中有的还没有填制证书，整批没有办理。",
            clause="N8",
            found=f"{len(set(row_ids)) - len(found) + len(missing)} 人没有证书",
            expected="都已填制",
            mend="请先填制，或从所选中去掉。",
        )
    return list(found.values())


def scan(rows: QuerySet[RegisterRow], text: str) -> RegisterRow | None:
    """The person whose certificate bears this number or lies on the blank of this serial."""
    code = text.strip()
    wanted = Q(certificate_number=code)
    if code.isascii() and code.isdecimal() and len(code) <= 12:
        wanted |= Q(certificate__blank_serial=int(code))
    # A serial can look like another certificate's number: the number goes first.
    found = list(rows.filter(wanted)[:2])
    found.sort(key=lambda row: row.certificate_number != code)
    return found[0] if found else None


@dataclass(frozen=True)
class Blanks:
    """The blanks of one grade in the unit's hands: to be filled in, spares, spoiled."""

    held: Held

    @property
    def to_fill(self) -> int:
        """Received and not filled in."""
        return self.held.counts.get(CustodyState.UNIT, 0)

    @property
    def spares(self) -> int:
        """Spares left."""
        return self.held.counts.get(CustodyState.SPARE, 0)

    @property
    def filled(self) -> int:
        """Filled in and not issued."""
        return self.held.counts.get(CustodyState.FILLING, 0)

    @property
    def spoiled(self) -> int:
        """Spoiled and not brought back."""
        return self.held.counts.get(CustodyState.SPOILED, 0)

    @property
    def under_way(self) -> int:
        """Allotted, not received."""
        reserved = self.held.counts.get(CustodyState.RESERVED, 0)
        return reserved + self.held.counts.get(CustodyState.IN_TRANSIT, 0)


def blanks_of(register: Register) -> dict[str, Blanks]:
    """The register's blanks by grade."""
    return {item.grade: Blanks(item) for item in held_for([register.pk]).get(register.pk, [])}


def places_of(register_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """The number of people at each place, for each of some registers, in one query."""
    found: dict[int, dict[str, int]] = {}
    for register, place, number in (
        RegisterRow.objects.filter(register__in=list(register_ids), accepted=True)
        .order_by()
        .annotate(step=Coalesce("certificate__state", Value(UNFILLED), output_field=CharField()))
        .values_list("register", "step")
        .annotate(number=Count("pk"))
    ):
        found.setdefault(register, {})[place] = number
    return found


@dataclass(frozen=True)
class ToEmboss:
    """Certificates of a register that wait for my embossing, by grade."""

    register: Register
    by_grade: Mapping[str, int]
    sinces: tuple[datetime, ...]

    @property
    def oldest(self) -> datetime:
        """Since when the first waits; ``sinces`` are the first of each day."""
        return self.sinces[0]

    @property
    def count(self) -> int:
        """All grades together."""
        return sum(self.by_grade.values())

    @property
    def grades(self) -> list[tuple[str, int]]:
        """Label and number of each grade, senior first."""
        return [
            (str(grade.label), self.by_grade[grade]) for grade in GRADES if grade in self.by_grade
        ]


def to_emboss(account: Account) -> list[ToEmboss]:
    """Registers with sealed certificates that my organisation embosses, the oldest first (N8)."""
    groups: dict[int, dict[str, int]] = {}
    sinces: dict[int, list[datetime]] = {}
    for register, grade, _day, number, since in (
        Certificate.objects.filter(
            embosser=account.organization_id,
            state__in=CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS),
            register__isnull=False,  # those of reissues wait with their applications
        )
        .order_by()
        .values_list("register", "grade", TruncDate("official_seal_at"))
        .annotate(number=Count("pk"), since=Min("official_seal_at"))
    ):
        grades = groups.setdefault(register, {})
        grades[grade] = grades.get(grade, 0) + number
        sinces.setdefault(register, []).append(since)
    registers = (
        Register.objects.filter(pk__in=groups)
        .defer("source")
        .select_related("reporting_unit", "issuing_unit")
        .in_bulk()
    )
    lines = [ToEmboss(registers[key], groups[key], tuple(sorted(sinces[key]))) for key in groups]
    return sorted(lines, key=lambda line: (line.oldest, line.register.pk))
