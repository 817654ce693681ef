"""Transfer slips: which certificates went to be embossed, who handed them over, what came (N8).

A certificate needs no slip: units come in person, too. One that is on a slip is known to be at the
unit, on the way, at the embosser, or on the way back.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation


class SlipState(models.TextChoices):
    """Where a slip is on its way there and back."""

    DRAFT = "draft", _("待移交")
    SENT = "sent", _("已移交待签收")
    ARRIVED = "arrived", _("已签收待退回")
    RETURNING = "returning", _("已退回待领回")
    CLOSED = "closed", _("已领回")
    CANCELLED = "cancelled", _("已撤销")


class TransferSlip(models.Model):
    """Certificates of one unit for one embosser, there and back; both hand-overs bear two names.

    On the way there: ``sent_by`` gave them to ``carried_by``, who gave them to ``received_by``.
    On the way back: ``returned_by`` gave them to ``collected_by``, who gave them to
    ``taken_back_by``. ``found`` are scanned texts that belong to no line: what came too much.
    """

    number = models.CharField(_("移交单编号"), max_length=20, unique=True)
    unit = models.ForeignKey(
        Organization, verbose_name=_("移交单位"), on_delete=models.PROTECT, related_name="+"
    )
    embosser = models.ForeignKey(
        Organization, verbose_name=_("钢印单位"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("状态"), max_length=10, choices=SlipState, default=SlipState.DRAFT)
    made_at = models.DateTimeField(_("制单时间"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(_("移交时间"), null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    carried_by = models.CharField(_("送件人"), max_length=100, blank=True)
    received_at = models.DateTimeField(_("签收时间"), null=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_at = models.DateTimeField(_("退回时间"), null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    collected_by = models.CharField(_("取件人"), max_length=100, blank=True)
    taken_back_at = models.DateTimeField(_("领回时间"), null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    found = models.JSONField(_("单外编号"), default=list)

    class Meta:
        verbose_name = _("移交单")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "arrived", "returning", "closed"])
                | Q(sent_at__isnull=False, sent_by__isnull=False) & ~Q(carried_by=""),
                name="slip_on_the_way_names_giver_and_carrier",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["arrived", "returning", "closed"])
                | Q(received_at__isnull=False, received_by__isnull=False),
                name="arrived_slip_names_who_received_it",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returning", "closed"])
                | Q(returned_at__isnull=False, returned_by__isnull=False) & ~Q(collected_by=""),
                name="returning_slip_names_giver_and_carrier",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="closed_slip_names_who_took_it_back",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "state"], name="slip_by_unit_state"),
            models.Index(fields=["embosser", "state"], name="slip_by_embosser_state"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("certificates:transfer", args=[self.pk])

    def parties(self) -> Mapping[Relation, set[int]]:
        """Who sends it, who embosses."""
        return {Relation.ISSUING: {self.unit_id}, Relation.EMBOSSING: {self.embosser_id}}


class TransferLine(models.Model):
    """A certificate on a slip, as the blank ``serial`` on which it lay then.

    ``came`` and ``back`` are what was counted at either end, null while nobody counted.
    ``surplus``: it came without standing on the slip. ``open`` is the database's own word: the
    slip is open, the certificate not found missing and still on this blank.
    """

    slip = models.ForeignKey(TransferSlip, on_delete=models.PROTECT, related_name="lines")
    certificate = models.ForeignKey(
        "certificates.Certificate", on_delete=models.PROTECT, related_name="transfer_lines"
    )
    serial = models.BigIntegerField(_("空白证书编号"))
    surplus = models.BooleanField(_("单外"), default=False)
    came = models.BooleanField(_("到达"), null=True)
    back = models.BooleanField(_("领回"), null=True)
    open = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("移交证书")
        ordering = ("serial",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slip", "certificate"], name="certificate_stands_on_a_slip_once"
            ),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(open=True),
                name="certificate_on_one_open_slip_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slip_id} {self.serial}"
