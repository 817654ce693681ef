"""What an application says: as people enter it, judged and tidied, and as the rules ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone

from zhicheng.approvals.models import IdKind, Sex
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Organization
from zhicheng.protection import blind_index, protect, reveal
from zhicheng.reference.models import Level, Qualification
from zhicheng.reissues import rules
from zhicheng.reissues.models import (
    CorrectedField,
    Decision,
    EvidenceKind,
    Field,
    HandedIn,
    Kind,
    Match,
    Reissue,
)
from zhicheng.values import id_number as id_numbers
from zhicheng.values.dates import read_date
from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.names import problem as name_problem
from zhicheng.values.names import tidy_name
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers, tidy_code, tidy_text

EARLIEST = date(1978, 1, 1)
# How many characters of a text the certificate keeps.
WIDTHS: Mapping[str, int] = {
    name: int(Certificate._meta.get_field(name).max_length or 0)
    for name in (
        Field.NAME,
        Field.WORK_UNIT,
        Field.SPECIALTY,
        Field.QUALIFICATION,
        Field.DOCUMENT_NUMBER,
    )
}


@dataclass(frozen=True)
class Correction:
    """A field that is wrong on the old certificate (a value of ``Field``), and what is right."""

    field: str
    new: str


@dataclass(frozen=True)
class Application:
    """The fields of 附件2 as somebody entered them, in clear.

    Data are those of the old certificate, also where they are wrong: ``corrections`` say what is
    right. For a certificate on file its own data count and these only have to fit. ``level``
    (``reference.Level``) and ``birth_month`` (YYYY-MM) may be empty where they follow from the
    certificate on file, the approval document or the ID number.
    """

    kind: str
    unit_id: int
    name: str
    id_number: str
    telephone: str
    old_number: str
    sex: str = ""
    birth_month: str = ""
    id_kind: str = ""
    work_unit: str = ""
    specialty: str = ""
    qualification: str = ""
    level: str = ""
    approval_date: date | None = None
    document_number: str = ""
    reason: str = ""
    damaged: bool = False
    newspaper_name: str = ""
    newspaper_date: date | None = None
    newspaper_page: str = ""
    corrections: Sequence[Correction] = field(default_factory=tuple)


def tidied(given: Application) -> Application:
    """The same without stray spaces and widths; an ID number in free text is hidden."""
    return replace(
        given,
        name=tidy_name(given.name)[0],
        id_number=id_numbers.tidy(given.id_number)[0],
        telephone="".join(given.telephone.split()),
        old_number=tidy_code(given.old_number)[0],
        work_unit=tidy_text(given.work_unit)[0],
        specialty=tidy_text(given.specialty)[0],
        qualification=tidy_text(given.qualification)[0],
        document_number=tidy_document_number(given.document_number)[0],
        reason=hide_id_numbers(given.reason.strip()),
        newspaper_name=given.newspaper_name.strip(),
        newspaper_page=given.newspaper_page.strip(),
        corrections=tuple(
            Correction(item.field, tidied_value(item.field, item.new)) for item in given.corrections
        ),
    )


def tidied_value(of: str, text: str) -> str:
    """The corrected value of a field, tidied as that field is everywhere; dates as ISO."""
    if of == Field.NAME:
        return tidy_name(text)[0]
    if of == Field.ID_NUMBER:
        return id_numbers.tidy(text)[0]
    if of == Field.APPROVAL_DATE:
        read = read_date(text)
        return read.value.isoformat() if read.value else text.strip()
    if of == Field.DOCUMENT_NUMBER:
        return tidy_document_number(text)[0]
    return tidy_text(text)[0] if of != Field.SEX else text.strip()


def require_sound(given: Application) -> None:
    """Refuses what no certificate can say; the first fault is told, by the form's own words."""
    today = timezone.localdate()
    if given.kind not in Kind.values:
        raise _fault("补办（换发）理由", given.kind, "补办或换发")
    digits = [char for char in given.telephone if char.isdigit()]
    if len(digits) < 7 or len(given.telephone) > 20:
        raise _fault("联系电话", "不完整", "手机号码或带区号的固定电话")
    if not given.old_number:
        raise _fault("原证书编号", "空", "原证书上的证书编号")
    if given.newspaper_date is not None and given.newspaper_date > today:
        raise _fault("遗失登报时间", given.newspaper_date.isoformat(), "不晚于今天", clause="N13")
    if given.kind == Kind.REPLACEMENT and (given.corrections or given.damaged):
        raise Refusal(
            "reissue.replacement_corrects_nothing",
            "补办的证书内容与原证书一致，更正信息请申请换发。",
            clause="N14",
            found="补办申请填写了更正信息",
            expected="补办不填写更正信息",
        )
    _require_no_id_number(given)
    fields = [item.field for item in given.corrections]
    if len(set(fields)) != len(fields) or not set(fields) <= set(Field.values):
        raise _fault("更正项目", "重复或不能更正", "每个项目只填一次", clause="N14")


