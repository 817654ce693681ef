"""The certificate and its path: filled in, sealed, embossed, issued (N6, N8; invariants 3-5, 7)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovedPerson, IdKind
from zhicheng.certificates.models_approvers import RegisterApprover
from zhicheng.certificates.models_issue import (
    AgentRelation,
    IssueAgent,
    IssueRecord,
    SignedList,
)
from zhicheng.certificates.models_transfers import SlipState, TransferLine, TransferSlip
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade, Level
from zhicheng.registers.models import Register, RegisterRow

__all__ = [
    "AgentRelation",
    "Certificate",
    "CertificateState",
    "Filling",
    "IssueAgent",
    "IssueRecord",
    "Medium",
    "Origin",
    "RecipientRelation",
    "RegisterApprover",
    "SignedList",
    "SlipState",
    "TransferLine",
    "TransferSlip",
    "VoidReason",
]


class Medium(models.TextChoices):
    """What a certificate is made of; it follows the way of application (N17)."""

    PAPER = "paper", _("纸质")
    ELECTRONIC = "electronic", _("电子")


class Origin(models.TextChoices):
    """Where a certificate takes its data from (N6, N12, N17)."""

    REGISTER = "register", _("登记表")
    ONLINE = "online", _("线上评审")
    REISSUE = "reissue", _("补办换发")
    HISTORIC = "historic", _("历史证书")


class CertificateState(models.TextChoices):
    """Where a certificate is on its path.

    An electronic one has no path: it waits for its photo, or is issued with its signed file.
    One that never came into the world, because its reissue ended, is withdrawn.
    """

    AWAITING_PHOTO = "awaiting_photo", _("待补照片")
    AWAITING_BLANK = "awaiting_blank", _("待换取空白证书")
    FILLED = "filled", _("已填制")
    SEALED = "sealed", _("已盖公章")
    EMBOSSED = "embossed", _("已盖钢印")
    ISSUED = "issued", _("已发放")
    WITHDRAWN = "withdrawn", _("已撤销")


class VoidReason(models.TextChoices):
    """Why a certificate in force became void (N12)."""

    REPLACED = "replaced", _("已补办")
    RENEWED = "renewed", _("已换发")
    REVOKED = "revoked", _("已撤销资格")


class RecipientRelation(models.TextChoices):
    """Who took the certificate."""

    HOLDER = "holder", _("本人")
    AGENT = "agent", _("代领")


class Certificate(models.Model):
    """One certificate of professional title.

    Its data are copied from the accepted row, from the approved person (online channel) or from
    the reissue; a trigger refuses any that differ and any later change of them (invariant 7).
    ``blank_serial`` is the blank on which it lies now. ``replaces`` is the certificate that this
    one makes void by its issue; null also for a reissue of one that isn't on file. ``reissue`` is
    the id of the application; the folder of reissues stands below and adds the foreign key.
    ``legacy`` is the id of the old record whose number and data an electronic certificate bears
    again; the folder of historic certificates adds that key and holds the two together.
    """

    medium = models.CharField(
        _("介质"), max_length=10, choices=Medium, default=Medium.PAPER, db_default=Medium.PAPER
    )
    origin = models.CharField(
        _("来源"),
        max_length=8,
        choices=Origin,
        default=Origin.REGISTER,
        db_default=Origin.REGISTER,
    )
    number = models.CharField(_("证书编号"), max_length=60, unique=True)
    register = models.ForeignKey(
        Register, null=True, on_delete=models.PROTECT, related_name="certificates"
    )
    row = models.OneToOneField(
        RegisterRow, null=True, on_delete=models.PROTECT, related_name="certificate"
    )
    position = models.PositiveIntegerField(_("序号"))
    approved_person = models.ForeignKey(
        ApprovedPerson, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reissue = models.BigIntegerField(_("补办换发"), null=True, unique=True)
    legacy = models.BigIntegerField(_("历史证书"), null=True)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="successors"
    )
    state = models.CharField(_("状态"), max_length=16, choices=CertificateState)
    blank_serial = models.BigIntegerField(_("空白证书编号"), null=True)
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=20)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    work_unit = models.CharField(_("工作单位"), max_length=200)
    specialty = models.CharField(_("专业名称"), max_length=100)
    qualification = models.CharField(_("资格名称"), max_length=60)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    level = models.CharField(_("级别"), max_length=16, choices=Level)
    approval_date = models.DateField(_("批准时间"))
    document_number = models.CharField(_("批准文号"), max_length=80)
    issuing_unit = models.ForeignKey(
        Organization,
        verbose_name=_("发放单位"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # certificate_of_unit_in_order serves
    )
    approving_department = models.ForeignKey(
        Organization,
        verbose_name=_("核准部门"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # certificate_of_dept_in_order serves
    )
    embosser = models.ForeignKey(
        Organization, verbose_name=_("钢印单位"), on_delete=models.PROTECT, related_name="+"
    )
    filled_at = models.DateTimeField(_("填制时间"), null=True)
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    official_seal_at = models.DateTimeField(_("公章时间"), null=True)
    official_seal_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    official_seal_unit = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    embossed_at = models.DateTimeField(_("钢印时间"), null=True)
    embossed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    embossed_unit = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(_("发放时间"), null=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    recipient = models.CharField(_("领取人"), max_length=100, blank=True)
    recipient_relation = models.CharField(
        _("领取方式"), max_length=8, choices=RecipientRelation, blank=True
    )
    lost_at = models.DateTimeField(_("报失时间"), null=True)
    voided_at = models.DateTimeField(_("作废时间"), null=True)
    void_reason = models.CharField(
        _("作废原因"), max_length=10, choices=VoidReason, blank=True, db_default=""
    )

    class Meta:
        verbose_name = _("证书")
        ordering = ("register_id", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["blank_serial"], name="blank_carries_one_certificate_now"
            ),
            models.UniqueConstraint(
                fields=["id_number_index", "qualification", "specialty", "document_number"],
                condition=~Q(origin="reissue") & ~Q(state="withdrawn"),
                name="one_certificate_per_person_and_qualification",
            ),
            models.UniqueConstraint(
                fields=["id_number_index", "qualification", "specialty", "document_number"],
                condition=Q(state="issued", voided_at=None),
                name="one_certificate_in_force_per_person_and_qualification",
            ),
            models.UniqueConstraint(
                fields=["approved_person"],
                condition=~Q(origin="reissue") & ~Q(state="withdrawn"),
                name="approved_person_is_certified_once",
            ),
            models.UniqueConstraint(
                fields=["legacy"],
                condition=~Q(state="withdrawn"),
                name="legacy_record_is_certified_once",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=~Q(state="withdrawn"),
                name="certificate_is_replaced_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    origin="register",
                    medium="paper",
                    register__isnull=False,
                    row__isnull=False,
                    reissue=None,
                    replaces=None,
                    legacy=None,
                )
                | Q(
                    origin="online",
                    medium="electronic",
                    register=None,
                    row=None,
                    reissue=None,
                    replaces=None,
                    legacy=None,
                    approved_person__isnull=False,
                )
                | Q(
                    origin="reissue",
                    medium="paper",
                    register=None,
                    row=None,
                    legacy=None,
                    reissue__isnull=False,
                )
                | Q(
                    origin="historic",
                    medium="electronic",
                    register=None,
                    row=None,
                    reissue=None,
                    replaces=None,
                    approved_person=None,
                    legacy__isnull=False,
                ),
                name="certificate_has_one_origin",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["awaiting_blank", "withdrawn"], blank_serial=None)
                | Q(medium="electronic", blank_serial=None)
                | ~Q(state__in=["awaiting_blank", "withdrawn"])
                & Q(medium="paper", blank_serial__isnull=False, filled_at__isnull=False),
                name="certificate_on_its_path_lies_on_a_blank",
            ),
            models.CheckConstraint(
                condition=Q(
                    medium="electronic", state__in=["awaiting_photo", "issued", "withdrawn"]
                )
                | Q(medium="paper") & ~Q(state="awaiting_photo"),
                name="electronic_certificate_has_no_path",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sealed", "embossed", "issued"])
                | Q(medium="electronic")
                | Q(
                    official_seal_at__isnull=False,
                    official_seal_by__isnull=False,
                    official_seal_unit=F("issuing_unit"),
                ),
                name="official_seal_by_the_issuing_unit",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["embossed", "issued"])
                | Q(medium="electronic")
                | Q(
                    embossed_at__isnull=False,
                    embossed_by__isnull=False,
                    embossed_unit=F("embosser"),
                    official_seal_at__lte=F("embossed_at"),
                ),
                name="embossed_after_the_official_seal_by_whoever_may",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sealed", "embossed", "issued"], medium="paper")
                | Q(official_seal_at=None, embossed_at=None),
                name="unsealed_certificate_bears_no_seal",
            ),
            models.CheckConstraint(
                condition=Q(official_seal_by=None)
                | ~Q(official_seal_by=F("filled_by")) & ~Q(official_seal_by=F("embossed_by")),
                name="filling_sealing_and_embossing_by_different_people",
            ),
            models.CheckConstraint(
                condition=Q(grade="senior") | Q(embosser=F("approving_department")),
                name="intermediate_and_junior_embossed_by_approving_department",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued")
                | Q(medium="electronic", issued_at__isnull=False)
                | Q(
                    issued_at__isnull=False,
                    issued_by__isnull=False,
                    embossed_at__lte=F("issued_at"),
                )
                & ~Q(recipient="")
                & ~Q(recipient_relation=""),
                name="issued_certificate_is_complete_and_received",
            ),
            models.CheckConstraint(
                condition=Q(state="issued") | Q(lost_at=None, voided_at=None),
                name="only_an_issued_certificate_is_lost_or_void",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, void_reason="")
                | Q(voided_at__isnull=False) & ~Q(void_reason=""),
                name="void_certificate_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "state"], name="certificate_by_register_state"),
            models.Index(fields=["embosser", "state"], name="certificate_by_embosser_state"),
            models.Index(fields=["id_number_index"], name="certificate_by_id_number"),
            models.Index(fields=["issuing_unit", "state"], name="certificate_by_unit_state"),
            # What lists of millions are walked by, searched by and narrowed to.
            models.Index(fields=["issuing_unit", "id"], name="certificate_of_unit_in_order"),
            models.Index(
                fields=["approving_department", "id"], name="certificate_of_dept_in_order"
            ),
            models.Index(
                fields=["name"], opclasses=["varchar_pattern_ops"], name="certificate_by_name"
            ),
            models.Index(
                fields=["document_number"],
                opclasses=["varchar_pattern_ops"],
                name="certificate_by_document",
            ),
            models.Index(
                fields=["work_unit"],
                opclasses=["varchar_pattern_ops"],
                name="certificate_by_work_unit",
            ),
            models.Index(F("issued_at").desc(nulls_last=True), "id", name="certificate_by_issue"),
            models.Index(
                fields=["-issued_at", "-id"],
                condition=Q(medium="electronic"),
                name="electronic_in_list_order",
            ),
            models.Index(
                fields=["name"],
                opclasses=["varchar_pattern_ops"],
                condition=Q(medium="electronic"),
                name="electronic_by_name",
            ),
            *(
                models.Index(fields=[field], condition=Q(medium="electronic"), name=name)
                for field, name in (
                    ("work_unit", "electronic_by_work_unit"),
                    ("issuing_unit", "electronic_by_issuing_unit"),
                    ("approving_department", "electronic_by_department"),
                )
            ),
            models.Index(
                # With whose it is: which of them are an organisation's is read from it alone.
                fields=["state", "embossed_at"],
                include=["id", "approving_department", "issuing_unit", "register"],
                condition=~Q(state="issued"),
                name="certificate_on_its_path",
            ),
            # A department's own among a quarter of a city's: its other index would give them all.
            models.Index(
                fields=["approving_department", "issued_at"], name="certificate_of_dept_by_issue"
            ),
            models.Index(fields=["origin", "id"], name="certificate_by_origin"),
            models.Index(
                fields=["approving_department", "origin", "id"],
                name="certificate_of_dept_by_origin",
            ),
            models.Index(
                fields=["approving_department", "name"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="certificate_of_dept_by_name",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def in_force(self) -> bool:
        """Whether it counts today: issued and not void (one reported lost still is in force)."""
        return self.state == CertificateState.ISSUED and self.voided_at is None

    def parties(self) -> Mapping[Relation, set[int]]:
        """The register's, if it has one; who issues, approves and embosses."""
        return {
            Relation.ISSUING: {self.issuing_unit_id},
            **(self.register.parties() if self.register else {}),
            Relation.APPROVING: {self.approving_department_id},
            Relation.EMBOSSING: {self.embosser_id},
        }


class Filling(models.Model):
    """That a certificate was written on a blank: for ever, also when the blank was spoiled."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="fillings")
    serial = models.BigIntegerField(_("空白证书编号"))
    filled_at = models.DateTimeField(_("填制时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("填制记录")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["serial"], name="blank_carries_at_most_one_certificate"
            ),
        ]


# Part of this app's tables; below, because their pages name the certificate by its label.
from zhicheng.certificates.printjobs.models import (  # noqa: E402
    JobState,
    PageState,
    PrintJob,
    PrintPage,
    PrintPortion,
)
from zhicheng.certificates.printjobs.policy_models import (  # noqa: E402
    FilledOtherwise,
    PrintPolicy,
)

__all__ = [
    "Certificate",
    "CertificateState",
    "FilledOtherwise",
    "Filling",
    "JobState",
    "Medium",
    "Origin",
    "PageState",
    "PrintJob",
    "PrintPage",
    "PrintPolicy",
    "PrintPortion",
    "RecipientRelation",
    "VoidReason",
]
