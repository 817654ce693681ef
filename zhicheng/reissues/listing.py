"""Applications as lists show them: whom each waits for, since when, until when, and its new
certificate; a fixed number of statements for any number of rows.
"""

from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db.models import (
    BigIntegerField,
    CharField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.models import CustodyState, Holding
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.models import Account
from zhicheng.reissues import rules
from zhicheng.reissues.deadlines import STEP_OF, due_by_row, late, until
from zhicheng.reissues.models import (
    CorrectedField,
    Decision,
    Opinion,
    Reissue,
    ReissueState,
)
from zhicheng.reissues.queries import old_to_dispose, to_decide, turn_of, visible_to
from zhicheng.values.serials import format_serial

ON_ITS_BLANK = (CustodyState.UNIT, CustodyState.FILLING, CustodyState.ON_CERTIFICATE)
MINE = "mine"


def listed(account: Account) -> "QuerySet[Reissue]":
    """What the account may see, with everything that a row shows."""
    return with_details(visible_to(account))


def with_details(rows: "QuerySet[Reissue]") -> "QuerySet[Reissue]":
    """Annotations and prefetches for ``waits_for`` and the columns."""
    made = Certificate.objects.filter(reissue=OuterRef("pk"))
    lying = (
        Holding.objects.filter(custody__reissue=OuterRef("pk"), custody__state__in=ON_ITS_BLANK)
        .annotate(serial=RangeStartsWith("serials"))
        .values("serial")[:1]
    )
    return rows.annotate(
        due=due_by_row(until(timezone.localdate())),
        made_id=Subquery(made.values("pk")[:1]),
        made_state=Subquery(made.values("state")[:1], output_field=CharField()),
        made_filled=Subquery(made.values("filled_at")[:1]),
        made_sealed=Subquery(made.values("official_seal_at")[:1]),
        made_embossed=Subquery(made.values("embossed_at")[:1]),
        embosser_name=Subquery(made.values("embosser__name")[:1], output_field=CharField()),
        serial=Subquery(lying, output_field=BigIntegerField()),
    ).prefetch_related(
        Prefetch("opinions", Opinion.objects.filter(decision=Decision.AGREE)),
        Prefetch("corrections", CorrectedField.objects.filter(removed_at=None)),
    )


def mine(rows: "QuerySet[Reissue]", account: Account) -> "QuerySet[Reissue]":
    """Those in which a box waits for the account's organisation."""
    return rows.filter(pk__in=turn_of(account).order_by().values("pk"))


def overdue(rows: "QuerySet[Reissue]") -> "QuerySet[Reissue]":
    """Those whose step should have been done."""
    kept, now = until(timezone.localdate()), timezone.now()
    # By state and time and not by ``due``: that is worked out for each row, these are an index.
    theirs = [Q(state=state) & late(kept, step, now) for state, step in STEP_OF.items()]
    return rows.filter(reduce(or_, theirs))


def to_be_decided(rows: "QuerySet[Reissue]") -> "QuerySet[Reissue]":
    """Those that wait for the municipal office's word about data or department."""
    return rows.filter(pk__in=to_decide().order_by().values("pk"))


def to_dispose(rows: "QuerySet[Reissue]") -> "QuerySet[Reissue]":
    """Ended ones whose old certificate still lies at the unit."""
    return rows.filter(pk__in=old_to_dispose().order_by().values("pk"))


NARROWED = {"late": overdue, "decide": to_be_decided, "dispose": to_dispose}


def is_overdue(reissue: Reissue) -> bool:
    """Whether the row's step should have been done."""
    due: datetime | None = getattr(reissue, "due", None)
    return due is not None and due < timezone.now()


def waits_for(reissue: Reissue) -> str:
    """Whom it waits for, in words; empty when nobody has to do anything."""
    match reissue.state:
        case ReissueState.DRAFT | ReissueState.RETURNED:
            return _("申请人")
        case ReissueState.APPLIED | ReissueState.GRANTED | ReissueState.COLLECTED:
            return reissue.unit.name
        case ReissueState.OPINIONS:
            return _of_the_turn(reissue)
        case ReissueState.MAKING:
            sealed = getattr(reissue, "made_state", "") == CertificateState.SEALED
            embosser: str = getattr(reissue, "embosser_name", "") or ""
            return embosser if sealed else reissue.unit.name
        case ReissueState.CLOSING:
            return reissue.unit.name
    return ""


def _of_the_turn(reissue: Reissue) -> str:
    current = bytes(reissue.content_digest)
    agreed = [
        item.level for item in reissue.opinions.all() if bytes(item.content_digest) == current
    ]
    level = rules.next_level(reissue.required, agreed)
    step = next((item for item in reissue.path if item["level"] == level), None)
    if step is None:
        return reissue.unit.name
    return str(step["name"] or rules.LEVEL_LABELS[step["level"]])


def place(reissue: Reissue) -> str:
    """Where it is, as fine as the new certificate's state."""
    made: str | None = getattr(reissue, "made_state", None)
    if reissue.state == ReissueState.MAKING and made:
        return str(CertificateState(made).label)
    return str(ReissueState(reissue.state).label)


def serial_words(reissue: Reissue) -> str:
    """The blank that lies with it, as on paper."""
    serial: int | None = getattr(reissue, "serial", None)
    return format_serial(serial) if serial else ""


def corrections_words(reissue: Reissue) -> str:
    """更正事项 in one cell, ID numbers masked."""
    return "；".join(
        f"{item.get_field_display()}：{item.old_text} → {item.new_text}"
        for item in reissue.corrections.all()
    )
