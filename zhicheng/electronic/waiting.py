"""What waits among electronic certificates: documents to make, and a seal to renew."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.electronic import queries
from zhicheng.electronic.seal_state import seal_state
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.deadlines import NAMED, first_due
from zhicheng.web.tasks import TaskGroup


def electronic_waiting(account: Account) -> list[TaskGroup]:
    """The task groups; empty ones are left out by the page."""
    groups = []
    if might(account, Action.ELECTRONIC_MAKE):
        groups.append(_to_make(account))
    if may(account, Action.SIGNING_KEY_GENERATE):
        groups += _seal(account)
    return groups


def _to_make(account: Account) -> TaskGroup:
    """Documents of which somebody has no certificate, or waits for a photo."""
    certificate = Certificate.objects.filter(approved_person=OuterRef("pk")).exclude(
        state__in=[CertificateState.WITHDRAWN, CertificateState.AWAITING_PHOTO]
    )
    left = ApprovedPerson.objects.filter(~Exists(certificate), document=OuterRef("pk"))
    found = queries.visible_documents(account).filter(Exists(left)).order_by("imported_at")
    if not account.organization.is_municipal_office:
        found = found.filter(approving_department=account.organization_id)
    bare = found.select_related(None).only("number", "imported_at", "people_count")
    documents = first_due(bare, "imported_at", "electronic.make", most=NAMED + 1)
    return TaskGroup(
        title=_("待生成电子证书的核准文件"),
        count=len(documents) if len(documents) <= NAMED else found.count(),
        url=reverse("electronic:list") + "?place=open",
        oldest=documents[0].imported_at if documents else None,
        items=tuple(
            (
                document.number,
                reverse("electronic:document", args=[document.pk]),
                document.imported_at,
            )
            for document in documents
        ),
        clause="N17",
        order=35,
        kind="electronic.make",
    )


def _seal(account: Account) -> list[TaskGroup]:
    """A seal that expires within two months, or none where documents wait for one."""
    state = seal_state()
    url = reverse("electronic:seal")
    if state.refusal is not None:
        if not queries.online_documents().exists():
            return []
        title = _("没有可用的电子签章证书，电子证书不能签发")
        return [TaskGroup(title=title, count=1, url=url, clause="N17", order=5)]
    if not state.expires_soon:
        return []
    days = state.days_left or 0
    title = (
        _("电子签章证书已过期，请更换")
        if days < 0
        else _("电子签章证书还有 %(days)d 天到期，请更换") % {"days": days}
    )
    return [TaskGroup(title=title, count=1, url=url, clause="N17", order=5 if days < 0 else 20)]
