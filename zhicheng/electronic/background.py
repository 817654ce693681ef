"""What the worker does: electronic certificates of one document, or of all of an import (N17)."""

from collections.abc import Sequence

from django.conf import settings
from django.db import OperationalError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.approvals.models import ApprovalDocument, Channel, ReviewMode
from zhicheng.electronic.making import Made, make_electronic
from zhicheng.organizations.guard import Actor, may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work

MAKE = "electronic.make"


def ask_make(account: Account, documents: Sequence[ApprovalDocument], *, address: str = "") -> Work:
    """Asks the worker to make everybody's certificate of these documents."""
    first, count = documents[0], len(documents)
    subject = first.number
    if count > 1:
        subject = _("%(number)s 等 %(count)d 份核准文件") % {"number": subject, "count": count}
    one = count == 1
    return ask_for(
        MAKE,
        account=account,
        subject=subject,
        back=(
            reverse("electronic:document", args=[first.pk]) if one else reverse("electronic:list")
        ),
        parameters={"documents": [each.pk for each in documents], "address": address},
        lock=f"electronic-{first.pk}" if one else "",
    )


def after_import(actor: Actor, numbers: Sequence[str]) -> None:
    """Whatever online document was imported is made at once, in the importer's name.

    The command line has no account in whose name the worker could act, and somebody may have
    asked for too much already: then the document waits on the first page.
    """
    if not isinstance(actor, Account):
        return
    documents = [
        document
        for document in ApprovalDocument.objects.filter(number__in=numbers, channel=Channel.ONLINE)
        .exclude(review_mode=ReviewMode.SELF_MANAGED)
        .defer("scan")
        .order_by("pk")
        if may(actor, Action.ELECTRONIC_MAKE, document)
    ]
    if documents:
        try:
            ask_make(actor, documents, address=settings.ZHICHENG_PUBLIC_ADDRESS)
        except (Refusal, OperationalError):
            return


def _make(job: Job) -> None:
    documents: list[int] = job.parameters["documents"]
    made, refused = Made(), []
    for document_id in documents:
        try:
            made += make_electronic(
                actor=job.account,
                document_id=document_id,
                address=job.parameters["address"],
                after_chunk=job.kept,
            )
        except Refusal as refusal:
            refused.append(refusal)
    if len(refused) == len(documents):
        raise refused[0]
    message = _("已签发电子证书 %(count)d 本。") % {"count": made.issued}
    if made.waiting:
        message += _("%(count)d 人待补照片。") % {"count": made.waiting}
    if made.hindered:
        message += _("%(count)d 人未能制作，原因见核准文件的电子证书页。") % {
            "count": made.hindered
        }
    if refused:
        message += _("%(count)d 份核准文件未能制作。") % {"count": len(refused)}
    url = (
        reverse("electronic:document", args=documents)
        if len(documents) == 1
        else reverse("electronic:list")
    )
    with transaction.atomic():
        job.finish(url, message)


def register_kinds() -> None:
    """Makes it known to the worker and the pages."""
    register_kind(MAKE, _l("制作电子证书"), _make)
