"""No blank is used up for a certificate that no font can print: asked before it is filled in."""

from collections.abc import Sequence

from django.db.models import Q

from zhicheng.certificates.models import CertificateState
from zhicheng.documents.certificate_sheet import LABELS
from zhicheng.documents.fonts import require_printable
from zhicheng.registers.models import Register, RegisterRow

_FIELDS = (
    "name",
    "sex",
    "work_unit",
    "certificate_number",
    "specialty",
    "qualification",
    "document_number",
)


def require_rows_printable(
    register: Register, *, grade: str | None = None, row_ids: Sequence[int] | None = None
) -> None:
    """Raises Refusal naming 序号, field and character of the first row that can't be printed.

    Looks at the rows that would be filled in; one statement whatever their number.
    """
    rows = RegisterRow.objects.filter(register=register, accepted=True).filter(
        Q(certificate=None) | Q(certificate__state=CertificateState.AWAITING_BLANK)
    )
    if grade is not None:
        rows = rows.filter(grade=grade)
    if row_ids is not None:
        rows = rows.filter(pk__in=list(row_ids))
    require_printable(
        (f"序号 {position} 的“{LABELS.get(field, LABELS['number'])}”", text)
        for position, *texts in rows.order_by("position").values_list("position", *_FIELDS)
        for field, text in zip(_FIELDS, texts, strict=True)
    )
