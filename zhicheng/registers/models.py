"""附件1: the register, its rows, what the checks found, and its printed copies (N2-N6)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovedPerson, IdKind
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade
from zhicheng.registers.models_paper import PaperCheck, PaperScan
from zhicheng.registers.models_past import RegisterUpload, RegisterVersion, RowHistory
from zhicheng.registers.numbering.models import GivenNumber, NumberCounter, NumberingRule

__all__ = [
    "EDITABLE",
    "GivenNumber",
    "NumberCounter",
    "NumberingRule",
    "PaperCheck",
    "PaperScan",
    "Register",
    "RegisterFinding",
    "RegisterPrint",
    "RegisterRow",
    "RegisterState",
    "RegisterUpload",
    "RegisterVersion",
    "RowHistory",
    "Severity",
]


class RegisterState(models.TextChoices):
    """Where a register is on its way."""

    DRAFT = "draft", _("填报中")
    ENDORSING = "endorsing", _("待主管部门签章")
    FILED = "filed", _("待市职改办受理")
    RETURNED = "returned", _("已退回")
    ACCEPTED = "accepted", _("已受理")


EDITABLE = (RegisterState.DRAFT, RegisterState.RETURNED)


class Register(models.Model):
    """One 年度职称证书领取、办理登记表.

    ``endorser`` is the supervising department where the reporting unit has no authority to
    manage, and null where it has (N3); ``issuing_unit`` collects the blanks and issues.
    ``version`` grows with every change of a row: the optimistic lock of the page.
    """

    number = models.CharField(_("登记表编号"), max_length=24, unique=True)
    reporting_unit = models.ForeignKey(
        Organization, verbose_name=_("填报单位"), on_delete=models.PROTECT, related_name="+"
    )
    endorser = models.ForeignKey(
        Organization,
        verbose_name=_("区县、主管部门"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    issuing_unit = models.ForeignKey(
        Organization, verbose_name=_("发放单位"), on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    filler = models.CharField(_("填报人"), max_length=60, blank=True)
    telephone = models.CharField(_("联系电话"), max_length=40, blank=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=RegisterState, default=RegisterState.DRAFT
    )
    version = models.PositiveIntegerField(default=1)
    row_count = models.PositiveIntegerField(_("人数"), default=0)
    # How many of them have a certificate: counted by the certificates' own trigger alone.
    made_count = models.PositiveIntegerField(_("已填制"), default=0, db_default=0, editable=False)
    # How many of them have a photo: counted by the triggers of photos and rows alone.
    photo_count = models.PositiveIntegerField(
        _("已有照片"), default=0, db_default=0, editable=False
    )
    error_count = models.PositiveIntegerField(_("错误"), default=0)
    warning_count = models.PositiveIntegerField(_("提示"), default=0)
    source = models.BinaryField(_("原文件"), null=True)
    source_name = models.CharField(_("文件名"), max_length=200, blank=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    sheet_name = models.CharField(_("工作表"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(_("更新时间"), auto_now=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    endorsed_at = models.DateTimeField(_("签章时间"), null=True)
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField(_("受理时间"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_at = models.DateTimeField(_("退回时间"), null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    return_reason = models.TextField(_("退回原因"), blank=True)

    class Meta:
        verbose_name = _("登记表")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["endorsing", "filed", "accepted"])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="register_on_its_way_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state="endorsing") | Q(endorser__isnull=False),
                name="endorsement_only_where_a_department_supervises",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["filed", "accepted"])
                | Q(endorser=None)
                | Q(endorsed_at__isnull=False, endorsed_by__isnull=False),
                name="register_of_unit_without_authority_is_endorsed",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, error_count=0),
                name="accepted_register_has_no_errors",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned")
                | Q(returned_at__isnull=False) & ~Q(return_reason=""),
                name="returned_register_says_why",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None)
                | Q(submitted_by=None)
                | ~Q(accepted_by=models.F("submitted_by")),
                name="who_submitted_does_not_accept",
            ),
            models.CheckConstraint(
                condition=Q(endorsed_by=None)
                | Q(submitted_by=None)
                | ~Q(endorsed_by=models.F("submitted_by")),
                name="who_submitted_does_not_endorse",
            ),
            models.CheckConstraint(
                condition=Q(made_count=0)
                | Q(state="accepted", made_count__lte=models.F("row_count")),
                name="no_more_certificates_than_accepted_people",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="register_by_state"),
            models.Index(fields=["reporting_unit", "-id"], name="register_by_reporting_unit"),
            models.Index(fields=["issuing_unit", "-id"], name="register_by_issuing_unit"),
            models.Index(
                fields=["-accepted_at", "-id"],
                condition=Q(state="accepted"),
                name="accepted_register_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def parties(self) -> Mapping[Relation, set[int]]:
        """Who filed, who endorses, who collects and issues."""
        return {
            Relation.REPORTING: {self.reporting_unit_id},
            Relation.SUPERVISING: {self.endorser_id} if self.endorser_id else set(),
            Relation.ISSUING: {self.issuing_unit_id},
        }


class RegisterRow(models.Model):
    """One line of the register: the ten columns as text after tidying, and what they resolve to.

    ``accepted`` is set with the register's acceptance; from then on a trigger refuses every
    change, because certificates take their data from here and from nowhere else (N6).
    """

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField(_("序号"))
    excel_row = models.PositiveIntegerField(_("行"), null=True)
    certificate_number = models.CharField(_("证书编号"), max_length=60, blank=True)
    work_unit = models.CharField(_("工作单位"), max_length=200, blank=True)
    supervising_department = models.CharField(_("主管部门"), max_length=200, blank=True)
    name = models.CharField(_("姓名"), max_length=100, blank=True)
    sex = models.CharField(_("性别"), max_length=20, blank=True)
    id_kind = models.CharField(
        _("证件类别"), max_length=12, choices=IdKind, default=IdKind.RESIDENT
    )
    id_number_cipher = models.BinaryField(null=True)
    id_number_index = models.BinaryField(max_length=32, null=True)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60, blank=True)
    specialty = models.CharField(_("专业名称"), max_length=100, blank=True)
    qualification = models.CharField(_("资格名称"), max_length=60, blank=True)
    approval_date_text = models.CharField(_("批准时间"), max_length=40, blank=True)
    approval_date = models.DateField(_("批准时间"), null=True)
    document_number = models.CharField(_("批准文号"), max_length=80, blank=True)
    id_number_from_number = models.BooleanField(default=False)
    approved_person = models.ForeignKey(
        ApprovedPerson, null=True, on_delete=models.PROTECT, related_name="+"
    )
    grade = models.CharField(_("等级"), max_length=12, choices=Grade, blank=True)
    accepted = models.BooleanField(_("已受理"), default=False)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("登记表行")
        ordering = ("register_id", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "position"],
                name="register_position_used_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["certificate_number"],
                condition=Q(accepted=True),
                name="certificate_number_promised_once",
            ),
            models.UniqueConstraint(
                fields=["approved_person"],
                condition=Q(accepted=True),
                name="approved_person_accepted_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted=False)
                | Q(
                    approved_person__isnull=False,
                    approval_date__isnull=False,
                    id_number_index__isnull=False,
                    id_number_cipher__isnull=False,
                    grade__in=Grade.values,
                )
                & ~Q(certificate_number="")
                & ~Q(name="")
                & ~Q(qualification="")
                & ~Q(specialty=""),
                name="accepted_row_is_complete",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="row_by_id_number"),
            models.Index(fields=["register", "grade"], name="row_by_grade"),
            models.Index(fields=["certificate_number"], name="row_by_certificate_number"),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.position} {self.name}"


class Severity(models.TextChoices):
    """How grave a finding is; only errors stop the submission."""

    ERROR = "error", _("错误")
    WARNING = "warning", _("提示")
    TIDIED = "tidied", _("已规范")


class RegisterFinding(models.Model):
    """What the checks found in one cell; ID numbers are masked in all its texts.

    ``row`` is null for findings about the whole register (``approval.person_missing``), which
    name the listed person in ``suggested_person``.
    """

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="findings")
    row = models.ForeignKey(
        RegisterRow, null=True, on_delete=models.CASCADE, related_name="findings"
    )
    column = models.CharField(_("列"), max_length=20, blank=True)
    code = models.CharField(_("代码"), max_length=50)
    severity = models.CharField(_("程度"), max_length=8, choices=Severity)
    clause = models.CharField(_("条款"), max_length=4, blank=True)
    value = models.CharField(_("现为"), max_length=300, blank=True)
    suggestion = models.CharField(_("应为"), max_length=300, blank=True)
    message = models.CharField(_("说明"), max_length=600)
    suggested_person = models.ForeignKey(
        ApprovedPerson, null=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = _("检查结果")
        ordering = ("register_id", "row__position", "id")
        indexes: ClassVar = [
            models.Index(fields=["register", "severity"], name="finding_by_severity"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.column}"


class RegisterPrint(models.Model):
    """A printed 附件1: the digest of every row as it stood when it was printed (N4)."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="prints")
    register_version = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    row_ids = models.JSONField(default=list)
    row_digests = models.BinaryField(default=b"")
    printed_at = models.DateTimeField(_("打印时间"), auto_now_add=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("纸质登记表")
        ordering = ("-id",)


class RegisterChange(models.Model):
    """Which rows one version of a register changed, cells or findings: what other windows fetch.

    A version without such a line changed more than can be named row by row (a file again, a row
    removed): whoever looks on loads the whole register then.
    """

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="changes")
    version = models.PositiveIntegerField()
    row_ids = models.JSONField(default=list)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("登记表的更正")
        ordering = ("register_id", "version")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "version"], name="register_version_changed_once"
            ),
        ]


class GridPresence(models.Model):
    """Who has which cell of a register open now: a hint to others, kept for seconds."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    row_id = models.BigIntegerField()
    column = models.CharField(max_length=30)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("正在更正")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "account"], name="account_is_at_one_cell_of_a_register"
            ),
        ]