def _require_no_id_number(given: Application) -> None:
    """An ID number stands in its own field alone, where it is encrypted (invariant 10)."""
    if id_numbers.is_adults(given.old_number, timezone.localdate()):
        raise _fault("原证书编号", "身份证号码", "证书编号；编号就是身份证号码的请向办理单位说明")
    told = {
        "工作单位": given.work_unit,
        "专业名称": given.specialty,
        "资格名称": given.qualification,
        "批准文号": given.document_number,
        "遗失登报报纸名称": given.newspaper_name,
        "版面": given.newspaper_page,
        "更正信息": " ".join(
            item.new for item in given.corrections if item.field != Field.ID_NUMBER
        ),
    }
    for label, text in told.items():
        if hide_id_numbers(text) != text:
            raise _fault(label, "含有身份证号码", "身份证号码只填在身份证号码一栏")


def require_old_data(given: Application) -> None:
    """For a certificate that isn't on file: everything that stands on it has to be there."""
    today = timezone.localdate()
    _require_name(given.name, "姓名")
    require_id_number(given.id_number, given.id_kind, "身份证号码")
    for label, value in (
        ("工作单位", given.work_unit),
        ("专业名称", given.specialty),
        ("资格名称", given.qualification),
        ("批准文号", given.document_number),
    ):
        if not value:
            raise _fault(label, "空", f"原证书上的{label}")
    if given.sex not in Sex.values:
        raise _fault("性别", given.sex or "空", "男或女")
    if given.approval_date is None or not EARLIEST <= given.approval_date <= today:
        raise _fault("批准时间", str(given.approval_date or "空"), "原证书上的批准时间")
    if given.level and given.level not in Level.values:
        raise _fault("级别", given.level, "、".join(str(label) for label in Level.labels))


def require_corrections(given: Application, of: Reissue) -> None:
    """Refuses a correction that corrects nothing, can't be, or changes the level (N14)."""
    for item in given.corrections:
        label = rules.FIELD_LABELS[item.field]
        if not item.new:
            raise _fault(label, "空", f"更正后的{label}", clause="N14")
        if item.new == old_value(of, item.field):
            raise Refusal(
                "reissue.corrects_nothing",
                f"{label}更正前后一样。",
                clause="N14",
                found=shown(item.field, item.new),
                expected="与原证书不同的内容",
                mend="请删去这一项，或填写正确的内容。",
            )
        if item.field == Field.NAME:
            _require_name(item.new, label)
        elif item.field == Field.ID_NUMBER:
            require_id_number(item.new, "", label)
        elif item.field == Field.SEX and item.new not in Sex.values:
            raise _fault(label, item.new, "男或女", clause="N14")
        elif item.field == Field.APPROVAL_DATE:
            day = read_date(item.new).value
            if day is None or not EARLIEST <= day <= timezone.localdate():
                raise _fault(label, item.new, "不晚于今天的年月日", clause="N14")
        elif item.field == Field.QUALIFICATION:
            _require_same_level(item.new, of.level)
        if item.field in WIDTHS and len(item.new) > WIDTHS[item.field]:
            # The new certificate has no room for it; its blank would be handed out in vain.
            raise _fault(
                label, f"{len(item.new)} 个字", f"不超过 {WIDTHS[item.field]} 个字", clause="N14"
            )


def _require_same_level(qualification: str, level: str) -> None:
    levels = set(Qualification.objects.filter(name=qualification).values_list("level", flat=True))
    if levels and level not in levels:
        raise Refusal(
            "reissue.level_changes",
            "换发只更正信息，不改变级别。",
            clause="N14",
            found=f"{qualification}（{'、'.join(str(Level(item).label) for item in levels)}）",
            expected=f"{Level(level).label}的资格名称",
        )


def _require_name(name: str, label: str) -> None:
    told = name_problem(name)
    if told:
        raise _fault(label, told, "证件上的姓名")


def require_id_number(number: str, kind: str, label: str) -> str:
    """The kind of document; refuses a number that can't be one (told without the number)."""
    guessed = id_numbers.kind_of(number)
    if guessed is None or (guessed != id_numbers.PASSPORT and len(number) == id_numbers.LENGTH):
        told = id_numbers.problems(number, timezone.localdate())
        if told:
            raise Refusal(
                told[0],
                f"{label}有误，请核对。",
                clause="N10",
                found=id_numbers.mask(number),
                expected="证件上的号码",
            )
    return kind if kind in IdKind.values else str(guessed)


