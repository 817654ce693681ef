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
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="register_by_state"),
            models.Index(fields=["reporting_unit", "-id"], name="register_by_reporting_unit"),
            models.Index(fields=["issuing_unit", "-id"], name="register_by_issuing_unit"),
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


class RegisterVersion(models.Model):
    """One version of a register's content: who made it, by what action, and how much changed.

    Written by the database itself (migration 0003): whoever writes rows, the line is there. Until
    ``sealed_at``, the end of the transaction that opened it, changes still belong to it.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(_("版本"))
    action = models.CharField(_("操作"), max_length=60, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("时间"))
    sealed_at = models.DateTimeField(null=True)
    rows_total = models.PositiveIntegerField(_("人数"), default=0)
    rows_added = models.PositiveIntegerField(_("新增"), default=0)
    rows_changed = models.PositiveIntegerField(_("修改"), default=0)
    rows_removed = models.PositiveIntegerField(_("删除"), default=0)
    rows_moved = models.PositiveIntegerField(_("移位"), default=0)

    class Meta:
        verbose_name = _("登记表版本")
        ordering = ("-version",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "version"], name="register_version_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.version}"


class RowHistory(models.Model):
    """What a row said from one version up to another (``version_to`` excluded; null: still).

    Written by the database itself whenever a row's content changes, and append-only: the only
    change that it allows is the end of a state. A state that ends in the version in which it began
    was never part of a version. ``register`` and ``changed_by`` carry no foreign key of their own:
    the row that a state comes from has them, and the check would double an upload's cost.
    """

    register = models.ForeignKey(
        Register, on_delete=models.DO_NOTHING, related_name="row_states", db_constraint=False
    )
    row_id = models.BigIntegerField()
    version_from = models.PositiveIntegerField()
    version_to = models.PositiveIntegerField(null=True)
    position = models.PositiveIntegerField(_("序号"))
    excel_row = models.PositiveIntegerField(_("行"), null=True)
    certificate_number = models.CharField(_("证书编号"), max_length=60, blank=True)
    work_unit = models.CharField(_("工作单位"), max_length=200, blank=True)
    supervising_department = models.CharField(_("主管部门"), max_length=200, blank=True)
    name = models.CharField(_("姓名"), max_length=100, blank=True)
    sex = models.CharField(_("性别"), max_length=20, blank=True)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField(null=True)
    id_number_index = models.BinaryField(max_length=32, null=True)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60, blank=True)
    id_number_from_number = models.BooleanField(default=False)
    specialty = models.CharField(_("专业名称"), max_length=100, blank=True)
    qualification = models.CharField(_("资格名称"), max_length=60, blank=True)
    approval_date_text = models.CharField(_("批准时间"), max_length=40, blank=True)
    approval_date = models.DateField(_("批准时间"), null=True)
    document_number = models.CharField(_("批准文号"), max_length=80, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("登记表行的历史")
        ordering = ("register_id", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["row_id"],
                condition=Q(version_to=None),
                name="row_has_one_present_state",
            ),
            models.UniqueConstraint(
                fields=["row_id", "version_from"],
                condition=Q(version_to=None) | Q(version_to__gt=models.F("version_from")),
                name="row_has_one_state_in_a_version",
            ),
            models.CheckConstraint(
                condition=Q(version_to=None) | Q(version_to__gte=models.F("version_from")),
                name="row_state_ends_after_it_began",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "version_from"], name="row_state_by_beginning"),
            models.Index(fields=["register", "version_to"], name="row_state_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.row_id} {self.version_from}-{self.version_to or ''}"


class RegisterUpload(models.Model):
    """One file that the unit sent for the register, and what it changed against the one before.

    ``source`` is filled when a later file takes its place: the present one lies with the register.
    ``findings`` are those of before and after, told apart as mended, remaining and fresh;
    ``overwritten`` are the cells that had been corrected on the page and came back older with the
    file: [row, column's key], until the person has chosen (``decided_at``).
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="uploads")
    version = models.PositiveIntegerField(_("版本"))
    before_version = models.PositiveIntegerField(null=True)
    source = models.BinaryField(_("原文件"), null=True)
    source_name = models.CharField(_("文件名"), max_length=200, blank=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=dict)
    overwritten = models.JSONField(default=list)
    kept = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("登记表文件")
        ordering = ("-version",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "version"], name="one_file_makes_one_version"
            ),
            models.CheckConstraint(
                condition=Q(before_version=None) | Q(before_version__lt=models.F("version")),
                name="a_file_replaces_an_older_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.version} {self.source_name}"
