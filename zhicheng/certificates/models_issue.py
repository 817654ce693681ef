"""Issue: to whom each certificate was handed, by whose authorisation, the signed list (N8, N18)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import IdKind
from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation


class AgentRelation(models.TextChoices):
    """What an agent is to the holder."""

    SPOUSE = "spouse", _("配偶")
    PARENT = "parent", _("父母")
    CHILD = "child", _("子女")
    COLLEAGUE = "colleague", _("同事")
    UNIT_CLERK = "unit_clerk", _("单位经办人")
    OTHER = "other", _("其他")


class IssueAgent(models.Model):
    """Somebody who takes certificates for others, with the authorisation; never changed.

    One agent takes one certificate, or a unit's clerk many by one authorisation.
    """

    unit = models.ForeignKey(
        Organization, verbose_name=_("发放单位"), on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("代领人姓名"), max_length=100)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    relation = models.CharField(_("与持证人关系"), max_length=12, choices=AgentRelation)
    relation_text = models.CharField(_("关系说明"), max_length=60, blank=True)
    authorisation = models.ForeignKey(
        StoredFile, verbose_name=_("授权材料"), on_delete=models.PROTECT, related_name="+"
    )
    named_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("代领人")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(name=""), name="agent_who_takes_a_certificate_has_a_name"
            ),
            models.CheckConstraint(
                condition=~Q(relation="other") | ~Q(relation_text=""),
                name="other_relation_of_an_agent_is_told",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def relation_words(self) -> str:
        """The relation as people say it."""
        return self.relation_text or self.get_relation_display()

    def parties(self) -> Mapping[Relation, set[int]]:
        """Whose paper it is."""
        return {Relation.ISSUING: {self.unit_id}}


class IssueRecord(models.Model):
    """That a certificate was handed to somebody: who, when, to whom; never changed (N18)."""

    certificate = models.OneToOneField(
        "certificates.Certificate", on_delete=models.PROTECT, related_name="issue_record"
    )
    recipient = models.CharField(_("领取人"), max_length=100)
    relation = models.CharField(_("领取方式"), max_length=8)
    agent = models.ForeignKey(
        IssueAgent, null=True, on_delete=models.PROTECT, related_name="records"
    )
    id_checked = models.BooleanField(_("已核对身份证"))
    issued_at = models.DateTimeField(_("发放时间"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("发放记录")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(relation="agent", agent__isnull=False)
                | Q(relation="holder", agent=None),
                name="agent_takes_by_authorisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.recipient}"


class SignedList(models.Model):
    """The signature list of a register as it was signed, scanned; never changed."""

    register = models.ForeignKey(
        "registers.Register", on_delete=models.PROTECT, related_name="signed_lists"
    )
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("已签领取签收表")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.register_id} {self.file_id}"