def _fault(label: str, found: str, expected: str, *, clause: str = "N10") -> Refusal:
    return Refusal(
        "reissue.field",
        f"{label}填写有误。",
        clause=clause,
        found=found,
        expected=expected,
        mend=f"请更正{label}。",
    )


def shown(of: str, text: str) -> str:
    """A field's value as it may be shown and audited."""
    return id_numbers.mask(text) if of == Field.ID_NUMBER else text


def old_value(reissue: Reissue, of: str) -> str:
    """What the old certificate says in a field, in clear."""
    if of == Field.ID_NUMBER:
        return reveal(bytes(reissue.id_number_cipher))
    if of == Field.APPROVAL_DATE:
        return reissue.approval_date.isoformat()
    return str(getattr(reissue, of))


def birth_month_of(number: str, given: str) -> str:
    """The ID number's month of birth where it tells one, else what was given."""
    born = id_numbers.birth_date(number) if len(number) == id_numbers.LENGTH else None
    return f"{born.year}-{born.month:02d}" if born else given


def corrections_in(reissue: Reissue) -> list[CorrectedField]:
    """The corrections that stand, in the form's order."""
    order = {name: place for place, name in enumerate(Field.values)}
    found = CorrectedField.objects.filter(reissue=reissue, removed_at=None)
    return sorted(found, key=lambda item: order[item.field])


def correction_row(reissue: Reissue, item: Correction) -> CorrectedField:
    """A new row for the correction, unsaved; an ID number encrypted."""
    row = CorrectedField(
        reissue=reissue,
        field=item.field,
        old_text=shown(item.field, old_value(reissue, item.field)),
        new_text=shown(item.field, item.new),
    )
    if item.field == Field.ID_NUMBER:
        row.new_cipher, row.new_index = protect(item.new), blind_index(item.new)
        row.new_kind = str(id_numbers.kind_of(item.new))
    return row


def digest_of(reissue: Reissue) -> bytes:
    """What opinions agree to (``rules.content_digest``)."""
    data = {
        "kind": reissue.kind,
        "name": reissue.name,
        "sex": reissue.sex,
        "birth_month": reissue.birth_month,
        "id_kind": reissue.id_kind,
        "id_number": bytes(reissue.id_number_index).hex(),
        "old_number": reissue.old_number,
        "work_unit": reissue.work_unit,
        "specialty": reissue.specialty,
        "qualification": reissue.qualification,
        "level": reissue.level,
        "approval_date": reissue.approval_date.isoformat(),
        "document_number": reissue.document_number,
        "damaged": str(reissue.damaged),
        "unit": str(reissue.unit_id),
    }
    corrections = {
        item.field: bytes(item.new_index).hex() if item.new_index is not None else item.new_text
        for item in corrections_in(reissue)
    }
    return rules.content_digest(data, corrections)


def papers_of(reissue: Reissue) -> rules.Papers:
    """What was handed in so far, as the completeness rule asks for it."""
    standing = Q(removed_at=None)
    kinds = reissue.evidence.filter(standing).values_list("kind").annotate(n=Count("pk"))
    counted = dict(kinds)
    proofs = CorrectedField.objects.filter(reissue=reissue, removed_at=None).annotate(
        n=Count("evidence", filter=Q(evidence__removed_at=None))
    )
    by_field = {item.field: item.n for item in proofs}
    return rules.Papers(
        kind=reissue.kind,
        review_forms=counted.get(EvidenceKind.REVIEW_FORM, 0),
        newspapers=counted.get(EvidenceKind.NEWSPAPER, 0),
        newspaper_name=reissue.newspaper_name,
        newspaper_date=reissue.newspaper_date,
        corrections=tuple(
            rules.CorrectionFact(name, by_field[name]) for name in Field.values if name in by_field
        ),
        damaged=reissue.damaged,
        handed_in=HandedIn.objects.filter(reissue=reissue).exists(),
        signed_on=reissue.signed_on,
        copies=reissue.copies,
        matched=reissue.match != Match.UNMATCHED,
        approving_known=approves(reissue.approving_department),
    )


def approves(department: Organization | None) -> bool:
    """Whether it approves qualifications today; an abolished one has nobody to sign or emboss."""
    if department is None or not (
        department.is_approving_department or department.is_municipal_office
    ):
        return False
    return department.valid_to is None or department.valid_to >= timezone.localdate()


def agreed_levels(reissue: Reissue) -> list[str]:
    """The levels that have agreed to what the application says now."""
    return list(
        reissue.opinions.filter(
            decision=Decision.AGREE, content_digest=bytes(reissue.content_digest)
        ).values_list("level", flat=True)
    )
